"""Makes the French voice samples of the audio captcha, kept in `voice/<digit>/`.

Run by hand when a sample is to change: `python -m enrolment.captcha.make_voice`, with the program
`espeak-ng` on PATH (Debian: `apt-get install espeak-ng`). The samples are what the `captcha` package reads:
WAV, one channel, 8000 samples a second, 8 bits unsigned. The running program never needs this file.
"""

import array
import io
import math
import shutil
import subprocess
import sys
import wave
from collections.abc import Sequence
from pathlib import Path

VOICE_FOLDER = Path(__file__).with_name("voice")
RATE = 8000  # samples a second, as the `captcha` package expects.
WORDS = ("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf")
# Several speakers, so that a program cannot recognise a digit by comparing sounds byte by byte.
SPEAKERS = {"a": ("fr-fr", 50, 125), "b": ("fr-fr+f2", 45, 120), "c": ("fr-be+m3", 40, 130)}
_HALF_WIDTH = 24  # taps on each side of the low-pass filter.
_PEAK = 110  # of 127: loud, with room for the noise that is added later.
_SILENCE = 0.02  # of the peak: what is cut from both ends.


def main() -> int:
    program = shutil.which("espeak-ng")
    if program is None:
        sys.stderr.write("espeak-ng is not on PATH.\n")
        return 1
    for digit, word in enumerate(WORDS):
        folder = VOICE_FOLDER / str(digit)
        folder.mkdir(parents=True, exist_ok=True)
        for name, (voice, pitch, speed) in SPEAKERS.items():
            command = [program, "--stdout", "-v", voice, "-p", str(pitch), "-s", str(speed), word]
            spoken = subprocess.run(command, capture_output=True, check=True).stdout  # noqa: S603 — fixed words.
            (folder / f"{name}.wav").write_bytes(converted(spoken))
    return 0


def converted(spoken: bytes) -> bytes:
    """A 16-bit WAV of any rate, as an 8-bit WAV at `RATE`, trimmed and brought to the same loudness."""
    # What espeak-ng writes to a pipe announces no length, so the samples are taken from behind the header.
    with wave.open(io.BytesIO(spoken)) as source:
        rate = source.getframerate()
    samples = array.array("h")
    samples.frombytes(spoken[44 : 44 + (len(spoken) - 44) // 2 * 2])
    resampled = _resampled(samples, rate)
    peak = max(abs(value) for value in resampled)
    loud = [index for index, value in enumerate(resampled) if abs(value) > peak * _SILENCE]
    trimmed = resampled[loud[0] : loud[-1] + 1]
    body = bytes(128 + round(value / peak * _PEAK) for value in trimmed)
    out = io.BytesIO()
    with wave.open(out, "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(1)
        target.setframerate(RATE)
        target.writeframes(body)
    return out.getvalue()


def _resampled(samples: Sequence[int], rate: int) -> list[float]:
    """Band-limited interpolation: each new sample is a weighted mean of its neighbours (windowed sinc)."""
    cutoff = 0.9 * RATE / rate
    result = []
    for position in range(len(samples) * RATE // rate):
        centre = position * rate / RATE
        first = max(0, math.ceil(centre) - _HALF_WIDTH)
        last = min(len(samples), math.floor(centre) + _HALF_WIDTH + 1)
        total = 0.0
        for index in range(first, last):
            offset = index - centre
            window = 0.5 + 0.5 * math.cos(math.pi * offset / (_HALF_WIDTH + 1))
            total += samples[index] * _sinc(cutoff * offset) * cutoff * window
        result.append(total)
    return result


def _sinc(value: float) -> float:
    return 1.0 if value == 0 else math.sin(math.pi * value) / (math.pi * value)


if __name__ == "__main__":
    sys.exit(main())

"""Draws and speaks a code of digits: the picture and the sound of the captcha, nothing about who may ask.

Every call draws anew, with other distortions: two pictures of one code never have the same bytes.
"""

import secrets
from functools import cache
from pathlib import Path

from captcha.audio import WAVE_SAMPLE_RATE, AudioCaptcha, change_sound, change_speed, mix_wave
from captcha.image import ImageCaptcha

CODE_LENGTH = 6
VOICE_FOLDER = Path(__file__).with_name("voice")
WIDTH, HEIGHT = 280, 90  # pixels; shown at this size, legible at 320 px of screen.
_INK = (21, 53, 68)
_PAPER = (250, 250, 250)
# A hiss of one step above and below silence, laid under the whole recording.
_HISS = bytes(127 + byte % 3 for byte in range(256))


def new_code() -> str:
    """A random code: digits only, because they are the same in every language and on every keyboard."""
    return "".join(secrets.choice("0123456789") for _ in range(CODE_LENGTH))


def image_of(code: str) -> bytes:
    """A PNG picture of the code."""
    return (
        _Drawing(WIDTH, HEIGHT, font_sizes=(54, 58, 62))
        .generate(code, "png", bg_color=_PAPER, fg_color=_INK)
        .getvalue()
    )


def audio_of(code: str) -> bytes:
    """The code spoken in French: WAV, 8 kHz, about fifteen seconds, three beeps before the first digit."""
    return bytes(_voice().generate(code))


class _Drawing(ImageCaptcha):
    """The library's drawing, tilted less: a person reads it at the first try."""

    character_rotate = (-18, 18)
    # The library uses brightness as opacity, which leaves dark ink pale; here ink is opaque, hence readable.
    lookup_table = [min(255, level * 6) for level in range(256)]  # noqa: RUF012 — inherited shape.
    word_offset_dx = 0.12
    word_space_probability = 0.7


class _Voice(AudioCaptcha):
    """The library's recording over a quieter background, made about three times as fast."""

    def create_background_noise(self, length: int, chars: str) -> bytearray:  # noqa: ARG002 — inherited shape.
        noise = bytearray(secrets.token_bytes(length).translate(_HISS))
        position = 0
        while position < length:
            whisper = bytearray(reversed(secrets.choice(self._cache[secrets.choice(self.choices)])))
            whisper = change_sound(change_speed(whisper, 0.8 + secrets.randbelow(9) / 10), 0.2)
            end = position + len(whisper)
            noise[position:end] = mix_wave(whisper, noise[position:end])[: length - position]
            position = end + secrets.randbelow(WAVE_SAMPLE_RATE // 4)
        return noise


@cache
def _voice() -> _Voice:
    voice = _Voice(str(VOICE_FOLDER))
    voice.load()
    return voice

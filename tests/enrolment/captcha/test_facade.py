"""A code is right once, for what it was made for, for ten minutes."""

import io
import secrets
import wave
from base64 import urlsafe_b64decode
from datetime import timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from enrolment.captcha import Captcha
from enrolment.captcha.challenge import Sealer
from enrolment.captcha.image import audio_of
from enrolment.clock import now
from enrolment.errors import NotFound

SECRET = "a secret of the tests, long enough to be one"
START = "2026-03-03 14:05:00+00:00"


class AlwaysFresh:
    """A memory that forgets: for properties in which being used twice plays no part."""

    def spend(self, key: str, expires_at: object) -> bool:
        return True


def code_of(token: str) -> str:
    sealed = Sealer(SECRET).unseal(token)
    assert sealed is not None
    return sealed.content


# std: SEC-6
def test_right_answer_passes_once(captcha: Captcha) -> None:
    token = captcha.new("siret", "draft-1").token
    code = code_of(token)
    assert captcha.check(token, code, "siret", "draft-1")
    assert not captcha.check(token, code, "siret", "draft-1")


@pytest.mark.parametrize("form", ["{0}{1}", " {0} {1}\t", "{0}\u00a0{1}"])
def test_spaces_and_width_do_not_count(captcha: Captcha, form: str) -> None:
    token = captcha.new("siret", "draft-1").token
    code = code_of(token)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code[3:])
    assert captcha.check(token, form.format(code[:3], wide), "siret", "draft-1")


# std: SEC-6
@pytest.mark.parametrize("wrong", ["", "12345", "abcdef", "é"])
def test_wrong_answer_uses_up_the_token(captcha: Captcha, wrong: str) -> None:
    token = captcha.new("siret", "draft-1").token
    assert not captcha.check(token, wrong, "siret", "draft-1")
    assert not captcha.check(token, code_of(token), "siret", "draft-1")


@pytest.mark.parametrize(("purpose", "subject"), [("siret", "draft-2"), ("submit", "draft-1"), ("", "")])
def test_token_of_another_use_is_refused(captcha: Captcha, purpose: str, subject: str) -> None:
    token = captcha.new("siret", "draft-1").token
    assert not captcha.check(token, code_of(token), purpose, subject)


def test_binding_keeps_purpose_and_subject_apart(captcha: Captcha) -> None:
    token = captcha.new("a", "b c").token
    assert not captcha.check(token, code_of(token), "a b", "c")


def test_code_ends_after_ten_minutes(captcha: Captcha, spent: object) -> None:
    with time_machine.travel(START, tick=False) as clock:
        first, second = captcha.new("siret", "draft-1").token, captcha.new("siret", "draft-1").token
        code, late = code_of(first), code_of(second)
        clock.shift(timedelta(minutes=9, seconds=59))
        assert captcha.check(first, code, "siret", "draft-1")
        assert all(end > now() for end in spent.until.values())  # type: ignore[attr-defined]
        clock.shift(timedelta(seconds=1))
        assert not captcha.check(second, late, "siret", "draft-1")
        with pytest.raises(NotFound):
            captcha.audio(second)


# std: SEC-7
@given(position=st.integers(0, 10_000), replacement=st.sampled_from("ABCxyz019-_"))
def test_changed_token_is_refused(position: int, replacement: str) -> None:
    captcha = Captcha(SECRET, AlwaysFresh())
    token = captcha.new("siret", "draft-1").token
    code = code_of(token)
    at = position % len(token)
    changed = token[:at] + replacement + token[at + 1 :]
    same = urlsafe_b64decode(changed + "==") == urlsafe_b64decode(token + "==")
    assert captcha.check(changed, code, "siret", "draft-1") == same


@given(st.text(max_size=3000))
def test_any_text_as_token_is_refused_quietly(text: str) -> None:
    assert not Captcha(SECRET, AlwaysFresh()).check(text, "123456", "siret", "draft-1")


def test_token_of_another_secret_is_refused(captcha: Captcha, spent: object) -> None:
    token = captcha.new("siret", "draft-1").token
    other = Captcha(SECRET + "!", spent)  # type: ignore[arg-type]
    assert not other.check(token, code_of(token), "siret", "draft-1")


def test_answer_cannot_be_read_in_the_token(captcha: Captcha) -> None:
    token = captcha.new("siret", "draft-1").token
    raw = urlsafe_b64decode(token + "==")
    assert code_of(token).encode() not in raw
    assert b"draft-1" not in raw


def test_image_is_a_png_drawn_anew_each_time(captcha: Captcha) -> None:
    challenge = captcha.new("siret", "draft-1")
    again = captcha.image(challenge.token)
    assert again != challenge.image_png
    for picture in (challenge.image_png, again):
        with Image.open(io.BytesIO(picture)) as opened:
            opened.load()
            assert (opened.format, opened.size) == ("PNG", (280, 90))
    assert challenge.image_source.startswith("data:image/png;base64,iVBOR")


def test_audio_is_a_wave_of_bearable_length(captcha: Captcha) -> None:
    recording = captcha.audio(captcha.new("siret", "draft-1").token)
    with wave.open(io.BytesIO(recording)) as opened:
        assert (opened.getnchannels(), opened.getsampwidth(), opened.getframerate()) == (1, 1, 8000)
        assert 8 < opened.getnframes() / 8000 < 40


def test_audio_depends_on_each_digit(monkeypatch: pytest.MonkeyPatch) -> None:
    # With chance taken out of the noise and of the pauses, only the digits are left to make a difference.
    monkeypatch.setattr(secrets, "randbelow", lambda bound: 0)
    monkeypatch.setattr(secrets, "choice", min)
    monkeypatch.setattr(secrets, "token_bytes", bytes)
    assert audio_of("000000") == audio_of("000000")
    assert len({audio_of(digit * 6) for digit in "0123456789"}) == 10


def test_mode_none_lets_everybody_pass(spent: object) -> None:
    captcha = Captcha(SECRET, spent, mode="none")  # type: ignore[arg-type]
    assert captcha.check("", "", "siret", "draft-1")
    assert captcha.check_proof("", "siret", "draft-1")


def test_empty_secret_is_refused(spent: object) -> None:
    with pytest.raises(ValueError, match="secret"):
        Captcha("", spent)  # type: ignore[arg-type]

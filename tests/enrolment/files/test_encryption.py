"""Keys of the sensitive files: rotation, tampering, and settings that make no sense."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrolment.files.encryption import CannotDecrypt, FileKeys

SECRET = "a secret of more than thirty-two characters"


def _listed(*key_ids: str) -> str:
    return ",".join(f"{key_id}:{base64.b64encode(key_id.encode().ljust(32)).decode()}" for key_id in key_ids)


def test_sec15_newest_key_encrypts_and_all_decrypt() -> None:
    # std: SEC-15
    derived = FileKeys.from_settings("", SECRET)
    first = FileKeys.from_settings(_listed("2026"), SECRET)
    second = FileKeys.from_settings(_listed("2027", "2026"), SECRET)
    assert (first.newest, second.newest) == ("2026", "2027")
    for older in (derived, first):
        assert second.decrypt(older.encrypt(b"RIB", "aa"), "aa") == b"RIB"
    with pytest.raises(CannotDecrypt, match="not configured"):
        first.decrypt(second.encrypt(b"RIB", "aa"), "aa")
    with pytest.raises(CannotDecrypt, match="not configured"):
        FileKeys.from_settings("", SECRET + "!").decrypt(derived.encrypt(b"RIB", "aa"), "aa")


def test_sec15_same_content_never_encrypts_to_the_same_bytes() -> None:
    # std: SEC-15
    keys = FileKeys.from_settings("", SECRET)
    assert len({keys.encrypt(b"RIB", "aa") for _ in range(50)}) == 50


@given(content=st.binary(max_size=200), position=st.floats(0, 1, exclude_max=True), mask=st.integers(1, 255))
def test_sec15_any_altered_byte_is_noticed(content: bytes, position: float, mask: int) -> None:
    # std: SEC-15
    keys = FileKeys.from_settings("", SECRET)
    sealed = bytearray(keys.encrypt(content, "aa"))
    sealed[int(position * len(sealed))] ^= mask
    with pytest.raises(CannotDecrypt):
        keys.decrypt(bytes(sealed), "aa")


@given(noise=st.binary(max_size=60), marked=st.booleans())
def test_sec15_noise_is_never_decrypted(noise: bytes, marked: bool) -> None:
    # std: SEC-15
    with pytest.raises(CannotDecrypt):
        FileKeys.from_settings("", SECRET).decrypt(b"ENR1" * marked + noise, "aa")


@pytest.mark.parametrize(
    "listed",
    [
        "2026",
        "2026:",
        "2026:c2hvcnQ=",
        "2026:%%%",
        ":" + "A" * 43 + "=",
        "a b:" + "A" * 43 + "=",
        _listed("x", "x"),
    ],
)
def test_sec13_wrong_key_settings_are_refused_without_showing_them(listed: str) -> None:
    # std: SEC-13
    with pytest.raises(ValueError, match=r"[Kk]ey") as refused:
        FileKeys.from_settings(listed, SECRET)
    assert "A" * 40 not in str(refused.value)


def test_sec13_keys_are_not_printed_and_none_is_refused() -> None:
    # std: SEC-13
    assert repr(FileKeys({"2026": b"k" * 32})) == "FileKeys(2026)"
    with pytest.raises(ValueError, match="At least one"):
        FileKeys.from_settings("", "")

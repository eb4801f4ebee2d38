"""Seals the few short secrets that the database must give back in clear: the second factors of staff.

The key is derived from the application's secret, for this use alone; the place is authenticated, so that a value
copied to another row opens nothing. Files have keys of their own (`enrolment.files.encryption`).
"""

from __future__ import annotations

import base64
import binascii
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12
_KEY_BYTES = 32
_VERSION = "1."


class SealedSecrets:
    """Seals and opens under one key."""

    def __init__(self, secret_key: str) -> None:
        key = HKDF(SHA256(), _KEY_BYTES, salt=None, info=b"enrolment second factors").derive(secret_key.encode())
        self._cipher = AESGCM(key)

    def seal(self, secret: str, place: str) -> str:
        """The text to store at a place."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, secret.encode(), place.encode())
        return _VERSION + base64.urlsafe_b64encode(sealed).decode("ascii")

    def open(self, stored: str, place: str) -> str | None:
        """The secret; None when it was altered, moved, or sealed under another key."""
        if not stored.startswith(_VERSION):
            return None
        try:
            sealed = base64.b64decode(stored.removeprefix(_VERSION), altchars=b"-_", validate=True)
            clear = self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.encode())
        except (binascii.Error, ValueError, InvalidTag):
            return None
        return clear.decode()

"""Encryption of sensitive files at rest: AES-256-GCM, several keys, the newest one encrypts.

A stored file is: a mark, the length and name of its key, a random nonce of 96 bits, then the ciphertext
with its tag. The storage key is authenticated with the content, so a file put in the place of another
does not open. The name of the key travels with the file, so a restored backup opens without the database.
Where files live is not known here.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_MARK = b"ENR1"
_NONCE_BYTES = 12
_KEY_BYTES = 32
_KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,40}")


class CannotDecrypt(Exception):
    """The bytes were altered, belong to another place, or need a key that is not configured."""


class FileKeys:
    """Named keys, newest first: the first encrypts, all decrypt. Its text form never shows a key."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if not keys:
            raise ValueError("At least one file key is needed.")
        for key_id, key in keys.items():
            if not _KEY_ID.fullmatch(key_id):
                raise ValueError("The name of a file key holds 1 to 40 letters, digits, dots, dashes or underscores.")
            if len(key) != _KEY_BYTES:
                raise ValueError(f"The file key {key_id} must hold 32 bytes, in base64.")
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self.newest = next(iter(keys))

    @classmethod
    def from_settings(cls, listed: str, secret_key: str) -> FileKeys:
        """Read `name:base64,name:base64` (newest first).

        A key derived from the application's secret always comes last: it is the only one when none is
        listed, and it still opens what was stored before keys were listed. Its name changes with the
        secret, so that a changed secret shows as a missing key.
        """
        keys: dict[str, bytes] = {}
        for entry in filter(None, (part.strip() for part in listed.split(","))):
            key_id, separator, encoded = entry.partition(":")
            if not separator or key_id in keys:
                raise ValueError("File keys are written `name:base64,name:base64`, each name once.")
            try:
                keys[key_id] = base64.b64decode(
                    encoded, altchars=b"-_" if {"-", "_"} & set(encoded) else None, validate=True
                )
            except binascii.Error:
                raise ValueError(f"The file key {key_id} is not valid base64.") from None
        if secret_key:
            derived = HKDF(SHA256(), _KEY_BYTES, salt=None, info=b"enrolment stored files").derive(secret_key.encode())
            keys[f"derived-{hashlib.sha256(b'name of ' + derived).hexdigest()[:8]}"] = derived
        return cls(keys)

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(self._ciphers)

    def __repr__(self) -> str:
        return f"FileKeys({', '.join(self._ciphers)})"

    def encrypt(self, content: bytes, place: str) -> bytes:
        """Encrypt under the newest key for one storage key, `place`."""
        header = _MARK + bytes([len(self.newest)]) + self.newest.encode()
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return header + nonce + self._ciphers[self.newest].encrypt(nonce, content, header + place.encode())

    def decrypt(self, stored: bytes, place: str) -> bytes:
        """Undo `encrypt`; raises `CannotDecrypt`."""
        if not stored.startswith(_MARK) or len(stored) < len(_MARK) + 1:
            raise CannotDecrypt("not an encrypted file")
        end = len(_MARK) + 1 + stored[len(_MARK)]
        header, nonce, sealed = stored[:end], stored[end : end + _NONCE_BYTES], stored[end + _NONCE_BYTES :]
        cipher = self._ciphers.get(header[len(_MARK) + 1 :].decode("ascii", "replace"))
        if cipher is None:
            raise CannotDecrypt("its key is not configured")
        try:
            return cipher.decrypt(nonce, sealed, header + place.encode())
        except (InvalidTag, ValueError) as error:
            raise CannotDecrypt("altered, or stored for another place") from error

"""A captcha code sealed into a token that the browser carries and cannot read: nothing is kept on the server.

The token is AES-GCM: its content is neither readable nor changeable without the key, so no further
signature is needed. It holds the code, the moment it ends, and a fingerprint of what it was made for. Being
used once is the caller's affair (`facade`), because that needs a memory.
"""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from enrolment.clock import now

LIFE = timedelta(minutes=10)
MAX_TOKEN = 2000  # characters; ours are about 300.
_NONCE = 12  # bytes, the size AES-GCM is made for.
_PURPOSE = b"enrolment captcha token, version 1"


@dataclass(frozen=True)
class Sealed:
    """What a token holds. `provider` says who knows the answer: ourselves ("code") or the State ("state")."""

    identifier: str
    provider: str
    content: str
    binding: str
    expires: int

    @property
    def expires_at(self) -> datetime:
        return datetime.fromtimestamp(self.expires, UTC)


def key_for(secret: str, purpose: bytes) -> bytes:
    """A key of 32 bytes for one use alone, derived from the secret of the installation."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret.encode())


def binding_of(purpose: str, subject: str) -> str:
    """A fingerprint of what a token is for: the act (`purpose`) and the draft or address (`subject`)."""
    return hashlib.sha256(json.dumps([purpose, subject]).encode()).hexdigest()


class Sealer:
    """Makes and opens the tokens of one installation."""

    def __init__(self, secret: str) -> None:
        self._cipher = AESGCM(key_for(secret, _PURPOSE))

    def seal(self, provider: str, content: str, binding: str) -> str:
        """The token, safe in a URL and in a form field."""
        sealed = Sealed(
            identifier=secrets.token_urlsafe(16),
            provider=provider,
            content=content,
            binding=binding,
            expires=int((now() + LIFE).timestamp()),
        )
        nonce = secrets.token_bytes(_NONCE)
        encrypted = self._cipher.encrypt(nonce, json.dumps(asdict(sealed)).encode(), None)
        return urlsafe_b64encode(nonce + encrypted).decode().rstrip("=")

    def unseal(self, token: str) -> Sealed | None:
        """What the token holds; None if it is not ours, was changed, or has ended."""
        if len(token) > MAX_TOKEN:
            return None
        try:
            raw = urlsafe_b64decode(token.encode() + b"=" * (-len(token) % 4))
            content = self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], None)
        except (Base64Error, InvalidTag, ValueError):
            return None
        sealed = Sealed(**json.loads(content))
        return sealed if now() < sealed.expires_at else None

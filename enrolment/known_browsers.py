"""Recognises a browser that has signed in to an account before, without storing anything about it.

Its cookie holds a random name and one seal per account. It opens no door: it only gives its owner a counter
of failed tries that no stranger shares (`services.attempts`).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

KEPT = 5
"""Accounts remembered by one browser; the oldest goes."""

_NAME_BYTES = 16
_LONGEST_COOKIE = 1_000


class KnownBrowsers:
    """Makes and reads the cookie, with a key derived from the program's one secret."""

    def __init__(self, secret_key: str) -> None:
        if not secret_key:
            raise ValueError("Known browsers need a secret key.")
        self._key = hmac.digest(secret_key.encode(), b"enrolment.known-browser", hashlib.sha256)

    def name(self, cookie: str | None, login: str) -> str | None:
        """The name of the browser if it has signed in to this login before, else None."""
        name, seals = _parts(cookie)
        wanted = self._seal(name, login)
        return name if name and any(hmac.compare_digest(wanted, seal) for seal in seals) else None

    def remember(self, cookie: str | None, login: str) -> str:
        """The cookie after signing in to this login."""
        name, seals = _parts(cookie)
        name = name or secrets.token_hex(_NAME_BYTES)
        seal = self._seal(name, login)
        return ".".join([name, seal, *(other for other in seals if other != seal)][: KEPT + 1])

    def _seal(self, name: str, login: str) -> str:
        text = f"{name}\n{plain_login(login)}".encode("utf-8", "replace")
        return hmac.digest(self._key, text, hashlib.sha256).hex()[:32]


def plain_login(typed: str) -> str:
    """One form for every way to type a login that signs in to the same account: no spaces, no case.

    Were it finer than the look-up of the account, each spelling would give a guesser fresh tries.
    """
    return "".join(typed.split()).casefold()


def _parts(cookie: str | None) -> tuple[str, list[str]]:
    """Name and seals; a cookie that we cannot have made counts as none."""
    if not cookie or len(cookie) > _LONGEST_COOKIE or not cookie.isascii():
        return "", []
    name, *seals = cookie.split(".")
    return (name, seals) if len(name) == 2 * _NAME_BYTES else ("", [])

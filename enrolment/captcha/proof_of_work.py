"""The way in for those who can neither see a picture nor hear a sound: their browser computes for a moment.

The form of challenge and answer is version 2 of the `altcha` package; `public_site/static/proof-of-work.js`
solves it. The work is a search for a number, by trying one after the other, with PBKDF2 as each try:
browsers do it natively, so a program gains little on a person. How long it may last is bounded, as the
number lies in a known range. Being used once is the caller's affair (`facade`), because that needs a
memory.
"""

import base64
import binascii
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import altcha

from enrolment.captcha.challenge import LIFE, key_for
from enrolment.clock import now

ALGORITHM = "PBKDF2/SHA-256"
ROUNDS = 5_000  # of PBKDF2 in each try: one to three milliseconds in a browser.
LEAST_TRIES, MOST_TRIES = 500, 1_000
MAX_PAYLOAD = 4_000  # characters; honest ones have about 900.


@dataclass(frozen=True)
class Solved:
    """A proof that is right and was made for this use; `identifier` names it for use-once."""

    identifier: str
    expires_at: datetime


class ProofOfWork:
    """Sets the work and checks the result, for one installation."""

    def __init__(self, secret: str) -> None:
        self._challenge_key = key_for(secret, b"enrolment captcha proof challenge, version 1")
        self._answer_key = key_for(secret, b"enrolment captcha proof answer, version 1")

    def new(self, binding: str) -> dict[str, Any]:
        """A challenge to hand to the browser as JSON."""
        challenge = altcha.create_challenge(
            ALGORITHM,
            ROUNDS,
            counter=LEAST_TRIES + secrets.randbelow(MOST_TRIES - LEAST_TRIES),
            expires_at=now() + LIFE,
            data={"binding": binding, "most": MOST_TRIES},
            hmac_secret=self._challenge_key,
            hmac_key_secret=self._answer_key,
        )
        made: dict[str, Any] = challenge.to_dict()
        return made

    def check(self, payload: str, binding: str) -> Solved | None:
        """The proof in a submitted field; None if it is malformed, wrong, ended or made for another use."""
        parsed = _parsed(payload)
        if parsed is None:
            return None
        result = altcha.verify_solution(parsed, self._challenge_key, hmac_key_secret=self._answer_key)
        if not result.verified:
            return None
        # From here on the parameters are known to be our own: their signature was verified.
        parameters = parsed.challenge.parameters
        if (parameters.data or {}).get("binding") != binding or parameters.expires_at is None:
            return None
        return Solved(parameters.nonce, datetime.fromtimestamp(parameters.expires_at, UTC))


def _parsed(payload: str) -> altcha.Payload | None:
    """The payload as the library's object; its own reader lets some malformed shapes raise."""
    if len(payload) > MAX_PAYLOAD:
        return None
    try:
        raw = json.loads(base64.b64decode(payload, validate=True))
        return altcha.Payload.from_dict(raw)
    except (binascii.Error, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None

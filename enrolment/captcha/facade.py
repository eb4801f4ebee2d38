"""The captcha as the rest of the program sees it: ask for a challenge, check an answer, once.

A token is spent by the first answer to it, right or wrong: guessing a code of six digits gets one try.
CaptchEtat, when chosen, gives way to the local picture while it is down, so that the form stays open; an
answer that cannot be checked is a wrong answer.
"""

import hmac
import unicodedata
from base64 import b64encode
from dataclasses import dataclass
from typing import Any, Literal

from enrolment.captcha import image
from enrolment.captcha.captchetat import CaptchEtat, CaptchEtatUnavailable
from enrolment.captcha.challenge import Sealed, Sealer, binding_of
from enrolment.captcha.proof_of_work import ProofOfWork
from enrolment.captcha.spent import SpentTokens
from enrolment.errors import NotFound

Mode = Literal["image", "captchetat", "none"]
EXPIRED = "Ce code n'est plus valable : il dure dix minutes et ne sert qu'une fois. Demandez un nouveau code."


@dataclass(frozen=True)
class Challenge:
    """What a page shows. `token` comes back in the form with the answer."""

    token: str
    image_png: bytes

    @property
    def image_source(self) -> str:
        """The picture as the `src` of an `img`, without a further request."""
        return "data:image/png;base64," + b64encode(self.image_png).decode()


class Captcha:
    """One for the whole program; threads may share it."""

    def __init__(self, secret: str, spent: SpentTokens, mode: Mode = "image", state: CaptchEtat | None = None) -> None:
        """`mode` "none" lets everybody pass, for a demo; "captchetat" needs `state`, the client to use."""
        if not secret:
            raise ValueError("A captcha without a secret could be forged.")
        if (mode == "captchetat") != (state is not None):
            raise ValueError("The client of CaptchEtat goes with the mode captchetat, and only with it.")
        self.mode = mode
        self._state = state
        self._spent = spent
        self._sealer = Sealer(secret)
        self._proofs = ProofOfWork(secret)

    def new(self, purpose: str, subject: str) -> Challenge:
        """A fresh challenge for one act on one thing, for example ("siret", the draft's public id)."""
        binding = binding_of(purpose, subject)
        if self._state is not None:
            try:
                identifier, picture = self._state.new()
            except CaptchEtatUnavailable:
                pass  # The local picture below keeps the form open; the failure is in the log.
            else:
                return Challenge(self._sealer.seal("state", identifier, binding), picture)
        code = image.new_code()
        return Challenge(self._sealer.seal("code", code, binding), image.image_of(code))

    def image(self, token: str) -> bytes:
        """The picture of a local token again, as PNG. Raises NotFound if it ended or is CaptchEtat's."""
        sealed = self._sealer.unseal(token)
        if sealed is None or sealed.provider != "code":
            raise NotFound(EXPIRED)
        return image.image_of(sealed.content)

    def audio(self, token: str) -> bytes:
        """The code of a token spoken in French, as WAV. Raises NotFound if it ended or cannot be had."""
        sealed = self._sealer.unseal(token)
        if sealed is None:
            raise NotFound(EXPIRED)
        if sealed.provider == "code":
            return image.audio_of(sealed.content)
        try:
            return self._state_or_fail().audio(sealed.content)
        except CaptchEtatUnavailable as error:
            raise NotFound(EXPIRED) from error

    def check(self, token: str, answer: str, purpose: str, subject: str) -> bool:
        """Whether the answer is right for this act; whatever it is, the token has had its one try."""
        if self.mode == "none":
            return True
        sealed = self._sealer.unseal(token)
        if sealed is None or sealed.binding != binding_of(purpose, subject):
            return False
        if not self._spent.spend(f"captcha:{sealed.identifier}", sealed.expires_at):
            return False
        return self._right(sealed, _normalised(answer))

    def new_proof(self, purpose: str, subject: str) -> dict[str, Any]:
        """The challenge of the accessible way, as JSON for `proof-of-work.js`."""
        return self._proofs.new(binding_of(purpose, subject))

    def check_proof(self, payload: str, purpose: str, subject: str) -> bool:
        """Whether the field filled by `proof-of-work.js` holds a proof made for this act and not yet used."""
        if self.mode == "none":
            return True
        solved = self._proofs.check(payload, binding_of(purpose, subject))
        return solved is not None and self._spent.spend(f"proof:{solved.identifier}", solved.expires_at)

    def _right(self, sealed: Sealed, answer: str) -> bool:
        if sealed.provider == "code":
            return hmac.compare_digest(sealed.content.encode(), answer.encode())
        try:
            return self._state_or_fail().check(sealed.content, answer)
        except CaptchEtatUnavailable:
            return False

    def _state_or_fail(self) -> CaptchEtat:
        if self._state is None:  # The setting was changed while this token was on somebody's screen.
            raise CaptchEtatUnavailable("not configured")
        return self._state


def _normalised(answer: str) -> str:
    """The answer without spaces, in one case, full-width digits as plain ones."""
    return "".join(unicodedata.normalize("NFKC", answer).split()).upper()

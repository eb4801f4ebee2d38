"""Signed links: what a person receives by mail and opens without an account.

Each link has one purpose (a salt of its own), one subject, an age limit, and a stamp that the caller compares with
what it stores: changing the stored stamp revokes every link made before. Nothing is stored here, and nobody's rights
are decided here.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from itsdangerous import BadData, URLSafeTimedSerializer
from itsdangerous.encoding import base64_decode, base64_encode

from enrolment.errors import DomainError

_REMEMBERED = 1024


class Purpose(StrEnum):
    """What a link is for. A link made for one purpose is worthless for another."""

    RESUME_DRAFT = "reprise-brouillon"
    FOLLOW_REQUEST = "suivi-demande"
    CREATE_PASSWORD = "creation-mot-de-passe"  # noqa: S105 -- the name of a purpose, not a secret.
    STAFF_PASSWORD = "mot-de-passe-agent"  # noqa: S105 -- The same.
    CONFIRM_EMAIL = "confirmation-email"
    ANSWER_DEMAND = "reponse-demande"
    WITHDRAW_REQUEST = "retrait-demande"
    RESUBMIT_REQUEST = "nouveau-depot"
    SECOND_STEP = "second-facteur"


class InvalidLink(DomainError):
    """The link was altered, cut by a mail program, made for something else, or revoked."""

    status = 404

    def __init__(self) -> None:
        super().__init__(
            "Ce lien n'est pas valide. Vérifiez que vous l'avez copié en entier, ou demandez-en un nouveau."
        )


class ExpiredLink(DomainError):
    """The link was good once; a new one must be asked for."""

    status = 410

    def __init__(self) -> None:
        super().__init__("Ce lien a expiré. Demandez-en un nouveau : il vous sera envoyé par mail.")


@dataclass(frozen=True)
class Link:
    """What a valid link says: whom or what it is about, the stamp to compare, and when it was made."""

    subject: str
    stamp: str
    made_at: datetime


class Links:
    """Makes and reads signed links with one secret key, or several when the key is being changed.

    The last key signs; all are accepted when reading.
    """

    def __init__(self, *secret_keys: str) -> None:
        if not secret_keys or not all(secret_keys):
            message = "A signed link needs a secret key."
            raise ValueError(message)
        self._serializers = {
            purpose: URLSafeTimedSerializer(list(secret_keys), salt=f"enrolment.link.{purpose}") for purpose in Purpose
        }
        # A page opened by a link asks for its parts by the same link: what is well signed stays so.
        self._signed = lru_cache(_REMEMBERED)(self._verified)

    def sign(self, purpose: Purpose, subject: str, *, stamp: str = "") -> str:
        """A token for a URL. `stamp` is any stored value whose change must revoke the link."""
        token = self._serializers[purpose].dumps([subject, stamp])
        return token if isinstance(token, str) else token.decode("ascii")

    def read(self, purpose: Purpose, token: str, max_age: timedelta) -> Link:
        """The content of a token; raises `ExpiredLink` or `InvalidLink`."""
        link = self._signed(purpose, token)
        if not timedelta() <= datetime.now(UTC) - link.made_at <= max_age:
            raise ExpiredLink
        return link

    def _verified(self, purpose: Purpose, token: str) -> Link:
        """The content of a token of any age; raises `InvalidLink`."""
        try:
            # The same signature can be written in several ways: only ours is taken.
            signature = token.rpartition(".")[2]
            if base64_encode(base64_decode(signature)).decode("ascii") != signature:
                raise InvalidLink
            payload, made_at = self._serializers[purpose].loads(token, return_timestamp=True)
            subject, stamp = payload
        except (BadData, ValueError, TypeError) as error:
            raise InvalidLink from error
        if not isinstance(subject, str) or not isinstance(stamp, str):
            raise InvalidLink
        return Link(subject, stamp, made_at.astimezone(UTC))

    def read_with_stamp(self, purpose: Purpose, token: str, max_age: timedelta, stamp: str) -> Link:
        """Like `read`, and the link must carry the stamp stored today, or it counts as revoked."""
        link = self.read(purpose, token, max_age)
        if link.stamp != stamp:
            raise InvalidLink
        return link

"""What a vendor may do with a request, by its status, in the guide's words (rule A1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from enrolment.services.portfolio import RequestLine
from enrolment.wording import STATUS_WORDS, StatusWords, enrolment_type
from public_site.private.addresses import request_address
from schema.enums import RequestStatus
from schema.types import Siret, show_as


@dataclass(frozen=True)
class Action:
    """A link: what it says, and where in the pages of the request it leads."""

    label: str
    part: str = ""


CONSULT = Action("Consulter")
ANSWERS: Mapping[RequestStatus, Action] = {
    RequestStatus.awaiting_correction: Action("Modifier", "modifier"),
    RequestStatus.awaiting_documents: Action("Ajouter des pièces justificatives", "depot"),
    RequestStatus.awaiting_certificates: Action("Ajouter le certificat de référencement", "depot"),
    RequestStatus.rejected: Action("Déposer à nouveau", "redeposer"),
    RequestStatus.withdrawn: Action("Déposer à nouveau", "redeposer"),
}
"""What the vendor may do beside reading."""


@dataclass(frozen=True)
class Row:
    """A request as a list shows it."""

    line: RequestLine

    @property
    def siret(self) -> str:
        """In groups."""
        return show_as(Siret, self.line.siret)

    @property
    def type(self) -> str:
        """« Type d'enrôlement »."""
        return enrolment_type(self.line.kind, is_early=self.line.is_early)

    @property
    def words(self) -> StatusWords:
        """What its status means."""
        return STATUS_WORDS[self.line.status]

    @property
    def actions(self) -> tuple[tuple[str, str], ...]:
        """(label, address), the one that is waited for first."""
        answer = ANSWERS.get(self.line.status)
        offered = (answer, CONSULT) if answer is not None else (CONSULT,)
        return tuple((action.label, request_address(self.line.public_id, action.part)) for action in offered)

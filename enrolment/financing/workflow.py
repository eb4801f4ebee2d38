"""The life of a financing request, as data: it is received, perhaps sent back, then accepted or refused.

Pure, like `enrolment.workflow`. `services.financing_decisions` applies it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from enrolment.errors import Conflict
from schema.enums import ActorKind, FinancingStatus

S = FinancingStatus


@dataclass(frozen=True)
class Transition:
    """One line: from where to where, by whom, and whether it must say why. Each one writes to the vendor."""

    source: FinancingStatus | None
    target: FinancingStatus
    by: ActorKind
    mail: str
    needs_message: bool = False


TRANSITIONS: tuple[Transition, ...] = (
    Transition(None, S.received, ActorKind.vendor, "financing_received"),
    Transition(S.to_modify, S.received, ActorKind.vendor, "financing_received"),
    Transition(S.received, S.to_modify, ActorKind.staff, "financing_to_modify", needs_message=True),
    Transition(S.received, S.accepted, ActorKind.staff, "financing_accepted"),
    Transition(S.received, S.refused, ActorKind.staff, "financing_refused", needs_message=True),
)

VERBS: Mapping[FinancingStatus, str] = {
    S.to_modify: "Demander de modifier",
    S.accepted: "Accepter",
    S.refused: "Refuser",
}
"""What a member of staff does, by the status that it leads to."""


def possible(status: FinancingStatus, by: ActorKind) -> tuple[FinancingStatus, ...]:
    """Where somebody may lead a request from here."""
    return tuple(line.target for line in TRANSITIONS if line.source is status and line.by is by)


def find(status: FinancingStatus | None, target: FinancingStatus, by: ActorKind) -> Transition:
    """The line that applies. Raises Conflict with the reason."""
    for line in TRANSITIONS:
        if line.source is status and line.target is target and line.by is by:
            return line
    now = f" est au statut « {status.label} »" if status else " n'existe pas encore"
    raise Conflict(f"Action impossible : cette demande de financement{now}. Rechargez la page.")

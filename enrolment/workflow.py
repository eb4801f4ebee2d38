"""The life of a request, as data: states, verbs, who may, under what condition, and which mail says so.

Pure: nothing here reads or writes the database. `services.transition` applies it, the migrations install triggers
made from the same pairs, and a contract test holds them together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from enrolment.errors import Conflict
from schema.enums import ActorKind, RequestStatus, Verb

S = RequestStatus


class MailName(StrEnum):
    """A mail that a transition causes; the value is the name of its template."""

    acknowledgement = "acknowledgement"
    validation = "validation"
    partial_validation = "partial_validation"
    rejection = "rejection"
    documents_asked = "documents_asked"
    correction_asked = "correction_asked"
    deposit_received = "deposit_received"
    certificate_refused = "certificate_refused"
    demand_cancelled = "demand_cancelled"
    withdrawal = "withdrawal"


@dataclass(frozen=True)
class Situation:
    """What the guards need to know of a request."""

    status: RequestStatus
    is_early: bool
    asked_from: RequestStatus | None = None
    complete: bool = True


@dataclass(frozen=True)
class Guard:
    """A condition of a transition, and the sentence that refuses it."""

    holds: Callable[[Situation], bool]
    refusal: str


COMPLETE = Guard(
    lambda it: not it.is_early or it.status is S.certificates_to_review,
    "Cette demande est anticipée : elle ne peut être validée que partiellement tant que le certificat manque.",
)
EARLY = Guard(
    lambda it: it.is_early,
    "Cette demande est complète : elle se valide entièrement, pas partiellement.",
)
EVERYTHING_DUE = Guard(
    lambda it: it.complete,
    "Il manque encore des éléments : déposez tout ce qui est demandé avant de terminer.",
)


@dataclass(frozen=True)
class Transition:
    """One line of the table of process.md. `target` None means « where it was asked from »."""

    source: RequestStatus | None
    verb: Verb
    target: RequestStatus | None
    by: ActorKind
    mail: MailName | None
    guard: Guard | None = None
    needs_reason: bool = False
    opens_account: bool = False


def _asp(source: S, verb: Verb, target: S | None, mail: MailName, **more: object) -> Transition:
    return Transition(source, verb, target, ActorKind.staff, mail, **more)  # type: ignore[arg-type]


_ASKING = (S.in_review, S.certificates_to_review)
_ASKED = (S.awaiting_documents, S.awaiting_correction)
_WORKED_ON = (
    S.in_review,
    S.awaiting_certificates,
    S.awaiting_documents,
    S.awaiting_correction,
    S.certificates_to_review,
)

TRANSITIONS: tuple[Transition, ...] = (
    Transition(None, Verb.submit, S.in_review, ActorKind.vendor, MailName.acknowledgement),
    _asp(S.in_review, Verb.validate, S.validated, MailName.validation, guard=COMPLETE, opens_account=True),
    _asp(
        S.in_review,
        Verb.validate_partially,
        S.awaiting_certificates,
        MailName.partial_validation,
        guard=EARLY,
        opens_account=True,
    ),
    *(_asp(source, Verb.reject, S.rejected, MailName.rejection, needs_reason=True) for source in _ASKING),
    *(_asp(source, Verb.ask_documents, S.awaiting_documents, MailName.documents_asked) for source in _ASKING),
    *(_asp(source, Verb.ask_correction, S.awaiting_correction, MailName.correction_asked) for source in _ASKING),
    *(_asp(source, Verb.cancel_demand, None, MailName.demand_cancelled) for source in _ASKED),
    Transition(
        S.awaiting_documents,
        Verb.complete_deposit,
        None,
        ActorKind.vendor,
        MailName.deposit_received,
        guard=EVERYTHING_DUE,
    ),
    Transition(
        S.awaiting_correction,
        Verb.complete_correction,
        None,
        ActorKind.vendor,
        MailName.deposit_received,
        guard=EVERYTHING_DUE,
    ),
    Transition(
        S.awaiting_certificates,
        Verb.complete_certificates,
        S.certificates_to_review,
        ActorKind.vendor,
        MailName.deposit_received,
        guard=EVERYTHING_DUE,
    ),
    _asp(S.certificates_to_review, Verb.validate, S.validated, MailName.validation, guard=COMPLETE, opens_account=True),
    _asp(
        S.certificates_to_review,
        Verb.refuse_certificate,
        S.awaiting_certificates,
        MailName.certificate_refused,
        needs_reason=True,
    ),
    *(Transition(source, Verb.withdraw, S.withdrawn, ActorKind.vendor, MailName.withdrawal) for source in _WORKED_ON),
)
"""Resubmission writes a new request (a `submit` linked to the old one): the old one keeps its status."""

RESUBMITTABLE = frozenset({S.rejected, S.withdrawn})
FINAL = frozenset({S.validated, S.rejected, S.withdrawn})
WAITS_FOR_ASP = frozenset({S.in_review, S.certificates_to_review})
WAITS_FOR_VENDOR = frozenset({S.awaiting_certificates, S.awaiting_documents, S.awaiting_correction})


class TransitionRefused(Conflict):
    """The verb does not apply to the request as it stands."""


def targets(line: Transition) -> tuple[RequestStatus, ...]:
    """The statuses a line may lead to."""
    return _ASKING if line.target is None else (line.target,)


def find(situation: Situation, verb: Verb, by: ActorKind) -> Transition:
    """The line of the table that applies. Raises TransitionRefused with the reason."""
    for line in TRANSITIONS:
        if line.source is situation.status and line.verb is verb and line.by is by:
            if line.guard is not None and not line.guard.holds(situation):
                raise TransitionRefused(line.guard.refusal)
            return line
    raise TransitionRefused(
        f"Action impossible : la demande est au statut « {situation.status.label} ». Rechargez la page."
    )


def possible(situation: Situation, by: ActorKind) -> tuple[Verb, ...]:
    """The verbs that someone may try now, in the order of the table."""
    found: list[Verb] = []
    for line in TRANSITIONS:
        applies = line.source is situation.status and line.by is by
        if applies and (line.guard is None or line.guard.holds(situation)) and line.verb not in found:
            found.append(line.verb)
    return tuple(found)


def target_of(line: Transition, situation: Situation) -> RequestStatus:
    """The status that a line leads to from here."""
    if line.target is not None:
        return line.target
    if situation.asked_from is None:
        raise TransitionRefused("Le statut d'origine de la demande n'est plus connu. Contactez l'assistance.")
    return situation.asked_from


def status_pairs() -> frozenset[tuple[str, str]]:
    """Every change of status that the table allows: what the database's triggers hold too."""
    return frozenset(
        (line.source.value, target.value) for line in TRANSITIONS if line.source is not None for target in targets(line)
    )

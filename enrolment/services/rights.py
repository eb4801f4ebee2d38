"""Which decisions a member of the staff may take: asked wherever a decision is made, whoever carries it out and when.

The back office's matrix grants these rights to the roles named here, and administrators take them away one by one
(ADR 0018). What a page shows is for the page; what the program itself does, without a person, is not judged here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sqlmodel import Session

from enrolment.errors import Forbidden
from enrolment.services import withdrawals
from schema.enums import ActorKind, BulkVerb, StaffRole, Verb
from schema.history import Actor
from schema.tables import StaffUser

JUDGES = frozenset({StaffRole.manager})
"""Case managers alone judge: an administrator sets the portal up and decides on no file."""

OPEN = "open"
"""The right on a page or an act, as withdrawals keep it."""

RULE_MAKERS = frozenset({StaffRole.administrator})
"""Who changes the rules of the process."""

INSTRUCT, DECIDE, FINANCING, BULK = "instruct", "decide", "decide_financing", "bulk"

BY_VERB: Mapping[Verb, str] = MappingProxyType(
    {
        verb: f"decide_{verb.value}"
        for verb in (
            Verb.validate,
            Verb.validate_partially,
            Verb.ask_documents,
            Verb.ask_correction,
            Verb.refuse_certificate,
            Verb.cancel_demand,
            Verb.reject,
        )
    }
)
"""The right to each decision on a request, which takes `DECIDE` beside."""

_BY_BULK_VERB: Mapping[BulkVerb, tuple[str, ...]] = MappingProxyType(
    {
        BulkVerb.assign: (INSTRUCT,),
        BulkVerb.ask_documents: (BY_VERB[Verb.ask_documents],),
        BulkVerb.send_message: (),
        BulkVerb.reject: (BY_VERB[Verb.reject],),
        BulkVerb.validate: (BY_VERB[Verb.validate], BY_VERB[Verb.validate_partially]),
    }
)
"""What an action needs beside `BULK`: any one of these, on the file that it meets."""


def decides(held: withdrawals.Pairs, verb: Verb) -> bool:
    """Whether a judge from whom these rights were taken may still take a decision."""
    return {(DECIDE, OPEN), (BY_VERB[verb], OPEN)}.isdisjoint(held)


def launches(held: withdrawals.Pairs, verb: BulkVerb) -> bool:
    """Whether a judge from whom these rights were taken may still launch a bulk action."""
    if (BULK, OPEN) in held:
        return False
    needed = _BY_BULK_VERB[verb]
    if not needed:
        return True
    if needed != (INSTRUCT,) and (DECIDE, OPEN) in held:
        return False
    return any((one, OPEN) not in held for one in needed)


def may_decide(session: Session, actor: Actor, verb: Verb) -> bool:
    """Whether this person may take a decision now."""
    return not _is_person(actor) or ((held := _held(session, actor)) is not None and decides(held, verb))


def require_decision(session: Session, actor: Actor, verb: Verb) -> None:
    """Raise Forbidden when this person may not take a decision now."""
    if not may_decide(session, actor, verb):
        raise Forbidden(
            f"Le rôle de {actor.label} ne permet pas, ou plus, cette décision (« {verb.label} »). Demandez à un "
            "administrateur."
        )


def require_financing(session: Session, actor: Actor) -> None:
    """Raise Forbidden when this person may not decide on financing requests now."""
    if _is_person(actor) and ((held := _held(session, actor)) is None or (FINANCING, OPEN) in held):
        raise Forbidden(
            f"Le rôle de {actor.label} ne permet pas, ou plus, de décider d'un financement. Demandez à un "
            "administrateur."
        )


def may_launch(session: Session, actor: Actor, verb: BulkVerb) -> bool:
    """Whether this person may launch a bulk action now, or have it carried on in their name."""
    return not _is_person(actor) or ((held := _held(session, actor)) is not None and launches(held, verb))


def require_launch(session: Session, actor: Actor, verb: BulkVerb) -> None:
    """Raise Forbidden when this person may not launch a bulk action now."""
    if not may_launch(session, actor, verb):
        raise Forbidden(
            f"Le rôle de {actor.label} ne permet pas, ou plus, l'action « {verb.label} ». Demandez à un administrateur."
        )


def require_rule_change(session: Session, actor: Actor, table: str, *, is_new: bool) -> None:
    """Raise Forbidden when the author of a planned change of a rule may no longer make it."""
    user = session.get(StaffUser, actor.id)
    if user is None or not user.active:
        raise Forbidden(
            f"{actor.label}, qui l'a programmé, n'est plus en activité : appliquez ce changement vous-même, ou "
            "annulez-le."
        )
    right = (table, "create" if is_new else "edit")
    if user.role not in RULE_MAKERS or right in withdrawals.of_role(session, user.role):
        raise Forbidden(
            f"{actor.label}, qui l'a programmé, n'a plus le droit de le faire : appliquez ce changement vous-même, ou "
            "annulez-le."
        )


def _held(session: Session, actor: Actor) -> withdrawals.Pairs | None:
    """What was taken from the role of somebody; None for who judges nothing."""
    user = session.get(StaffUser, actor.id)
    return withdrawals.of_role(session, user.role) if user is not None and user.active and user.role in JUDGES else None


def _is_person(actor: Actor) -> bool:
    """Whether a signed-in member of the staff acts: the program's own acts have nobody's key."""
    return actor.kind is ActorKind.staff and actor.id is not None

"""A vendor without an account acts by links sent to its mailbox, one for each action (rule A6, SEC-7).

The link that follows a request only reads: who was shown it must not be able to answer, withdraw or file in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import Session, select

from enrolment import clock, parameters
from enrolment.addresses import Addresses
from enrolment.errors import NotFound, Refused
from enrolment.mail import outbox
from enrolment.mail.messages import ActionLink
from enrolment.services import demands, notices
from enrolment.services.people import correspondent
from enrolment.workflow import FINAL, RESUBMITTABLE
from schema.tables import EnrolmentRequest

_SAME_EVENT_MINUTES = 5
"""Asking twice within these minutes sends one mail."""


class Action(StrEnum):
    """What a link may do."""

    ANSWER = "repondre"
    WITHDRAW = "retirer"
    RESUBMIT = "redeposer"


LABELS: Mapping[Action, str] = {
    Action.ANSWER: "Répondre à l'ASP",
    Action.WITHDRAW: "Retirer ma demande",
    Action.RESUBMIT: "Déposer à nouveau",
}


@dataclass(frozen=True)
class Sent:
    """Where a link went, hidden enough to be shown to whoever holds the link of the status page."""

    action: Action
    masked: str


def possible(session: Session, public_id: str) -> tuple[EnrolmentRequest, tuple[Action, ...]]:
    """A request and what its vendor may do now. Raises NotFound."""
    request = session.exec(select(EnrolmentRequest).where(EnrolmentRequest.public_id == public_id)).first()
    if request is None:
        raise NotFound("Cette demande n'existe pas ou n'existe plus.")
    found = []
    if demands.open_of(session, request.id) is not None:
        found.append(Action.ANSWER)
    if request.status in RESUBMITTABLE:
        found.append(Action.RESUBMIT)
    if request.status not in FINAL:
        found.append(Action.WITHDRAW)
    return request, tuple(found)


def send(session: Session, public_id: str, action: Action, addresses: Addresses) -> Sent:
    """Mail the link of one action to the correspondent. Raises NotFound, or Refused when it cannot be done now."""
    request, actions = possible(session, public_id)
    if action not in actions:
        raise Refused("Cette action n'est pas possible pour le moment : rechargez la page de suivi.")
    slot = int(clock.now().timestamp()) // (60 * _SAME_EVENT_MINUTES)
    to = correspondent(session, request).email
    outbox.queue(
        session,
        letter(session, request, action, addresses),
        to=to,
        event_key=f"action-link-{action}-{request.id}-{slot}",
        request_id=request.id,
    )
    return Sent(action, masked(to))


def letter(session: Session, request: EnrolmentRequest, action: Action, addresses: Addresses) -> ActionLink:
    """The mail that carries the link of an action which is possible."""
    life = parameters.number(session, "action_link_days")
    return ActionLink(
        **notices.about(session, request, addresses),
        action=LABELS[action],
        action_link=_ADDRESSES[action](session, request, addresses),
        expires_at=clock.end_of_day(clock.in_days(life)),
    )


def masked(email: str) -> str:
    """« c…e@alize-sante.fr »: its owner recognises it, nobody else can write to it."""
    name, _, domain = email.partition("@")
    return f"{name[:1]}…{name[-1:]}@{domain}" if len(name) > 2 else f"…@{domain}"


def _answer(session: Session, request: EnrolmentRequest, addresses: Addresses) -> str:
    demand = demands.open_of(session, request.id)
    assert demand is not None  # noqa: S101  `possible` has just seen it.
    return addresses.answer(demand)


_ADDRESSES: Mapping[Action, Callable[[Session, EnrolmentRequest, Addresses], str]] = {
    Action.ANSWER: _answer,
    Action.WITHDRAW: lambda session, request, addresses: addresses.withdraw(request),  # noqa: ARG005  One shape for all.
    Action.RESUBMIT: lambda session, request, addresses: addresses.resubmit(request),  # noqa: ARG005  The same.
}

"""What an account may file as a complementary request, and what is known of it already (rules C1, C2, C3).

« Vendor » is a SIREN, seen through the requests that an account stands behind: anybody may type a SIREN in the public
form, so an initial request that nobody validated counts for nobody (ADR 0014).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from enrolment.errors import Refused
from enrolment.services.people import people_of
from enrolment.services.portfolio import Company, companies
from schema.enums import ENDED, PersonRole, RequestKind, RequestStatus, Verb
from schema.tables import (
    Account,
    Dsr,
    EnrolmentRequest,
    Person,
    Provider,
    Referencing,
    RequestEvent,
    Wave,
)


@dataclass(frozen=True)
class Waiting:
    """The first request of a wave, still to be validated: nothing else may be filed before (rule C2).

    A SIREN may have several accounts: `is_own` tells whether this one may read that request (rule A5).
    """

    number: str
    public_id: str
    wave: str
    is_own: bool


def company(session: Session, account_id: int, provider_id: int | None) -> Company:
    """One company of an account, the only one when none is named. Raises Refused for somebody else's."""
    found = companies(session, account_id)
    if provider_id is None and len(found) == 1:
        return found[0]
    chosen = next((one for one in found if one.provider_id == provider_id), None)
    if chosen is None:
        raise Refused("Choisissez le fournisseur pour lequel vous déposez cette demande.")
    return chosen


def known_answers(session: Session, account: Account, provider_id: int) -> Mapping[str, Any]:
    """What the account's rows say already: whether it is the representative, else in what quality it files.

    What they do not say is absent, and is asked: an account taken from wave 1 may have no people at all.
    """
    people = people_of(session, provider_id)
    is_representative = _is_representative(session, account, provider_id, people)
    if is_representative is None:
        return {}
    known: dict[str, Any] = {"request.is_representative": is_representative}
    depositary = people.get(PersonRole.depositary)
    if not is_representative and depositary is not None:
        known["depositary.quality"] = depositary.quality
    return known


def _is_representative(
    session: Session, account: Account, provider_id: int, people: Mapping[PersonRole, Person]
) -> bool | None:
    """By what it declared last; else by whose address it has."""
    declared = session.exec(
        select(EnrolmentRequest.is_representative)
        .where(EnrolmentRequest.account_id == account.id, EnrolmentRequest.provider_id == provider_id)
        .order_by(col(EnrolmentRequest.id).desc())
        .limit(1)
    ).first()
    if declared is not None:
        return declared
    own = {role for role, person in people.items() if person.email.casefold() == account.email.casefold()}
    # Somebody with one address for both is the representative, who answers for itself.
    return PersonRole.representative in own if own else None


def is_first_of_wave(session: Session, account_id: int, siren: str, wave_id: int, before: int | None = None) -> bool:
    """Rule C1: whether a depositary owes its mandate with this request.

    Not if the vendor's first enrolment of the wave was an initial one, which asked for it; not if this very account
    brought it with a complementary one. A refused or withdrawn request brought nothing that counts.
    `before` is the key of a stored request: what counts is what came before it.
    """
    earlier = [] if before is None else [col(EnrolmentRequest.id) < before]
    first = _first(session, siren, wave_id, *earlier)
    if first is None:
        return True
    if first.kind is RequestKind.initial:
        return False
    return _first(session, siren, wave_id, EnrolmentRequest.account_id == account_id, *earlier) is None


def waiting(session: Session, account_id: int, siren: str, wave_id: int) -> Waiting | None:
    """Rule C2: the first request of a wave, when nobody has validated any, even in part."""
    first = _first(session, siren, wave_id)
    if first is None:
        return None
    by_event = sa.exists().where(
        col(RequestEvent.request_id) == EnrolmentRequest.id,
        col(RequestEvent.verb).in_([Verb.validate, Verb.validate_partially]),
    )
    validated = sa.or_(by_event, col(EnrolmentRequest.status) == RequestStatus.validated)
    if _first(session, siren, wave_id, validated) is not None:
        return None
    wave = session.get_one(Wave, wave_id)
    return Waiting(first.number, first.public_id, wave.name, first.account_id == account_id)


def lock(session: Session, siren: str) -> None:
    """One deposit at a time for a vendor, so that two first requests of a wave never pass together (rules C1, C2)."""
    session.execute(
        sa.select(col(Provider.id))
        .where(col(Provider.siren) == siren)
        .order_by(col(Provider.id))
        .with_for_update(key_share=True)
    ).all()


def waiting_anywhere(session: Session, account_id: int) -> tuple[Waiting, ...]:
    """What rule C2 holds up for an account, in any wave: said before anything is typed."""
    found: list[Waiting] = []
    sirens = dict.fromkeys(one.siret[:9] for one in companies(session, account_id))
    for siren in sirens:
        for wave_id in session.exec(select(Wave.id).order_by(col(Wave.id))):
            first = waiting(session, account_id, siren, wave_id)
            if first is not None:
                found.append(first)
    return tuple(found)


def _first(session: Session, siren: str, wave_id: int, *conditions: Any) -> EnrolmentRequest | None:
    """The oldest request of a vendor in a wave, with an account behind it, that did not end in nothing."""
    return session.exec(
        select(EnrolmentRequest)
        .join(Provider, col(EnrolmentRequest.provider_id) == Provider.id)
        .join(Referencing, col(EnrolmentRequest.referencing_id) == Referencing.id)
        .join(Dsr, col(Referencing.dsr_id) == Dsr.id)
        .where(
            Provider.siren == siren,
            Dsr.wave_id == wave_id,
            col(EnrolmentRequest.account_id).is_not(None),
            col(EnrolmentRequest.status).not_in(ENDED),
            *conditions,
        )
        .order_by(col(EnrolmentRequest.id))
        .limit(1)
    ).first()

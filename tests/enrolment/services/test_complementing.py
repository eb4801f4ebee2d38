"""Complementary requests: whom rule C1 asks for a mandate, whom rule C2 makes wait, and races between first ones."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier

import pytest
from sqlmodel import Session, select

from enrolment.application.rules import ANS
from enrolment.portal import Portal
from enrolment.services import drafts, notices, submission, transition
from enrolment.services.submission import Incomplete
from enrolment.workflow import TRANSITIONS
from schema.enums import PersonRole, RequestKind, RequestStatus, Step, Verb
from schema.history import Actor
from schema.tables import Account, AccountProvider, Draft, Dsr, EnrolmentRequest, Person, Provider, Wave
from tests.rows import add_provider, add_referencing, add_request
from tests.stories import upload

SYSTEM = Actor.system()
S, V = RequestStatus, Verb
PATHS: dict[str, tuple[Verb, ...]] = {
    "in review": (),
    "documents asked": (V.ask_documents,),
    "correction asked": (V.ask_correction,),
    "partly validated": (V.validate_partially,),
    "certificates to review": (V.validate_partially, V.complete_certificates),
    "validated": (V.validate,),
    "refused": (V.reject,),
    "withdrawn": (V.withdraw,),
    "withdrawn once partly validated": (V.validate_partially, V.withdraw),
}
COUNTS_FOR_NOTHING = {"refused", "withdrawn", "withdrawn once partly validated"}
VALIDATED = {"partly validated", "certificates to review", "validated"}
_count = itertools.count(1)


@dataclass(frozen=True)
class Case:
    """What a vendor filed first, and who files now."""

    kind: RequestKind | None
    path: str
    same_wave: bool
    same_account: bool
    is_depositary: bool

    @property
    def counts(self) -> bool:
        """Whether the first request is one of the wave that did not end in nothing."""
        return self.kind is not None and self.same_wave and self.path not in COUNTS_FOR_NOTHING

    @property
    def owes_mandate(self) -> bool:
        """Rule C1, by hand."""
        brought = self.counts and (self.kind is RequestKind.initial or self.same_account)
        return self.is_depositary and not brought

    @property
    def waits(self) -> bool:
        """Rule C2, by hand."""
        return self.counts and self.path not in VALIDATED


def cases() -> Iterator[Case]:
    """Every case, those without a first request once."""
    flags = (False, True)
    for is_depositary in flags:
        yield Case(None, "in review", same_wave=True, same_account=True, is_depositary=is_depositary)
    for kind, path, wave, account, is_depositary in itertools.product(RequestKind, PATHS, flags, flags, flags):
        yield Case(kind, path, same_wave=wave, same_account=account, is_depositary=is_depositary)


def siret() -> str:
    """A valid SIRET of a SIREN of its own."""
    return _with_luhn(f"{_with_luhn(f'77{next(_count):06d}')}0001")


def _with_luhn(digits: str) -> str:
    doubled = (int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return f"{digits}{-sum(value - 9 if value > 9 else value for value in doubled) % 10}"


def add_account(session: Session, provider: Provider, *, is_depositary: bool = False) -> Account:
    """An account of a provider, in the name of its representative or of its depositary."""
    email = session.exec(select(Person.email).where(Person.provider_id == provider.id)).one()
    if is_depositary:
        email = f"paul.garnier{next(_count)}@cabinet.example"
        session.add(
            Person(
                provider_id=provider.id,
                role=PersonRole.depositary,
                last_name="Garnier",
                first_name="Paul",
                email=email,
                phone="+33612345678",
                quality="employee",
            )
        )
    account = Account(
        login=f"compte{next(_count)}", email=email, last_name="Garnier", first_name="Paul", from_wave_1=True
    )
    session.add(account)
    session.flush()
    session.add(AccountProvider(account_id=account.id, provider_id=provider.id))
    session.flush()
    return account


def add_first(session: Session, case: Case, account: Account, provider: Provider, earlier: Dsr) -> EnrolmentRequest:
    """The first request of the vendor, brought to where its case leaves it."""
    early = V.validate_partially in PATHS[case.path]
    referencing = add_referencing(session, validated=not early)
    if not case.same_wave:
        referencing.dsr_id = earlier.id
    assert case.kind is not None
    request = add_request(
        session,
        kind=case.kind,
        is_early=early,
        referencing_id=referencing.id,
        provider_id=provider.id,
        account_id=account.id,
        is_representative=True,
    )
    transition.begin(session, SYSTEM, request)
    for verb in PATHS[case.path]:
        line = next(one for one in TRANSITIONS if (one.source, one.verb) == (request.status, verb))
        transition.apply(session, SYSTEM, request, line)
    return request


def begin(session: Session, account: Account, ans_number: str) -> Draft:
    """A complementary draft with its answers."""
    draft = drafts.start(session, RequestKind.complementary, account.id)
    drafts.save(session, draft, Step.referencing, {ANS: ans_number})
    drafts.save(session, draft, Step.applicant, {"request.is_distributor": "non"})
    drafts.save(session, draft, Step.vat, {"request.vat_liable": "oui"})
    session.flush()
    return draft


def test_mandate_and_waiting_are_those_of_the_rules_in_every_case(portal: Portal) -> None:  # rule: C1, C2; std: SEC-2
    wrong = []
    with portal.database.writing(SYSTEM) as session:
        first_wave = session.exec(select(Wave).where(Wave.code == "V1")).one()
        model = session.exec(select(Dsr)).first()
        assert model is not None
        earlier = Dsr(
            code="DSR-VA1",
            name="Vague 1",
            wave_id=first_wave.id,
            corridor_id=model.corridor_id,
            needs_hds=False,
            enrolment_opens_at=model.enrolment_opens_at,
            advance_opens_at=model.advance_opens_at,
        )
        session.add(earlier)
        session.flush()
        number = add_referencing(session).ans_number
        for case in cases():
            own = siret()
            # Another account of the same company declared it again: two provider rows, one SIREN.
            account = add_account(session, provider := add_provider(session, own), is_depositary=case.is_depositary)
            number_of_first = None
            if case.kind is not None:
                if not case.same_account:
                    provider = add_provider(session, own)
                    other = add_account(session, provider)
                request = add_first(session, case, account if case.same_account else other, provider, earlier)
                if case.same_account:
                    request.is_representative = not case.is_depositary
                number_of_first = request.number if case.same_account else ""
            seen = drafts.view(session, begin(session, account, number))
            mandate = "representative_mandate" in {item.kind.code for item in seen.due}
            waits_for = number_of_first if case.waits else None
            if (mandate, seen.waits_for) != (case.owes_mandate, waits_for):
                wrong.append((case, mandate, seen.waits_for))
    assert wrong == []


def test_two_first_ones_of_a_wave_never_pass_together(portal: Portal) -> None:  # rule: C1, C2; std: REL-4
    drafted = []
    with portal.database.writing(SYSTEM) as session:
        account = add_account(session, add_provider(session), is_depositary=True)
        for _ in range(6):
            draft = begin(session, account, add_referencing(session).ans_number)
            drafted.append((draft.public_id, [item.kind for item in drafts.view(session, draft).due]))
    for public_id, kinds in drafted:
        assert {kind.code for kind in kinds} == {"reference_certificate", "representative_mandate"}
        for kind in kinds:
            upload(portal, public_id, kind)
    results = together(portal, [public_id for public_id, _ in drafted])
    assert sorted(results) == ["made"] + [ANS] * 5


def test_one_draft_finished_by_many_at_once_makes_one_request(portal: Portal) -> None:  # rule: S1; std: REL-4
    with portal.database.writing(SYSTEM) as session:
        account = add_account(session, add_provider(session))
        draft = begin(session, account, add_referencing(session).ans_number)
        public_id, kinds = draft.public_id, [item.kind for item in drafts.view(session, draft).due]
    for kind in kinds:
        upload(portal, public_id, kind)
    assert sorted(together(portal, [public_id] * 6)) == ["found"] * 5 + ["made"]


def together(portal: Portal, public_ids: list[str]) -> list[str]:
    """Finish drafts at the same moment."""
    start = Barrier(len(public_ids))

    def one(public_id: str) -> str:
        start.wait()
        try:
            with portal.database.writing(SYSTEM) as session:
                return "made" if submission.submit(session, SYSTEM, public_id, portal.addresses).is_new else "found"
        except Incomplete as error:
            return " ".join(problem.field for found in error.problems.values() for problem in found)

    with ThreadPoolExecutor(len(public_ids)) as pool:
        return list(pool.map(one, public_ids))


@pytest.mark.parametrize("first_ends", [None, V.reject])
def test_mandate_is_missing_in_the_file_once_the_request_that_brought_it_is_refused(
    sqlite_portal: Portal, first_ends: Verb | None
) -> None:  # rule: C1
    with sqlite_portal.database.writing(SYSTEM) as session:
        account = add_account(session, provider := add_provider(session), is_depositary=True)
        given = {
            "kind": RequestKind.complementary,
            "provider_id": provider.id,
            "account_id": account.id,
            "is_representative": False,
        }
        first, second = add_request(session, **given), add_request(session, **given)
        if first_ends is not None:
            line = next(one for one in TRANSITIONS if (one.source, one.verb) == (S.in_review, first_ends))
            transition.apply(session, SYSTEM, first, line)
        assert notices.stored_facts(session, first).first_of_wave is True
        assert notices.stored_facts(session, second).first_of_wave is (first_ends is not None)
        assert notices.stored_facts(session, second).is_representative is False


def test_account_whose_rows_say_nothing_is_asked_who_it_is(sqlite_portal: Portal) -> None:  # rule: C1, C3
    with sqlite_portal.database.writing(SYSTEM) as session:
        account = add_account(session, provider := add_provider(session))
        session.delete(session.exec(select(Person).where(Person.provider_id == provider.id)).one())
        session.flush()
        draft = begin(session, account, add_referencing(session).ans_number)
        assert "request.is_representative" in {item.name for item in drafts.view(session, draft).asked(Step.applicant)}
        for answer, owed in (("oui", False), ("non", True)):
            drafts.save(session, draft, Step.applicant, {"request.is_representative": answer})
            kinds = {item.kind.code for item in drafts.view(session, draft).due}
            assert ("representative_mandate" in kinds) is owed

"""The whole workflow, played at random by vendors and managers: what holds of a request, whatever happened to it."""

from __future__ import annotations

import itertools
import tempfile
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlmodel import Session, col, select

from enrolment.application.rules import ANS, BOXES, box
from enrolment.documents import Kind
from enrolment.errors import Conflict, Refused
from enrolment.portal import open_portal
from enrolment.services import (
    answering,
    decisions,
    demands,
    drafts,
    passwords,
    reference,
    resubmitting,
    submission,
    withdrawing,
)
from enrolment.services.answering import Unfinished
from enrolment.services.decisions import Decision
from enrolment.services.submission import AlreadyEnrolled, Incomplete
from enrolment.workflow import FINAL, RESUBMITTABLE, TransitionRefused
from schema.database import Database
from schema.enums import ENDED, ActorKind, DemandState, RequestKind, ScanState, Step, Verb
from schema.history import Actor
from schema.tables import (
    Account,
    AccountProvider,
    Attachment,
    Demand,
    EnrolmentRequest,
    Provider,
    RequestEvent,
)
from tests.conftest import settings_for
from tests.enrolment import consistency
from tests.rows import add_provider, add_referencing
from tests.stories import VISITOR, Vendor

START = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
SIRETS = ("73282932000074", "35600000049837", "55208131766522", "78467169500087")
OF_WAVE_1 = "38012986646850"
"""A vendor whose account was taken from wave 1 (rule C3)."""
MANAGERS = [Actor(ActorKind.staff, None, name) for name in ("Inès Moreau", "Karim Benali")]
REPRESENTATIVE = {"request.is_representative": "non"}
ASKABLE = {
    RequestKind.initial: ("rib", "bank.holder"),
    RequestKind.complementary: ("vat_proof", "request.is_distributor"),
}
"""A document and an answer that the ASP may ask again: of a complementary request, only what it asked itself."""
_PLACE: dict[str, Any] = {}
_count = itertools.count(1)


class Lives(RuleBasedStateMachine):
    """Vendors that submit, answer and withdraw; managers that decide; a clock that only goes forward."""

    @initialize()
    def open(self) -> None:
        """A new portal with two referencings validated by the ANS, two that are not, and an account of wave 1."""
        self.folder = tempfile.TemporaryDirectory()
        folder = Path(self.folder.name)
        (folder / "portal.sqlite3").write_bytes(_PLACE["template"].read_bytes())
        self.database = Database(f"sqlite:///{folder / 'portal.sqlite3'}")
        self.portal_here = open_portal(settings_for(folder, self.database), self.database)
        self.clock = time_machine.travel(START, tick=False)
        self.traveller = self.clock.start()
        with self.database.writing(Actor.system()) as session:
            self.numbers = [
                add_referencing(session, needs_hds=number % 2 == 1, validated=number < 2).ans_number
                for number in range(4)
            ]
            provider = add_provider(session, OF_WAVE_1)
            account = Account(
                login="pgarnier", email="p@g.example", last_name="Garnier", first_name="Paul", from_wave_1=True
            )
            session.add(account)
            session.flush()
            session.add(AccountProvider(account_id=account.id, provider_id=provider.id))
        self.deposited = 0

    def teardown(self) -> None:
        """Leave nothing behind."""
        if hasattr(self, "clock"):
            self.clock.stop()
            self.database.dispose()
            self.folder.cleanup()

    @rule(hours=st.integers(1, 24 * 40))
    def wait(self, hours: int) -> None:
        """Time passes; the clock changes of March are within reach."""
        self.traveller.shift(timedelta(hours=hours))

    @rule(number=st.integers(0, 3), siret=st.sampled_from(SIRETS), person=st.integers(1, 2))
    def submit(self, number: int, siret: str, person: int) -> None:
        """A vendor files a request; R2, D7 or C2 may refuse it."""
        vendor = Vendor(
            self.numbers[number],
            siret=siret,
            email=f"personne{person}@alize-sante.fr",
            hosts_health_data="non" if number == 1 else "",
        )
        held = self._holder(self.numbers[number])
        try:
            with self.database.writing(VISITOR) as session:
                submission.submit(session, VISITOR, self._draft(session, vendor), self.portal_here.addresses)
        except (AlreadyEnrolled, Incomplete) as error:
            if isinstance(error, AlreadyEnrolled):
                assert held is not None
            return
        assert held is None, "two active requests hold one number (rule R2)"
        self.deposited += 1

    @precondition(lambda self: self.deposited)
    @rule(
        data=st.data(),
        verb=st.sampled_from(decisions.DECISIONS),
        manager=st.sampled_from(MANAGERS),
        stale=st.booleans(),
    )
    def decide(self, data: st.DataObject, verb: Verb, manager: Actor, *, stale: bool) -> None:
        """A manager decides, sometimes what cannot be, sometimes on what it was before."""
        key = data.draw(self._keys())
        with self.database.reading() as session:
            piece, answer = ASKABLE[session.get_one(EnrolmentRequest, key).kind]
        documents = ((piece, "Illisible"),) if data.draw(st.booleans()) else ()
        fields = ((answer, "Une autre société"),) if data.draw(st.booleans()) else ()
        decision = Decision(verb, data.draw(st.sampled_from(["", "Voici pourquoi."])), documents, fields)
        with self.database.reading() as session:
            request = session.get_one(EnrolmentRequest, key)
            can = verb in decisions.open_decisions(session, manager, request)
            version = request.row_version - stale
        complete = {
            Verb.reject: decision.message,
            Verb.refuse_certificate: decision.message,
            Verb.ask_documents: documents,
            Verb.ask_correction: documents or fields,
        }.get(verb, True)
        try:
            with self.database.writing(manager) as session:
                decisions.decide(session, manager, key, decision, self.portal_here.addresses, row_version=version)
        except (Conflict, Refused):
            assert stale or not can or not complete
        else:
            assert can
            assert complete
            assert not stale

    @precondition(lambda self: self.deposited)
    @rule(data=st.data())
    def give(self, data: st.DataObject) -> None:
        """A vendor gives one of the points that the ASP waits for: a file, or an answer."""
        key = data.draw(self._keys())
        with self.database.writing(VISITOR) as session:
            demand = self._open_demand(session, key)
            if demand is None:
                return
            point = data.draw(st.sampled_from(demands.read(session, demand).points))
            if point.kind is not None:
                row = self._file(point.kind)
                answering.attach(session, demand.public_id, point.name, point.version, row)
            else:
                typed = {demands.HOSTING: "oui", "request.is_distributor": "non"}.get(point.name, "SAS Alizé")
                answering.keep(session, demand.public_id, {point.name: typed}, {point.name: point.version})

    @precondition(lambda self: self.deposited)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        """« Terminer », whether everything is there or not."""
        key = data.draw(self._keys())
        with self.database.reading() as session:
            demand = self._open_demand(session, key)
            complete = demand is not None and demands.read(session, demand).is_complete
        if demand is None:
            return
        try:
            with self.database.writing(VISITOR) as session:
                answering.finish(session, VISITOR, demand.public_id, self.portal_here.addresses)
        except Unfinished:
            assert not complete
        else:
            assert complete

    @precondition(lambda self: self.deposited)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        """A vendor gives up."""
        key = data.draw(self._keys())
        with self.database.reading() as session:
            request = session.get_one(EnrolmentRequest, key)
        try:
            with self.database.writing(VISITOR) as session:
                withdrawing.withdraw(session, VISITOR, request.public_id, self.portal_here.addresses)
        except TransitionRefused:
            assert request.status in FINAL

    @precondition(lambda self: self.deposited)
    @rule(data=st.data())
    def resubmit(self, data: st.DataObject) -> None:
        """A vendor files anew what was refused or withdrawn; the old request keeps its status."""
        key = data.draw(self._keys())
        with self.database.reading() as session:
            request = session.get_one(EnrolmentRequest, key)
        if request.account_id is not None:
            return
        try:
            with self.database.writing(VISITOR) as session:
                draft = resubmitting.take_up(session, request.public_id, [])
                for item in drafts.view(session, draft).due:
                    drafts.attach(session, draft, self._file(item.kind))
                for step, typed in self._boxes():
                    drafts.save(session, draft, step, typed)
                submission.submit(session, VISITOR, draft.public_id, self.portal_here.addresses)
        except (AlreadyEnrolled, Incomplete, Refused):
            return
        assert request.status in RESUBMITTABLE

    @rule(data=st.data(), number=st.integers(0, 3))
    def enrol_another(self, data: st.DataObject, number: int) -> None:
        """A vendor that has an account files a complementary request; R2 or C2 may refuse it."""
        with self.database.reading() as session:
            linked = sorted(session.exec(select(AccountProvider.account_id, AccountProvider.provider_id)))
        account_id, provider_id = data.draw(st.sampled_from(linked))
        held = self._holder(self.numbers[number])
        refused: list[str] = []
        try:
            with self.database.writing(VISITOR) as session:
                siren = session.get_one(Provider, provider_id).siren
                waits = _waits(session, siren)
                draft = drafts.start(session, RequestKind.complementary, account_id)
                drafts.choose_company(session, draft, _latest(session, account_id, provider_id))
                hosting = "non" if number == 1 else ""
                answers = {ANS: self.numbers[number], "request.hosts_health_data": hosting}
                drafts.save(session, draft, Step.referencing, answers)
                drafts.save(session, draft, Step.applicant, {"request.is_distributor": "non", **REPRESENTATIVE})
                drafts.save(session, draft, Step.vat, {"request.vat_liable": "oui"})
                session.flush()
                for item in drafts.view(session, draft).due:
                    drafts.attach(session, draft, self._file(item.kind))
                submission.submit(session, VISITOR, draft.public_id, self.portal_here.addresses)
        except Incomplete as error:
            refused = [problem.field for found in error.problems.values() for problem in found]
        self.deposited += not refused
        # A second request of the wave before the first was validated is refused (rule C2), and nothing else but R2 is.
        assert refused == ([ANS] if waits or held is not None else [])

    @invariant()
    def every_request_is_the_sum_of_its_events(self) -> None:
        if not hasattr(self, "database"):
            return
        with self.database.reading() as session:
            requests = session.exec(select(EnrolmentRequest).order_by(col(EnrolmentRequest.id))).all()
            events: dict[int, list[RequestEvent]] = defaultdict(list)
            for event in session.exec(select(RequestEvent).order_by(col(RequestEvent.id))):
                events[event.request_id].append(event)
            for request in requests:
                consistency.check_events(request, events.pop(request.id))
                consistency.check_open_demand(session, request)
            assert not events
            consistency.check_numbers(requests)
            consistency.check_holders(requests)
            consistency.check_accounts(session, requests)
            consistency.check_mails(session)
            consistency.check_history(session, requests)

    def _keys(self) -> st.SearchStrategy[int]:
        with self.database.reading() as session:
            return st.sampled_from(list(session.exec(select(EnrolmentRequest.id).order_by(col(EnrolmentRequest.id)))))

    def _holder(self, number: str) -> str | None:
        with self.database.reading() as session:
            software = reference.software(session, number)
            assert software is not None
            return software.held_by

    def _draft(self, session: Session, vendor: Vendor) -> str:
        """A complete draft; its files are rows alone, since no file is opened here."""
        draft = drafts.start(session)
        street_type = next(key for key, name in reference.street_types(session).items() if name == "Rue")
        for step, typed in vendor.answers.items():
            if step.value == "applicant":
                drafts.remember_company(session, draft, vendor.siret, vendor.registry_answer)
                typed = {**typed, "provider.street_type_id": street_type}  # noqa: PLW2901  Completed on the way.
            drafts.save(session, draft, step, typed)
        session.flush()
        for item in drafts.view(session, draft).due:
            drafts.attach(session, draft, self._file(item.kind))
        return draft.public_id

    @staticmethod
    def _boxes() -> list[tuple[Step, dict[str, str]]]:
        return [(Step.summary, {box(kind): "oui" for kind in BOXES})]

    @staticmethod
    def _file(kind: Kind) -> Attachment:
        key = next(_count)
        return Attachment(
            document_kind_id=kind.id,
            file_name=f"{kind.code}.pdf",
            content_type="application/pdf",
            size=1,
            sha256=f"{key:064d}",
            storage_key=f"key-{key}",
            scan=ScanState.disabled,
        )

    @staticmethod
    def _open_demand(session: Session, request_id: int) -> Demand | None:
        return session.exec(
            select(Demand).where(Demand.request_id == request_id, Demand.state == DemandState.open)
        ).first()


def _latest(session: Session, account_id: int, provider_id: int) -> int:
    """The last declaration of a company that an account acts for."""
    siret = session.get_one(Provider, provider_id).siret
    return max(
        session.exec(
            select(Provider.id)
            .join(AccountProvider, col(AccountProvider.provider_id) == Provider.id)
            .where(AccountProvider.account_id == account_id, Provider.siret == siret)
        )
    )


def _waits(session: Session, siren: str) -> bool:
    """Rule C2, by hand: requests with an account are there, and nobody has validated any."""
    rows = [
        request.id
        for request in session.exec(
            select(EnrolmentRequest)
            .join(Provider, col(EnrolmentRequest.provider_id) == Provider.id)
            .where(Provider.siren == siren)
        )
        if request.account_id is not None and request.status not in ENDED
    ]
    verbs = {event.verb for event in session.exec(select(RequestEvent)) if event.request_id in rows}
    return bool(rows) and not verbs & {Verb.validate, Verb.validate_partially}


@pytest.mark.parametrize("lives", [8, pytest.param(100, marks=pytest.mark.slow)])
def test_whatever_happens_every_request_stays_consistent(
    sqlite_template: Path, monkeypatch: pytest.MonkeyPatch, lives: int
) -> None:  # rule: R1, R2, E2, M3; std: SEC-17, SEC-19, REL-11
    monkeypatch.setattr(passwords, "COST", passwords.Cost(rounds=1, memory=8))
    monkeypatch.setitem(_PLACE, "template", sqlite_template)
    Lives.TestCase.settings = settings(
        max_examples=lives, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
    )
    Lives.TestCase().runTest()

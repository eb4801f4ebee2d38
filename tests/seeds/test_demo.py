"""The demonstration: a case in every state, made by the services, with files that open and sign-ins that work."""

import io
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pikepdf
import pytest
import sqlalchemy as sa
import time_machine
from PIL import Image
from sqlmodel import select

from enrolment.clock import now
from enrolment.errors import Refused
from enrolment.files.storage import StoredFile
from enrolment.portal import Portal, open_portal
from enrolment.registries.company import Found, Unknown
from enrolment.services import accounts, reference, staff
from enrolment.settings import Settings
from enrolment.workflow import TRANSITIONS, targets
from schema.database import Database
from schema.enums import DepositaryQuality, MailState, ReferencingStatus, RequestStatus, StaffRole, Verb
from schema.history import Actor
from schema.tables import (
    Account,
    Attachment,
    Demand,
    Draft,
    EnrolmentRequest,
    HistoryEntry,
    OutgoingMail,
    Parameter,
    Person,
    Provider,
    Referencing,
    RequestEvent,
    StaffUser,
)
from seeds.demo import data, guide
from seeds.demo.load import beginning, load_demo


@pytest.fixture
def demo(portal: Portal) -> Portal:
    load_demo(portal.database, portal.storage, portal.settings)
    return portal


@pytest.fixture(scope="module")
def told(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """One demonstration for the tests that only look at it."""
    folder = tmp_path_factory.mktemp("demo")
    (folder / "portal.sqlite3").write_bytes(sqlite_template.read_bytes())
    settings = Settings(var=folder, database_url=f"sqlite:///{folder / 'portal.sqlite3'}", demo=True)
    portal = open_portal(settings)
    load_demo(portal.database, portal.storage, portal.settings)
    yield portal
    portal.database.dispose()


def test_every_status_is_there_and_loading_again_changes_nothing(demo: Portal) -> None:
    with demo.database.reading() as session:
        statuses = Counter(session.exec(select(EnrolmentRequest.status)))
        entries = len(session.exec(select(HistoryEntry.id)).all())
    assert set(statuses) == set(RequestStatus)
    load_demo(demo.database, demo.storage, demo.settings)
    with demo.database.reading() as session:
        assert Counter(session.exec(select(EnrolmentRequest.status))) == statuses
        assert len(session.exec(select(HistoryEntry.id)).all()) == entries


def test_events_follow_the_workflow_and_each_has_its_mail_and_its_past(told: Portal) -> None:
    allowed = {(line.source, line.verb, target) for line in TRANSITIONS for target in targets(line)}
    with told.database.reading() as session:
        events = session.exec(select(RequestEvent).order_by(RequestEvent.id)).all()  # type: ignore[arg-type]
        mails = {mail.event_key: mail for mail in session.exec(select(OutgoingMail))}
    last: dict[int, datetime] = {}
    for event in events:
        assert (event.source, event.verb, event.target) in allowed
        mail = mails[f"event-{event.id}"]
        assert mail.request_id == event.request_id
        assert abs(mail.created_at - event.at).total_seconds() < 60
        assert event.at >= last.get(event.request_id, event.at)
        assert event.at < datetime.now(UTC)
        last[event.request_id] = event.at
    assert {event.verb for event in events} >= {Verb.submit, Verb.validate, Verb.validate_partially, Verb.reject}


def test_history_of_the_demo_is_in_the_order_of_its_dates(sqlite_portal: Portal) -> None:
    with sqlite_portal.database.reading() as session:
        last = session.exec(select(HistoryEntry.id).order_by(HistoryEntry.id.desc())).first() or 0  # type: ignore[union-attr]
    load_demo(sqlite_portal.database, sqlite_portal.storage, sqlite_portal.settings)
    with sqlite_portal.database.reading() as session:
        told = session.exec(select(HistoryEntry.at).where(HistoryEntry.id > last).order_by(HistoryEntry.id)).all()  # type: ignore[arg-type]
        events = session.exec(select(RequestEvent.at).order_by(RequestEvent.id)).all()  # type: ignore[arg-type]
    assert list(told) == sorted(told)
    assert list(events) == sorted(events)


def test_reference_data_of_a_new_demo_are_older_than_what_it_tells(demo: Portal) -> None:
    with demo.database.writing(Actor.system("Essai")) as session:
        with beginning(session):
            assert datetime.now(UTC) - now() < timedelta(minutes=1), "a database that has them keeps its time"
        session.execute(sa.delete(Parameter))
        with beginning(session):
            early = now()
        session.rollback()
    with demo.database.reading() as session:
        told = session.exec(select(StaffUser.created_at)).all()
    assert early < min(told)


def test_mails_of_the_demo_have_left_soon_after_they_were_written(told: Portal) -> None:
    with told.database.reading() as session:
        mails = session.exec(select(OutgoingMail)).all()
    assert {mail.state for mail in mails} == {MailState.sent}
    for mail in mails:
        assert mail.sent_at is not None
        assert timedelta() < mail.sent_at - mail.created_at < timedelta(minutes=1)
    files = list((told.settings.var / "mail").glob("*.eml"))
    assert len(files) == len(mails)


def test_every_file_opens_and_is_in_one_of_the_three_formats(told: Portal) -> None:
    with told.database.reading() as session:
        files = session.exec(select(Attachment)).all()
    formats = set()
    for file in files:
        content = told.storage.get(StoredFile(file.storage_key, file.sha256, file.size, file.encryption_key))
        formats.add(file.content_type)
        if file.content_type == "application/pdf":
            with pikepdf.open(io.BytesIO(content)) as pdf:
                assert len(pdf.pages) == file.pages
        else:
            Image.open(io.BytesIO(content)).load()
    assert formats == {"application/pdf", "image/jpeg", "image/png"}


def test_stories_show_the_cases_that_a_visitor_wants_to_see(told: Portal) -> None:
    with told.database.reading() as session:
        requests = session.exec(select(EnrolmentRequest)).all()
        qualities = {person.quality for person in session.exec(select(Person)) if person.quality}
        referencings = {row.id: row for row in session.exec(select(Referencing))}
        demands = {demand.kind.value for demand in session.exec(select(Demand))}
        drafts = session.exec(select(Draft).where(Draft.request_id == None)).all()  # noqa: E711  SQL.
        assert session.exec(select(Account).where(Account.from_wave_1)).one().login == data.WAVE_1_LOGIN
        providers = {row.id: row for row in session.exec(select(Provider))}
    assert qualities == set(DepositaryQuality)
    assert any(request.is_distributor for request in requests)
    assert any(request.legal_name_changed for request in requests)
    assert any(not request.vat_liable for request in requests)
    assert any(request.to_verify for request in requests)
    assert any(request.hosts_health_data for request in requests)
    assert any(request.account_id is None for request in requests)
    # rule: E5
    assert any(
        request.is_early
        and request.status is RequestStatus.in_review
        and referencings[request.referencing_id].status is ReferencingStatus.validated
        for request in requests
    )
    assert demands == {"documents", "correction", "certificates"}
    assert len(drafts) == 1
    assert len({provider.siret for provider in providers.values()}) == len(providers)


def test_every_sign_in_of_the_guide_works(told: Portal) -> None:
    with told.database.reading() as session:
        for member in data.STAFF:
            user = staff.authenticate(session, member.email, member.password)
            assert user is not None
            assert user.role is member.role
        for login, password, _ in guide.vendors():
            assert accounts.authenticate(session, login, password) is not None, login
    assert {member.role for member in data.STAFF} == set(StaffRole)


def test_every_number_and_siret_of_the_guide_does_what_it_says(told: Portal) -> None:
    with told.database.reading() as session:
        known = {number: reference.software(session, number) for number, _ in guide.numbers()}
    for number, said in guide.numbers():
        software = known[number]
        assert (software is None) == ("inconnu" in said)
        if software is None:
            continue
        assert (software.held_by is not None) == ("déjà pris" in said)
        assert (software.status is ReferencingStatus.withdrawn) == ("retiré" in said)
        if "SONS DPI" in said:
            assert software.needs_hds
            assert software.is_validated == ("non validé" not in said)
    found = {siret: told.registry.find(siret) for siret, _ in guide.sirets()}
    for siret, said in guide.sirets():
        answer = found[siret]
        assert isinstance(answer, Unknown if "inconnu" in said else Found)
        if isinstance(answer, Found):
            assert answer.company.is_open == ("fermé" not in said)
            assert answer.company.is_diffusible == ("non diffusible" not in said)
    text = guide.text("http://127.0.0.1:8000")
    assert all(word in text for number, _ in guide.numbers() for word in (number,))


@pytest.mark.parametrize("today", ["2026-01-02", "2031-07-14"])
def test_demo_is_open_whatever_the_date(sqlite_portal: Portal, today: str) -> None:
    # rule: R4
    # std: REL-11
    with time_machine.travel(f"{today}T02:30:00+01:00", tick=True):
        load_demo(sqlite_portal.database, sqlite_portal.storage, sqlite_portal.settings)
        with sqlite_portal.database.reading() as session:
            for row in session.exec(select(Referencing.ans_number)):
                software = reference.software(session, row)
                assert software is not None
                assert software.opens_at < datetime.now(UTC)
                assert software.closes_at is None
            # rule: R1
            for request in session.exec(select(EnrolmentRequest)):
                assert request.number.startswith(f"ENR-{request.submitted_at.year}-")


def test_demo_refuses_a_database_in_use(demo: Portal) -> None:
    with demo.database.writing(Actor.system("Essai")) as session:
        user = session.exec(select(StaffUser).where(StaffUser.email == data.ADMINISTRATOR.email)).one()
        user.email = "vraie.personne@asp.example"
        session.add(user)
    with pytest.raises(Refused, match="déjà des demandes"):
        load_demo(demo.database, demo.storage, demo.settings)


def test_nothing_of_the_demo_is_in_the_reference_data(database: Database) -> None:
    with database.reading() as session:
        for model in (Referencing, EnrolmentRequest, StaffUser, Account, Provider):
            assert session.exec(select(model.id).limit(1)).first() is None

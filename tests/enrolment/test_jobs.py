"""The periodic jobs: what they do once, and that doing it twice does nothing more."""

import io
import os
from datetime import timedelta
from pathlib import Path

import time_machine
from sqlmodel import col, func, select

from enrolment import clock, jobs, sealing
from enrolment.corrections import files, running, steering
from enrolment.corrections.recipes import Act, Assignment, Recipe
from enrolment.doctor import files as doctor
from enrolment.doctor.check import Context
from enrolment.portal import Portal
from enrolment.services import drafts
from schema import text_index
from schema.history import Actor
from schema.tables import Correction, Draft, HistorySeal, OutgoingMail, Referencing
from tests.enrolment.corrections import records
from tests.stories import VISITOR, Vendor, enrol, fill, new_number

STAFF = Actor.system("Sacha Nguyen")


def test_history_is_sealed_once_and_verified(portal: Portal) -> None:
    # std: SEC-17
    enrol(portal)
    jobs.seal_history(portal)
    jobs.seal_history(portal)
    with portal.database.reading() as session:
        assert session.exec(select(func.count()).select_from(HistorySeal)).one() == 1
        assert sealing.verify(session) == []


def test_index_of_words_waits_for_the_end_of_a_correction(sqlite_portal: Portal) -> None:
    database = sqlite_portal.database
    (key,) = records.add_providers(database, ["ST DENIS"])
    agreed_to = records.frozen(database, Recipe(keys=(key,), assignments=(Assignment("city", Act.constant, "Lyon"),)))
    records.agreed_to_by_one_person(database)
    with database.writing(STAFF) as session:
        steering.apply(session, agreed_to.public_id)
    jobs.refresh_words(sqlite_portal)
    with database.reading() as session:
        assert text_index.is_behind(session)
    running.finish(sqlite_portal, agreed_to.id)
    jobs.refresh_words(sqlite_portal)
    with database.reading() as session:
        assert not text_index.is_behind(session)


def test_expiring_draft_is_announced_once(portal: Portal) -> None:
    with portal.database.writing(VISITOR) as session:
        draft = drafts.start(session)
        draft.email = "claire.lefevre@alize-sante.fr"
    jobs.warn_of_expiring_drafts(portal)
    assert _mails(portal) == []
    with time_machine.travel(clock.now() + timedelta(days=56)):
        jobs.warn_of_expiring_drafts(portal)
        jobs.warn_of_expiring_drafts(portal)
    assert _mails(portal) == ["draft_expiring"]


def test_expired_draft_goes_with_its_files_and_submitted_request_stays(portal: Portal) -> None:
    # std: SEC-14
    request = enrol(portal)
    forgotten = fill(portal, Vendor(new_number(portal), siret="35600000049837"))
    kept = set(portal.storage.list_keys())
    with time_machine.travel(clock.now() + timedelta(days=61)):
        jobs.purge_expired(portal)
    with portal.database.reading() as session:
        assert session.exec(select(Draft).where(Draft.public_id == forgotten)).first() is None
    left = set(portal.storage.list_keys())
    assert len(kept - left) == 3
    assert len(left) == 3
    assert request.number


def test_orphan_files_are_swept_and_named_ones_are_not(sqlite_portal: Portal) -> None:
    # std: REL-5
    enrol(sqlite_portal)
    named = set(sqlite_portal.storage.list_keys())
    orphan = sqlite_portal.storage.put(b"sans ligne", sensitive=False).key
    jobs.sweep_orphans(sqlite_portal)
    assert orphan in set(sqlite_portal.storage.list_keys())
    folder = Path(sqlite_portal.settings.storage_url)
    long_ago = (clock.now() - timedelta(days=2)).timestamp()
    for key in (*named, orphan):
        os.utime(folder / key, (long_ago, long_ago))
    jobs.sweep_orphans(sqlite_portal)
    assert set(sqlite_portal.storage.list_keys()) == named


def test_file_of_a_correction_is_kept_as_long_as_it_may_be_read(sqlite_portal: Portal) -> None:
    # std: REL-5
    def ask() -> Correction:
        content = io.BytesIO(b"ans_number;software_name\nA;B\n")
        return files.ask(
            sqlite_portal, STAFF, Referencing, content, file_name="liste.csv", title="Liste", reason="Courriel"
        )

    waiting, ended = ask(), ask()
    with sqlite_portal.database.writing(STAFF) as session:
        steering.cancel(session, ended.public_id)
    long_ago = (clock.now() - timedelta(days=3)).timestamp()
    for key in set(sqlite_portal.storage.list_keys()):
        os.utime(Path(sqlite_portal.settings.storage_url) / key, (long_ago, long_ago))
    check = next(check for check in doctor.CHECKS if check.code == "file_orphan")
    with sqlite_portal.database.reading() as session:
        context = Context(session, sqlite_portal.storage, sqlite_portal.addresses, STAFF, clock.now())
        assert list(check.find(context, None)) == [ended.file_key]
    jobs.sweep_orphans(sqlite_portal)
    assert set(sqlite_portal.storage.list_keys()) == {waiting.file_key}
    raw = (Path(sqlite_portal.settings.storage_url) / str(waiting.file_key)).read_bytes()
    assert b"ans_number" not in raw


def _mails(portal: Portal) -> list[str]:
    with portal.database.reading() as session:
        return list(session.exec(select(OutgoingMail.template).order_by(col(OutgoingMail.id))))

"""The portal's periodic jobs: what comes round again beside the mails. Each is idempotent (see `enrolment.worker`)."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from sqlmodel import col, select

from enrolment import clock, parameters, sealing
from enrolment.corrections import forgetting, progress, telling, uploads
from enrolment.corrections import running as correcting
from enrolment.doctor import report
from enrolment.errors import DomainError
from enrolment.figures import keeping
from enrolment.files import antivirus
from enrolment.files.antivirus import Outcome
from enrolment.files.storage import FileDamaged, StoredFile
from enrolment.mail import messages, outbox
from enrolment.portal import Portal
from enrolment.rules import planned
from enrolment.services import purge, recalling, reminding
from enrolment.services.bulk import judging, running
from enrolment.worker import Job
from schema import text_index
from schema.enums import ScanState
from schema.history import Actor
from schema.tables import Attachment, DocumentModel, Draft, FinancingDeposit

_RESCANNED_AT_ONCE = 20
_ORPHAN_AGE = timedelta(days=1)

_NAMES_OF_FILES = (
    col(Attachment.storage_key),
    col(FinancingDeposit.file_key),
    col(FinancingDeposit.proofs_key),
    col(DocumentModel.storage_key),
)

logger = logging.getLogger(__name__)


def jobs_of(portal: Portal) -> tuple[Job, ...]:
    """Every periodic job of a portal; periods in seconds."""
    begun: correcting.Unfinished = {}
    return (
        Job("decisions", 3, lambda: apply_decisions(portal)),
        Job("bulk actions", 1, lambda: running.run(portal)),
        Job("files of bulk actions", 1, lambda: judging.run(portal)),
        Job("corrections", 1, lambda: correcting.run(portal, unfinished=begun)),
        Job("vendors told of corrections", 3, lambda: telling.run(portal.database, portal.addresses)),
        Job("index of words", 5, lambda: refresh_words(portal)),
        Job("sealing", 60, lambda: seal_history(portal)),
        Job("planned changes", 30, lambda: apply_planned(portal)),
        Job("rescan", 60, lambda: rescan(portal)),
        Job("rescan of financing", 60, lambda: rescan_financing(portal)),
        Job("draft warnings", 3600, lambda: warn_of_expiring_drafts(portal)),
        Job("reminders", 3600, lambda: remind_vendors(portal)),
        Job("purge", 3600, lambda: purge_expired(portal)),
        Job("data checks", 300, lambda: report.run_due(portal)),
        Job("figures", 300, lambda: keeping.refresh(portal.database)),
        Job("orphan files", 6 * 3600, lambda: sweep_orphans(portal)),
    )


def seal_history(portal: Portal) -> None:
    """Seal the history written since the last time (SEC-17), by short transactions: a correction writes a million rows.

    A seal that a power cut takes away is made again.
    """
    while True:
        with portal.database.working(Actor.system()) as session:
            if not sealing.seal_some(session):
                return
        portal.database.rest()


def apply_decisions(portal: Portal) -> None:
    """Carry out the decisions that nobody recalled in time, each in a transaction and in its manager's name."""
    with portal.database.reading() as session:
        waiting = [(kept.request_id, recalling.actor_of(session, kept)) for kept in recalling.due(session)]
    for request_id, actor in waiting:
        try:
            with portal.database.writing(actor) as session:
                recalling.take_effect(session, request_id, portal.addresses)
        except DomainError as error:
            with portal.database.writing(Actor.system("Décisions")) as session:
                recalling.cannot(session, request_id, error.message)
        except Exception:
            # The others do not wait for this one; it is tried again at the next turn.
            logger.exception("the decision of request %s did not take effect", request_id)


def apply_planned(portal: Portal) -> None:
    """Make the changes of rules whose date has come (rule R4)."""
    planned.apply_due(portal.database)


def refresh_words(portal: Portal) -> None:
    """Bring the index of words up to date: until then a search reads the changed rows one by one.

    Not while a correction is prepared or applied: it would take ten times as long, and change the same rows again.
    After one that was large this goes on for minutes: the write lock is everybody else's half of the time.
    """
    while True:
        with portal.database.reading() as session:
            if not text_index.is_behind(session) or progress.is_under_way(session):
                return
        began = time.monotonic()
        with portal.database.working(Actor.system()) as session:
            text_index.refresh(session)
        time.sleep(time.monotonic() - began)


def rescan(portal: Portal) -> None:
    """Scan the files that came while the antivirus was down: they were kept and never served (REL-6)."""
    if portal.settings.clamd is None:
        return
    with portal.database.reading() as session:
        waiting = session.exec(
            select(Attachment).where(Attachment.scan == ScanState.unscanned).limit(_RESCANNED_AT_ONCE)
        ).all()
    for row in waiting:
        try:
            content = portal.storage.get(StoredFile(row.storage_key, row.sha256, row.size, row.encryption_key))
        except FileDamaged:
            logger.exception("attachment %s cannot be read for its scan", row.id)
            continue
        verdict = antivirus.scan(content, portal.settings.clamd)
        if verdict.outcome is Outcome.unavailable:
            return
        state = ScanState.clean if verdict.outcome is Outcome.clean else ScanState.infected
        with portal.database.writing(Actor.system("Antivirus")) as session:
            session.get_one(Attachment, row.id).scan = state


def rescan_financing(portal: Portal) -> None:
    """The same for the files of financing requests: a deposit is clean when both of its files are."""
    if portal.settings.clamd is None:
        return
    with portal.database.reading() as session:
        waiting = session.exec(
            select(FinancingDeposit).where(FinancingDeposit.scan == ScanState.unscanned).limit(_RESCANNED_AT_ONCE)
        ).all()
    for row in waiting:
        files = (
            StoredFile(row.file_key, row.file_sha256, row.file_size, row.file_encryption_key),
            StoredFile(row.proofs_key, row.proofs_sha256, row.proofs_size, row.proofs_encryption_key),
        )
        try:
            found = {antivirus.scan(portal.storage.get(file), portal.settings.clamd).outcome for file in files}
        except FileDamaged:
            logger.exception("financing deposit %s cannot be read for its scan", row.id)
            continue
        if Outcome.unavailable in found:
            return
        state = ScanState.clean if found == {Outcome.clean} else ScanState.infected
        with portal.database.writing(Actor.system("Antivirus")) as session:
            session.get_one(FinancingDeposit, row.id).scan = state


def warn_of_expiring_drafts(portal: Portal) -> None:
    """Tell those who left an address that their draft will soon be deleted: one mail for each date of deletion."""
    with portal.database.writing(Actor.system()) as session:
        horizon = clock.now() + timedelta(days=parameters.number(session, "draft_warning_days"))
        rows = session.exec(
            select(Draft).where(
                col(Draft.request_id).is_(None),
                col(Draft.email).is_not(None),
                col(Draft.expires_at) > clock.now(),
                col(Draft.expires_at) < horizon,
            )
        ).all()
        for draft in rows:
            assert draft.email is not None  # noqa: S101  The query asks for it.
            kept_until = draft.expires_at.astimezone(clock.PARIS).date()
            message = messages.DraftExpiring(
                person_name="",
                support_link=portal.addresses.assistance(),
                kept_until=kept_until,
                resume_link=portal.addresses.resume(draft),
            )
            outbox.queue(session, message, to=draft.email, event_key=f"draft-expiring-{draft.id}-{kept_until}")


def remind_vendors(portal: Portal) -> None:
    """Remind vendors of what the ASP waits for, before and after the last day."""
    with portal.database.writing(Actor.system("Relances")) as session:
        reminding.remind(session, portal.addresses)


def purge_expired(portal: Portal) -> None:
    """Delete what is past the time that the retention table gives it (SEC-14)."""
    with portal.database.writing(Actor.system("Purge"), "Durées de conservation") as session:
        found = purge.purge(session, dry_run=False)
    for key in found.files:
        portal.storage.delete(key)
    forgetting.forget(portal.database, dry_run=False)


def sweep_orphans(portal: Portal) -> None:
    """Delete stored files that no row names (REL-5). Young ones are left: their row may not be committed yet."""
    with portal.database.reading() as session:
        pieces = frozenset(uploads.in_use(session))
    for key in portal.storage.list_keys(before=clock.now() - _ORPHAN_AGE):
        if key in pieces:
            continue
        with portal.database.reading() as session:
            named = any(session.exec(select(column).where(column == key)).first() for column in _NAMES_OF_FILES)
        if not named:
            portal.storage.delete(key)

"""Tells vendors of a correction, where a rule says so: one mail for each correspondent, whatever crashes.

Who is told of which line is written when the correction is frozen, so that what was previewed is what leaves. The
worker then queues the mails a few at a time, each together with the removal of what it was made from.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from enrolment import clock
from enrolment.addresses import Addresses
from enrolment.corrections import codecs, rules, vendors
from enrolment.corrections.lines import applied, last_place, left, within
from enrolment.mail import outbox
from enrolment.mail.corrections import Changes, DataCorrected
from enrolment.mail.outbox import Letter
from enrolment.records import presentation
from enrolment.typography import NO_BREAK, number
from schema.base import Table, table_of
from schema.database import Database
from schema.describe import FieldSpec, field, fields, model_named
from schema.enums import CorrectionOutcome, CorrectionState, Operation
from schema.history import Actor
from schema.staging import LETTERS, LINES
from schema.tables import Account, Correction, Person
from schema.types import InvalidValue

MOST_LINES = 20
"""Rows that a mail tells one by one; the others are counted."""

_ACTOR = Actor.system("Corrections en masse")
_RANGE = 2_000
_MAILS_AT_ONCE = 5
_TOLD = (CorrectionState.applied, CorrectionState.partly_applied, CorrectionState.undone)

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Preview:
    """How many vendors will be told, and one of their mails. `letter` is None when there is none of that rank."""

    vendors: int
    to: str = ""
    letter: Letter | None = None


def plan(database: Database, correction: Correction, names: frozenset[str]) -> None:
    """Write who is told of which planned line, if a rule says that vendors are. Doing it again changes nothing.

    `names` are the columns that the correction changes. Only what a vendor may see of its own is told.
    """
    model = model_named(correction.table_name)
    told = _told_columns(model, names)
    with database.reading() as session:
        if not told or not rules.tells_vendors_of(session, correction, names):
            return
        last = last_place(session, correction.id)
        queries = vendors.addresses(session, model, told)
    for low in range(1, last + 1, _RANGE):
        here = sa.and_(within(correction.id, low, low + _RANGE - 1), LINES.c.outcome == CorrectionOutcome.planned.value)
        with database.working(_ACTOR) as session:
            insert = sqlite.insert if database.is_sqlite else postgresql.insert
            for query in queries:
                rows = query.where(here)
                statement = insert(LETTERS).from_select(["correction_id", "address", "place"], rows)
                session.execute(statement.on_conflict_do_nothing())


def preview(session: Session, correction: Correction, addresses: Addresses, rank: int = 1) -> Preview:
    """How many vendors will be told of a correction that is not applied yet, and the mail of the one of this rank."""
    mine = LETTERS.c.correction_id == correction.id
    distinct = sa.select(LETTERS.c.address).where(mine).distinct()
    count = session.execute(sa.select(sa.func.count()).select_from(distinct.subquery())).scalar_one()
    found = session.execute(distinct.order_by(LETTERS.c.address).limit(1).offset(max(rank, 1) - 1)).scalars().first()
    if found is None:
        return Preview(count)
    message = _message(session, correction, found, addresses, left(correction))
    return Preview(count, found, outbox.compose(session, message) if message is not None else None)


def run(database: Database, addresses: Addresses) -> None:
    """Queue the mails of the corrections that have ended: the job of the worker. Several may run it at once."""
    waiting = sa.exists().where(LETTERS.c.correction_id == table_of(Correction).c.id)
    with database.reading() as session:
        ended = session.exec(
            select(Correction).where(
                col(Correction.state).in_((*_TOLD, CorrectionState.cancelled)),
                waiting,
            )
        ).all()
    for correction in ended:
        if correction.state in _TOLD:
            _tell(database, correction, addresses)
        else:
            _forget(database, correction)


def _tell(database: Database, correction: Correction, addresses: Addresses) -> None:
    while True:
        with database.reading() as session:
            statement = sa.select(LETTERS.c.address).where(LETTERS.c.correction_id == correction.id).distinct()
            found = session.execute(statement.order_by(LETTERS.c.address).limit(_MAILS_AT_ONCE)).scalars().all()
            mails = [
                (to, message, outbox.compose(session, message))
                for to in found
                if (message := _message(session, correction, to, addresses, applied(correction))) is not None
            ]
        with database.writing(_ACTOR) as session:
            for to, message, letter in mails:
                _queue(session, correction, to, message, letter)
            session.execute(
                sa.delete(LETTERS).where(LETTERS.c.correction_id == correction.id, LETTERS.c.address.in_(found))
            )
            if len(found) < _MAILS_AT_ONCE:
                session.get_one(Correction, correction.id).notified_at = clock.now()
                return


def _queue(session: Session, correction: Correction, to: str, message: DataCorrected, letter: Letter) -> None:
    """One mail for an address. One that is stored and cannot be written to must not keep the others waiting."""
    key = hashlib.sha256(to.encode()).hexdigest()[:32]
    try:
        outbox.queue(session, message, to=to, event_key=f"{message.name}-{correction.public_id}-{key}", letter=letter)
    except InvalidValue:
        _log.warning("A correspondent of correction %s has no valid address and is not told", correction.id)


def _forget(database: Database, correction: Correction) -> None:
    """Nothing was applied: nobody is told."""
    while True:
        few = sa.select(LETTERS.c.address).where(LETTERS.c.correction_id == correction.id).distinct().limit(_RANGE)
        with database.writing(_ACTOR) as session:
            found = session.execute(few).scalars().all()
            session.execute(
                sa.delete(LETTERS).where(LETTERS.c.correction_id == correction.id, LETTERS.c.address.in_(found))
            )
        if len(found) < _RANGE:
            return


def _message(
    session: Session, correction: Correction, to: str, addresses: Addresses, wanted: sa.ColumnElement[bool]
) -> DataCorrected | None:
    """What one correspondent is told; None when none of its lines is wanted."""
    mine = sa.and_(LETTERS.c.correction_id == correction.id, LETTERS.c.address == to, wanted)
    joined = LETTERS.join(
        LINES, sa.and_(LINES.c.correction_id == LETTERS.c.correction_id, LINES.c.place == LETTERS.c.place)
    )
    count = session.execute(sa.select(sa.func.count()).select_from(joined).where(mine)).scalar_one()
    if not count:
        return None
    rows = session.execute(
        sa.select(LINES).select_from(joined).where(mine).order_by(LINES.c.place).limit(MOST_LINES)
    ).all()
    return DataCorrected(
        person_name=_person(session, to),
        support_link=addresses.assistance(),
        corrected_at=correction.ended_at or clock.now(),
        changes=_changes(session, correction, rows),
        others=number(count - len(rows)) if count > len(rows) else "",
        sign_in_link=addresses.sign_in(),
    )


def _person(session: Session, address: str) -> str:
    for model in (Account, Person):
        table: Any = table_of(model)
        found = session.execute(
            sa.select(table.c.first_name, table.c.last_name).where(sa.func.lower(table.c.email) == address).limit(1)
        ).first()
        if found is not None:
            return f"{found.first_name} {found.last_name}"
    return ""


def _changes(session: Session, correction: Correction, rows: Sequence[sa.Row[Any]]) -> Changes:
    model = model_named(correction.table_name)
    names = presentation.titles(session, {correction.table_name: {row.row_id for row in rows}})
    told = _told_columns(model, frozenset(correction.recipe["columns"]) or _all_columns(rows))
    sections = []
    for row in rows:
        title = names.get((correction.table_name, row.row_id), "")
        first = (("Concerne", title),) if title and not _names_iban(model) else ()
        if row.operation == Operation.delete.value:
            sections.append((model.label, (*first, ("Changement", "supprimé"))))
            continue
        lines = tuple(
            (spec.label, _change(session, spec, *row.changes[spec.name])) for spec in told if spec.name in row.changes
        )
        sections.append((model.label, (*first, *lines)))
    return tuple(sections)


def _all_columns(rows: Sequence[sa.Row[Any]]) -> frozenset[str]:
    return frozenset(name for row in rows for name in row.changes)


def _change(session: Session, spec: FieldSpec, before: Any, after: Any) -> str:
    return f"{_shown(session, spec, before)} devient {_shown(session, spec, after)}"


def _shown(session: Session, spec: FieldSpec, kept: Any) -> str:
    value = codecs.stored(spec, kept)
    if value is None:
        return "(vide)"
    if _is_iban(spec):
        return f"{value[:4]} … {value[-4:]}"
    known = presentation.titles(session, {spec.references: {value}}) if spec.references else {}
    return f"«{NO_BREAK}{presentation.shown(spec, value, known)}{NO_BREAK}»"


def _told_columns(model: type[Table], names: frozenset[str]) -> list[FieldSpec]:
    """Of the columns that change, those that their vendor may see."""
    return [spec for spec in fields(model) if spec.name in names and spec.vendor and not spec.meta.secret]


def _is_iban(spec: FieldSpec) -> bool:
    return spec.field_type is not None and spec.field_type.name == "iban"


def _names_iban(model: type[Table]) -> bool:
    """Whether the name of a row would show its IBAN in full."""
    return any(_is_iban(field(model, name)) for name in model.title_columns)

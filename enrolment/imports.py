"""Loads a file into a table: new rows in, changed rows up to date, all or nothing.

Any table of the schema, by the descriptions of its columns. What a correction of existing rows needs beyond this
(selection, preview, undo) is the business of `enrolment.corrections`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, BinaryIO

import sqlalchemy as sa
from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import Session, select

from enrolment.errors import Refused
from schema.base import Table, table_of
from schema.describe import FieldSpec, fields
from schema.describe import field as field_of
from schema.references import References, natural_key
from schema.sheets import Unreadable
from schema.tabular import CellError, Row, read, writable

_BATCH = 500
MOST_ERRORS = 200


@dataclass(frozen=True)
class Report:
    """What an import did, or would do. Nothing was written when there are errors.

    `errors` holds the first MOST_ERRORS of `error_count`; `ignored` names the columns of the file that an import never
    writes.
    """

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: tuple[CellError, ...] = ()
    error_count: int = 0
    ignored: tuple[str, ...] = ()


@dataclass
class _Plan:
    """What the file asks for, before anything is written."""

    inserts: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    updates: list[tuple[int, Table, dict[str, Any]]] = field(default_factory=list)
    unchanged: int = 0
    errors: list[CellError] = field(default_factory=list)


def import_file(
    session: Session,
    model: type[Table],
    stream: BinaryIO,
    *,
    key: Sequence[str] | None = None,
    dry_run: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Load a CSV or XLSX file. Raises Refused when the file as a whole cannot be read or has no key.

    `progress` is told the number of lines read so far.
    """
    keys = _key(model, key)
    try:
        reading = read(model, stream, References(session).resolve, key=keys)
        present = {spec.name for spec in reading.columns if spec is not None}
        errors = list(reading.errors)
        for name in keys:
            if name not in present:
                label = field_of(model, name).label
                errors.append(CellError(1, label, "Cette colonne manque : elle sert à reconnaître les lignes."))
        if errors:
            return Report(errors=tuple(errors), error_count=len(errors), ignored=reading.ignored)
        report = import_table(session, model, _counted(reading.rows, progress), key=keys, dry_run=dry_run)
    except Unreadable as error:
        raise Refused(error.message) from error
    return replace(report, ignored=reading.ignored)


def import_table(
    session: Session,
    model: type[Table],
    rows: Iterable[Row],
    *,
    key: Sequence[str] | None = None,
    dry_run: bool = False,
    insert_only: bool = False,
) -> Report:
    """Insert the rows whose key is new and update the others; write nothing if one of them is wrong.

    `key` names the columns by which a row is recognised (default: the natural key). `insert_only` leaves rows that
    exist as they are. All changes bear one batch number in the history. Raises Refused for a table without a key.
    """
    plan = _plan(session, model, rows, _key(model, key), insert_only=insert_only)
    if not plan.errors:
        plan.errors = _write(session, model, plan, dry_run=dry_run)
    if plan.errors:
        plan.errors.sort(key=lambda error: error.line)
        return Report(errors=tuple(plan.errors[:MOST_ERRORS]), error_count=len(plan.errors))
    return Report(len(plan.inserts), len(plan.updates), plan.unchanged)


def _key(model: type[Table], key: Sequence[str] | None) -> tuple[str, ...]:
    names = tuple(key or natural_key(model))
    known = {spec.name for spec in fields(model)}
    if not names:
        raise Refused(f"La table « {model.label_plural} » n'a pas de clé naturelle : indiquez la colonne qui en sert.")
    for name in names:
        if name not in known:
            raise Refused(f"La colonne « {name} » n'existe pas dans « {model.label_plural} ».")
    return names


def _counted(rows: Iterator[Row], progress: Callable[[int], None] | None) -> Iterator[Row]:
    for row in rows:
        if progress is not None:
            progress(row.line)
        yield row


def _plan(
    session: Session, model: type[Table], rows: Iterable[Row], keys: tuple[str, ...], *, insert_only: bool
) -> _Plan:
    plan = _Plan()
    lines: dict[tuple[Any, ...], int] = {}
    source = iter(rows)
    while batch := list(islice(source, _BATCH)):
        usable: list[tuple[Row, tuple[Any, ...]]] = []
        for row in batch:
            plan.errors.extend(row.errors)
            named = tuple(row.values.get(name) for name in keys)
            if row.errors or None in named:
                if not row.errors:
                    plan.errors.append(CellError(row.line, "", "La clé de cette ligne est vide : remplissez-la."))
                continue
            if named in lines:
                message = f"Cette ligne a la même clé que la ligne {lines[named]} : gardez-en une seule."
                plan.errors.append(CellError(row.line, "", message))
                continue
            lines[named] = row.line
            usable.append((row, named))
        known = _known(session, model, keys, [named for _, named in usable])
        for row, named in usable:
            _sort_out(plan, model, row, known.get(named), insert_only=insert_only)
    return plan


def _known(
    session: Session, model: type[Table], keys: tuple[str, ...], named: list[tuple[Any, ...]]
) -> dict[tuple[Any, ...], Table]:
    """The rows that exist already, by key."""
    if not named:
        return {}
    columns = [table_of(model).c[name] for name in keys]
    condition = sa.tuple_(*columns).in_(named)
    found: dict[tuple[Any, ...], Table] = {}
    for row in session.exec(select(model).where(condition)):
        values = tuple(getattr(row, name) for name in keys)
        if values in found:
            raise Refused("Plusieurs lignes de la table ont la même clé : choisissez une colonne qui les distingue.")
        found[values] = row
    return found


def _sort_out(plan: _Plan, model: type[Table], row: Row, known: Table | None, *, insert_only: bool) -> None:
    if known is None:
        missing = [
            spec.label
            for spec in writable(model)
            if spec.required and not spec.has_default and row.values.get(spec.name) is None
        ]
        if missing:
            listed = ", ".join(f"« {label} »" for label in missing)
            plan.errors.append(CellError(row.line, "", f"Il manque {listed} pour créer cette ligne."))
        else:
            plan.inserts.append((row.line, dict(row.values)))
        return
    changes = {
        name: value
        for name, value in row.values.items()
        if not _same(field_of(model, name), getattr(known, name), value)
    }
    if changes and not insert_only:
        plan.updates.append((row.line, known, changes))
    else:
        plan.unchanged += 1


def _same(spec: FieldSpec, stored: Any, read_value: Any) -> bool:
    """Whether a value read is the one stored, as far as a file shows it: a moment loses its seconds there."""
    return stored == read_value or (spec.references is None and spec.show(stored) == spec.show(read_value))


def _write(session: Session, model: type[Table], plan: _Plan, *, dry_run: bool) -> list[CellError]:
    """Write the plan in a savepoint. What the database refuses comes back as errors, by line."""
    before = session.info.get("batch")
    session.info["batch"] = secrets.token_urlsafe(12)
    savepoint = session.begin_nested()
    try:
        try:
            with session.begin_nested():
                for _, values in plan.inserts:
                    session.add(model(**values))
                for _, row, changes in plan.updates:
                    _change(session, row, changes)
            errors: list[CellError] = []
        except (IntegrityError, DataError):
            errors = _one_by_one(session, model, plan)
    finally:
        session.info["batch"] = before
    if dry_run or errors:
        savepoint.rollback()
    else:
        savepoint.commit()
    return errors


def _one_by_one(session: Session, model: type[Table], plan: _Plan) -> list[CellError]:
    """Find the lines that the database refuses, when it refused the whole."""
    errors: list[CellError] = []
    for line, row, values in [(line, None, values) for line, values in plan.inserts] + list(plan.updates):
        try:
            with session.begin_nested():
                if row is None:
                    session.add(model(**values))
                else:
                    _change(session, row, values)
        except (IntegrityError, DataError):
            errors.append(
                CellError(
                    line,
                    "",
                    "La base refuse cette ligne : une valeur est déjà prise par une autre, ou deux cellules se "
                    "contredisent.",
                )
            )
    return errors


def _change(session: Session, row: Table, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(row, name, value)
    session.add(row)

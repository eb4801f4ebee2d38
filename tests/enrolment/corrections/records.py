"""Providers to correct, and a correction carried to its preview or its end: what these tests start from."""

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, select
from stdnum import luhn

from enrolment.corrections import running, steering
from enrolment.corrections.recipes import Act, Assignment, Recipe
from enrolment.files.encryption import FileKeys
from enrolment.files.storage import Storage
from schema.base import Table, table_of
from schema.database import Database
from schema.enums import CorrectionSource
from schema.history import Actor
from schema.tables import Correction, CorrectionRule, Provider, StreetType

SECRET = "a secret of the tests"
STEWARD = Actor.system("Sacha Nguyen")


@dataclass(frozen=True)
class Parts:
    """What the worker needs."""

    database: Database
    storage: Storage


def means(database: Database) -> Parts:
    """The same, with files in a folder of their own beside nothing else."""
    return Parts(database, Storage(str(folder_of_files()), FileKeys.from_settings("", SECRET)))


@cache
def folder_of_files() -> Path:
    """Where these tests keep the files that they import."""
    return Path(tempfile.mkdtemp(prefix="corrections-"))


def siret_of(number: int) -> str:
    """The SIRET of the nth provider, valid."""
    company, place = divmod(number, 10_000)
    siren = str(73_282_932 + company)
    digits = f"{siren}{luhn.calc_check_digit(siren)}{place:04d}"
    return digits + luhn.calc_check_digit(digits)


def add_providers(database: Database, cities: Iterable[str], post_code: str = "93200") -> list[int]:
    """A provider in each city; their keys."""
    with database.writing(STEWARD) as session:
        street = session.exec(select(StreetType.id)).first()
        rows = [
            Provider(
                siret=siret_of(number),
                legal_name=f"Éditeur {number}",
                trade_name=f"Logiciel {number}",
                street_type_id=street,
                street_name="des Lilas",
                post_code=post_code,
                city=city,
            )
            for number, city in enumerate(cities, start=1)
        ]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def by_filter(session: Session, *query: tuple[str, str], to: str = "Saint-Denis") -> Correction:
    """A correction of the city of the providers under a filter."""
    return asked(session, Recipe(query=query, assignments=(Assignment("city", Act.constant, to),)))


def asked(session: Session, recipe: Recipe, model: type[Table] = Provider) -> Correction:
    """A correction by filter or by ticked rows."""
    return steering.new(
        session,
        STEWARD,
        model,
        title="Saint-Denis : commune mal écrite",
        reason="Courriel de la préfecture",
        source=CorrectionSource.ticked if recipe.keys else CorrectionSource.filter,
        recipe=recipe,
    )


def frozen(database: Database, recipe: Recipe, model: type[Table] = Provider) -> Correction:
    """A correction ready to be looked at."""
    with database.writing(STEWARD) as session:
        correction = asked(session, recipe, model)
    return running.finish(means(database), correction.id)


def applied(database: Database, correction: Correction, *, others: bool = False) -> Correction:
    """The correction after its application."""
    with database.writing(STEWARD) as session:
        steering.apply(session, correction.public_id, others=others)
    return running.finish(means(database), correction.id)


def agreed_to_by_one_person(database: Database) -> None:
    """Put aside the rules that ask for a second one."""
    with database.writing(STEWARD) as session:
        for row in session.exec(select(CorrectionRule)).all():
            row.active = False


def undone(database: Database, correction: Correction, groups: tuple[int, ...] = ()) -> Correction:
    """The undoing of a correction, applied."""
    with database.writing(STEWARD) as session:
        undoing = steering.undo(session, STEWARD, correction.public_id, reason="Erreur de commune", groups=groups)
    return applied(database, running.finish(means(database), undoing.id))


def values(database: Database, model: type[Table], name: str) -> dict[int, object]:
    """A column of a table by key."""
    table = table_of(model)
    with database.reading() as session:
        found = session.execute(sa.select(table.c.id, table.c[name])).all()
    return {row[0]: row[1] for row in found}

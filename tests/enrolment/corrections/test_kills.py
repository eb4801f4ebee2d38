"""Corrections whose worker is killed at any moment, many times: nothing is lost and nothing done twice."""

import random
import time
from collections import Counter

import pytest
import sqlalchemy as sa
from sqlmodel import select

from enrolment.corrections import steering
from enrolment.corrections.recipes import Act, Assignment, Recipe
from schema.database import Database
from schema.enums import CorrectionState
from schema.staging import LINES
from schema.tables import Correction, HistoryEntry, Provider
from tests.enrolment.corrections.records import (
    STEWARD,
    add_providers,
    agreed_to_by_one_person,
    asked,
    folder_of_files,
    values,
)
from tests.killed import Killed

_ACTIVE = {CorrectionState.preparing, CorrectionState.applying}


@pytest.mark.parametrize(
    ("kills", "count"), [(6, 400), pytest.param(100, 20_000, marks=pytest.mark.slow)], ids=["few", "many"]
)
def test_killed_workers_lose_nothing_and_do_nothing_twice(database: Database, kills: int, count: int) -> None:
    # std: REL-1
    agreed_to_by_one_person(database)
    keys = add_providers(database, (f"Ville {letter}" for letter in _letters(count)))
    before = values(database, Provider, "city")
    recipe = Recipe(query=(("post_code", "93200"),), assignments=(Assignment("city", Act.capitals),))
    worker = Killed(
        "tests.enrolment.corrections.killed_corrector",
        database.url.render_as_string(hide_password=False),
        str(folder_of_files()),
    )
    chance = random.Random(2026)
    killed = 0
    try:
        with database.writing(STEWARD) as session:
            first = asked(session, recipe)
        killed += _until_it_stops(database, worker, first, chance)
        with database.writing(STEWARD) as session:
            steering.apply(session, first.public_id)
        killed += _until_it_stops(database, worker, first, chance)
        after = {key: str(city).upper() for key, city in before.items()}
        assert values(database, Provider, "city") == after
        while True:
            with database.writing(STEWARD) as session:
                back = steering.undo(session, STEWARD, first.public_id, reason="Erreur")
            killed += _until_it_stops(database, worker, back, chance)
            with database.writing(STEWARD) as session:
                steering.apply(session, back.public_id)
            killed += _until_it_stops(database, worker, back, chance)
            before, after = after, before
            assert values(database, Provider, "city") == after
            _each_row_once(database, back, keys)
            first = back
            if killed >= kills:
                break
    finally:
        worker.close()


def _letters(count: int) -> list[str]:
    return ["".join("abcdefghij"[int(digit)] for digit in str(number)) for number in range(count)]


def _until_it_stops(database: Database, worker: Killed, correction: Correction, chance: random.Random) -> int:
    """Let workers go on with it, each for a moment, until it waits for a person; how many were killed.

    Each may live a little longer than the one before: on a busy machine the first ones die before they did anything.
    """
    killed = 0
    while True:
        number = worker.start()
        time.sleep(chance.uniform(0.0, 0.1 + 0.05 * killed))
        worker.kill(number)
        killed += 1
        with database.reading() as session:
            if session.get_one(Correction, correction.id).state not in _ACTIVE:
                return killed


def _each_row_once(database: Database, correction: Correction, keys: list[int]) -> None:
    with database.reading() as session:
        batch = select(HistoryEntry.row_id).where(HistoryEntry.batch == correction.public_id)
        recorded = Counter(session.exec(batch))
        places = (
            session.execute(sa.select(LINES.c.row_id).where(LINES.c.correction_id == correction.id)).scalars().all()
        )
        row = session.get_one(Correction, correction.id)
    assert recorded == dict.fromkeys(keys, 1)
    assert Counter(places) == dict.fromkeys(keys, 1)
    assert (row.applied, row.conflicts, row.planned) == (len(keys), 0, len(keys))

"""Lines of corrections are kept as long as the retention table says; then a correction can no longer be undone."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from enrolment import clock
from enrolment.corrections import forgetting, steering
from enrolment.corrections.recipes import Act, Assignment, Recipe
from enrolment.errors import Refused
from schema.database import Database
from schema.staging import GROUPS, LINES
from tests.enrolment.corrections.records import STEWARD, add_providers, applied, frozen


def _left(database: Database) -> tuple[int, int]:
    with database.reading() as session:
        lines, groups = (
            session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in (LINES, GROUPS)
        )
    return lines, groups


def test_lines_go_when_their_time_is_over_and_those_of_unfinished_work_stay(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # std: SEC-14
    monkeypatch.setattr(forgetting, "_PART", 2)
    add_providers(database, ["ST DENIS", "ST DENIS", "ST DENIS", "Lyon"])
    recipe = Recipe(query=(("city", "ST DENIS"),), assignments=(Assignment("city", Act.constant, "Saint-Denis"),))
    ended = applied(database, frozen(database, recipe))
    frozen(database, Recipe(query=(("city", "Lyon"),), assignments=(Assignment("city", Act.capitals),)))
    for days, lost in ((399, 0), (401, 3)):
        with time_machine.travel(clock.now() + timedelta(days=days), tick=False):
            assert forgetting.forget(database, dry_run=True) == lost
            assert _left(database) == (4, 2)
    with time_machine.travel(clock.now() + timedelta(days=401), tick=False):
        assert forgetting.forget(database, dry_run=False) == 3
        assert forgetting.forget(database, dry_run=False) == 0
        assert _left(database) == (1, 1)
        with pytest.raises(Refused, match="durée de"), database.writing(STEWARD) as session:
            steering.undo(session, STEWARD, ended.public_id, reason="Trop tard")

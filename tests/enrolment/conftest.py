"""An installation of its own and the console script run in it, for the tests of the command line."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from enrolment import cli
from enrolment.services import passwords
from enrolment.settings import Settings
from schema.database import Database

SECRET = "kX8v2LqT0sYb7Rw4ZpNc9HdGm3JfQe6U"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_template: Path) -> Path:
    """An installation of its own, migrated and with the reference data."""
    for name in [name for name in os.environ if name.startswith("ENROLMENT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ENROLMENT_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("ENROLMENT_SECRET_KEY", SECRET)
    monkeypatch.setattr(passwords, "COST", passwords.Cost(rounds=1, memory=8))
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "enrolment.sqlite3").write_bytes(sqlite_template.read_bytes())
    return tmp_path


@pytest.fixture
def installed(home: Path) -> Database:
    return Database(Settings().database_url)


class Outcome:
    """What a command answered."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err


Run = Callable[..., Outcome]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command as the console script does."""

    def command(*arguments: str | Path) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["enrolment", *map(str, arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capfd.readouterr()
        code = ended.value.code
        assert "Traceback" not in err
        return Outcome(code if isinstance(code, int) else 1, out, err)

    return command

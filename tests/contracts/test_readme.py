"""What the README promises a newcomer is what the program does: sign-ins, numbers to try, settings, commands."""

import re
from pathlib import Path

from typer.main import get_command

from enrolment.cli import app
from enrolment.settings import Settings
from seeds.demo import guide

README = Path("README.md").read_text(encoding="utf-8")


def test_readme_lists_every_sign_in_and_number_of_the_demo() -> None:
    told = guide.text("http://127.0.0.1:8000")
    words = set(re.findall(r"\S+@asp\.example|\S+-2026-\S+|ANS-V2-[A-Z]+-\d+|\b\d{14}\b", told))
    assert len(words) >= 20
    assert {word for word in words if word not in README} == set()


def test_readme_names_only_settings_and_commands_that_exist() -> None:
    named = set(re.findall(r"`ENROLMENT_([A-Z_]+)`", README)) - {""}
    assert named <= {name.upper() for name in Settings.model_fields}
    commands = set(get_command(app).commands)  # type: ignore[attr-defined]
    listed = README.split("lists the commands:")[1].split(".")[0]
    assert set(re.findall(r"`(\w+)`", listed)) == commands

"""The guides of the roles say what is there: their pictures exist, and no page of a role's menu is left out.

That what they tell can be done is proven by `tests/browser/test_day_of_work.py`.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from admin_app.app import HOME, PAGES
from admin_app.permissions import may_open
from schema.enums import StaffRole
from schema.folding import fold

GUIDES = Path("docs/guide")
OF_ROLE = {role: GUIDES / f"{fold(role.label).replace(' ', '-')}.md" for role in StaffRole}
_IMAGE = re.compile(r"!\[([^\]]+)\]\(images/([\w-]+\.png)\)")
_MOST_BYTES = 150_000


@pytest.mark.parametrize("role", StaffRole)
def test_guide_mentions_every_page_of_the_menu(role: StaffRole) -> None:
    text = " ".join(OF_ROLE[role].read_text().split())
    entries = [HOME, *(page.entry for page in PAGES if page.entry is not None)]
    missing = [
        entry.label for entry in entries if may_open(role, entry.permission) and f"« {entry.label} »" not in text
    ]
    assert not missing, f"the guide of {role.label} says nothing of {missing}"
    foreign = [entry.label for entry in entries if not may_open(role, entry.permission)]
    assert not [label for label in foreign if f"« {label} »" in text], (
        "the guide names a page that the role cannot open"
    )


def test_every_picture_is_there_and_serves() -> None:
    named = {name for guide in OF_ROLE.values() for _, name in _IMAGE.findall(guide.read_text())}
    kept = {path.name for path in (GUIDES / "images").iterdir()}
    assert named == kept
    heavy = [path.name for path in (GUIDES / "images").iterdir() if path.stat().st_size > _MOST_BYTES]
    assert not heavy


def test_readme_leads_to_every_guide() -> None:
    readme = Path("README.md").read_text()
    assert all(f"({guide.as_posix()})" in readme for guide in OF_ROLE.values())

"""Every page of the back office that a link leads to, as each role walks it: axe, 320 pixels, the Tab key."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from schema.base import table_of
from schema.describe import model_named
from schema.enums import StaffRole
from schema.tables import ALL
from seeds.demo.data import STAFF, StaffMember
from tests.browser.conftest import Tab
from tests.browser.looking import Auditor
from tests.browser.manager import Desk
from tests.browser.servers import RunningPortal

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]
TABLES = {table_of(model).name for model in ALL}
WALKED = {"request", "provider", "document_rule", "message_template", "outgoing_mail", "history"}
"""One template draws all tables: these are walked through, the others in `test_pages`, which opens each."""
MEMBERS = [
    pytest.param(
        one, id=one.role.value, marks=[] if one.role is StaffRole.administrator else pytest.mark.again
    )  # An administrator meets every kind of page; the others see less on them.
    for one in STAFF
]
FILES = re.compile(r"/pieces/|/export|\.(csv|xlsx|zip|pdf|svg)$|/fichiers/|/qr|telecharger")
NUMBER = re.compile(r"(?<=/)\d+(?=/|$)|(?<=/)[\w-]{20,}(?=/|$)")
_MOST_STOPS = 40
_MOST_PAGES = 90
_LINKS = """() => [...document.querySelectorAll('a[href]:not([download])')].map((a) => a.getAttribute('href'))
    .filter((href) => href.startsWith('/admin') || href.startsWith('?'))
    .map((href) => { const url = new URL(href, location.href); return url.pathname + url.search; })"""
_FOCUS = """() => {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  const box = element.getBoundingClientRect();
  const framed = element.tagName === 'IFRAME';
  return [element === document.body, ring || framed, box.width > 0 && box.height > 0, element.outerHTML.slice(0, 120)];
}"""


@pytest.mark.parametrize("member", MEMBERS)
def test_every_page_of_the_back_office_has_nothing_to_reproach(
    portal: RunningPortal, tab: Tab, auditor: Auditor, member: StaffMember
) -> None:
    # std: UX-1 UX-2 UX-3
    desk = Desk(tab(), portal.address)
    page = desk.page
    desk.sign_in(member)
    page.wait_for_url(re.compile("/admin/(?!login)"))
    waiting, seen = [*_paths(page), "/admin/"], set[str]()
    while waiting:
        path = waiting.pop(0)
        kind = _kind(path)
        if kind is None or kind in seen:
            continue
        seen.add(kind)
        answer = page.goto(portal.address + path)
        assert answer is not None
        assert answer.status == 200, f"{path}, which a page leads to, answers {answer.status}"
        page.evaluate("document.querySelectorAll('main details').forEach((one) => (one.open = true))")
        auditor.look(page, f"{member.role.value} {kind}")
        auditor.problems += _unseen_stops(page, path)
        waiting += _paths(page)
        assert len(seen) <= _MOST_PAGES, "the walk does not end: an address holds something that no kind forgets"
    assert len(seen) >= (12 if member.role is StaffRole.reader else 15), seen
    assert not auditor.problems, "\n\n".join(auditor.problems)


def _paths(page: Page) -> list[str]:
    found: list[str] = page.evaluate(_LINKS)
    return found


def _kind(path: str) -> str | None:
    """What kind of page an address is, the same for all rows and all values; None for what is not walked."""
    place, _, query = path.partition("?")
    if FILES.search(place) or "telecharger" in query:
        return None
    table = place.split("/")[2] if place.count("/") > 2 else ""
    if table in TABLES and table not in WALKED:
        return None
    tab = re.search(r"onglet=[\w-]+", query)
    return NUMBER.sub("…", place) + (f"?{tab.group()}" if tab else "")


def _unseen_stops(page: Page, path: str) -> list[str]:
    """Stops of the Tab key where the focus cannot be seen."""
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    problems = []
    for _ in range(_MOST_STOPS):
        page.keyboard.press("Tab")
        is_nowhere, is_seen, has_place, what = page.evaluate(_FOCUS)
        if is_nowhere:
            break
        if not (is_seen and has_place):
            problems.append(f"{path}: no visible focus on {what}")
    return problems


def test_walked_tables_exist() -> None:
    assert all(model_named(name) for name in WALKED)

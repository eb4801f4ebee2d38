"""The queue: what the ASP must act on, oldest first, and who acts on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin_app import strict
from admin_app.bulk import choosing
from admin_app.dossier import addresses
from admin_app.filter_form import printable
from admin_app.menu import PageEntry
from admin_app.pages import StaffPage, page
from admin_app.queue import columns, narrowing
from admin_app.queue.finding import find
from admin_app.queue.narrowing import Narrow
from admin_app.saved_views import bar
from admin_app.staff import Staff, staff_of
from enrolment.records import filters
from enrolment.services import queue, taking
from enrolment.services.queue import Place, Tab

_LONGEST_SEARCH = 200
_KNOWN = ("onglet", "recherche", "apres", filters.COLUMNS)


@dataclass(frozen=True)
class TabView:
    """One tab, with how many requests it holds."""

    label: str
    url: str
    current: bool
    count: str


class QueuePage(StaffPage):
    """« File d'attente »."""

    name = "File d'attente"
    entry: ClassVar[PageEntry | None] = PageEntry("File d'attente", addresses.QUEUE, "queue")

    @page("/file", permission="queue")
    def show(self, request: Request) -> Response:
        """A tab of the queue, or what answers a search."""
        staff = staff_of(request)
        searched = request.query_params.get("recherche", "").strip()[:_LONGEST_SEARCH]
        tab = Tab.every if searched else Tab.named(request.query_params.get("onglet") or _first_tab(staff).slug)
        with self.office.database.reading() as session:
            narrow = narrowing.read(session, addresses.QUEUE, request.query_params)
            chosen = columns.read(request.query_params)
            problems = [] if searched else list(narrow.problems)
            problems += [chosen.problem] if chosen.problem else []
            problems += strict.unknown(request.query_params, {*narrow.names, *_KNOWN})
            found = None if searched or problems else _page(session, request, tab, staff, narrow)
            answer = find(session, searched) if searched and not problems else None
            lines = found.lines if found else queue.lines(session, answer.keys if answer else ())
            counts = queue.counts(session, staff.id)
            views = bar.build(session, staff, "queue", addresses.QUEUE, request.query_params)
        applied = {name: request.query_params.get(name, "") for name in narrow.names}
        asked = ",".join(filters.asked_columns(request.query_params.getlist(filters.COLUMNS)))
        kept = {**applied, filters.COLUMNS: asked}
        context = {
            "tab": tab,
            "tabs": [TabView(one.label, addresses.queue(one.slug, **kept), one is tab, counts[one]) for one in Tab],
            "lines": lines,
            "next_url": addresses.queue(tab.slug, apres=found.next, **kept) if found and found.next else None,
            "first_url": addresses.queue(tab.slug, **kept) if request.query_params.get("apres") else None,
            "narrow": narrow,
            "problems": problems,
            "path": addresses.QUEUE,
            "shown": chosen.columns,
            "columns": [(one, one in chosen.columns) for one in columns.COLUMNS],
            "columns_asked": printable(asked),
            "columns_kept": bar.carried(request.query_params),
            "views": views,
            "searched": searched,
            "more": answer.more if answer else False,
            "bulk": choosing.of_queue(staff, tab, applied, whole=not searched) if lines else None,
            "may_take": staff.may_open("instruct"),
            "addresses": addresses,
            "Tab": Tab,
        }
        return self.office.render(request, "queue/queue.html", context, 400 if problems else 200)

    @page("/file/suivant", permission="instruct", methods=("POST",))
    def take_next(self, request: Request) -> Response:
        """Take the oldest free file and open it."""
        staff = staff_of(request)
        with self.office.database.writing(staff.actor) as session:
            taken = taking.take_next(session, staff.actor)
        if taken is None:
            return RedirectResponse(addresses.queue(Tab.to_take.slug, fait="file-vide"), 303)
        return RedirectResponse(addresses.file(taken.id, done="pris"), 303)


def _first_tab(staff: Staff) -> Tab:
    """Those who cannot take a file look at all that waits."""
    return Tab.to_take if staff.may_open("instruct") else Tab.every


def _page(session: Session, request: Request, tab: Tab, staff: Staff, narrow: Narrow) -> queue.QueuePage:
    place = Place.parse(request.query_params.get("apres", ""))
    return queue.page(session, tab, staff.id, place, narrowed=narrow.conditions)

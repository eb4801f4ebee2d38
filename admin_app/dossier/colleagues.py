"""What colleagues tell and give each other about a file: internal notes, and the file itself."""

from __future__ import annotations

from typing import ClassVar

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin_app.dossier import addresses, view
from admin_app.menu import PageEntry
from admin_app.pages import StaffPage, page
from admin_app.staff import staff_of
from enrolment.errors import NotFound, Refused
from enrolment.services import dossier, notes, taking
from web.routing import form_of

BODY, VERSION, TO, HOLDER, WORD = "note", "version", "gestionnaire", "tenu_par", "mot"
_LARGEST_KEY = 2**31 - 1


class ColleaguesPage(StaffPage):
    """Notes and handing over, on the page of a file."""

    name = "Notes"
    entry: ClassVar[PageEntry | None] = None

    @page("/demandes/{request_id:int}/confier", permission="instruct", methods=("POST",))
    def hand_over(self, request: Request) -> Response:
        """Give the file to a colleague."""
        staff, form, key = staff_of(request), form_of(request), _key(request, "request_id")
        try:
            with self.office.database.writing(staff.actor) as session:
                dossier.find(session, key)
                taking.hand_over(
                    session,
                    staff.actor,
                    key,
                    _number(form.get(TO)),
                    seen_holder=_number(form.get(HOLDER)) or None,
                    word=form.get(WORD).replace("\r\n", "\n"),
                )
        except Refused as error:
            return self._again(request, key, error, hand_over_word=form.get(WORD))
        return RedirectResponse(addresses.file(key, done="confie"), 303)

    @page("/demandes/{request_id:int}/notes", permission="write_notes", methods=("POST",))
    def add(self, request: Request) -> Response:
        """Write a note."""
        staff, key = staff_of(request), _key(request, "request_id")
        typed = form_of(request).get(BODY).replace("\r\n", "\n")
        try:
            with self.office.database.writing(staff.actor) as session:
                dossier.find(session, key)
                notes.add(session, staff.id, key, typed)
        except Refused as error:
            return self._again(request, key, error, note_typed=typed)
        return RedirectResponse(addresses.file(key, done="note") + "#notes", 303)

    @page("/demandes/{request_id:int}/notes/{note_id:int}/modifier", permission="write_notes", methods=("POST",))
    def change(self, request: Request) -> Response:
        """Write a note of one's own anew."""
        staff, form, key = staff_of(request), form_of(request), _key(request, "request_id")
        typed = form.get(BODY).replace("\r\n", "\n")
        with self.office.database.writing(staff.actor) as session:
            notes.change(
                session, staff.id, key, _key(request, "note_id"), typed, row_version=_number(form.get(VERSION))
            )
        return RedirectResponse(addresses.file(key, done="note") + "#notes", 303)

    @page("/demandes/{request_id:int}/notes/{note_id:int}/retirer", permission="write_notes", methods=("POST",))
    def remove(self, request: Request) -> Response:
        """Take a note of one's own away."""
        staff, key = staff_of(request), _key(request, "request_id")
        version = _number(form_of(request).get(VERSION))
        with self.office.database.writing(staff.actor) as session:
            notes.remove(session, staff.id, key, _key(request, "note_id"), row_version=version)
        return RedirectResponse(addresses.file(key, done="note-retiree") + "#notes", 303)

    def _again(self, request: Request, key: int, error: Refused, **kept: str) -> Response:
        with self.office.database.reading() as session:
            context = view.context(request, session, key, problem=error.message) | kept
        return self.office.render(request, "dossier/file.html", context, error.http_status)


def _key(request: Request, name: str) -> int:
    key: int = request.path_params[name]
    if not 0 < key <= _LARGEST_KEY:
        raise NotFound("Cette demande n'existe pas.")
    return key


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else 0

"""The routes of bulk actions. A selection becomes an action by POST alone; whoever reads results may not start one."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from admin_app import edges, sign_in, strict
from admin_app.bulk import addresses, view
from admin_app.bulk.selecting import Wanted, select
from admin_app.bulk.writing import Writing
from admin_app.menu import PageEntry
from admin_app.pages import StaffPage, page
from admin_app.staff import staff_of
from enrolment import clock, typography
from enrolment.errors import DomainError, Refused
from enrolment.services import rights
from enrolment.services.bulk import preparing, reading, steering
from schema.tables import BulkAction
from schema.tabular import escape
from web.parts import Crumb
from web.routing import form_of

TYPED, PASSWORD = "nombre", "mot_de_passe"
_PIECE = 64 * 1024


class BulkPage(StaffPage):
    """« Actions groupées »."""

    name = "Actions groupées"
    entry: ClassVar[PageEntry | None] = PageEntry("Actions groupées", addresses.LIST, "bulk_results")

    @page("/actions", permission="bulk_results")
    def show_list(self, request: Request) -> Response:
        """All of them, newest first."""
        strict.require_known(request.query_params, "avant")
        before = edges.place(request.query_params.get("avant", ""))
        with self.office.database.reading() as session:
            listed, more = reading.actions(session, before)
        context = {
            "listed": [(one, addresses.show(one.action.public_id)) for one in listed],
            "first_url": addresses.LIST if before else None,
            "next_url": f"{addresses.LIST}?avant={more}" if more else None,
        }
        return self.office.render(request, "bulk/list.html", context)

    @page("/nouvelle-action", permission="bulk")
    def write(self, request: Request) -> Response:
        """What to say, for the requests that were chosen."""
        pairs, staff = request.query_params.multi_items(), staff_of(request)
        writing = Writing.start(request.query_params.get("action", ""))
        with self.office.database.reading() as session:
            rights.require_launch(session, staff.actor, writing.verb)
        return self._form(request, Wanted.read(pairs), writing)

    @page("/nouvelle-action", permission="bulk", methods=("POST",))
    def prepare(self, request: Request) -> Response:
        """Freeze the selection and lead to the preview. What was typed comes back with what is wrong."""
        staff, form = staff_of(request), form_of(request)
        wanted, writing = Wanted.read(form.texts), Writing.read(form)
        if writing.wants_template:
            return self._form(request, wanted, writing)
        try:
            with self.office.database.writing(staff.actor) as session:
                chosen = select(self.office, request, session, wanted)
                action = preparing.prepare(session, staff.actor, writing.order, chosen.statement, chosen.said)
        except Refused as error:
            return self._form(request, wanted, writing, error)
        return RedirectResponse(addresses.show(action.public_id), 303)

    @page("/actions/{key}", permission="bulk_results")
    def show(self, request: Request) -> Response:
        """The preview of an action, or how far it is and its results."""
        return self._show(request)

    @page("/actions/{key}/confirmer", permission="bulk", methods=("POST",))
    def confirm(self, request: Request) -> Response:
        """Launch it; a large one takes its number and the password again."""
        staff, form = staff_of(request), form_of(request)
        typed = form.get(TYPED)
        try:
            with self.office.database.reading() as session:
                action = steering.find(session, _key(request))
                steering.require_confirmable(session, staff.actor, action, typed)
                large = steering.is_large(session, steering.planned(session, action.id))
            if large:
                sign_in.require_password(self.office.database, staff, form.get(PASSWORD), request)
            with self.office.database.writing(staff.actor) as session:
                steering.confirm(session, staff.actor, _key(request), typed=typed)
        except Refused as error:
            return self._show(request, error, typed)
        return self._done(request, "action-lancee")

    @page("/actions/{key}/pause", permission="bulk", methods=("POST",))
    def pause(self, request: Request) -> Response:
        """Stop for a while."""
        return self._steered(request, steering.pause, "action-pause")

    @page("/actions/{key}/reprendre", permission="bulk", methods=("POST",))
    def resume(self, request: Request) -> Response:
        """Go on."""
        return self._steered(request, steering.resume, "action-reprise")

    @page("/actions/{key}/annuler", permission="bulk", methods=("POST",))
    def cancel(self, request: Request) -> Response:
        """Give up what is left."""
        actor = staff_of(request).actor
        return self._steered(request, lambda session, key: steering.cancel(session, actor, key), "action-annulee")

    @page("/actions/{key}/export", permission="bulk_results")
    def export(self, request: Request) -> Response:
        """The CSV of the results."""
        with self.office.database.reading() as session:
            action = steering.find(session, _key(request))
        name = f"action-groupee-{action.id}_{clock.now().astimezone(clock.PARIS):%Y-%m-%d_%H-%M}.csv"
        return StreamingResponse(
            self._csv(action.id),
            media_type="text/csv; charset=utf-8",
            headers={"content-disposition": f'attachment; filename="{name}"'},
        )

    def _form(self, request: Request, wanted: Wanted, writing: Writing, error: DomainError | None = None) -> Response:
        with self.office.database.reading() as session:
            chosen = select(self.office, request, session, wanted)
            context: dict[str, Any] = {
                **view.form(session, writing, chosen),
                "carried": wanted.pairs,
                "crumbs": [Crumb("Actions groupées", addresses.LIST), Crumb(writing.verb.label)],
                "problem": error.message if error else "",
            }
        return self.office.render(request, "bulk/new.html", context, error.http_status if error else 200)

    def _show(self, request: Request, error: DomainError | None = None, typed: str = "") -> Response:
        with self.office.database.reading() as session:
            action = steering.find(session, _key(request))
            context = view.action(self.office.portal, session, staff_of(request), action, request.query_params)
        context |= {
            "crumbs": [Crumb("Actions groupées", addresses.LIST), Crumb(action.verb.label)],
            "problem": error.message if error else "",
            "typed": typed,
            "names": {"typed": TYPED, "password": PASSWORD},
        }
        return self.office.render(request, "bulk/action.html", context, error.http_status if error else 200)

    def _steered(self, request: Request, act: Callable[[Session, str], BulkAction], done: str) -> Response:
        with self.office.database.writing(staff_of(request).actor) as session:
            act(session, _key(request))
        return self._done(request, done)

    def _done(self, request: Request, word: str) -> Response:
        return RedirectResponse(addresses.show(_key(request), done=word), 303)

    def _csv(self, action_id: int) -> Iterator[bytes]:
        buffer = io.StringIO()
        writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
        buffer.write("\ufeff")
        writer.writerow(["Demande", "Fournisseur", "Statut", "Résultat", "Détail", "Le"])
        with self.office.database.reading() as session:
            for one in reading.every(session, action_id):
                texts = (one.number, one.company, one.status.label, one.outcome.label, one.detail)
                writer.writerow([*(escape(text) for text in texts), typography.moment(one.at)])
                if buffer.tell() > _PIECE:
                    yield buffer.getvalue().encode()
                    buffer.seek(0)
                    buffer.truncate()
        yield buffer.getvalue().encode()


def _key(request: Request) -> str:
    key: str = request.path_params["key"]
    return key

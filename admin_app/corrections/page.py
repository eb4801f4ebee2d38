"""The routes of corrections: the list, one of them, and what is done with it. The acts are the service's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from admin_app import sign_in
from admin_app.corrections import addresses, letters, results, tables, view
from admin_app.exports.sheets import file_name
from admin_app.menu import PageEntry
from admin_app.pages import StaffPage, page
from admin_app.permissions import Right
from admin_app.staff import require_right, staff_of
from enrolment.corrections import steering
from enrolment.errors import Conflict, DomainError, Refused
from schema.tables import Correction
from web.parts import Crumb
from web.routing import form_of

TYPED, PASSWORD, OTHERS, REASON, GROUP, EXTENT = "nombre", "mot_de_passe", "autres", "motif", "groupe", "portee"
CHOSEN = "groupes"
_MOST_GROUPS = 500


class CorrectionsPage(StaffPage):
    """« Corrections »."""

    name = "Corrections"
    entry: ClassVar[PageEntry | None] = PageEntry("Corrections", addresses.LIST, "corrections_read")

    @page("/corrections", permission="corrections_read")
    def show_list(self, request: Request) -> Response:
        """All of them, newest first."""
        with self.office.database.reading() as session:
            context = view.listing(session, staff_of(request), request.query_params)
        return self.office.render(request, "corrections/list.html", context)

    @page("/corrections/{key}", permission="corrections_read")
    def show(self, request: Request) -> Response:
        """The preview of a correction, or how far it is and its results."""
        return self._show(request)

    @page("/corrections/{key}/approuver", permission="approve_corrections", methods=("POST",))
    def approve(self, request: Request) -> Response:
        """Agree to somebody else's correction."""
        actor = staff_of(request).actor
        return self._steered(
            request, lambda session, key: steering.approve(session, actor, key), "correction-approuvee"
        )

    @page("/corrections/{key}/appliquer", permission="corrections", methods=("POST",))
    def apply(self, request: Request) -> Response:
        """Launch it; a large one takes its number and the password again, some tables the password."""
        staff, form = staff_of(request), form_of(request)
        typed, others = form.get(TYPED), form.get(OTHERS) == "oui"
        try:
            with self.office.database.reading() as session:
                correction = self._mine(session, request)
                steering.require_applicable(session, correction, others=others)
                steering.require_number(session, correction, typed)
                asks = view.asks_password(session, correction)
            if asks:
                sign_in.require_password(self.office.database, staff, form.get(PASSWORD), request)
            with self.office.database.writing(staff.actor) as session:
                steering.apply(session, _key(request), others=others)
        except DomainError as error:
            return self._show(request, error)
        return self._done(request, "correction-lancee")

    @page("/corrections/{key}/pause", permission="corrections", methods=("POST",))
    def pause(self, request: Request) -> Response:
        """Stop for a while."""
        return self._steered(request, steering.pause, "correction-pause")

    @page("/corrections/{key}/reprendre", permission="corrections", methods=("POST",))
    def resume(self, request: Request) -> Response:
        """Go on."""
        return self._steered(request, steering.resume, "correction-reprise")

    @page("/corrections/{key}/abandonner", permission="corrections", methods=("POST",))
    def cancel(self, request: Request) -> Response:
        """Give up what is left."""
        return self._steered(request, steering.cancel, "correction-abandonnee")

    @page("/corrections/{key}/annuler", permission="corrections", methods=("POST",))
    def undo(self, request: Request) -> Response:
        """Prepare the undoing: of all of it, or of the ticked groups of changes."""
        staff, form = staff_of(request), form_of(request)
        try:
            groups = _groups(form.getlist(GROUP)) if form.get(EXTENT) == CHOSEN else ()
            if form.get(EXTENT) == CHOSEN and not groups:
                raise Refused("Cochez au moins un groupe de changements, ou annulez toute la correction.")
            with self.office.database.writing(staff.actor) as session:
                self._mine(session, request, undoing=True)
                undoing = steering.undo(session, staff.actor, _key(request), reason=form.get(REASON), groups=groups)
                word = "correction-retour" if steering.origin(session, undoing)[1] else "correction-refaire"
        except DomainError as error:
            return self._show(request, error)
        return RedirectResponse(addresses.show(undoing.public_id, done=word), 303)

    @page("/corrections/{key}/export", permission="corrections_read")
    def export(self, request: Request) -> Response:
        """The CSV of every line."""
        with self.office.database.reading() as session:
            correction = steering.find(session, _key(request))
            require_right(request, correction.table_name, Right.export)
        name = file_name(f"correction-{correction.id}", "csv")
        return StreamingResponse(
            results.csv_of(self.office.database, correction),
            media_type="text/csv; charset=utf-8",
            headers={"content-disposition": f'attachment; filename="{name}"'},
        )

    def _show(self, request: Request, error: DomainError | None = None) -> Response:
        staff, form = staff_of(request), form_of(request)
        with self.office.database.reading() as session:
            correction = steering.find(session, _key(request))
            tables.require_readable(staff, correction.table_name)
            context = view.correction(session, staff, correction, request.query_params)
            context["sample"] = letters.sample(self.office.portal, session, correction, request.query_params)
        context |= {
            "crumbs": [Crumb("Corrections", addresses.LIST), Crumb(correction.title)],
            "problem": error.message if error else "",
            "too_late": isinstance(error, Conflict),
            "standing": next((one for one, _ in context["undoings"] if one.state not in steering.ENDED), None),
            "sent": {
                "number": form.get(TYPED) if error else "",
                "reason": form.get(REASON) if error else "",
                "groups": form.getlist(GROUP) if error else [],
            },
            "fields": {
                "number": TYPED,
                "password": PASSWORD,
                "others": OTHERS,
                "reason": REASON,
                "group": GROUP,
                "extent": EXTENT,
                "chosen": CHOSEN,
            },
        }
        return self.office.render(request, "corrections/show.html", context, error.http_status if error else 200)

    def _mine(self, session: Session, request: Request, *, undoing: bool = False) -> Correction:
        """The correction of an address, for those who could do by hand what it does."""
        correction = steering.find(session, _key(request))
        tables.require_act(staff_of(request), correction, undoing=undoing)
        return correction

    def _steered(self, request: Request, act: Callable[[Session, str], Any], done: str) -> Response:
        try:
            with self.office.database.writing(staff_of(request).actor) as session:
                self._mine(session, request)
                act(session, _key(request))
        except DomainError as error:
            return self._show(request, error)
        return self._done(request, done)

    def _done(self, request: Request, word: str) -> Response:
        return RedirectResponse(addresses.show(_key(request), done=word), 303)


def _groups(typed: list[str]) -> tuple[int, ...]:
    """The ranks of ticked groups. Raises Refused for what no page of ours wrote."""
    if len(typed) > _MOST_GROUPS or not all(one.isascii() and one.isdecimal() and len(one) < 5 for one in typed):
        raise Refused("Un des groupes cochés n'existe pas : reprenez depuis la page de la correction.")
    return tuple(int(one) for one in dict.fromkeys(typed))


def _key(request: Request) -> str:
    key: str = request.path_params["key"]
    return key

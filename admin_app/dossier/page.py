"""The routes of a file: read it, take it, examine its pieces, decide. What each shows is in the modules beside."""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin_app.dossier import addresses, deciding, view
from admin_app.menu import PageEntry
from admin_app.pages import StaffPage, page
from admin_app.staff import staff_of
from enrolment.errors import Refused
from enrolment.services import dossier, pieces, reviewing, taking, viewing
from enrolment.services.queue import Tab
from schema.enums import ReviewState, Verb
from web.headers import Policy
from web.routing import form_of

REVIEW, REASON, TEMPLATE, VERSION, HOLDER, BACK = "avis", "motif", "motif_type", "version", "gestionnaire", "retour"


class DossierPage(StaffPage):
    """« Dossier »."""

    name = "Dossier"
    entry: ClassVar[PageEntry | None] = None

    @page("/demandes/{request_id:int}", permission="dossier")
    def show(self, request: Request) -> Response:
        """The file."""
        with self.office.database.reading() as session:
            context = view.context(request, session, _key(request))
        return self.office.render(request, "dossier/file.html", context)

    @page("/demandes/{request_id:int}/prendre", permission="instruct", methods=("POST",))
    def take(self, request: Request) -> Response:
        """Take the file from whoever the page said had it."""
        staff, form = staff_of(request), form_of(request)
        holder = form.get(HOLDER)
        seen = int(holder) if holder.isascii() and holder.isdecimal() and len(holder) < 19 else None
        with self.office.database.writing(staff.actor) as session:
            taking.take(session, staff.actor, _key(request), seen_holder=seen)
        return RedirectResponse(addresses.file(_key(request), done="pris"), 303)

    @page("/demandes/{request_id:int}/rendre", permission="instruct", methods=("POST",))
    def release(self, request: Request) -> Response:
        """Give the file back to the queue."""
        staff = staff_of(request)
        with self.office.database.writing(staff.actor) as session:
            taking.release(session, staff.actor, _key(request))
        return RedirectResponse(addresses.queue(Tab.mine.slug, fait="rendu"), 303)

    @page("/demandes/{request_id:int}/pieces/{public_id}", permission="view_pieces")
    def see(self, request: Request) -> Response:
        """The content of a piece, sandboxed by its own policy; its opening is recorded when it is sensitive."""
        staff = staff_of(request)
        with self.office.database.writing(staff.actor) as session:
            piece = viewing.open_piece(session, staff.actor, _key(request), request.path_params["public_id"])
        content = pieces.copy_of(self.office.portal.storage, piece, viewing.mark(staff.actor))
        saved = "telecharger" in request.query_params
        way = "attachment" if saved else "inline"
        return Response(
            content,
            media_type=piece.content_type,
            headers={
                "content-disposition": f"{way}; filename*=UTF-8''{quote(piece.file_name, safe='')}",
                "content-security-policy": (Policy.FILE if saved else Policy.VIEWER).value.decode(),
            },
        )

    @page("/demandes/{request_id:int}/pieces/{public_id}/avis", permission="instruct", methods=("POST",))
    def review(self, request: Request) -> Response:
        """Note what a piece is worth, and go on to the next one to examine."""
        staff, form = staff_of(request), form_of(request)
        request_id, public_id = _key(request), request.path_params["public_id"]
        reason = form.get(REASON).replace("\r\n", "\n")
        try:
            with self.office.database.writing(staff.actor) as session:
                if form.get(REVIEW) == ReviewState.to_redo and not reason.strip():
                    reason = self._ready_made(form.get(TEMPLATE))
                reviewing.review(
                    session,
                    staff.actor,
                    request_id,
                    public_id,
                    _state(form.get(REVIEW)),
                    reason,
                    row_version=_version(form.get(VERSION)),
                )
                following = dossier.read(session, request_id).first_unreviewed
        except Refused as error:
            with self.office.database.reading() as session:
                context = view.context(request, session, request_id, problem=error.message, redo=(public_id, reason))
            return self.office.render(request, "dossier/file.html", context, error.http_status)
        next_piece = following.public_id if following else public_id
        return RedirectResponse(addresses.file(request_id, piece=next_piece, done="examine") + "#examen", 303)

    @page("/demandes/{request_id:int}/signalements", permission="instruct", methods=("POST",))
    def flag(self, request: Request) -> Response:
        """Keep which of the declared data are to correct."""
        return deciding.flag(self.office, request, _key(request))

    @page("/demandes/{request_id:int}/decision", permission="decide", methods=("POST",))
    def decide(self, request: Request) -> Response:
        """From the file to the mail of a decision, and from there to the decision itself."""
        return deciding.go_on(self.office, request, _key(request))

    @page("/demandes/{request_id:int}/decision/annuler", permission="decide", methods=("POST",))
    def recall(self, request: Request) -> Response:
        """« Annuler l'envoi »."""
        return deciding.take_back(self.office, request, _key(request))

    @page("/demandes/{request_id:int}/decision/effet", permission="decide", methods=("POST",))
    def hurry(self, request: Request) -> Response:
        """« Envoyer maintenant »."""
        return deciding.hurry(self.office, request, _key(request))

    @page("/demandes/{request_id:int}/decision/effacer", permission="decide", methods=("POST",))
    def forget(self, request: Request) -> Response:
        """Put aside a decision that could not take effect."""
        return deciding.forget(self.office, request, _key(request))

    def _ready_made(self, key: str) -> str:
        with self.office.database.reading() as session:
            asked = view.reasons(session).get(Verb.ask_documents, ())
        return next((one.body for one in asked if one.key == key), "")


def _key(request: Request) -> int:
    key: int = request.path_params["request_id"]
    return key


def _state(typed: str) -> ReviewState:
    if typed not in {state.value for state in ReviewState}:
        raise Refused("Choisissez un avis : conforme, à refaire ou sans objet.")
    return ReviewState(typed)


def _version(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else 0

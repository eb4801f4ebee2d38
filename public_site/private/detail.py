"""A request of the vendor: its accordion (A2), its pieces, and the whole of it as a PDF to keep."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from enrolment import clock
from enrolment.errors import NotFound
from enrolment.printing import print_file
from enrolment.services import following, pieces, vendor_file
from enrolment.services.pieces import Piece
from enrolment.wording import Turn
from enrolment.workflow import WAITS_FOR_ASP, WAITS_FOR_VENDOR
from public_site.account.guard import visitor_of
from public_site.private.actions import ANSWERS
from public_site.private.addresses import REQUESTS, request_address
from public_site.private.frame import private_page
from public_site.private.owning import OWN_REQUEST
from public_site.serving import named, served
from public_site.site import portal_of
from public_site.status import piece_row
from web.headers import CACHE_KEY, NO_STORE, Policy
from web.parts import Event, SummaryRow, status_tone
from web.routing import page
from web.typography import moment


def show(request: Request) -> Response:
    """The request, line by line."""
    portal = portal_of(request)
    public_id, base = request.state.subject, request.state.base
    with portal.database.snapshot() as snapshot:
        found = following.follow(snapshot, public_id)
    with portal.database.reading() as session:
        file = vendor_file.read(session, public_id)
    answer = ANSWERS.get(found.status)
    context = {
        "found": found,
        "file": file,
        "parts": [
            (part, [(section.title, [SummaryRow(*line) for line in section.lines]) for section in part.sections])
            for part in file.parts
        ],
        "pieces": [piece_row(found, line, base) for line in found.pieces],
        "events": [
            Event(event.at, event.title, event.message, event.by, status_tone(event.status)) for event in found.events
        ],
        "answer": (answer.label, request_address(public_id, answer.part)) if answer is not None else None,
        "is_vendors_turn": found.words.turn is Turn.vendor,
        "is_over": found.words.turn is Turn.nobody,
        "can_withdraw": found.status in WAITS_FOR_ASP | WAITS_FOR_VENDOR,
        "base": base,
        "all": REQUESTS,
        "address": request_address,
    }
    return private_page(request, "private/detail.html", context)


def show_piece(request: Request) -> Response:
    """A file of the request; a sensitive one as a marked copy, and that it was opened is recorded (F4)."""
    portal, visitor = portal_of(request), visitor_of(request)
    with portal.database.reading() as session:
        file = vendor_file.request_of(session, request.state.subject)
        piece = pieces.of_request(session, file.id, request.path_params["piece"])
    if piece is None:
        raise NotFound("Cette pièce n'existe pas dans votre demande. Revenez à la page de la demande.")
    content = pieces.copy_of(portal.storage, piece, _mark(file.number))
    if piece.sensitive:
        with portal.database.writing(visitor.actor) as session:
            pieces.record_access(session, visitor.actor, piece)
    return served(request, piece, content)


def download(request: Request) -> Response:
    """The whole file as one PDF: what was declared, what happened, and every piece that can be opened."""
    portal, visitor = portal_of(request), visitor_of(request)
    public_id = request.state.subject
    with portal.database.snapshot() as snapshot:
        found = following.follow(snapshot, public_id)
    with portal.database.reading() as session:
        file = vendor_file.read(session, public_id)
        listed = [(line, pieces.of_request(session, found.request_id, line.public_id)) for line in found.pieces]
    opened: list[tuple[str, Piece]] = [(line.kind, piece) for line, piece in listed if piece is not None]
    sensitive = [piece for _, piece in opened if piece.sensitive and pieces.is_open(piece)]
    if sensitive:
        # The trace comes first: a copy that nobody recorded is never given (F4).
        with portal.database.writing(visitor.actor) as session:
            for piece in sensitive:
                pieces.record_access(session, visitor.actor, piece)
    content = print_file(portal.storage, found, file, opened, _mark(found.number))
    request.scope[CACHE_KEY] = NO_STORE
    return Response(content, media_type="application/pdf", headers=named(f"{found.number}.pdf"))


def _mark(number: str) -> str:
    return f"Demande {number} – copie ouverte depuis l'espace privé – {moment(clock.now())}"


_PATH = "/espace/demandes/{request}"
ROUTES = (
    page(_PATH, show, access=OWN_REQUEST, name="request"),
    page(f"{_PATH}/pieces/{{piece}}", show_piece, access=OWN_REQUEST, policy=Policy.FILE, name="request_piece"),
    page(f"{_PATH}/dossier.pdf", download, access=OWN_REQUEST, policy=Policy.FILE, name="request_pdf"),
)

"""The status page of a request, opened by the signed link of its acknowledgement, without an account (rule A6)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from enrolment import clock
from enrolment.errors import NotFound
from enrolment.services import attempts, following, pieces
from enrolment.services.following import Following, PieceLine
from enrolment.wording import Turn
from public_site.pace import wait_message
from public_site.serving import served
from public_site.site import portal_of, render, visitor_address
from schema.describe import field
from schema.enums import RequestStatus, ReviewState, ScanState
from schema.history import Actor
from schema.tables import EnrolmentRequest
from schema.types import Email, InvalidValue, RequestNumber, parse_as
from web.fields import FieldView
from web.forms import SMALL_LIMITS
from web.headers import Policy
from web.parts import Event, SummaryRow, status_tone
from web.routing import Access, form_of, page
from web.typography import day, file_size, moment

_NOT_TO_OPEN = {
    ScanState.unscanned: "Enregistrée. L'antivirus ne l'a pas encore analysée : elle s'ouvrira ensuite.",
    ScanState.infected: "L'antivirus y a trouvé un contenu dangereux : elle ne peut pas être ouverte.",
}


def show_status(request: Request) -> Response:
    """Where the request stands, who must act, and what happened."""
    with portal_of(request).database.snapshot() as snapshot:
        found = following.follow(snapshot, request.state.subject)
    base = f"/suivi/{request.path_params['token']}"
    context = {
        "found": found,
        "events": [
            Event(event.at, event.title, event.message, event.by, status_tone(event.status)) for event in found.events
        ],
        "is_vendors_turn": found.words.turn is Turn.vendor,
        "is_over": found.words.turn is Turn.nobody,
        "pieces": [piece_row(found, line, base) for line in found.pieces],
        "data_url": f"{base}/donnees",
    }
    return render(request, "suivi/status.html", context)


def show_data(request: Request) -> Response:
    """What the vendor declared, as it was sent."""
    with portal_of(request).database.reading() as session:
        number, sections = following.sent_data(session, request.state.subject)
    shown = [(section.title, [SummaryRow(label, value) for label, value in section.lines]) for section in sections]
    context = {"number": number, "sections": shown, "back": f"/suivi/{request.path_params['token']}"}
    return render(request, "suivi/data.html", context)


def show_piece(request: Request) -> Response:
    """A file of the request; a sensitive one as a marked copy, and that it was opened is recorded (F4)."""
    portal = portal_of(request)
    with portal.database.snapshot() as snapshot:
        found = following.follow(snapshot, request.state.subject)
    with portal.database.reading() as session:
        piece = pieces.of_request(session, found.request_id, request.path_params["piece"])
    if piece is None:
        raise NotFound("Cette pièce n'existe pas dans votre demande. Revenez à la page de suivi.")
    mark = f"Demande {found.number} – copie ouverte par le lien de suivi – {moment(clock.now())}"
    content = pieces.copy_of(portal.storage, piece, mark)
    if piece.sensitive:
        actor = Actor.visitor()
        with portal.database.writing(actor) as session:
            pieces.record_access(session, actor, piece)
    return served(request, piece, content)


def ask_link(request: Request) -> Response:
    """« Recevoir à nouveau mon lien de suivi »."""
    return _ask(request, {}, {})


def send_link(request: Request) -> Response:
    """Send the link again; the answer is the same whatever the number and the address are."""
    form = form_of(request)
    typed = {"number": form.get("number"), "email": form.get("email")}
    errors: dict[str, str] = {}
    read: dict[str, str] = {}
    for name, kind in (("number", RequestNumber), ("email", Email)):
        try:
            read[name] = parse_as(kind, typed[name])
        except InvalidValue as error:
            errors[name] = error.message if typed[name].strip() else f"Renseignez « {_LABELS[name]} »."
    if errors:
        return _ask(request, typed, errors)
    portal = portal_of(request)
    with portal.database.writing(Actor.visitor()) as session:
        turn = attempts.allowed(session, attempts.mail_counters("status-link", read["email"], visitor_address(request)))
        if not turn.wait:
            following.send_link(session, read["number"], read["email"], portal.addresses)
    if turn.wait:
        return _ask(request, typed, {"email": wait_message(turn.wait)})
    return render(request, "suivi/link_sent.html", {"email": read["email"]})


_LABELS = {"number": "Numéro demande", "email": "Email"}


def _ask(request: Request, typed: dict[str, str], errors: dict[str, str]) -> Response:
    spec = field(EnrolmentRequest, "number")
    views = [
        FieldView.of(
            spec,
            typed.get("number"),
            errors.get("number"),
            help="Il figure dans l'objet de l'accusé de réception.",
            max_length=30,
            width="medium",
        ),
        FieldView(
            "email",
            "Email",
            help="L'adresse à laquelle l'accusé de réception a été envoyé.",
            value=typed.get("email", ""),
            error=errors.get("email"),
            kind="email",
            input_mode="email",
            autocomplete="email",
            max_length=254,
        ),
    ]
    return render(request, "suivi/ask_link.html", {"views": views}, 422 if errors else 200)


def piece_row(found: Following, line: PieceLine, base: str) -> SummaryRow:
    """A piece as its vendor reads it; `base` is the start of the addresses of the request."""
    notes = [f"{file_size(line.size)}, déposée le {day(line.deposited_at)}"]
    cannot = _NOT_TO_OPEN.get(line.scan)
    if cannot is not None:
        notes.append(cannot)
    if line.is_replaced:
        notes.append("Remplacée par une pièce plus récente.")
    elif line.review is ReviewState.to_redo and found.status in _SAYS_REVIEW:
        notes.append(f"À refaire : {line.review_reason}")
    address = None if cannot is not None else f"{base}/pieces/{line.public_id}"
    return SummaryRow(line.kind, line.file_name, file_url=address, note=" ".join(_sentences(notes)))


_SAYS_REVIEW = frozenset(
    {RequestStatus.awaiting_documents, RequestStatus.awaiting_correction, RequestStatus.awaiting_certificates}
)


def _sentences(notes: list[str]) -> list[str]:
    return [note if note.endswith((".", "!", "?")) else f"{note}." for note in notes]


ROUTES = (
    page("/suivi/{token}", show_status, access=Access.LINK, name="status", brief=True),
    page("/suivi", ask_link, access=Access.PUBLIC, name="ask_status_link"),
    page("/suivi", send_link, access=Access.PUBLIC, methods=["POST"], limits=SMALL_LIMITS, name="send_status_link"),
    page("/suivi/{token}/donnees", show_data, access=Access.LINK, name="status_data"),
    page("/suivi/{token}/pieces/{piece}", show_piece, access=Access.LINK, policy=Policy.FILE, name="status_piece"),
)

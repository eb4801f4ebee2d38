"""« Enregistrer et continuer plus tard », and taking a draft up again from its link."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from enrolment.links import Purpose
from enrolment.services import attempts, drafts, resuming
from public_site.pace import wait_message
from public_site.site import kept_of, portal_of, redirect, render, visitor_address
from public_site.wizard.addresses import START, draft_address
from public_site.wizard.desk import find_open
from public_site.wizard.saving import VISITOR
from public_site.wizard.start import known_drafts
from public_site.wizard.steps import open_only
from schema.describe import field
from schema.tables import Draft
from schema.types import Email, InvalidValue, parse_as
from web.fields import FieldView
from web.forms import SMALL_LIMITS
from web.routing import Access, form_of, page

_FACE = "draft-link"


def show_later(request: Request) -> Response:
    """Where to send the link of this draft."""
    with portal_of(request).database.reading() as session:
        draft = find_open(session, request)
        return _later(request, draft, resuming.suggested_email(draft))


def send_later(request: Request) -> Response:
    """Send the link of this draft."""
    typed = form_of(request).get("email")
    with portal_of(request).database.writing(VISITOR) as session:
        draft = find_open(session, request, lock=True)
        try:
            email = parse_as(Email, typed)
        except InvalidValue as error:
            return _later(request, draft, typed, error.message)
        turn = attempts.allowed(session, attempts.mail_counters(_FACE, email, visitor_address(request)))
        if turn.wait:
            return _later(request, draft, typed, wait_message(turn.wait))
        resuming.send_link(session, draft, email, portal_of(request).addresses)
        context = {"email": email, "expires_at": draft.expires_at, "back_url": draft_address(draft.public_id)}
    return render(request, "wizard/later_sent.html", context)


def show_drafts(request: Request) -> Response:
    """« Reprendre un brouillon »: those of this browser, and a link by mail for the others."""
    return _drafts(request, "")


def send_again(request: Request) -> Response:
    """Send the links again; the answer is the same whether there are any."""
    typed = form_of(request).get("email")
    try:
        email = parse_as(Email, typed)
    except InvalidValue as error:
        return _drafts(request, typed, error.message)
    portal = portal_of(request)
    with portal.database.writing(VISITOR) as session:
        turn = attempts.allowed(session, attempts.mail_counters(_FACE, email, visitor_address(request)))
        if not turn.wait:
            resuming.send_links_again(session, email, portal.addresses)
    if turn.wait:
        return _drafts(request, typed, wait_message(turn.wait))
    return render(request, "wizard/drafts_sent.html", {"email": email})


def take_up(request: Request) -> Response:
    """The link received by mail: this browser may open the draft from now on."""
    link = portal_of(request).links.read(
        Purpose.RESUME_DRAFT, request.path_params["token"], kept_of(request).days("resume_link_days")
    )
    with portal_of(request).database.reading() as session:
        draft = drafts.find(session, link.subject)
    response = redirect(draft_address(draft.public_id))
    known_drafts(request).remember(request, response, draft.public_id)
    return response


def _later(request: Request, draft: Draft, email: str, error: str | None = None) -> Response:
    view = _email_view(email, error, "Le lien de reprise y sera envoyé. Il ouvre votre brouillon sur tout appareil.")
    context = {"views": [view], "expires_at": draft.expires_at, "back_url": draft_address(draft.public_id)}
    return render(request, "wizard/later.html", context, 422 if error else 200)


def _drafts(request: Request, email: str, error: str | None = None) -> Response:
    with portal_of(request).database.reading() as session:
        found = resuming.lines(session, known_drafts(request).read(request))
    view = _email_view(email, error, "Celle à laquelle le lien de reprise vous avait été envoyé.")
    return render(request, "wizard/drafts.html", {"drafts": found, "views": [view]}, 422 if error else 200)


def _email_view(value: str, error: str | None, help_: str) -> FieldView:
    spec = field(Draft, "email")
    return FieldView.of(
        spec, value, error, label="Votre adresse email", help=help_, required=True, kind="email", max_length=254
    )


ROUTES = (
    page(f"{START}/reprise", show_drafts, access=Access.PUBLIC, name="drafts"),
    page(
        f"{START}/reprise",
        send_again,
        access=Access.PUBLIC,
        methods=["POST"],
        limits=SMALL_LIMITS,
        name="send_draft_links",
    ),
    page(f"{START}/reprise/{{token}}", take_up, access=Access.LINK, name="take_up_draft"),
)
DRAFT_ROUTES = (
    page("/enrolement/{draft}/plus-tard", open_only(show_later), access=Access.DRAFT, name="later"),
    page(
        "/enrolement/{draft}/plus-tard",
        open_only(send_later),
        access=Access.DRAFT,
        methods=["POST"],
        limits=SMALL_LIMITS,
        name="send_draft_link",
    ),
)

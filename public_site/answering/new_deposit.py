"""« Déposer à nouveau »: a refused or withdrawn request becomes a new draft, with everything kept."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from enrolment.errors import Refused
from enrolment.services import resubmitting
from public_site.answering.asked import refuse_strangers
from public_site.answering.door import door_of
from public_site.private.addresses import COMPLEMENTARY
from public_site.site import portal_of, redirect
from public_site.wizard.addresses import draft_address
from public_site.wizard.start import known_drafts
from schema.enums import RequestKind
from schema.tables import Draft
from web.forms import SMALL_LIMITS
from web.routing import Access, Page, form_of, page


def show(request: Request) -> Response:
    """Why the request ended, what is kept, and the button that begins."""
    door = door_of(request)
    with portal_of(request).database.reading() as session:
        row = resubmitting.find(session, door.subject)
        context = {
            "row": row,
            "former": resubmitting.former(session, row),
            "is_begun": resubmitting.begun(session, row) is not None,
            "follow": door.follow(request, row),
        }
    return door.page(request, "answering/new_deposit.html", context)


def act(request: Request) -> Response:
    """Begin the draft, or take up the one already begun."""
    door = door_of(request)
    refuse_strangers(form_of(request), ())
    portal = portal_of(request)
    with portal.database.reading() as session:
        row = resubmitting.find(session, door.subject)
        is_begun = resubmitting.begun(session, row) is not None
        # Files are stored again outside the transaction, since that takes time.
        files = [] if is_begun else resubmitting.copies(session, portal.storage, row)
    with portal.database.writing(door.actor) as session:
        draft = resubmitting.take_up(session, door.subject, files)
    if draft.kind is RequestKind.complementary:
        return _complementary(draft, by_link=door.by_link)
    response = redirect(draft_address(draft.public_id))
    known_drafts(request).remember(request, response, draft.public_id)
    return response


def _complementary(draft: Draft, *, by_link: bool) -> Response:
    """The form of a vendor that has an account, which it signs in to open."""
    if draft.account_id is None:
        raise Refused("Cette demande n'est rattachée à aucun compte. Contactez l'assistance.")
    del by_link
    return redirect(f"{COMPLEMENTARY}/{draft.public_id}")


def routes(path: str, access: Access, name: str) -> tuple[Page, ...]:
    """The routes of this page behind one door."""
    return (
        page(path, show, access=access, name=f"new_deposit_{name}"),
        page(path, act, access=access, methods=["POST"], limits=SMALL_LIMITS, name=f"begin_new_deposit_{name}"),
    )

"""« Retirer ma demande »: what it means, then the act itself."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from enrolment.services import action_links, withdrawing
from enrolment.services.action_links import Action
from enrolment.services.people import correspondent
from public_site.answering.asked import refuse_strangers
from public_site.answering.door import door_of
from public_site.site import portal_of, redirect
from schema.enums import RequestStatus
from web.forms import SMALL_LIMITS
from web.routing import Access, Page, form_of, page


def show(request: Request) -> Response:
    """What withdrawing means; or that it is done, or cannot be done any more."""
    door = door_of(request)
    with portal_of(request).database.reading() as session:
        row, actions = action_links.possible(session, door.subject)
        context = {
            "row": row,
            "can": Action.WITHDRAW in actions,
            "is_done": row.status is RequestStatus.withdrawn,
            "email": correspondent(session, row).email,
            "follow": door.follow(request, row),
        }
    return door.page(request, "answering/withdraw.html", context)


def act(request: Request) -> Response:
    """Withdraw. Doing it twice does it once."""
    door = door_of(request)
    form = form_of(request)
    refuse_strangers(form, ())
    portal = portal_of(request)
    with portal.database.reading() as session:
        row, _ = action_links.possible(session, door.subject)
    if row.status is not RequestStatus.withdrawn:
        with portal.database.writing(door.actor) as session:
            withdrawing.withdraw(session, door.actor, door.subject, portal.addresses)
    return redirect(request.url.path)


def routes(path: str, access: Access, name: str) -> tuple[Page, ...]:
    """The routes of this page behind one door."""
    return (
        page(path, show, access=access, name=f"withdraw_{name}"),
        page(path, act, access=access, methods=["POST"], limits=SMALL_LIMITS, name=f"do_withdraw_{name}"),
    )

"""From the status page, which only reads, to an action: its link goes to the request's mailbox (rule A6, SEC-7)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from enrolment.errors import Refused
from enrolment.services import action_links, attempts
from enrolment.services.action_links import LABELS, Action
from public_site.answering.asked import address_of
from public_site.answering.door import ANSWER, BY_ANSWER_LINK, door_of
from public_site.pace import wait_message
from public_site.site import portal_of, redirect, render, visitor_address
from schema.history import Actor
from web.forms import SMALL_LIMITS
from web.routing import Access, form_of, page

_FACE = "action-link"
_ACTION = "action"


def show(request: Request) -> Response:
    """What can be done to the request now."""
    return _page(request)


def send(request: Request) -> Response:
    """Mail the link of one action."""
    form = form_of(request)
    chosen = form.get(_ACTION)
    if form.unexpected({_ACTION}) or chosen not in set(Action):
        raise Refused("Ce formulaire contient un champ inconnu. Rechargez la page et recommencez.")
    portal = portal_of(request)
    public_id = request.state.subject
    with portal.database.writing(Actor.visitor()) as session:
        turn = attempts.allowed(session, attempts.mail_counters(_FACE, public_id, visitor_address(request)))
        sent = None if turn.wait else action_links.send(session, public_id, Action(chosen), portal.addresses)
    return _page(request, problem=wait_message(turn.wait), status=429) if sent is None else _page(request, sent=sent)


def enter(request: Request) -> Response:
    """The link of a mail leads to the page of its kind of demand."""
    door = door_of(request)
    with portal_of(request).database.reading() as session:
        return redirect(address_of(door, door.demand(session).kind))


def _page(request: Request, *, sent: action_links.Sent | None = None, problem: str = "", status: int = 200) -> Response:
    with portal_of(request).database.reading() as session:
        row, actions = action_links.possible(session, request.state.subject)
    context = {
        "row": row,
        "actions": [(action.value, LABELS[action]) for action in actions],
        "sent": sent,
        "sent_label": LABELS[sent.action] if sent else "",
        "problem": problem,
        "has_account": row.account_id is not None,
        "back": f"/suivi/{request.path_params['token']}",
    }
    return render(request, "answering/links.html", context, status)


ROUTES = (
    page("/suivi/{token}/agir", show, access=Access.LINK, name="act"),
    page("/suivi/{token}/agir", send, access=Access.LINK, methods=["POST"], limits=SMALL_LIMITS, name="send_act_link"),
    page(f"{ANSWER}/{{token}}", enter, access=BY_ANSWER_LINK, name="answer"),
)

"""The first page of the form, before there is a draft: a draft is made only once something is typed."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from enrolment.application.questions import question
from enrolment.application.rules import ANS, first_open_step, problems_of
from enrolment.application.state import Application
from enrolment.clock import now
from enrolment.errors import Refused
from enrolment.services import drafts
from public_site.known_drafts import KnownDrafts
from public_site.site import portal_of, redirect, render
from public_site.wizard.addresses import ORDER, START, step_address
from public_site.wizard.saving import VISITOR
from public_site.wizard.steps import SEARCHED, open_only
from public_site.wizard.views import question_view
from schema.enums import RequestKind, Step
from web.forms import SMALL_LIMITS
from web.parts import Step as StepView
from web.routing import Access, form_of, page

_MISSING = "Saisissez votre numéro unique de référencement ANS, puis cliquez sur « Rechercher »."


def known_drafts(request: Request) -> KnownDrafts:
    """The cookie that lists the drafts of this browser."""
    return KnownDrafts(portal_of(request).settings.secret_key.get_secret_value())


def show_start(request: Request) -> Response:
    """« Effectuer ma demande d'enrôlement »."""
    return _page(request)


def start(request: Request) -> Response:
    """« Rechercher » for the first time: begins a draft, which this browser may open from now on."""
    form = form_of(request)
    if set(form) - {ANS, "action"}:
        raise Refused("Ce formulaire contient un champ inconnu. Rechargez la page et recommencez.")
    typed = form.get(ANS)
    if not typed.strip():
        return _page(request, {ANS: _MISSING}, 422)
    portal = portal_of(request)
    with portal.database.writing(VISITOR) as session:
        draft = drafts.start(session)
        drafts.save(session, draft, Step.referencing, {ANS: typed})
        session.flush()
        problems = problems_of(Step.referencing, drafts.view(session, draft), now())
    is_found = all(problem.field != ANS for problem in problems)
    end = "#resultat" if is_found else f"?{SEARCHED}=1"
    response = redirect(f"{step_address(draft.public_id, Step.referencing)}{end}")
    known_drafts(request).remember(request, response, draft.public_id)
    return response


def go_on(request: Request) -> Response:
    """The draft itself, without a step: its first step that is not right."""
    with portal_of(request).database.reading() as session:
        draft = drafts.find(session, request.path_params["draft"])
        if draft.request_id is not None:
            return redirect(f"{START}/{draft.public_id}/termine")
        step = first_open_step(drafts.view(session, draft), now())
        return redirect(step_address(draft.public_id, step))


def _page(request: Request, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    nothing_yet = Application(RequestKind.initial, {})
    context = {
        "searched": question_view(nothing_yet, question(ANS), errors or {}),
        "steps": [StepView(step.label) for step in ORDER],
        "has_drafts": bool(known_drafts(request).read(request)),
    }
    return render(request, "wizard/start.html", context, status)


ROUTES = (
    page(START, show_start, access=Access.PUBLIC, name="start"),
    page(START, start, access=Access.PUBLIC, methods=["POST"], limits=SMALL_LIMITS, name="begin"),
)
DRAFT_ROUTES = (page("/enrolement/{draft}", open_only(go_on), access=Access.DRAFT, name="draft"),)

"""The steps of the form, each shown and saved the same way: what was typed is kept first, judged afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from enrolment import clock
from enrolment.application.rules import ANS, SIRET
from enrolment.application.state import Application
from enrolment.services import banks, drafts, known_vendors, reference
from enrolment.services.banks import BIC, IBAN
from public_site.blocks import blocks
from public_site.captcha import ANSWER, captcha_view, problem_with
from public_site.site import kept_of, portal_of, redirect, render
from public_site.uploads import UPLOADS
from public_site.wizard import saving, views
from public_site.wizard.addresses import (
    ORDER,
    SLUGS,
    draft_address,
    next_step,
    previous_step,
    step_address,
)
from public_site.wizard.desk import AlreadySubmitted, Desk, desk_of, find_open
from schema.enums import LegalTextKind, RegistryOutcome, Step
from schema.types import InvalidValue, Siret, parse_as, show_as
from web.forms import Form
from web.parts import Step as StepView
from web.routing import Access, Endpoint, Page, form_of, page
from web.typography import clock_time, file_size

INCOMPLETE, SEARCHED = "incomplet", "recherche"
"""Queries of a step's address: sent back to what is missing there; told what was wrong with the first search."""

_INVALID = 422
_SEARCHED = "search"


def open_only(endpoint: Endpoint) -> Endpoint:
    """An endpoint of a draft that is not submitted yet: afterwards, everything leads to the last page (S1)."""

    def guarded(request: Request) -> Response:
        try:
            answer = endpoint(request)
        except AlreadySubmitted:
            return redirect(draft_address(request.path_params["draft"], "termine"))
        assert isinstance(answer, Response)  # noqa: S101  Endpoints of drafts are plain functions.
        return answer

    return guarded


def show(step: Step, request: Request) -> Response:
    """A step's page; one that cannot be opened yet leads to the first that is not right."""
    desk = desk_of(request, step)
    if ORDER.index(step) > ORDER.index(desk.open_step):
        return redirect(f"{step_address(desk.public_id, desk.open_step)}?{INCOMPLETE}=1")
    sent_back = INCOMPLETE in request.query_params
    searched = SEARCHED in request.query_params
    errors = {
        problem.field: problem.message
        for problem in desk.problems()
        if sent_back or (searched and problem.field == ANS)
    }
    return step_page(request, desk, errors, sent_back=sent_back and bool(errors))


def save(step: Step, request: Request) -> Response:
    """Whatever button of a step was pressed."""
    form = form_of(request)
    number = _number_searched(request) if step is Step.referencing else None
    desk, errors = saving.keep(request, step, form)
    if "remove" in form:
        saving.remove_file(request, desk, form.get("remove"))
    aside = leads_aside(desk, form)
    if aside is not None:
        return redirect(aside)
    search = _SEARCHES.get(step)
    if search is not None and (form.get("action") == _SEARCHED or _is_new_search(step, number, desk.application)):
        return search(request, desk, form, errors)
    problems = {problem.field: problem.message for problem in desk.problems()} | errors
    if problems:
        return step_page(request, desk, problems, status=_INVALID)
    return redirect(step_address(desk.public_id, next_step(step)))


def leads_aside(desk: Desk, form: Form) -> str | None:
    """Where a button goes that does not try to go forward; what was typed is already saved."""
    here = step_address(desk.public_id, desk.step)
    before = previous_step(desk.step)
    if "previous" in form:
        return step_address(desk.public_id, before) if before else here
    if form.get("action") == "later":
        return draft_address(desk.public_id, "plus-tard")
    if form.get("action") == "new-code":
        return f"{here}#code"
    return here if "remove" in form else None


def step_page(
    request: Request,
    desk: Desk,
    errors: Mapping[str, str],
    *,
    status: int = 200,
    sent_back: bool = False,
) -> Response:
    """The page of any step but the summary."""
    found = views.groups(desk, errors) if _is_searched(desk) else ()
    searched = views.search_view(desk, errors) if desk.step in _SEARCHES else None
    captcha = None
    if desk.step is Step.applicant:
        captcha = captcha_view(request, "siret", desk.public_id, error=errors.get(ANSWER))
    shown = [view for view in (searched, captcha.view if captcha else None) if view is not None]
    shown += views.views_of(found)
    names = {view.name for view in shown}
    context = {
        **frame(desk),
        "groups": found,
        "searched": searched,
        "captcha": captcha,
        "views": shown,
        "others": [message for name, message in errors.items() if name not in names],
        "is_found": _is_searched(desk),
        "sent_back": sent_back,
        **_about_search(request, desk),
    }
    return render(request, f"wizard/{desk.step.value}.html", context, status)


def frame(desk: Desk) -> dict[str, object]:
    """What every page of the form shows: where one is, and where one can go."""
    reached = ORDER.index(desk.open_step)
    steps = [
        StepView(
            step.label,
            step_address(desk.public_id, step) if position <= reached else None,
            done=position < reached,
        )
        for position, step in enumerate(ORDER)
    ]
    return {
        "desk": desk,
        "application": desk.application,
        "steps": steps,
        "current": ORDER.index(desk.step) + 1,
        "previous": previous_step(desk.step),
        "autosave_url": f"{step_address(desk.public_id, desk.step)}/brouillon",
    }


def autosave(step: Step, request: Request) -> Response:
    """Keep what is being typed, for the script that sends it."""
    desk, _ = saving.keep(request, step, form_of(request))
    return JSONResponse({"saved_at": clock_time(clock.now()), "until": desk.expires_at.isoformat()})


def upload(step: Step, request: Request) -> Response:
    """Take one file at once, for the script that sends it."""
    desk = desk_of(request, step)
    uploads = form_of(request).uploads
    errors = saving.keep_files(request, desk, uploads)
    if errors or not uploads:
        message = next(iter(errors.values()), "Aucun fichier n'est arrivé. Choisissez-le de nouveau.")
        return JSONResponse({"message": message}, _INVALID)
    stored = desk_of(request, step).application.files[uploads[0].field_name.removeprefix("document.")]
    return JSONResponse({"name": stored.name, "size": file_size(stored.size)})


def check_bank(request: Request) -> Response:
    """What can be said of the IBAN and the BIC typed so far."""
    form = form_of(request)
    with portal_of(request).database.reading() as session:
        found = banks.check(session, form.get(IBAN), form.get(BIC))
    return JSONResponse({"ok": found.is_right, "message": found.message, "fill": found.bank_name})


def _search_number(request: Request, desk: Desk, form: Form, errors: dict[str, str]) -> Response:
    """« Rechercher » an ANS number: it was saved, so it has been searched."""
    del form
    wrong = {problem.field: problem.message for problem in desk.problems() if problem.field == ANS} | errors
    if wrong:
        return step_page(request, desk, wrong, status=_INVALID)
    return redirect(f"{step_address(desk.public_id, desk.step)}#resultat")


def _search_company(request: Request, desk: Desk, form: Form, errors: dict[str, str]) -> Response:
    """« Rechercher » a SIRET: asks the registry, outside any transaction. Its failure never blocks (D6)."""
    typed = desk.application.answers.get(SIRET, "")
    try:
        siret = parse_as(Siret, typed)
    except InvalidValue as error:
        message = error.message if typed.strip() else "Saisissez votre numéro SIRET, puis cliquez sur « Rechercher »."
        return step_page(request, desk, errors | {SIRET: message}, status=_INVALID)
    problem = problem_with(request, form, "siret", desk.public_id)
    if problem is not None:
        return step_page(request, desk, errors | {ANSWER: problem}, status=_INVALID)
    portal = portal_of(request)
    answer = portal.registry.find(siret)
    with portal.database.writing(saving.VISITOR) as session:
        drafts.remember_company(session, find_open(session, request, lock=True), siret, answer)
        known_vendors.tell(session, siret, portal.addresses)
    desk = desk_of(request, desk.step)
    wrong = {item.field: item.message for item in desk.problems() if item.field == SIRET} | errors
    if wrong:
        return step_page(request, desk, wrong, status=_INVALID)
    return redirect(f"{step_address(desk.public_id, desk.step)}#resultat")


_SEARCHES: dict[Step, Callable[[Request, Desk, Form, dict[str, str]], Response]] = {
    Step.referencing: _search_number,
    Step.applicant: _search_company,
}


def _number_searched(request: Request) -> str | None:
    """The ANS number as it was before this answer."""
    with portal_of(request).database.reading() as session:
        return reference.normalised_ans_number(find_open(session, request).answers.get(ANS, ""))


def _is_new_search(step: Step, number: str | None, now: Application) -> bool:
    """Whether the Enter key was pressed on a number that has not been searched: nothing is skipped unseen."""
    if step is Step.referencing:
        return reference.normalised_ans_number(now.answers.get(ANS, "")) != number
    siret = now.value(SIRET)
    return siret is None or now.lookup is None or now.lookup.siret != siret


def _is_searched(desk: Desk) -> bool:
    """Whether what the step searches was found, so that the rest of the page can be shown."""
    application = desk.application
    if desk.step is Step.referencing:
        return application.software is not None and not any(problem.field == ANS for problem in desk.problems())
    if desk.step is Step.applicant:
        return application.lookup is not None and not any(problem.field == SIRET for problem in desk.problems())
    return True


_BY_HAND = {
    RegistryOutcome.unknown: "Ce SIRET est valable, mais le répertoire des entreprises ne le connaît pas encore. "
    "Saisissez vous-même l'identité et l'adresse de votre société : un gestionnaire les vérifiera.",
    RegistryOutcome.unavailable: "Le répertoire des entreprises ne répond pas pour le moment. Saisissez vous-même "
    "l'identité et l'adresse de votre société : un gestionnaire les vérifiera. Vous n'avez pas besoin d'attendre.",
    RegistryOutcome.not_diffusible: "Cette société a demandé que ses informations ne soient pas publiées. Saisissez "
    "vous-même son identité et son adresse : un gestionnaire les vérifiera.",
}
"""Why the vendor types its identity by itself (rule D6)."""


def _about_search(request: Request, desk: Desk) -> dict[str, object]:
    """What was found, beside the fields."""
    application = desk.application
    if desk.step is Step.referencing:
        notice = kept_of(request).legal_text(LegalTextKind.early_notice).body if application.is_early else ""
        return {"early_blocks": blocks(notice)}
    lookup = application.lookup
    if desk.step is not Step.applicant or lookup is None:
        return {"known_vendor": False}
    return {
        "siret_shown": show_as(Siret, lookup.siret),
        "registry_name": views.registry_name(application),
        "registry_address": (lookup.company.address or "") if lookup.company else "",
        "manual": _BY_HAND.get(lookup.outcome, ""),
        "known_vendor": application.vendor_is_known and application.value(SIRET) == lookup.siret,
    }


def _routes(step: Step) -> tuple[Page, ...]:
    path = f"/enrolement/{{draft}}/{SLUGS[step]}"
    own = Access.DRAFT
    shown, saved = open_only(partial(show, step)), open_only(partial(save, step))
    return (
        page(path, shown, access=own, name=f"step_{step}"),
        page(path, saved, access=own, methods=["POST"], limits=UPLOADS, name=f"save_{step}"),
        page(
            f"{path}/brouillon",
            open_only(partial(autosave, step)),
            access=own,
            methods=["POST"],
            name=f"autosave_{step}",
        ),
        page(
            f"{path}/pieces",
            open_only(partial(upload, step)),
            access=own,
            methods=["POST"],
            limits=UPLOADS,
            name=f"upload_{step}",
        ),
    )


ROUTES = (
    *(route for step in ORDER if step is not Step.summary for route in _routes(step)),
    page("/enrolement/{draft}/banque", open_only(check_bank), access=Access.DRAFT, methods=["POST"], name="check_bank"),
)

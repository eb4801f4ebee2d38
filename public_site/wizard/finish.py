"""The last step: « Récapitulatif », « Terminer », its confirmation, and the page with the request's number."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from enrolment.application.recap import of_application
from enrolment.application.rules import ANS, BOXES, box
from enrolment.application.state import Application
from enrolment.services import drafts, submission
from enrolment.services.people import correspondent
from enrolment.services.submission import AlreadyEnrolled, Incomplete, acceptance_wording
from enrolment.wording import STATUS_WORDS, enrolment_type
from public_site.blocks import Block, blocks
from public_site.captcha import ANSWER, captcha_view, pass_for, problem_with
from public_site.site import kept_of, portal_of, redirect, render
from public_site.uploads import UPLOADS
from public_site.wizard import saving
from public_site.wizard.addresses import ORDER, draft_address, step_address
from public_site.wizard.desk import Desk, desk_of
from public_site.wizard.steps import INCOMPLETE, frame, leads_aside, open_only
from schema.enums import LegalTextKind, Step
from schema.tables import EnrolmentRequest, Referencing
from web.fields import FieldView
from web.parts import SummaryRow
from web.routing import Access, form_of, page
from web.typography import file_size

_PURPOSE = "terminer"


def show(request: Request) -> Response:
    """Everything that was typed, the boxes to tick and « Terminer »."""
    desk = desk_of(request, Step.summary)
    if desk.open_step is not Step.summary:
        return _to_open_step(desk)
    return _page(request, desk, {})


def finish(request: Request) -> Response:
    """« Terminer »: keeps the boxes, checks everything, asks for a confirmation, then makes the request."""
    form = form_of(request)
    desk, _ = saving.keep(request, Step.summary, form)
    aside = leads_aside(desk, form)
    if aside is not None:
        return redirect(aside)
    blocked = _blocked(request, desk)
    if blocked is not None:
        return blocked
    errors = {problem.field: problem.message for problem in desk.problems()}
    captcha_problem = problem_with(request, form, _PURPOSE, desk.public_id)
    passed = "" if captcha_problem else pass_for(request, _PURPOSE, desk.public_id)
    if captcha_problem is not None:
        errors[ANSWER] = captcha_problem
    if errors:
        return _page(request, desk, errors, status=422, passed=passed)
    if "confirmed" not in form:
        context = {**frame(desk), "boxes": [box(kind) for kind in BOXES], "passed": passed}
        context["back"] = step_address(desk.public_id, Step.summary)
        return render(request, "wizard/confirm.html", context)
    return _submit(request, desk)


def done(request: Request) -> Response:
    """The number of the request, and what happens next."""
    portal = portal_of(request)
    with portal.database.reading() as session:
        draft = drafts.find(session, request.path_params["draft"])
        if draft.request_id is None:
            return redirect(draft_address(draft.public_id))
        made = session.get_one(EnrolmentRequest, draft.request_id)
        software = session.get_one(Referencing, made.referencing_id)
        words = STATUS_WORDS[made.status]
        context = {
            "number": made.number,
            "submitted_at": made.submitted_at,
            "status": made.status,
            "enrolment_type": enrolment_type(made.kind, is_early=made.is_early),
            "is_early": made.is_early,
            "software": f"{software.software_name} {software.software_version}",
            "email": correspondent(session, made).email,
            "words": words,
            "status_path": portal.addresses.status(made).removeprefix(portal.settings.base_url),
        }
    return render(request, "wizard/done.html", context)


def _submit(request: Request, desk: Desk) -> Response:
    portal = portal_of(request)
    try:
        with portal.database.writing(saving.VISITOR) as session:
            submission.submit(session, saving.VISITOR, desk.public_id, portal.addresses)
    except Incomplete:
        # Something changed between the page and now: a wave closed, another draft was submitted.
        desk = desk_of(request, Step.summary)
        return _blocked(request, desk) or _page(request, desk, {}, status=422)
    except AlreadyEnrolled:
        return _already_enrolled(request)
    return redirect(draft_address(desk.public_id, "termine"))


def _blocked(request: Request, desk: Desk) -> Response | None:
    """Where to go when an earlier step is not right any more, or when somebody else enrolled the number first (R2)."""
    if desk.application.software is not None and desk.application.software.held_by is not None:
        return _already_enrolled(request)
    return _to_open_step(desk) if desk.open_step is not Step.summary else None


def _to_open_step(desk: Desk) -> Response:
    return redirect(f"{step_address(desk.public_id, desk.open_step)}?{INCOMPLETE}=1")


def _already_enrolled(request: Request) -> Response:
    return render(request, "wizard/already_enrolled.html", {"message": AlreadyEnrolled().message}, 409)


def _page(request: Request, desk: Desk, errors: Mapping[str, str], *, status: int = 200, passed: str = "") -> Response:
    captcha = captcha_view(request, _PURPOSE, desk.public_id, error=errors.get(ANSWER), passed=passed)
    boxes = [_box(request, desk.application, kind, errors) for kind in BOXES]
    views = [view for view, _, _ in boxes] + ([captcha.view] if captcha else [])
    context = {
        **frame(desk),
        "sections": _sections(desk),
        "boxes": boxes,
        "captcha": captcha,
        "views": views,
        "early": desk.application.is_early,
    }
    return render(request, "wizard/summary.html", context, status)


def _box(
    request: Request, application: Application, kind: LegalTextKind, errors: Mapping[str, str]
) -> tuple[FieldView, str, tuple[Block, ...]]:
    """The box that accepts a legal text, the text's title and the text."""
    text = kept_of(request).legal_text(kind)
    view = FieldView(
        name=box(kind),
        label=acceptance_wording(kind, text.version),
        value=application.answers.get(box(kind), ""),
        error=errors.get(box(kind)),
        kind="checkbox",
    )
    return view, text.title, blocks(text.body)


def _sections(desk: Desk) -> list[tuple[str, str, list[SummaryRow]]]:
    """Title, address to change it, and lines of each section; the files of a long step have a section of their own."""
    application = desk.application
    found: list[tuple[str, str, list[SummaryRow]]] = []
    recap = of_application(application)
    for step in ORDER:
        own = [section for section in recap if section.step is step]
        rows_of = [[SummaryRow(label, value) for label, value in section.lines] for section in own]
        if step is Step.referencing:
            rows_of[0] = _software_rows(application) + rows_of[0][1:]
        titles = [section.title for section in own]
        files = _file_rows(desk, step)
        if len(rows_of) == 1:
            rows_of[0] += files
        elif files:
            titles.append(f"Pièces jointes : {step.label.lower()}")
            rows_of.append(files)
        address = step_address(desk.public_id, step)
        found += [(title, address, rows) for title, rows in zip(titles, rows_of, strict=True) if rows]
    return found


def _software_rows(application: Application) -> list[SummaryRow]:
    software = application.software
    assert software is not None  # noqa: S101  The first step has no problem, or the summary would not open.
    rows = [
        SummaryRow("Numéro unique de référencement ANS", str(application.value(ANS))),
        SummaryRow("Nom du logiciel", software.name),
        SummaryRow("Version du logiciel", software.version),
        SummaryRow("DSR concerné", software.dsr_name),
    ]
    if software.profile_name:
        rows.append(SummaryRow("Profil référencé", software.profile_name))
    rows.append(SummaryRow("Type d'enrôlement", enrolment_type(application.kind, is_early=application.is_early)))
    return rows


def _file_rows(desk: Desk, step: Step) -> list[SummaryRow]:
    rows = []
    for item in desk.application.due_in(step):
        stored = desk.application.files.get(item.kind.code)
        if stored is not None:
            address = draft_address(desk.public_id, f"pieces/{item.kind.code}")
            rows.append(SummaryRow(item.kind.name, stored.name, file_url=address, note=file_size(stored.size)))
    return rows


_PATH = "/enrolement/{draft}/recapitulatif"
ROUTES = (
    page(_PATH, open_only(show), access=Access.DRAFT, name="step_summary"),
    page(_PATH, open_only(finish), access=Access.DRAFT, methods=["POST"], limits=UPLOADS, name="finish"),
    page("/enrolement/{draft}/termine", done, access=Access.DRAFT, name="done"),
)

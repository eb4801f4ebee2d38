"""« Déposer des pièces jointes »: documents that the ASP asked for (A3), certificates of an early request (A4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from enrolment.errors import NotFound
from enrolment.services.demands import HOSTING, Point
from public_site.answering import asked
from public_site.answering.asked import ACTION, CONFIRMED, FILE, FINISH, INVALID, KIND, REMOVE, Desk, opened
from public_site.site import redirect
from public_site.uploads import UPLOADS
from public_site.wizard.views import question_view
from schema.enums import DemandKind, ReferencingStatus
from web.fields import FieldView
from web.forms import Form, Upload
from web.routing import Access, Page, form_of, page

_KINDS = (DemandKind.documents, DemandKind.certificates)
_TITLES = {
    DemandKind.documents: "Ajouter des pièces justificatives",
    DemandKind.certificates: "Ajouter le certificat de référencement",
}
_CHOOSE = "Choisissez le type de document, puis le fichier, avant d'importer."


def show(request: Request, desk: Desk) -> Response:
    """What is asked, what was given, and where to import."""
    return _page(request, desk, {})


def send(request: Request, desk: Desk) -> Response:
    """Whatever button was pressed: what came with it is kept first."""
    form = form_of(request)
    asked.refuse_strangers(form, {KIND, FILE, HOSTING, *(f"document.{code}" for code in _codes(form))})
    if REMOVE in form:
        return asked.remove_file(request, desk, form.get(REMOVE))
    errors = asked.keep_answers(request, desk, form, [HOSTING]).said if _asks_hosting(desk) else {}
    desk = asked.read(request, desk.door)
    imported = ""
    for name, upload in _uploads(form):
        try:
            point = desk.answer.point(name)
        except NotFound:
            errors[name] = "D'après votre réponse, ce document n'est pas demandé : il n'a pas été gardé."
            continue
        problem, to_request = asked.keep_file(request, desk, point, upload, form)
        if to_request:
            return redirect(asked.joined_address(desk, upload.name))
        if problem is not None:
            errors[_field_of(desk, name)] = problem
        else:
            imported = upload.name
    desk = asked.read(request, desk.door)
    if form.get(ACTION) != FINISH and CONFIRMED not in form:
        if not errors and not imported and HOSTING not in form:
            errors[_field_of(desk, "")] = _CHOOSE
        return _page(request, desk, errors, INVALID if errors else 200, imported=imported)
    if errors or not desk.answer.is_complete:
        found = errors or {_field_of(desk, one.field): one.message for one in desk.answer.problems}
        return _page(request, desk, found, INVALID)
    if CONFIRMED not in form:
        return desk.door.page(request, "answering/confirm_deposit.html", {"desk": desk, "title": _title(desk)})
    return asked.finish(request, desk, _page)


def _page(
    request: Request, desk: Desk, errors: Mapping[str, str], status: int = 200, *, imported: str = ""
) -> Response:
    is_certificates = desk.answer.demand.kind is DemandKind.certificates
    fields = _certificate_fields(desk, errors) if is_certificates else _document_fields(desk, errors)
    names = {view.name for view in fields}
    context: dict[str, Any] = {
        "desk": desk,
        "title": _title(desk),
        "is_certificates": is_certificates,
        "waits_for_ans": is_certificates and desk.referencing is ReferencingStatus.pending,
        "fields": fields,
        "others": [message for name, message in errors.items() if name not in names],
        "versions": asked.versions(desk),
        "imported": imported,
        "missing": [problem.message for problem in desk.answer.problems],
    }
    return desk.door.page(request, "answering/deposit.html", context, status)


def _title(desk: Desk) -> str:
    return _TITLES[desk.answer.demand.kind]


def _document_fields(desk: Desk, errors: Mapping[str, str]) -> list[FieldView]:
    """« Type de document » among those asked, the first that is missing chosen, and one file."""
    points = desk.answer.documents
    first = next((point for point in points if point.file is None), None)
    kind = FieldView(
        KIND,
        "Type de document",
        value=first.name if first else "",
        choices=tuple((point.name, point.label) for point in points),
        kind="select",
        error=errors.get(KIND),
    )
    largest = max((point.kind.max_bytes for point in points if point.kind), default=0)
    return [kind, FieldView(FILE, "Fichier", kind="file", error=errors.get(FILE), max_bytes=largest)]


def _certificate_fields(desk: Desk, errors: Mapping[str, str]) -> list[FieldView]:
    """The certificate, then the question on health data with the document of each answer: nothing else is taken."""
    answer, application = desk.answer, desk.answer.application
    assert application is not None  # noqa: S101  Certificates are read with their application.
    depends = {point.name for point, _ in answer.conditional}
    found = [_certificate(desk, point, errors) for point in answer.documents if point.name not in depends]
    for asked_question in (point.question for point in answer.questions):
        assert asked_question is not None  # noqa: S101  `questions` holds nothing else.
        found.append(question_view(application, asked_question, errors))
        found += [
            _certificate(
                desk,
                point,
                errors,
                show_when=f"{HOSTING}={word}",
                show_when_said=f"Uniquement si vous répondez « {word.capitalize()} ».",
            )
            for point, word in answer.conditional
        ]
    return found


def _certificate(desk: Desk, point: Point, errors: Mapping[str, str], **changes: Any) -> FieldView:
    view = asked.file_view(desk, point, errors, **changes)
    return view.with_(help=f"À refaire : {point.reason} {view.help}") if point.reason else view


def _uploads(form: Form) -> Iterator[tuple[str, Upload]]:
    """Each file that came, with the name of its point."""
    for upload in form.uploads:
        yield (form.get(KIND) if upload.field_name == FILE else upload.field_name), upload


def _field_of(desk: Desk, name: str) -> str:
    """The field that an error is said at."""
    if desk.answer.demand.kind is DemandKind.documents:
        return FILE
    return name or next((point.name for point in desk.answer.points), "")


def _codes(form: Form) -> set[str]:
    return {
        upload.field_name.removeprefix("document.")
        for upload in form.uploads
        if upload.field_name.startswith("document.")
    }


def _asks_hosting(desk: Desk) -> bool:
    return any(point.name == HOSTING for point in desk.answer.points)


def routes(start: str, access: Access, name: str) -> tuple[Page, ...]:
    """The routes of these pages behind one door."""
    path = f"{start}/depot"
    return (
        page(path, opened(_KINDS, show), access=access, name=f"deposit_{name}"),
        page(path, opened(_KINDS, send), access=access, methods=["POST"], limits=UPLOADS, name=f"send_deposit_{name}"),
    )

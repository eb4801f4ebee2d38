"""« Modifier »: the answers and documents that the ASP flagged, each with its reason; nothing else can be changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from enrolment import clock
from enrolment.errors import NotFound
from enrolment.services.demands import Answer, Point, shown_of
from public_site.answering import asked
from public_site.answering.asked import ACTION, CONFIRMED, FINISH, INVALID, REMOVE, Desk, opened
from public_site.site import redirect
from public_site.uploads import UPLOADS
from public_site.wizard.views import question_view
from schema.enums import DemandKind
from web.fields import FieldView
from web.routing import Access, Page, form_of, page
from web.typography import clock_time

_KINDS = (DemandKind.correction,)


@dataclass(frozen=True)
class Card:
    """One point to correct, as the page shows it."""

    point: Point
    view: FieldView
    old: str


@dataclass(frozen=True)
class Change:
    """One line of what will be sent."""

    label: str
    old: str
    new: str
    is_same: bool


def show(request: Request, desk: Desk) -> Response:
    """The checklist: old value, reason, new value."""
    return _page(request, desk, {})


def send(request: Request, desk: Desk) -> Response:
    """Whatever button was pressed: what was typed is kept first, then every file that can be taken."""
    form = form_of(request)
    names = _names(desk)
    asked.refuse_strangers(
        form, names | {upload.field_name for upload in form.uploads if _is_document(upload.field_name)}
    )
    is_ending = form.get(ACTION) == FINISH or CONFIRMED in form
    # « Terminer » answers every point, even by the same value: the next page says which ones do not change.
    errors = asked.keep_answers(request, desk, form, sorted(names), changed_only=not is_ending).said
    if REMOVE in form:
        return asked.remove_file(request, desk, form.get(REMOVE))
    desk = asked.read(request, desk.door)
    for upload in form.uploads:
        try:
            point = desk.answer.point(upload.field_name)
        except NotFound:
            errors[upload.field_name] = "Ce document n'est plus demandé : il n'a pas été gardé."
            continue
        problem, to_request = asked.keep_file(request, desk, point, upload, form)
        if to_request:
            return redirect(asked.joined_address(desk, upload.name))
        if problem is not None:
            errors[upload.field_name] = problem
    desk = asked.read(request, desk.door)
    if not is_ending:
        return _page(request, desk, errors, INVALID if errors else 200, saved=not errors)
    if errors or not desk.answer.is_complete:
        found = errors or {one.field: one.message for one in desk.answer.problems}
        return _page(request, desk, found, INVALID)
    if CONFIRMED not in form:
        return desk.door.page(request, "answering/confirm_correction.html", {"desk": desk, "changes": _changes(desk)})
    return asked.finish(request, desk, _page)


def autosave(request: Request, desk: Desk) -> Response:
    """Keep what is being typed, for the script that sends it, which learns the versions that are its own from now on.

    A point that somebody else answered keeps the version that the page saw: « Terminer » says so once more.
    """
    form = form_of(request)
    names = _names(desk)
    asked.refuse_strangers(form, names)
    kept = asked.keep_answers(request, desk, form, sorted(names), changed_only=True)
    answer: dict[str, object] = {
        "fields": {asked.seen_field(name): version for name, version in kept.versions.items()},
        "done": _done(asked.read(request, desk.door).answer.points),
    }
    if kept.conflicts:
        return JSONResponse(answer | {"message": kept.conflicts[0].message}, 409)
    return JSONResponse(answer | {"saved_at": clock_time(clock.now())})


def _page(
    request: Request, desk: Desk, errors: Mapping[str, str], status: int = 200, *, saved: bool = False
) -> Response:
    cards = [_card(desk, point, errors) for point in desk.answer.points]
    names = {card.view.name for card in cards}
    context = {
        "desk": desk,
        "cards": cards,
        "views": [card.view for card in cards],
        "others": [message for name, message in errors.items() if name not in names],
        "versions": asked.versions(desk),
        "saved": saved,
        "done": _done(desk.answer.points),
    }
    return desk.door.page(request, "answering/correction.html", context, status)


def _done(points: Sequence[Point]) -> str:
    """« 1 sur 3 fait »."""
    given = sum(point.is_given for point in points)
    return f"{given} sur {len(points)} {'fait' if given < 2 else 'faits'}"


def _card(desk: Desk, point: Point, errors: Mapping[str, str]) -> Card:
    if point.question is None:
        return Card(point, asked.file_view(desk, point, errors), "")
    application = desk.answer.application
    assert application is not None  # noqa: S101  A correction is read with its application.
    return Card(point, question_view(application, point.question, errors), point.old)


def _changes(desk: Desk) -> list[Change]:
    answer: Answer = desk.answer
    assert answer.application is not None  # noqa: S101  A correction is read with its application.
    lines = []
    for point in answer.points:
        if point.question is not None:
            new = shown_of(answer.application, point.name)
            lines.append(Change(point.label, point.old or "(vide)", new, new == (point.old or "(vide)")))
        elif point.file is not None:
            lines.append(Change(point.label, "", point.file.name, is_same=False))
    return lines


def _names(desk: Desk) -> set[str]:
    return {point.name for point in desk.answer.questions}


def _is_document(name: str) -> bool:
    return name.startswith("document.")


def routes(start: str, access: Access, name: str) -> tuple[Page, ...]:
    """The routes of these pages behind one door."""
    path = f"{start}/modifier"
    return (
        page(path, opened(_KINDS, show), access=access, name=f"correct_{name}"),
        page(
            path, opened(_KINDS, send), access=access, methods=["POST"], limits=UPLOADS, name=f"send_correction_{name}"
        ),
        page(f"{path}/brouillon", opened(_KINDS, autosave), access=access, methods=["POST"], name=f"autosave_{name}"),
    )

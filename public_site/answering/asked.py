"""What the pages that answer a demand share: reading it, taking files and answers, ending it, the page once it ended.

No page of one kind of demand in particular.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from enrolment.errors import Conflict, NotFound, Refused
from enrolment.files.storage import StorageUnavailable
from enrolment.services import answering, demands, given, pieces, reference
from enrolment.services.answering import Kept, Unfinished
from enrolment.services.demands import Answer, NoLongerAsked, Point
from enrolment.services.people import correspondent
from enrolment.workflow import TransitionRefused
from public_site.answering.door import Door, door_of
from public_site.serving import own_copy
from public_site.site import portal_of, redirect
from public_site.uploads import taken
from schema.enums import DemandKind, DemandState, ReferencingStatus
from schema.tables import Demand, EnrolmentRequest, Referencing
from web.fields import CurrentFile, FieldView
from web.forms import Form, Upload
from web.routing import form_of

SEEN = "vu."
"""Start of the names of the hidden fields that say which version of a point the page showed."""

KIND, FILE = "type", "fichier"
"""« Type de document » and the file, where one field takes any of the documents asked."""

ACTION, REMOVE, CONFIRMED = "action", "remove", "confirmed"
FINISH = "finish"
SLUGS = {
    DemandKind.documents: "depot",
    DemandKind.certificates: "depot",
    DemandKind.correction: "modifier",
}
INVALID = 422


@dataclass(frozen=True)
class Desk:
    """A demand being answered, read in one visit to the database."""

    door: Door
    answer: Answer
    software: str
    referencing: ReferencingStatus

    @property
    def public_id(self) -> str:
        """The demand's."""
        return str(self.answer.demand.public_id)

    @property
    def address(self) -> str:
        """The page of this kind of demand."""
        return address_of(self.door, self.answer.demand.kind)

    def file_address(self, name: str) -> str:
        """Where the file of a point is shown."""
        return f"{self.door.base}/reponse/{name.removeprefix('document.')}"


Page = Callable[[Request, Desk, Mapping[str, str], int], Response]


def address_of(door: Door, kind: DemandKind) -> str:
    """The page that answers a kind of demand."""
    return f"{door.base}/{SLUGS[kind]}"


def opened(kinds: Iterable[DemandKind], endpoint: Callable[[Request, Desk], Response]) -> Callable[[Request], Response]:
    """An endpoint for an open demand of these kinds. Another kind has its own page; one that ended says so."""
    wanted = frozenset(kinds)

    def guarded(request: Request) -> Response:
        door = door_of(request)
        with portal_of(request).database.reading() as session:
            demand = door.demand(session)
        if demand.state is not DemandState.open and request.method == "GET":
            return ended(request, door)
        if demand.state is DemandState.cancelled:
            return _take_late(request, door, demand)
        if demand.kind not in wanted:
            return redirect(address_of(door, demand.kind))
        try:
            return endpoint(request, read(request, door))
        except (NoLongerAsked, TransitionRefused) as error:
            return ended(request, door, error)

    return guarded


def _take_late(request: Request, door: Door, demand: Demand) -> Response:
    """What was on its way when the ASP cancelled its demand: files join the request, answers stay in the demand."""
    sent = form_of(request)
    portal = portal_of(request)
    with portal.database.reading() as session:
        items = demands.items_of(session, demand)
        kinds = {demands.document(kind.code): kind for kind in reference.document_kinds(session)}
    names: list[str] = []
    for upload in sent.uploads:
        name = sent.get(KIND) if upload.field_name == FILE else upload.field_name
        if name in items and name in kinds:
            attachment = taken(request, kinds[name], upload)
            with portal.database.writing(door.actor) as session:
                answering.attach(session, demand.public_id, name, 0, attachment)
            names.append(upload.name)
    typed = {name: sent.get(name) for name in items if name in sent}
    if typed:
        with portal.database.writing(door.actor) as session:
            answering.keep(session, demand.public_id, typed, {})
    if names:
        return redirect(f"{address_of(door, demand.kind)}?joint={quote(', '.join(names))}")
    return ended(request, door, NoLongerAsked(demand))


def read(request: Request, door: Door) -> Desk:
    """The demand as it stands. Raises NotFound, or NoLongerAsked for one that ended."""
    with portal_of(request).database.reading() as session:
        demand = door.demand(session)
        if demand.state is not DemandState.open:
            raise NoLongerAsked(demand)
        answer = demands.read(session, demand)
        software = session.get_one(Referencing, answer.request.referencing_id)
        return Desk(door, answer, f"{software.software_name} {software.software_version}", software.status)


def keep_answers(request: Request, desk: Desk, form: Form, names: Iterable[str], *, changed_only: bool = False) -> Kept:
    """Keep what was typed for these points; `changed_only` leaves out what the page itself filled in."""
    typed = {name: form.get(name) for name in names if name in form}
    if not typed:
        return Kept()
    seen = {name: _seen(form, name) for name in typed}
    with portal_of(request).database.writing(desk.door.actor) as session:
        return answering.keep(session, desk.public_id, typed, seen, changed_only=changed_only)


def keep_file(request: Request, desk: Desk, point: Point, upload: Upload, form: Form) -> tuple[str | None, bool]:
    """Take the file of a point. Gives what is wrong, if anything, and whether it went to the request itself."""
    assert point.kind is not None  # noqa: S101  The caller asks it of documents alone.
    try:
        attachment = taken(request, point.kind, upload)
        with portal_of(request).database.writing(desk.door.actor) as session:
            joined = answering.attach(session, desk.public_id, point.name, _seen(form, point.name), attachment)
    except (NoLongerAsked, NotFound):
        raise
    except (Refused, StorageUnavailable, Conflict) as error:
        return error.message, False
    return None, joined


def remove_file(request: Request, desk: Desk, name: str) -> Response:
    """« Retirer »."""
    with portal_of(request).database.writing(desk.door.actor) as session:
        answering.detach(session, desk.public_id, name)
    return redirect(desk.address)


def finish(request: Request, desk: Desk, page: Page) -> Response:
    """Send the answer, which was confirmed."""
    portal = portal_of(request)
    try:
        with portal.database.writing(desk.door.actor) as session:
            answering.finish(session, desk.door.actor, desk.public_id, portal.addresses)
    except Unfinished as error:
        return page(request, read(request, desk.door), {one.field: one.message for one in error.problems}, INVALID)
    return redirect(desk.address)


def ended(request: Request, door: Door, error: Conflict | None = None) -> Response:
    """The page of a demand that ended: what was sent, when, and where the request stands. `error` comes too late."""
    with portal_of(request).database.reading() as session:
        demand = door.demand(session)
        row = session.get_one(EnrolmentRequest, demand.request_id)
        context = {
            "demand": demand,
            "row": row,
            "is_answered": demand.state is DemandState.answered,
            "is_correction": demand.kind is DemandKind.correction,
            "given": given.given(session, demand),
            "email": correspondent(session, row).email,
            "follow": door.follow(request, row),
            "problem": error.message if error is not None else "",
            "joined": request.query_params.get("joint", ""),
        }
    return door.page(request, "answering/ended.html", context, error.http_status if error is not None else 200)


def show_file(request: Request) -> Response:
    """The file given for a point, to whoever answers the demand; a sensitive one as a marked copy (SEC-15)."""
    door = door_of(request)
    portal = portal_of(request)
    with portal.database.reading() as session:
        demand = door.demand(session)
        piece = pieces.of_demand(session, demand, request.path_params["kind"])
    if piece is None:
        raise NotFound("Aucun fichier de ce type n'a été donné. Revenez à la page précédente pour l'importer.")
    return own_copy(request, piece)


def file_view(desk: Desk, point: Point, errors: Mapping[str, str], **changes: Any) -> FieldView:
    """The field of a document."""
    assert point.kind is not None  # noqa: S101  The caller asks it of documents alone.
    current = CurrentFile(point.file.name, point.file.size, desk.file_address(point.name)) if point.file else None
    view = FieldView(
        name=point.name,
        label=point.label,
        help=point.kind.help,
        error=errors.get(point.name),
        kind="file",
        current=current,
        template_url=f"/documents/{point.kind.template_file}" if point.kind.template_file else None,
        max_bytes=point.kind.max_bytes,
    )
    return view.with_(**changes) if changes else view


def versions(desk: Desk) -> list[tuple[str, int]]:
    """The hidden fields that say what the page showed."""
    return [(seen_field(point.name), point.version) for point in desk.answer.points]


def seen_field(name: str) -> str:
    """The name of the hidden field of a point."""
    return f"{SEEN}{name}"


def refuse_strangers(form: Form, names: Iterable[str]) -> None:
    """Raise Refused for a field that no page of ours has (SEC-19)."""
    known = {ACTION, REMOVE, CONFIRMED, *names}
    if [name for name in form.unexpected(known) if not name.startswith(SEEN)]:
        raise Refused("Ce formulaire contient un champ inconnu. Rechargez la page et recommencez.")


def joined_address(desk: Desk, name: str) -> str:
    """Where one is told that a file reached the request although the ASP had just cancelled its demand."""
    return f"{desk.address}?joint={quote(name)}"


def _seen(form: Form, name: str) -> int:
    typed = form.get(seen_field(name))
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else 0

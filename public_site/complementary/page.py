"""The page of a complementary request, from « Rechercher » to « Terminer » and the number it gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from enrolment import clock
from enrolment.application.questions import question
from enrolment.application.recap import of_application
from enrolment.application.rules import ANS, BOXES
from enrolment.errors import NotFound
from enrolment.services import drafts, pieces, submission
from enrolment.services.people import correspondent
from enrolment.services.submission import AlreadyEnrolled, Incomplete, acceptance_wording
from enrolment.wording import STATUS_WORDS, enrolment_type
from public_site.account.guard import visitor_of
from public_site.blocks import Block, blocks
from public_site.complementary import keeping
from public_site.complementary.desk import OWN_DRAFT, ShortDesk, address_of, desk_of
from public_site.complementary.keeping import COMPANY
from public_site.private.addresses import COMPLEMENTARY, request_address
from public_site.private.frame import private_page
from public_site.serving import own_copy
from public_site.site import kept_of, portal_of, redirect
from public_site.uploads import UPLOADS
from public_site.wizard.desk import AlreadySubmitted
from public_site.wizard.views import question_view, views_of
from schema.enums import LegalTextKind
from schema.tables import EnrolmentRequest, Referencing
from schema.types import Siret, show_as
from web.fields import FieldView
from web.forms import SMALL_LIMITS
from web.headers import Policy
from web.parts import SummaryRow
from web.routing import form_of, page
from web.typography import clock_time, file_size

_INVALID = 422
SEARCH, LATER, FINISH = "search", "later", "finish"


def open_only(endpoint: Callable[[Request], Response]) -> Callable[[Request], Response]:
    """An endpoint of a draft that is not submitted yet: afterwards, everything leads to the last page (S1)."""

    def guarded(request: Request) -> Response:
        try:
            return endpoint(request)
        except AlreadySubmitted:
            return redirect(f"{address_of(request.path_params['draft'])}/termine")

    return guarded


def show(request: Request) -> Response:
    """The form as it was left."""
    desk = desk_of(request)
    searched = bool(desk.application.answers.get(ANS)) and not desk.is_found
    errors = {one.field: one.message for one in desk.problems() if one.field == ANS} if searched else {}
    return _page(request, desk, errors, saved=request.query_params.get("etat") == "enregistre")


def save(request: Request) -> Response:
    """Whatever button was pressed: what came with it is kept first."""
    form = form_of(request)
    was_found = desk_of(request).is_found
    desk, errors = keeping.keep(request, form)
    action = form.get("action")
    if "remove" in form:
        keeping.remove_file(request, desk, form.get("remove"))
        return redirect(desk.address)
    if action == LATER and not errors:
        return redirect(f"{desk.address}?etat=enregistre")
    if desk.company is None:
        errors.setdefault(COMPANY, "Choisissez le fournisseur pour lequel vous déposez cette demande.")
    problems = {one.field: one.message for one in desk.problems()}
    if action == SEARCH or not was_found or not desk.is_found:
        wrong = errors | {name: said for name, said in problems.items() if name == ANS}
        return _page(request, desk, wrong, _INVALID) if wrong else redirect(f"{desk.address}#resultat")
    if problems | errors:
        return _page(request, desk, problems | errors, _INVALID)
    if "confirmed" not in form:
        return _confirm(request, desk)
    return _submit(request, desk)


def autosave(request: Request) -> Response:
    """Keep what is being typed, for the script that sends it."""
    desk, _ = keeping.keep(request, form_of(request))
    return JSONResponse({"saved_at": clock_time(clock.now()), "until": desk.expires_at.isoformat()})


def upload(request: Request) -> Response:
    """Take one file at once, for the script that sends it."""
    uploads = form_of(request).uploads
    errors = keeping.keep_files(request, desk_of(request), uploads)
    if errors or not uploads:
        message = next(iter(errors.values()), "Aucun fichier n'est arrivé. Choisissez-le de nouveau.")
        return JSONResponse({"message": message}, _INVALID)
    stored = desk_of(request).application.files[uploads[0].field_name.removeprefix("document.")]
    return JSONResponse({"name": stored.name, "size": file_size(stored.size)})


def show_file(request: Request) -> Response:
    """The file given for a kind. A sensitive one is shown as a marked copy (SEC-15)."""
    portal = portal_of(request)
    with portal.database.reading() as session:
        draft = drafts.find(session, request.path_params["draft"])
        piece = pieces.of_draft(session, draft, request.path_params["kind"])
    if piece is None:
        raise NotFound("Aucun fichier de ce type n'est dans votre brouillon. Revenez à la page pour le déposer.")
    return own_copy(request, piece)


def delete(request: Request) -> Response:
    """Give the draft up."""
    with portal_of(request).database.writing(visitor_of(request).actor) as session:
        drafts.delete(session, request.path_params["draft"])
    return redirect(f"{COMPLEMENTARY}?etat=supprime")


def done(request: Request) -> Response:
    """The number of the request, and what happens next."""
    portal = portal_of(request)
    with portal.database.reading() as session:
        draft = drafts.find(session, request.path_params["draft"])
        if draft.request_id is None:
            return redirect(address_of(draft.public_id))
        made = session.get_one(EnrolmentRequest, draft.request_id)
        software = session.get_one(Referencing, made.referencing_id)
        context = {
            "row": made,
            "enrolment_type": enrolment_type(made.kind, is_early=made.is_early),
            "software": f"{software.software_name} {software.software_version}",
            "email": correspondent(session, made).email,
            "words": STATUS_WORDS[made.status],
            "address": request_address(made.public_id),
        }
    return private_page(request, "complementary/done.html", context)


def _submit(request: Request, desk: ShortDesk) -> Response:
    portal, actor = portal_of(request), visitor_of(request).actor
    try:
        with portal.database.writing(actor) as session:
            submission.submit(session, actor, desk.public_id, portal.addresses)
    except Incomplete:
        # Something changed between the page and now: a wave closed, the ANS validated the number.
        desk = desk_of(request)
        return _page(request, desk, {one.field: one.message for one in desk.problems()}, _INVALID)
    except AlreadyEnrolled as error:
        return _page(request, desk_of(request), {ANS: error.message}, 409)
    return redirect(f"{desk.address}/termine")


def _page(
    request: Request, desk: ShortDesk, errors: Mapping[str, str], status: int = 200, *, saved: bool = False
) -> Response:
    searched = question_view(desk.application, question(ANS), errors)
    company = company_view(desk, errors) if len(desk.companies) > 1 else None
    found = desk.groups(errors) if desk.is_found else ()
    views = [view for view in (company, searched, *views_of(found)) if view is not None]
    names = {view.name for view in views}
    early = kept_of(request).legal_text(LegalTextKind.early_notice).body if desk.application.is_early else ""
    context = {
        "desk": desk,
        "application": desk.application,
        "company": company,
        "searched": searched,
        "groups": found,
        "views": views,
        "others": [message for name, message in errors.items() if name not in names],
        "is_found": desk.is_found,
        "early_blocks": blocks(early),
        "saved": saved,
        "siret": show_as(Siret, desk.company.siret) if desk.company else "",
        "type": enrolment_type(desk.application.kind, is_early=desk.application.is_early),
        "engagements": _engagements(request),
    }
    return private_page(request, "complementary/page.html", context, status)


def company_view(desk: ShortDesk, errors: Mapping[str, str]) -> FieldView:
    """For which of its companies the account files."""
    return FieldView(
        COMPANY,
        "Fournisseur",
        help="La société pour laquelle vous déposez cette demande.",
        kind="select",
        value=str(desk.company.provider_id) if desk.company else "",
        choices=tuple((str(one.provider_id), f"{one.name} – {show_as(Siret, one.siret)}") for one in desk.companies),
        error=errors.get(COMPANY),
    )


def _confirm(request: Request, desk: ShortDesk) -> Response:
    rows = [SummaryRow(label, value) for section in of_application(desk.application) for label, value in section.lines]
    for item in desk.application.due:
        stored = desk.application.files.get(item.kind.code)
        if stored is not None:
            rows.append(SummaryRow(item.kind.name, stored.name, file_url=desk.file_address(item.kind.code)))
    context = {"desk": desk, "rows": rows, "engagements": _engagements(request)}
    return private_page(request, "complementary/confirm.html", context)


def _engagements(request: Request) -> list[tuple[str, str, tuple[Block, ...]]]:
    """What confirming accepts (rule S2): the sentence, the title of its text, the text."""
    texts = [(kind, kept_of(request).legal_text(kind)) for kind in BOXES]
    return [(acceptance_wording(kind, text.version), text.title, blocks(text.body)) for kind, text in texts]


_PATH = f"{COMPLEMENTARY}/{{draft}}"
ROUTES = (
    page(_PATH, open_only(show), access=OWN_DRAFT, name="complementary"),
    page(_PATH, open_only(save), access=OWN_DRAFT, methods=["POST"], limits=UPLOADS, name="save_complementary"),
    page(f"{_PATH}/brouillon", open_only(autosave), access=OWN_DRAFT, methods=["POST"], name="autosave_complementary"),
    page(
        f"{_PATH}/pieces",
        open_only(upload),
        access=OWN_DRAFT,
        methods=["POST"],
        limits=UPLOADS,
        name="upload_complementary",
    ),
    page(
        f"{_PATH}/pieces/{{kind}}",
        open_only(show_file),
        access=OWN_DRAFT,
        policy=Policy.FILE,
        name="complementary_file",
    ),
    page(
        f"{_PATH}/supprimer",
        open_only(delete),
        access=OWN_DRAFT,
        methods=["POST"],
        limits=SMALL_LIMITS,
        name="delete_complementary",
    ),
    page(f"{_PATH}/termine", done, access=OWN_DRAFT, name="complementary_done"),
)

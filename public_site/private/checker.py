"""« Vérifier une pièce »: says whether files would be taken as they are, and forgets them (open to all accounts, E3).

How a file is judged is in `enrolment.services.verification`; nothing here keeps one, or writes about one.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from enrolment.documents import Kind
from enrolment.errors import Refused
from enrolment.files.checks import MAX_BYTES
from enrolment.services import attempts, reference, verification
from enrolment.services.verification import MOST_FILES, Given, Outcome, Verdict
from public_site.account.guard import visitor_of
from public_site.account.pages import in_minutes
from public_site.private.addresses import CHECKER
from public_site.private.frame import private_page
from public_site.site import portal_of
from web.fields import FieldView
from web.forms import MIB, Form, Limits
from web.routing import Access, form_of, page
from web.typography import file_size

KIND, FILES = "type_de_piece", "fichiers"
LIMITS = Limits(file_bytes=16 * MIB, total_bytes=48 * MIB)
"""Above what a kind of document may allow, so that its own limit decides and says so."""

_TONES = {Outcome.good: "success", Outcome.wrong: "danger", Outcome.put_off: "warning"}


def show(request: Request) -> Response:
    """The form."""
    return _page(request, _kinds(request), "")


def check(request: Request) -> Response:
    """The form again, with a verdict for each file."""
    form = form_of(request)
    if form.unexpected({KIND, FILES}):
        raise Refused("Ce formulaire contient un champ inconnu. Rechargez la page et recommencez.")
    kinds = _kinds(request)
    chosen = form.get(KIND)
    kind = next((kind for kind in kinds if kind.code == chosen), None)
    problem = _problem(form)
    if chosen and kind is None:
        return _page(request, kinds, "", kind_error="Choisissez un type de pièce de la liste, ou aucun.", status=422)
    if problem is not None:
        return _page(request, kinds, chosen, files_error=problem, status=422)
    portal, visitor = portal_of(request), visitor_of(request)
    with portal.database.writing(visitor.actor) as session:
        counters = attempts.check_counters(visitor.account.id)
        turn = attempts.allowed(session, counters, tries=len(form.uploads))
    if turn.wait:
        said = f"Vous avez vérifié beaucoup de fichiers en peu de temps. Réessayez dans {in_minutes(turn.wait)}."
        return _page(request, kinds, chosen, files_error=said, status=429)
    # One file at a time in memory.
    given = (Given(upload.name, upload.content(), upload.size) for upload in form.uploads)
    limit = kind.max_bytes if kind else MAX_BYTES
    verdicts = list(verification.verify(given, limit, portal.settings.clamd))
    return _page(request, kinds, chosen, verdicts=verdicts)


def _problem(form: Form) -> str | None:
    """Why nothing can be checked."""
    if not form.uploads:
        return "Choisissez au moins un fichier à vérifier."
    if len(form.uploads) > MOST_FILES:
        return f"Choisissez {MOST_FILES} fichiers au plus : vous en avez choisi {len(form.uploads)}."
    return None


def _kinds(request: Request) -> Sequence[Kind]:
    with portal_of(request).database.reading() as session:
        return reference.document_kinds(session)


def _page(
    request: Request,
    kinds: Sequence[Kind],
    chosen: str,
    *,
    verdicts: Sequence[Verdict] = (),
    kind_error: str | None = None,
    files_error: str | None = None,
    status: int = 200,
) -> Response:
    kind_view = FieldView(
        KIND,
        "Type de pièce",
        help=f"Chaque type de pièce peut avoir sa propre taille maximale ; sinon, elle est de {file_size(MAX_BYTES)}.",
        value=chosen,
        error=kind_error,
        required=False,
        kind="select",
        choices=[(kind.code, _option(kind)) for kind in kinds],
        width="long",
    )
    files_view = FieldView(FILES, "Fichiers à vérifier", error=files_error)
    context = {
        "kind_view": kind_view,
        "files_view": files_view,
        "most": MOST_FILES,
        "verdicts": [(verdict, _TONES[verdict.outcome]) for verdict in verdicts],
    }
    return private_page(request, "private/checker.html", context, status)


def _option(kind: Kind) -> str:
    return kind.name if kind.max_bytes == MAX_BYTES else f"{kind.name} ({file_size(kind.max_bytes)} au plus)"


ROUTES = (
    page(CHECKER, show, access=Access.ACCOUNT, name="checker"),
    page(CHECKER, check, access=Access.ACCOUNT, methods=["POST"], limits=LIMITS, name="check_files"),
)

"""« Simulateur JSON »: checks a financing file and forgets it. Open to partly validated vendors too (rule E3)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from enrolment.errors import Refused
from enrolment.financing.checking import Report, check
from enrolment.services import financing, financing_files
from public_site.account.guard import visitor_of
from public_site.financing.published import EXAMPLE, FORMAT, SCHEMA
from public_site.financing.reports import report_view
from public_site.private.addresses import SIMULATOR
from public_site.private.frame import private_page
from public_site.site import portal_of
from web.fields import FieldView
from web.forms import MIB, Limits
from web.routing import Access, form_of, page

FILE = "fichier"
ONE_FILE = Limits(file_bytes=32 * MIB, files=1, fields=4, total_bytes=40 * MIB)
"""Above what the parameter may set: the parameter decides, and says so."""

_ACCEPTED = (".json", "application/json")
_CHOOSE = "Choisissez un fichier JSON avant de le vérifier."


def show(request: Request) -> Response:
    """Where a file is chosen."""
    return _page(request)


def verify(request: Request) -> Response:
    """The report on a file. It is read from where it was received, which vanishes with the request."""
    form = form_of(request)
    if form.unexpected({FILE}):
        raise Refused("Ce formulaire contient un champ inconnu. Rechargez la page et recommencez.")
    upload = form.file(FILE)
    if upload is None:
        return _page(request, error=_CHOOSE)
    portal = portal_of(request)
    with portal.database.reading() as session:
        rules = financing.rules(session, visitor_of(request).account.id)
        limit = financing_files.sizes(session).file_bytes
    if upload.too_large or upload.size > limit:
        return _page(request, error=financing_files.too_large(limit))
    return _page(request, report=check(upload.stream(), rules), file_name=upload.name)


def file_field(name: str, label: str, limit: int, error: str | None = None) -> FieldView:
    """A field that takes a financing file."""
    return FieldView(
        name, label, kind="file", accept=_ACCEPTED, accept_said="Fichier JSON", max_bytes=limit, error=error
    )


def _page(request: Request, *, report: Report | None = None, file_name: str = "", error: str = "") -> Response:
    with portal_of(request).database.reading() as session:
        limit = financing_files.sizes(session).file_bytes
    field = file_field(FILE, "Fichier de financement", limit, error or None)
    context = {
        "file_field": field,
        "report": report_view(report) if report is not None else None,
        "file_name": file_name,
        "address": SIMULATOR,
        "format_url": FORMAT,
        "schema_url": SCHEMA,
        "example_url": EXAMPLE,
    }
    return private_page(request, "financing/simulator.html", context, 422 if error else 200)


ROUTES = (
    page(SIMULATOR, show, access=Access.ACCOUNT, name="simulator"),
    page(SIMULATOR, verify, access=Access.ACCOUNT, methods=["POST"], limits=ONE_FILE, name="simulate"),
)

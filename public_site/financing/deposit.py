"""Depositing a financing request: the file and its proofs, for an enrolment that opens one (rule E3), or again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from enrolment.errors import NotFound, Refused
from enrolment.financing.proofs import ProofsRefused
from enrolment.financing.rules import Rules
from enrolment.services import financing, financing_files
from enrolment.services.financing_files import FileNotConforming, Given, Pair
from public_site.account.guard import visitor_of
from public_site.financing.published import EXAMPLE, FORMAT, SCHEMA
from public_site.financing.reports import report_view
from public_site.financing.simulator import file_field
from public_site.private.addresses import FINANCING, SIMULATOR, request_address
from public_site.private.frame import private_page
from public_site.site import portal_of, redirect
from schema.enums import FinancingStatus
from web.fields import FieldView
from web.forms import MIB, Form, Limits
from web.routing import Access, form_of, page

ENROLMENT, FILE, PROOFS = "enrolement", "fichier", "preuves"
DEPOSIT = f"{FINANCING}/deposer"
TWO_FILES = Limits(file_bytes=64 * MIB, files=2, fields=6, total_bytes=100 * MIB)
"""Above what the parameters may set: they decide, and say so."""

_INVALID = 422
_AGAIN = "Choisissez de nouveau les deux fichiers avant de déposer : un navigateur ne les garde pas."


class _Invalid(Exception):
    """What is wrong, by field; `report` is that of the financing file, `proofs` the faults of the archive."""

    def __init__(self, errors: dict[str, str], report: Any = None, proofs: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.errors = errors
        self.report = report
        self.proofs = proofs


def show(request: Request) -> Response:
    """The form; an enrolment that cannot open a request says why (rule E3)."""
    return _page(request, {ENROLMENT: request.query_params.get(ENROLMENT, "")})


def send(request: Request) -> Response:
    """Make a financing request. What the page does not offer is refused here too."""
    form = _form(request, {ENROLMENT, FILE, PROOFS})
    portal, visitor = portal_of(request), visitor_of(request)
    chosen = form.get(ENROLMENT)
    account_id = visitor.account.id
    with portal.database.reading() as session:
        ready = any(not one.reason for one in financing.choices(session, account_id))
        if not chosen and ready:
            return _page(request, {}, _Invalid({ENROLMENT: "Choisissez l'enrôlement pour lequel vous déposez."}))
        choice = financing.choice(session, account_id, chosen)
        rules = financing.rules(session, account_id, only=choice.ans_number)
    try:
        pair = _taken(request, form, rules)
    except _Invalid as error:
        return _page(request, {ENROLMENT: chosen}, error)
    with portal.database.writing(visitor.actor) as session:
        row = financing.deposit(session, visitor.actor, account_id, chosen, pair, portal.addresses)
        address = f"{FINANCING}/{row.public_id}?etat=recue"
    return redirect(address)


def show_again(request: Request) -> Response:
    """The form of a request that is to be modified."""
    return _page_again(request)


def send_again(request: Request) -> Response:
    """Replace the files of a request."""
    form = _form(request, {FILE, PROOFS})
    portal, visitor = portal_of(request), visitor_of(request)
    key, account_id = request.path_params["financing"], visitor.account.id
    with portal.database.reading() as session:
        line = financing.find(session, account_id, key).line
        _, referencing = financing.enrolment_of(session, line.request)
        rules = financing.rules(session, account_id, only=referencing.ans_number)
    if line.request.status is not FinancingStatus.to_modify:
        return redirect(f"{FINANCING}/{key}")
    try:
        pair = _taken(request, form, rules)
    except _Invalid as error:
        return _page_again(request, error)
    with portal.database.writing(visitor.actor) as session:
        financing.deposit_again(session, visitor.actor, account_id, key, pair, portal.addresses)
    return redirect(f"{FINANCING}/{key}?etat=recue")


def _form(request: Request, names: set[str]) -> Form:
    form = form_of(request)
    if form.unexpected(names):
        raise Refused("Ce formulaire contient un champ inconnu. Rechargez la page et recommencez.")
    return form


def _taken(request: Request, form: Form, rules: Rules) -> Pair:
    """Both files, checked and stored. Raises _Invalid with everything that can be said at once."""
    portal = portal_of(request)
    with portal.database.reading() as session:
        limits = financing_files.sizes(session)
    file, proofs = form.file(FILE), form.file(PROOFS)
    missing = {FILE: "Choisissez votre fichier de financement." if file is None else ""}
    missing[PROOFS] = "Choisissez l'archive ZIP de vos preuves." if proofs is None else ""
    if file is None or proofs is None:
        raise _Invalid({name: said for name, said in missing.items() if said})
    try:
        return financing_files.take(
            portal.storage,
            rules,
            limits,
            Given(file.name, file.size, file.stream()),
            Given(proofs.name, proofs.size, proofs.stream()),
            portal.settings.clamd,
        )
    except FileNotConforming as error:
        raise _Invalid({FILE: f"{error.message} {_AGAIN}"}, error.report) from error
    except ProofsRefused as error:
        said = error.problems[0] if len(error.problems) == 1 else "Plusieurs documents de l'archive sont refusés."
        raise _Invalid({PROOFS: f"{said} {_AGAIN}"}, proofs=error.problems[1:] and error.problems) from error
    except Refused as error:
        raise _Invalid({FILE: f"{error.message} {_AGAIN}"}) from error


def _page(request: Request, values: Mapping[str, str], problem: _Invalid | None = None) -> Response:
    with portal_of(request).database.reading() as session:
        choices = financing.choices(session, visitor_of(request).account.id)
    ready = [one for one in choices if not one.reason]
    wanted = values.get(ENROLMENT, "")
    known = {one.public_id for one in ready}
    chosen = wanted if wanted in known else ""
    field = FieldView(
        ENROLMENT,
        "Enrôlement",
        help="Le fichier de financement doit porter le même numéro de référencement.",
        value=ready[0].public_id if len(ready) == 1 else chosen,
        choices=tuple((one.public_id, f"{one.software} – {one.ans_number} ({one.number})") for one in ready),
        kind="select",
        error=problem.errors.get(ENROLMENT) if problem else None,
    )
    context = {
        "ready": ready,
        "closed": [(one, request_address(one.public_id, "depot")) for one in choices if one.reason],
        "address": DEPOSIT,
        "line": None,
    }
    return _rendered(request, context, [field] if ready else [], problem)


def _page_again(request: Request, problem: _Invalid | None = None) -> Response:
    key = request.path_params["financing"]
    with portal_of(request).database.reading() as session:
        line = financing.find(session, visitor_of(request).account.id, key).line
    if line.request.status is not FinancingStatus.to_modify:
        raise NotFound(f"La demande {line.request.number} n'est plus à modifier : ses fichiers ne changent plus.")
    context = {"ready": [line], "closed": [], "address": f"{FINANCING}/{key}/deposer", "line": line}
    return _rendered(request, context, [], problem)


def _rendered(request: Request, context: dict[str, Any], fields: list[FieldView], problem: _Invalid | None) -> Response:
    with portal_of(request).database.reading() as session:
        limits = financing_files.sizes(session)
    errors = problem.errors if problem else {}
    proofs = FieldView(
        PROOFS,
        "Archive des preuves",
        help=f"Factures et bons de commande : au plus {limits.proofs.documents} documents PDF, JPEG ou PNG de 4 Mo.",
        kind="file",
        accept=(".zip", "application/zip"),
        accept_said="Archive ZIP sans mot de passe",
        max_bytes=limits.proofs.total_bytes,
        error=errors.get(PROOFS),
    )
    context |= {
        "fields": [*fields, file_field(FILE, "Fichier de financement", limits.file_bytes, errors.get(FILE)), proofs],
        "report": report_view(problem.report) if problem and problem.report else None,
        "proof_problems": problem.proofs if problem else (),
        "list_url": FINANCING,
        "simulator_url": SIMULATOR,
        "format_url": FORMAT,
        "schema_url": SCHEMA,
        "example_url": EXAMPLE,
    }
    return private_page(request, "financing/deposit.html", context, _INVALID if errors else 200)


ROUTES = (
    page(DEPOSIT, show, access=Access.ACCOUNT, name="financing_deposit"),
    page(DEPOSIT, send, access=Access.ACCOUNT, methods=["POST"], limits=TWO_FILES, name="send_financing_deposit"),
    page(f"{FINANCING}/{{financing}}/deposer", show_again, access=Access.ACCOUNT, name="financing_again"),
    page(
        f"{FINANCING}/{{financing}}/deposer",
        send_again,
        access=Access.ACCOUNT,
        methods=["POST"],
        limits=TWO_FILES,
        name="send_financing_again",
    ),
)

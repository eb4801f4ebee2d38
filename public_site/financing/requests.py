"""« Mes demandes de financement »: the list, one request with its deposits, and the files of each."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from enrolment.errors import NotFound
from enrolment.financing.lines import amount
from enrolment.services import financing, financing_files
from public_site.account.guard import visitor_of
from public_site.financing.deposit import DEPOSIT
from public_site.private.addresses import FINANCING, SIMULATOR, request_address
from public_site.private.frame import private_page
from public_site.serving import named
from public_site.site import portal_of
from schema.enums import FinancingStatus
from web.headers import Policy
from web.routing import Access, page

WHICH = {"fichier": "application/json", "preuves": "application/zip"}

MEANING = {
    FinancingStatus.received: "Vos fichiers sont enregistrés et attendent d'être instruits. Vous n'avez rien à faire.",
    FinancingStatus.to_modify: "Un gestionnaire vous demande de déposer de nouveau vos fichiers, modifiés.",
    FinancingStatus.accepted: "Votre demande de financement est acceptée.",
    FinancingStatus.refused: "Votre demande de financement est refusée. Vous pouvez en déposer une autre.",
}


def show_list(request: Request) -> Response:
    """The list, and the way to a new one or the reason why there is none (rule E3)."""
    account_id = visitor_of(request).account.id
    with portal_of(request).database.reading() as session:
        lines = financing.of_account(session, account_id)
        choices = financing.choices(session, account_id)
    context = {
        "lines": [(line, f"{FINANCING}/{line.request.public_id}", amount(line.request.total_cents)) for line in lines],
        "can_deposit": any(not one.reason for one in choices),
        "closed": [(one, request_address(one.public_id, "depot")) for one in choices if one.reason],
        "has_enrolment": bool(choices),
        "deposit_url": DEPOSIT,
        "simulator_url": SIMULATOR,
        "to_modify": FinancingStatus.to_modify,
    }
    return private_page(request, "financing/list.html", context)


def show(request: Request) -> Response:
    """One request, with every deposit."""
    key = request.path_params["financing"]
    with portal_of(request).database.reading() as session:
        detail = financing.find(session, visitor_of(request).account.id, key)
        enrolment, _ = financing.enrolment_of(session, detail.line.request)
    row = detail.line.request
    base = f"{FINANCING}/{key}"
    context = {
        "row": row,
        "line": detail.line,
        "total": amount(row.total_cents),
        "meaning": MEANING[row.status],
        "deposits": [
            (one, amount(one.total_cents), [f"{base}/fichiers/{one.place}/{which}" for which in WHICH])
            for one in detail.deposits
        ],
        "is_new": request.query_params.get("etat") == "recue" and row.status is FinancingStatus.received,
        "again_url": f"{base}/deposer" if row.status is FinancingStatus.to_modify else "",
        "list_url": FINANCING,
        "enrolment_url": request_address(enrolment.public_id),
        "email": visitor_of(request).account.email,
    }
    return private_page(request, "financing/detail.html", context)


def file(request: Request) -> Response:
    """One of the two files of a deposit, as a download."""
    which, place = request.path_params["which"], request.path_params["place"]
    portal = portal_of(request)
    with portal.database.reading() as session:
        detail = financing.find(session, visitor_of(request).account.id, request.path_params["financing"])
    found = next((one for one in detail.deposits if one.place == place), None)
    if found is None or which not in WHICH:
        raise NotFound("Ce fichier n'existe pas. Revenez à votre demande de financement.")
    proofs = which == "preuves"
    content = financing_files.copy_of(portal.storage, found, proofs=proofs)
    name = found.proofs_name if proofs else found.file_name
    return Response(content, media_type=WHICH[which], headers=named(name))


ROUTES = (
    page(FINANCING, show_list, access=Access.ACCOUNT, name="financing_list"),
    page(f"{FINANCING}/{{financing}}", show, access=Access.ACCOUNT, name="financing_request"),
    page(
        f"{FINANCING}/{{financing}}/fichiers/{{place:int}}/{{which}}",
        file,
        access=Access.ACCOUNT,
        policy=Policy.FILE,
        name="financing_file",
    ),
)

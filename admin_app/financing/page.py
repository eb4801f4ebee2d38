"""The routes of financing requests: the list, one request, its files, the decision. The rules are the services'."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import quote

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin_app import addresses as tables
from admin_app import strict
from admin_app.dossier import addresses as dossier
from admin_app.financing import addresses
from admin_app.menu import PageEntry
from admin_app.pages import StaffPage, page
from admin_app.permissions import Right
from admin_app.staff import staff_of
from enrolment.errors import DomainError, NotFound, Refused
from enrolment.financing import workflow
from enrolment.financing.lines import amount
from enrolment.services import financing, financing_decisions, financing_files, rights
from enrolment.services.people import correspondent
from enrolment.services.pieces import require_state
from schema.enums import ActorKind, FinancingStatus
from web.headers import Policy
from web.parts import Crumb, Tab
from web.routing import form_of

TARGET, MESSAGE, VERSION = "decision", "message", "version"
_FILES = {"fichier": "application/json", "preuves": "application/zip"}
_TABS: tuple[tuple[str, str, tuple[FinancingStatus, ...]], ...] = (
    ("a-instruire", "À instruire", (FinancingStatus.received,)),
    ("a-modifier", "Chez le fournisseur", (FinancingStatus.to_modify,)),
    ("terminees", "Terminées", (FinancingStatus.accepted, FinancingStatus.refused)),
)


class FinancingPage(StaffPage):
    """« Financements »."""

    name = "Financements"
    entry: ClassVar[PageEntry | None] = PageEntry("Financements", addresses.LIST, "financing")

    @page("/financements", permission="financing")
    def show_list(self, request: Request) -> Response:
        """What waits for the ASP, oldest first; or for the vendor; or what ended."""
        strict.require_known(request.query_params, "onglet")
        tab = _tab(request.query_params.get("onglet", ""))
        with self.office.database.reading() as session:
            counts = financing_decisions.counts(session)
            lines, more = financing_decisions.lines(session, tab[2])
        context = {
            "tab": tab[1],
            "tabs": [
                Tab(label, addresses.list_of(slug), slug == tab[0], sum(counts.get(one, 0) for one in statuses))
                for slug, label, statuses in _TABS
            ],
            "lines": [(line, addresses.show(line.request.id), amount(line.request.total_cents)) for line in lines],
            "more": more,
            "table_url": tables.list_of("financing_request"),
        }
        return self.office.render(request, "financing/list.html", context)

    @page("/financements/{financing_id:int}", permission="financing")
    def show(self, request: Request) -> Response:
        """One request."""
        with self.office.database.reading() as session:
            context = self._context(request, session)
        return self.office.render(request, "financing/request.html", context)

    @page("/financements/{financing_id:int}/decision", permission=rights.FINANCING, methods=("POST",))
    def decide(self, request: Request) -> Response:
        """Take a decision. What was typed comes back with what is wrong."""
        staff, form = staff_of(request), form_of(request)
        version, target = form.get(VERSION), form.get(TARGET)
        if form.unexpected({TARGET, MESSAGE, VERSION}) or target not in {one.value for one in workflow.VERBS}:
            raise Refused("Choisissez une décision : demander de modifier, accepter ou refuser.")
        try:
            with self.office.database.writing(staff.actor) as session:
                financing_decisions.decide(
                    session,
                    staff.actor,
                    _key(request),
                    FinancingStatus(target),
                    form.get(MESSAGE),
                    self.office.portal.addresses,
                    row_version=int(version) if version.isascii() and version.isdecimal() and len(version) < 10 else 0,
                )
        except Refused as error:
            with self.office.database.reading() as session:
                context = self._context(request, session) | {
                    "problem": error.message,
                    "typed": form.get(MESSAGE),
                    "chosen": target,
                }
            return self.office.render(request, "financing/request.html", context, error.http_status)
        return RedirectResponse(addresses.show(_key(request), done="decide"), 303)

    @page("/financements/{financing_id:int}/fichiers/{place:int}/{which}", permission="view_pieces")
    def file(self, request: Request) -> Response:
        """A file of a deposit, to be saved."""
        staff, which, place = staff_of(request), request.path_params["which"], request.path_params["place"]
        proofs = which == "preuves"
        with self.office.database.writing(staff.actor) as session:
            deposits = financing.deposits(session, financing_decisions.find(session, _key(request)).id)
            found = next((one for one in deposits if one.place == place), None)
            if found is None or which not in _FILES:
                raise NotFound("Ce fichier n'existe pas. Revenez à la demande de financement.")
            require_state(found.scan)
            financing_files.record_access(session, staff.actor, found, proofs=proofs)
        name = found.proofs_name if proofs else found.file_name
        return Response(
            financing_files.copy_of(self.office.portal.storage, found, proofs=proofs),
            media_type=_FILES[which],
            headers={
                "content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
                "content-security-policy": Policy.FILE.value.decode(),
            },
        )

    def _context(self, request: Request, session: Session) -> dict[str, Any]:
        staff = staff_of(request)
        row = financing_decisions.find(session, _key(request))
        enrolment, referencing = financing.enrolment_of(session, row)
        deposits = financing.deposits(session, row.id)
        possible = workflow.possible(row.status, ActorKind.staff) if staff.may_open(rights.FINANCING) else ()
        return {
            "row": row,
            "referencing": referencing,
            "enrolment": enrolment,
            "enrolment_url": dossier.file(enrolment.id),
            "person": correspondent(session, enrolment),
            "total": amount(row.total_cents),
            "deposits": [
                (one, amount(one.total_cents), [addresses.file(row.id, one.place, which) for which in _FILES])
                for one in deposits
            ],
            "may_open_files": staff.may_open("view_pieces"),
            "verbs": [(one.value, workflow.VERBS[one]) for one in possible],
            "decision_url": addresses.decision(row.id),
            "history_url": (
                f"{tables.details('financing_request', row.id)}?onglet=historique"
                if staff.may("financing_request", Right.details)
                else ""
            ),
            "crumbs": [Crumb("Financements", addresses.LIST), Crumb(row.number)],
            "problem": "",
            "typed": "",
            "chosen": "",
        }


def _key(request: Request) -> int:
    key: int = request.path_params["financing_id"]
    return key


def _tab(slug: str) -> tuple[str, str, tuple[FinancingStatus, ...]]:
    """The tab of an address, the first one when it names none. Raises DomainError for a word that is none."""
    for tab in _TABS:
        if slug in ("", tab[0]):
            return tab
    raise DomainError("Cet onglet n'existe pas : choisissez-en un au-dessus de la liste.")

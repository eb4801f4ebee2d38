"""The back office as one ASGI application: what stands in front of every route, in order, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import anyio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Mount, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from admin_app import addresses, authentication
from admin_app.account.page import AccountPage
from admin_app.account.second_factor import SecondFactorPage
from admin_app.bulk.page import BulkPage
from admin_app.corrections import addresses as corrections
from admin_app.corrections.filing import FilePage
from admin_app.corrections.making import NewCorrectionPage
from admin_app.corrections.page import CorrectionsPage
from admin_app.dashboard.page import DashboardPage
from admin_app.data_checks.page import DataChecksPage
from admin_app.document_models.page import DocumentModelsPage
from admin_app.dossier import addresses as dossier_addresses
from admin_app.dossier.colleagues import ColleaguesPage
from admin_app.dossier.page import DossierPage
from admin_app.exports.page import PiecesPage
from admin_app.financing.page import FinancingPage
from admin_app.mails.page import MailsPage
from admin_app.menu import PageEntry, menu
from admin_app.messages import DONE, said
from admin_app.office import BackOffice
from admin_app.pages import StaffPage
from admin_app.queue.page import QueuePage
from admin_app.rules.page import RulesPage
from admin_app.saved_views.page import SavedViewsPage
from admin_app.staff import current
from admin_app.team.consultations import ConsultationsPage
from admin_app.team.roles import RolesPage
from admin_app.team.sessions import SessionsPage
from enrolment.portal import Portal
from web.assets import Assets, Root, sqladmin_root
from web.compression import Compression
from web.csrf import VISITOR_COOKIE, Csrf
from web.csrf_guard import CsrfGuard
from web.headers import SecurityHeaders
from web.routing import Face
from web.templating import Operator, Templates

HERE = Path(__file__).parent

PAGES: tuple[type[StaffPage], ...] = (
    QueuePage,
    DossierPage,
    ColleaguesPage,
    BulkPage,
    CorrectionsPage,
    NewCorrectionPage,
    FilePage,
    FinancingPage,
    MailsPage,
    PiecesPage,
    DashboardPage,
    DataChecksPage,
    RulesPage,
    DocumentModelsPage,
    SavedViewsPage,
    AccountPage,
    SecondFactorPage,
    SessionsPage,
    ConsultationsPage,
    RolesPage,
)
"""Pages beside the generated ones, in the order of the menu."""

HOME = PageEntry("Accueil", addresses.HOME, "home")


class OfficeAssets(Assets):
    """The static files of the back office, under its own address: the two faces are deployed apart if need be."""

    def url(self, name: str) -> str:
        """The address of a file."""
        return addresses.BASE + super().url(name)


class _Errors:
    """Whatever goes wrong further in becomes a French page, unless the answer has already started."""

    def __init__(self, app: ASGIApp, face: Face) -> None:
        self.app = app
        self.face = face

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception as error:
            if started or scope["type"] != "http":
                raise
            response = await anyio.to_thread.run_sync(self.face.error, Request(scope), error)
            await response(scope, receive, send)


class _Mounted:
    """Accepts being served under /admin, with or without the server having said so in `root_path`."""

    def __init__(self, app: ASGIApp, owner: Starlette) -> None:
        self.app = app
        self.owner = owner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            root = scope.get("root_path", "").removesuffix(addresses.BASE)
            scope = {**scope, "root_path": root, "app": self.owner}
        await self.app(scope, receive, send)


def create_app(portal: Portal) -> ASGIApp:
    """The application that the server dispatches /admin to."""
    return create_admin(portal, PAGES)


def create_admin(portal: Portal, pages: tuple[type[StaffPage], ...]) -> ASGIApp:
    """The same with other pages than ours."""
    assets, face = _face(portal, [HOME, *(page.entry for page in pages if page.entry is not None)])
    office = BackOffice(portal, face, pages)
    office.admin.router.routes.insert(0, assets.mount())
    # The bare router, without Starlette's own error pages, which are English: ours stand around it.
    app: ASGIApp = Router([Mount(addresses.BASE, app=office.admin.router, name="admin")])
    app = CsrfGuard(app, csrf=face.csrf, error_page=face.error, is_large=corrections.takes_large_file)
    needs_second_factor = portal.settings.staff_second_factor == "required"
    app = authentication.Gate(
        app,
        database=portal.database,
        origin=portal.settings.base_url.rstrip("/"),
        opens=office.opens,
        needs_second_factor=needs_second_factor,
    )
    app = _Errors(app, face)
    return _Mounted(SecurityHeaders(Compression(app)), office.admin)


def _face(portal: Portal, entries: Sequence[PageEntry]) -> tuple[OfficeAssets, Face]:
    settings = portal.settings
    assets = OfficeAssets([Root.of_package("web"), Root(HERE / "static")], [sqladmin_root()])
    csrf = Csrf.from_key(
        settings.secret_key.get_secret_value(), (authentication.COOKIE, VISITOR_COOKIE), settings.base_url
    )
    operator = Operator(
        name=settings.operator_name,
        service="Back-office de l'enrôlement",
        home=addresses.HOME,
        assistance="/assistance",
    )
    templates = Templates(
        assets,
        csrf,
        [HERE / "templates"],
        operator=operator,
        layout="sqladmin/layout.html",
        common=_common(entries, demo=settings.demo),
        variables={
            "sign_in_url": addresses.SIGN_IN,
            "sign_out_url": addresses.SIGN_OUT,
            "account_url": addresses.ACCOUNT,
            "queue_url": dossier_addresses.QUEUE,
        },
    )
    return assets, Face(templates, csrf)


def _common(entries: Sequence[PageEntry], *, demo: bool) -> Callable[[Request], Mapping[str, Any]]:
    """What every page shows: who is signed in, their menu, and what was just done."""

    def common(request: Request) -> Mapping[str, Any]:
        staff = current(request)
        return {
            "staff": staff,
            "menu": menu(staff, entries, request.scope["path"]) if staff is not None and not staff.must_enrol else None,
            "demo": demo,
            "done": said(request.query_params.get(DONE, "")),
        }

    return common

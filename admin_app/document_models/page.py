"""The page where an administrator puts, replaces and withdraws the models of documents. The rules are the service's."""

from __future__ import annotations

from typing import ClassVar

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin_app.addresses import BASE, with_query
from admin_app.menu import PageEntry, Section
from admin_app.messages import DONE
from admin_app.pages import StaffPage, page
from admin_app.staff import staff_of
from enrolment.errors import NotFound, Refused
from enrolment.files.refusals import FileRefused
from enrolment.services import document_models, reference
from web.forms import Limits
from web.parts import Crumb
from web.routing import form_of
from web.typography import file_size

PATH = "/documents-utiles"
FILE = "modele"
_LARGEST_KEY = 2**31 - 1


class DocumentModelsPage(StaffPage):
    """« Documents utiles »."""

    name = "Documents utiles"
    entry: ClassVar[PageEntry | None] = PageEntry("Documents utiles", BASE + PATH, "document_models", Section.rules)

    @page(PATH, permission="document_models")
    def show(self, request: Request) -> Response:
        """Every kind of document with its model."""
        return self._page(request)

    @page(
        f"{PATH}/{{kind_id:int}}",
        permission="document_models",
        methods=("POST",),
        limits=Limits(file_bytes=document_models.MOST_BYTES),
    )
    def put(self, request: Request) -> Response:
        """Put a model in place."""
        kind_id = _key(request)
        try:
            self._put(request, kind_id)
        except (Refused, FileRefused) as error:
            return self._page(request, kind_id, error.message)
        return self._done("modele-en-place")

    @page(f"{PATH}/{{kind_id:int}}/retirer", permission="document_models", methods=("POST",))
    def withdraw(self, request: Request) -> Response:
        """Offer no model for a kind any more."""
        staff = staff_of(request)
        with self.office.database.writing(staff.actor) as session:
            document_models.withdraw(session, staff.actor, _key(request))
        return self._done("modele-retire")

    def _put(self, request: Request, kind_id: int) -> None:
        staff, portal = staff_of(request), self.office.portal
        upload = next((one for one in form_of(request).uploads if one.field_name == FILE and one.name), None)
        if upload is None:
            raise Refused("Choisissez le fichier du modèle : PDF, JPEG ou PNG.")
        if upload.too_large:
            raise Refused(f"Ce fichier dépasse {file_size(document_models.MOST_BYTES)} : réduisez-le.")
        model = document_models.kept(portal.storage, upload.name, upload.content(), portal.settings.clamd)
        with self.office.database.writing(staff.actor) as session:
            document_models.publish(session, staff.actor, kind_id, model)

    def _page(self, request: Request, wrong: int | None = None, problem: str = "") -> Response:
        with self.office.database.reading() as session:
            kinds, uploaded = reference.document_kinds(session), document_models.uploaded(session)
        context = {
            "kinds": [(kind, uploaded.get(kind.code)) for kind in kinds],
            "path": BASE + PATH,
            "file_name": FILE,
            "most": document_models.MOST_BYTES,
            "wrong": wrong,
            "problem": problem,
            "crumbs": [Crumb("Règles et textes"), Crumb("Documents utiles")],
        }
        return self.office.render(request, "document_models/list.html", context, 422 if problem else 200)

    def _done(self, what: str) -> Response:
        return RedirectResponse(with_query(BASE + PATH, {DONE: what}), 303)


def _key(request: Request) -> int:
    key: int = request.path_params["kind_id"]
    if not 0 < key <= _LARGEST_KEY:
        raise NotFound("Ce type de pièce n'existe pas ou n'existe plus.")
    return key

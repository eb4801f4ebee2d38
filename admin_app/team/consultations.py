"""« Consultations de pièces »: who opened which identity document or RIB, searched by an administrator (rule F4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from admin_app.addresses import with_query
from admin_app.dossier import addresses as dossier
from admin_app.exports.sheets import file_name
from admin_app.financing import addresses as financing
from admin_app.menu import PageEntry, Section
from admin_app.pages import StaffPage, page
from admin_app.staff import staff_of
from admin_app.team import accesses
from admin_app.team.access_sources import is_place as is_place_of_list
from admin_app.team.addresses import CONSULTATIONS
from enrolment.errors import Refused
from schema.tabular import CSV
from web.parts import Crumb

PATH = "/consultations"


class ConsultationsPage(StaffPage):
    """« Consultations de pièces »."""

    name = "Consultations de pièces"
    entry: ClassVar[PageEntry | None] = PageEntry(
        "Consultations de pièces", CONSULTATIONS, "consultations", Section.team
    )

    @page(PATH, permission="consultations")
    def show(self, request: Request) -> Response:
        """The newest first, page by page; nothing under filters that cannot be understood."""
        params = request.query_params
        typed = params.get(accesses.AFTER, "")
        is_place = is_place_of_list(typed)
        with self.office.database.reading() as session:
            narrow = accesses.read(session, CONSULTATIONS, params)
            if typed and not is_place:
                narrow.problems.append("Cette page n'existe pas. Revenez au début de la liste.")
            after = typed if is_place else None
            lines, more = ([], None) if narrow.problems else accesses.page(session, narrow, after)
        kept = {one.name: one.value for one in narrow.controls}
        context = {
            "narrow": narrow,
            "lines": lines,
            "path": CONSULTATIONS,
            "first_url": with_query(CONSULTATIONS, kept) if typed else None,
            "next_url": with_query(CONSULTATIONS, {**kept, accesses.AFTER: more}) if more else None,
            "csv_url": with_query(f"{CONSULTATIONS}/csv", kept) if self._may_export(request) else None,
            "file_url": dossier.file,
            "financing_url": financing.show,
            "crumbs": [Crumb("Équipe"), Crumb(self.name)],
        }
        return self.office.render(request, "team/consultations.html", context, 422 if narrow.problems else 200)

    @page(f"{PATH}/csv", permission="consultations_export")
    def csv(self, request: Request) -> Response:
        """The same as a file. Raises Refused rather than give more than was asked."""
        with self.office.database.reading() as session:
            narrow = accesses.read(session, CONSULTATIONS, request.query_params)
        if narrow.problems:
            raise Refused(" ".join(narrow.problems))
        headers = {"content-disposition": f'attachment; filename="{file_name("consultations", "csv")}"'}
        return StreamingResponse(self._csv(narrow), media_type=CSV, headers=headers)

    def _csv(self, asked: accesses.Asked) -> Iterator[bytes]:
        with self.office.database.reading() as session:
            yield from accesses.csv(session, asked)

    def _may_export(self, request: Request) -> bool:
        return staff_of(request).may_open("consultations_export")

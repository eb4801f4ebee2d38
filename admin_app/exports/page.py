"""Where the archive of the pieces of a list is asked for."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from admin_app.exports import offers, pieces, sheets
from admin_app.pages import StaffPage, page
from admin_app.permissions import Right
from admin_app.staff import require_right, staff_of


class PiecesPage(StaffPage):
    """The pieces of a list of requests, or of a list of pieces."""

    name = "Export des pièces"

    @page(f"/{offers.OF_PIECES[0]}/export/pieces", permission="export_pieces")
    def of_requests(self, request: Request) -> Response:
        """The pieces of the requests that a list shows."""
        return self._answer(request, offers.OF_PIECES[0])

    @page(f"/{offers.OF_PIECES[1]}/export/pieces", permission="export_pieces")
    def of_pieces(self, request: Request) -> Response:
        """The pieces that a list shows, those of drafts aside."""
        return self._answer(request, offers.OF_PIECES[1])

    def _answer(self, request: Request, table: str) -> Response:
        require_right(request, table, Right.export)
        view = self.office.view_of(table)
        statement = sheets.selected(self.office, view, request)
        with self.office.database.reading() as session:
            wanted = pieces.wanted(session, view.model, statement)
        name = sheets.file_name("pieces", "zip")
        return StreamingResponse(
            pieces.archive(self.office.portal, staff_of(request).actor, wanted),
            media_type="application/zip",
            headers={"content-disposition": f'attachment; filename="{name}"'},
        )

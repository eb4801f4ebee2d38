"""Sends a deposited file: with its own type, as a download, under a policy that runs nothing (rule F3)."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from enrolment import clock
from enrolment.services import pieces
from enrolment.services.pieces import Piece
from public_site.site import portal_of
from web.headers import CACHE_KEY, NO_STORE
from web.typography import moment


def served(request: Request, piece: Piece, content: bytes) -> Response:
    """A file as a response: a picture is shown by the browser, a PDF is saved, since no viewer runs sandboxed."""
    request.scope[CACHE_KEY] = NO_STORE
    manner = "inline" if piece.content_type.startswith("image/") else "attachment"
    return Response(content, media_type=piece.content_type, headers=named(piece.file_name, manner))


def own_copy(request: Request, piece: Piece) -> Response:
    """A file that is not yet deposited, to whoever gave it: a sensitive one as a marked copy (SEC-15)."""
    mark = f"Copie du dépôt sur le portail d'enrôlement – {moment(clock.now())}"
    return served(request, piece, pieces.copy_of(portal_of(request).storage, piece, mark))


def named(file_name: str, manner: str = "attachment") -> dict[str, str]:
    """The header that gives a file its name, whatever letters it holds."""
    plain = "".join(letter if _is_plain(letter) else "_" for letter in file_name)
    return {"content-disposition": f"{manner}; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"}


def _is_plain(letter: str) -> bool:
    return letter.isascii() and letter.isprintable() and letter not in '"\\%'

"""Opens a piece for somebody of the staff: what was not found healthy stays closed, what is sensitive leaves a trace.

The trace is written before the file is read (rule F4): a copy that nobody recorded is never shown. Reading and marking
the bytes, outside the transaction, is `pieces.copy_of`.
"""

from __future__ import annotations

from sqlmodel import Session

from enrolment import clock
from enrolment.errors import NotFound, Refused
from enrolment.services import pieces
from enrolment.services.pieces import Piece
from enrolment.typography import moment
from schema.enums import ScanState
from schema.history import Actor

HEALTHY = frozenset({ScanState.clean, ScanState.disabled})


def open_piece(session: Session, actor: Actor, request_id: int, public_id: str) -> Piece:
    """A piece of a request, by its public id; a sensitive one is recorded as seen by the actor.

    Raises NotFound for a piece of another request, Refused for one that the antivirus has not found healthy.
    """
    piece = pieces.of_request(session, request_id, public_id)
    if piece is None:
        raise NotFound("Cette pièce n'existe pas dans ce dossier.")
    if piece.scan not in HEALTHY:
        raise Refused(why_closed(piece.scan))
    pieces.record_access(session, actor, piece)
    return piece


def mark(actor: Actor) -> str:
    """What is written across the copy of a sensitive piece."""
    return f"Consulté par {actor.label} le {moment(clock.now())}"


def why_closed(scan: ScanState) -> str:
    """Why a piece that is not healthy cannot be opened, and what comes next."""
    if scan is ScanState.infected:
        return (
            "L'antivirus a trouvé un contenu dangereux dans cette pièce : elle ne s'ouvre pas. Demandez-la de nouveau."
        )
    return "L'antivirus n'a pas encore analysé cette pièce : elle s'ouvrira après son passage. Réessayez plus tard."

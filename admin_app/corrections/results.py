"""The file of a correction: every line, one row for each column that changes, before and after, and what became of it.

Streamed: a correction may have a million lines. What a spreadsheet would run is written as a text (`schema.tabular`).
"""

from __future__ import annotations

from collections.abc import Iterator

from admin_app.corrections.changes import Difference, French, named
from enrolment.corrections import reading
from schema.database import Database
from schema.describe import model_named
from schema.enums import CorrectionOutcome, Operation
from schema.tables import Correction
from schema.tabular import BYTE_ORDER_MARK, csv_line

_HEAD = (
    "Rang",
    "Ligne du fichier",
    "Clé technique",
    "Nom",
    "Opération",
    "Colonne",
    "Avant",
    "Après",
    "Résultat",
    "Détail",
)
_NOTHING = (Difference("", "", ""),)


def csv_of(database: Database, correction: Correction) -> Iterator[bytes]:
    """The file in pieces, in a transaction of its own: it sees one moment of the database."""
    yield BYTE_ORDER_MARK + csv_line(_HEAD)
    with database.reading() as session:
        french = French(session, model_named(correction.table_name))
        for rows in reading.every(session, correction):
            known = french.titles([row.changes for row in rows], (row.row_id for row in rows))
            piece = bytearray()
            for row in rows:
                outcome = CorrectionOutcome(row.outcome).label
                operation = Operation(row.operation).label
                for one in french.differences(row.changes, known) or _NOTHING:
                    start = (str(row.place), str(row.file_line or ""), str(row.row_id or ""))
                    middle = (named(correction, row, known), operation, one.label, one.before, one.after)
                    piece += csv_line((*start, *middle, outcome, row.detail or ""))
            yield bytes(piece)

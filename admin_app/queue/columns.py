"""Which columns the queue shows: its own, of which several say two things at once, and others that one may add."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import QueryParams

from enrolment.records import filters


@dataclass(frozen=True)
class QueueColumn:
    """One column. How its cells look is in `queue/cells.html`; `usual` ones are shown to whoever has chosen none."""

    name: str
    label: str
    usual: bool = False


NUMBER = QueueColumn("demande", "Demande", usual=True)
COLUMNS = (
    NUMBER,
    QueueColumn("societe", "Fournisseur et logiciel", usual=True),
    QueueColumn("siret", "SIRET"),
    QueueColumn("logiciel", "Logiciel"),
    QueueColumn("ans", "Numéro ANS"),
    QueueColumn("dsr", "DSR"),
    QueueColumn("type", "Type"),
    QueueColumn("statut", "Statut", usual=True),
    QueueColumn("depuis", "Depuis", usual=True),
    QueueColumn("depot", "Déposée le"),
    QueueColumn("gestionnaire", "Gestionnaire", usual=True),
)


@dataclass(frozen=True)
class Chosen:
    """The columns that an address asks for, in our order; a wrong name is a problem, and then the usual ones stand."""

    columns: tuple[QueueColumn, ...]
    problem: str | None = None


def read(params: QueryParams) -> Chosen:
    """Understand the choice of an address. The number of the request leads to its file: it is always there."""
    asked = filters.asked_columns(params.getlist(filters.COLUMNS))
    unknown = set(asked) - {column.name for column in COLUMNS}
    usual = tuple(column for column in COLUMNS if column.usual)
    if unknown:
        return Chosen(usual, filters.no_column(min(unknown)))
    return Chosen(tuple(one for one in COLUMNS if one.name in asked or one is NUMBER) if asked else usual)

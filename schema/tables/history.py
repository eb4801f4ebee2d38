"""The history of every recorded table, and the seals that make a later change visible."""

from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa

from schema.base import Table, utc_now
from schema.columns import Personal, column
from schema.enums import ActorKind, Operation
from schema.types import Line, PrintedCode, Secret, Sha256


class HistoryEntry(Table, table=True):
    """One change of one row: before and after of each column. Written in the transaction of the change."""

    __tablename__ = "history"
    __table_args__ = (
        sa.Index("ix_history_row", "table_name", "row_id", "id"),
        sa.Index("ix_history_batch", "batch", "id"),
    )
    recorded: ClassVar[bool] = False
    label: ClassVar[str] = "Modification"
    label_plural: ClassVar[str] = "Historique"
    about: ClassVar[str] = "Qui a modifié quoi, quand, pourquoi et dans quel lot."
    title_columns: ClassVar[tuple[str, ...]] = ("table_name", "row_id", "operation")

    at: datetime = column(
        "Date",
        help="Moment de la modification.",
        source="process",
        default_factory=utc_now,
        editable=False,
        listed=True,
    )
    table_name: PrintedCode = column("Table", help="Table modifiée.", source="process", editable=False, listed=True)
    row_id: int = column("Ligne", help="Clé de la ligne modifiée.", source="process", editable=False, listed=True)
    operation: Operation = column(
        "Opération", help="Création, modification ou suppression.", source="process", editable=False, listed=True
    )
    changes: dict[str, Any] = column(
        "Changements",
        help="Valeurs avant et après, colonne par colonne.",
        source="process",
        sa_type=sa.JSON,
        editable=False,
        personal=Personal.content,
    )
    actor_kind: ActorKind = column("Par", help="Qui a agi.", source="process", editable=False, listed=True)
    actor_id: int | None = column(
        "Clé de l'auteur", help="Clé interne de l'auteur.", source="process", default=None, editable=False
    )
    actor_label: Line = column(
        "Auteur", help="Nom de l'auteur.", source="process", editable=False, listed=True, personal=Personal.identity
    )
    reason: Line | None = column("Motif", help="Pourquoi.", source="process", default=None, editable=False, listed=True)
    batch: Secret | None = column(
        "Lot",
        help="Correction en masse ou import à l'origine du changement.",
        source="process",
        default=None,
        editable=False,
    )


class HistorySeal(Table, table=True):
    """The digest of a run of history rows, chained to the seal before: altering or removing a row breaks the chain."""

    __tablename__ = "history_seal"
    recorded: ClassVar[bool] = False
    label: ClassVar[str] = "Scellé"
    label_plural: ClassVar[str] = "Scellés"
    about: ClassVar[str] = "Empreinte d'une suite de modifications, chaînée à la précédente."
    title_columns: ClassVar[tuple[str, ...]] = ("first_id", "last_id")

    first_id: int = column(
        "Première ligne",
        help="Première modification scellée.",
        source="standards SEC-17",
        unique=True,
        editable=False,
        listed=True,
    )
    last_id: int = column(
        "Dernière ligne",
        help="Dernière modification scellée.",
        source="standards SEC-17",
        unique=True,
        editable=False,
        listed=True,
    )
    rows: int = column(
        "Nombre", help="Nombre de modifications scellées.", source="standards SEC-17", editable=False, listed=True, ge=1
    )
    digest: Sha256 = column(
        "Empreinte",
        help="SHA-256 de la suite et du scellé précédent.",
        source="standards SEC-17",
        unique=True,
        editable=False,
    )

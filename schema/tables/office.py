"""What the teams of the back office keep for their own work: saved views, planned changes of rules, figures."""

from datetime import date, datetime
from typing import Any, ClassVar

import sqlalchemy as sa

from schema.base import Table
from schema.columns import column
from schema.enums import PlannedState
from schema.types import Line, LongText, PrintedCode


class SavedView(Table, table=True):
    """Filters, order and columns of a list that somebody keeps under a name, for themselves or for everybody."""

    __tablename__ = "saved_view"
    __table_args__ = (
        sa.UniqueConstraint("owner_id", "page", "name", name="uq_saved_view_owner_page_name"),
        sa.Index(
            "ix_saved_view_opens",
            "owner_id",
            "page",
            unique=True,
            sqlite_where=sa.text("opens"),
            postgresql_where=sa.text("opens"),
        ),
    )
    label: ClassVar[str] = "Vue enregistrée"
    label_plural: ClassVar[str] = "Vues enregistrées"
    about: ClassVar[str] = "Filtres, tri et colonnes d'une liste, gardés sous un nom."
    title_columns: ClassVar[tuple[str, ...]] = ("name",)

    owner_id: int = column(
        "Agent",
        help="Qui a enregistré la vue.",
        source="process",
        foreign_key="staff_user.id",
        editable=False,
        listed=True,
    )
    page: PrintedCode = column(
        "Liste", help="Liste à laquelle la vue s'applique.", source="process", editable=False, listed=True, index=True
    )
    name: Line = column(
        "Nom", help="Nom affiché au-dessus de la liste.", source="process", listed=True, searchable=True
    )
    query: LongText = column(
        "Réglages",
        help="Filtres, tri et colonnes, tels qu'ils figurent dans l'adresse.",
        source="technique",
        editable=False,
    )
    shared: bool = column(
        "Partagée", help="Oui : toute l'équipe la voit.", source="process", default=False, listed=True
    )
    opens: bool = column(
        "S'ouvre d'abord",
        help="Oui : la liste s'ouvre sur cette vue, pour son auteur.",
        source="process",
        default=False,
        editable=False,
        listed=True,
    )


class PlannedChange(Table, table=True):
    """A change of a rule that takes effect at a date by itself: checked when planned, and again when made."""

    __tablename__ = "planned_change"
    __table_args__ = (
        sa.Index("ix_planned_change_due", "state", "effective_at", "id"),
        sa.Index("ix_planned_change_row", "table_name", "row_id", "id"),
    )
    label: ClassVar[str] = "Changement programmé"
    label_plural: ClassVar[str] = "Changements programmés"
    about: ClassVar[str] = "Modification d'une règle qui prend effet à une date à venir."
    title_columns: ClassVar[tuple[str, ...]] = ("table_name", "effective_at")

    table_name: PrintedCode = column("Table", help="Table modifiée.", source="process R4", editable=False, listed=True)
    row_id: int | None = column(
        "Ligne",
        help="Ligne modifiée. Vide : une nouvelle ligne.",
        source="process R4",
        default=None,
        editable=False,
        listed=True,
    )
    changes: dict[str, Any] = column(
        "Changements",
        help="Valeurs à prendre, colonne par colonne.",
        source="process R4",
        sa_type=sa.JSON,
        editable=False,
    )
    effective_at: datetime = column(
        "Prend effet le", help="Date et heure de Paris.", source="process R4", editable=False, listed=True
    )
    author_id: int = column(
        "Auteur",
        help="Qui l'a programmé.",
        source="process R4",
        foreign_key="staff_user.id",
        editable=False,
        listed=True,
    )
    reason: Line | None = column(
        "Motif", help="Pourquoi, pour l'historique.", source="process R4", default=None, editable=False
    )
    state: PlannedState = column(
        "État",
        help="Où en est le changement.",
        source="process R4",
        default=PlannedState.planned,
        editable=False,
        listed=True,
    )
    problem: LongText | None = column(
        "Empêchement",
        help="Pourquoi le changement n'a pas pu être fait.",
        source="process R4",
        default=None,
        editable=False,
        long=True,
    )


class Figure(Table, table=True):
    """One number of the dashboard, counted by the worker so that no page counts a million rows."""

    __tablename__ = "figure"
    __table_args__ = (sa.Index("ix_figure_chart", "chart", "dsr_id", "week", "id"),)
    recorded: ClassVar[bool] = False
    label: ClassVar[str] = "Chiffre du tableau de bord"
    label_plural: ClassVar[str] = "Chiffres du tableau de bord"
    about: ClassVar[str] = "Nombre compté à l'avance pour le tableau de bord."
    title_columns: ClassVar[tuple[str, ...]] = ("chart", "key")

    chart: PrintedCode = column(
        "Graphique", help="Graphique concerné.", source="technique", editable=False, listed=True
    )
    dsr_id: int | None = column(
        "DSR",
        help="DSR des demandes comptées.",
        source="technique",
        foreign_key="dsr.id",
        default=None,
        editable=False,
        listed=True,
    )
    week: date | None = column(
        "Semaine", help="Lundi de la semaine comptée.", source="technique", default=None, editable=False, listed=True
    )
    key: Line = column(
        "Catégorie", help="Statut, motif ou étape comptés.", source="technique", editable=False, listed=True
    )
    value: int = column("Nombre", help="Nombre compté.", source="technique", editable=False, listed=True, ge=0)
    computed_at: datetime = column(
        "Compté le", help="Moment du comptage.", source="technique", editable=False, listed=True
    )


class DataCheck(Table, table=True):
    """The last answer of one check of the data, kept so that no page waits for it."""

    __tablename__ = "data_check"
    recorded: ClassVar[bool] = False
    label: ClassVar[str] = "Contrôle des données"
    label_plural: ClassVar[str] = "Contrôles des données"
    about: ClassVar[str] = "Dernière réponse d'un contrôle des données."
    title_columns: ClassVar[tuple[str, ...]] = ("code",)

    code: PrintedCode = column(
        "Contrôle", help="Nom du contrôle.", source="technique", unique=True, editable=False, listed=True
    )
    found: int = column(
        "Trouvés", help="Nombre de lignes en cause.", source="technique", editable=False, listed=True, ge=0
    )
    examples: dict[str, Any] = column(
        "Exemples",
        help="Clés de quelques lignes en cause.",
        source="technique",
        sa_type=sa.JSON,
        editable=False,
    )
    checked_at: datetime = column(
        "Contrôlé le", help="Moment du contrôle.", source="technique", editable=False, listed=True
    )

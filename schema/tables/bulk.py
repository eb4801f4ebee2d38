"""One act on many requests: what was asked, of which requests, and what became of each."""

from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa

from schema.base import Table, new_public_id
from schema.columns import Personal, column
from schema.enums import BulkOutcome, BulkState, BulkVerb
from schema.types import Line, LongText, Secret


class BulkAction(Table, table=True):
    """An act on many requests, frozen with its selection before it runs in the worker."""

    __tablename__ = "bulk_action"
    __table_args__ = (sa.Index("ix_bulk_action_state_id", "state", "id"),)
    label: ClassVar[str] = "Action groupée"
    label_plural: ClassVar[str] = "Actions groupées"
    about: ClassVar[str] = "Même action sur plusieurs demandes, avec un résultat par demande."
    title_columns: ClassVar[tuple[str, ...]] = ("verb", "created_at")

    public_id: Secret = column(
        "Identifiant public",
        help="Identifiant imprévisible utilisé dans les adresses.",
        source="standards SEC-2",
        default_factory=new_public_id,
        unique=True,
        editable=False,
    )
    verb: BulkVerb = column("Action", help="Ce qui est fait.", source="process", editable=False, listed=True)
    author_id: int = column(
        "Auteur", help="Qui l'a lancée.", source="process", foreign_key="staff_user.id", editable=False, listed=True
    )
    selection: LongText = column(
        "Sélection",
        help="Filtre ou choix de lignes, en français.",
        source="process",
        editable=False,
        long=True,
    )
    content: dict[str, Any] = column(
        "Contenu",
        help="Message, pièces ou gestionnaire choisis.",
        source="process",
        sa_type=sa.JSON,
        editable=False,
        personal=Personal.content,
    )
    state: BulkState = column(
        "État",
        help="Où en est l'action.",
        source="process",
        default=BulkState.prepared,
        editable=False,
        listed=True,
    )
    total: int = column(
        "Demandes", help="Demandes retenues.", source="process", default=0, editable=False, listed=True, ge=0
    )
    next_to_judge: int | None = column(
        "Reste à vérifier",
        help="Première ligne dont le dossier n'a pas encore été vérifié. Vide quand tous le sont.",
        source="technique",
        default=None,
        editable=False,
    )
    started_at: datetime | None = column(
        "Lancée le", help="Confirmation par l'auteur.", source="process", default=None, editable=False, listed=True
    )
    ended_at: datetime | None = column(
        "Terminée le", help="Fin de la dernière demande.", source="process", default=None, editable=False, listed=True
    )


class BulkLine(Table, table=True):
    """One request of a bulk action."""

    __tablename__ = "bulk_line"
    __table_args__ = (
        sa.UniqueConstraint("bulk_action_id", "request_id", name="uq_bulk_line_request"),
        sa.Index("ix_bulk_line_outcome", "bulk_action_id", "outcome", "id"),
    )
    recorded: ClassVar[bool] = False
    label: ClassVar[str] = "Ligne d'action groupée"
    label_plural: ClassVar[str] = "Lignes d'actions groupées"
    about: ClassVar[str] = "Résultat d'une action groupée pour une demande."
    title_columns: ClassVar[tuple[str, ...]] = ("bulk_action_id", "request_id")

    bulk_action_id: int = column(
        "Action", help="Action groupée.", source="process", foreign_key="bulk_action.id", editable=False, listed=True
    )
    request_id: int = column(
        "Demande", help="Demande concernée.", source="process", foreign_key="request.id", editable=False, listed=True
    )
    seen_version: int = column(
        "Version vue", help="Version du dossier au moment de l'aperçu.", source="technique", editable=False, ge=1
    )
    outcome: BulkOutcome = column(
        "Résultat",
        help="Ce qu'il en est advenu.",
        source="process",
        default=BulkOutcome.planned,
        editable=False,
        listed=True,
    )
    detail: Line | None = column(
        "Détail",
        help="Pourquoi la demande a été écartée, ou ce qui a été fait.",
        source="process",
        default=None,
        editable=False,
        listed=True,
    )

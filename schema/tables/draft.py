"""Requests being typed."""

from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa

from schema.base import Table, new_public_id
from schema.columns import Personal, column
from schema.enums import RequestKind
from schema.types import Email, Line, Secret


class Draft(Table, table=True):
    """A request being typed: raw answers by field name, exactly as typed, until « Terminer »."""

    __tablename__ = "draft"
    recorded: ClassVar[bool] = False
    label: ClassVar[str] = "Brouillon"
    label_plural: ClassVar[str] = "Brouillons"
    about: ClassVar[str] = "Demande en cours de saisie."
    title_columns: ClassVar[tuple[str, ...]] = ("created_at",)

    public_id: Secret = column(
        "Identifiant public",
        help="Identifiant imprévisible utilisé dans les adresses du site.",
        source="standards SEC-2",
        default_factory=new_public_id,
        unique=True,
        editable=False,
        secret=True,
    )
    kind: RequestKind = column(
        "Nature", help="Initiale ou complémentaire.", source="process E4", editable=False, listed=True
    )
    account_id: int | None = column(
        "Compte",
        help="Compte qui saisit une demande complémentaire.",
        source="process C3",
        foreign_key="account.id",
        default=None,
        editable=False,
    )
    answers: dict[str, Any] = column(
        "Réponses",
        help="Ce qui a été saisi, champ par champ.",
        source="process",
        default_factory=dict,
        sa_type=sa.JSON,
        personal=Personal.content,
        editable=False,
        secret=True,
    )
    step: Line = column("Étape atteinte", help="Dernière étape ouverte.", source="process", editable=False, listed=True)
    email: Email | None = column(
        "Email de reprise",
        help="Adresse à laquelle le lien de reprise a été envoyé.",
        source="process",
        default=None,
        personal=Personal.contact,
        editable=False,
    )
    previous_request_id: int | None = column(
        "Demande précédente",
        help="Demande refusée ou retirée que ce brouillon reprend.",
        source="process",
        foreign_key="request.id",
        default=None,
        editable=False,
    )
    request_id: int | None = column(
        "Demande déposée",
        help="Demande née de ce brouillon.",
        source="process S1",
        foreign_key="request.id",
        default=None,
        editable=False,
        listed=True,
    )
    expires_at: datetime = column(
        "Supprimé le",
        help="Date de suppression si rien n'est déposé.",
        source="process R4",
        editable=False,
        listed=True,
        index=True,
    )

"""What case managers keep beside a request: their flags, their notes, the decision that has not taken effect yet."""

from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa

from schema.base import Table
from schema.columns import Personal, column
from schema.enums import Verb
from schema.types import FieldName, Line, LongText


class FieldFlag(Table, table=True):
    """A declared answer that a manager found wrong, before the vendor is asked to correct it.

    To an answer what its review is to a piece; but an answer has no row of its own that could carry it. The rows go
    when the request leaves the ASP's hands, whatever the decision: the demand keeps what was asked.
    """

    __tablename__ = "field_flag"
    __table_args__ = (sa.Index("uq_field_flag_field", "request_id", "field", unique=True),)
    label: ClassVar[str] = "Donnée signalée"
    label_plural: ClassVar[str] = "Données signalées"
    about: ClassVar[str] = (
        "Donnée déclarée qu'un gestionnaire a trouvée à corriger, avant de le demander au fournisseur."
    )
    title_columns: ClassVar[tuple[str, ...]] = ("field", "request_id")

    request_id: int = column(
        "Demande", help="Dossier examiné.", source="process", foreign_key="request.id", editable=False, listed=True
    )
    field: FieldName = column("Champ", help="Donnée à corriger.", source="process", editable=False, listed=True)
    reason: LongText | None = column(
        "Motif", help="Ce qui est à corriger.", source="process", default=None, editable=False, listed=True, long=True
    )
    author_id: int = column(
        "Signalée par",
        help="Dernier gestionnaire à l'avoir signalée.",
        source="process",
        foreign_key="staff_user.id",
        editable=False,
        listed=True,
    )


class RequestNote(Table, table=True):
    """An internal note on a request. Vendors never see it."""

    __tablename__ = "request_note"
    __table_args__ = (sa.Index("ix_request_note_of_request", "request_id", "id"),)
    label: ClassVar[str] = "Note interne"
    label_plural: ClassVar[str] = "Notes internes"
    about: ClassVar[str] = "Note d'un gestionnaire sur un dossier, jamais montrée au fournisseur."
    title_columns: ClassVar[tuple[str, ...]] = ("request_id", "created_at")

    request_id: int = column(
        "Demande", help="Dossier annoté.", source="process", foreign_key="request.id", editable=False, listed=True
    )
    author_id: int = column(
        "Auteur",
        help="Qui a écrit la note.",
        source="process",
        foreign_key="staff_user.id",
        editable=False,
        listed=True,
    )
    body: LongText = column(
        "Note",
        help="Texte libre, réservé à l'ASP.",
        source="process",
        long=True,
        listed=True,
        searchable=True,
        personal=Personal.content,
    )


class PendingDecision(Table, table=True):
    """A decision that was taken and can still be recalled: neither the status nor the mail has moved.

    The row goes when the decision takes effect or is recalled. One that could not take effect stays, with the reason,
    until a manager has read it.
    """

    __tablename__ = "pending_decision"
    label: ClassVar[str] = "Décision en attente d'effet"
    label_plural: ClassVar[str] = "Décisions en attente d'effet"
    about: ClassVar[str] = "Décision prise, qui peut encore être annulée avant que son mail parte."
    title_columns: ClassVar[tuple[str, ...]] = ("request_id", "verb")

    request_id: int = column(
        "Demande",
        help="Dossier décidé.",
        source="process",
        foreign_key="request.id",
        unique=True,
        editable=False,
        listed=True,
    )
    verb: Verb = column("Décision", help="Ce qui a été décidé.", source="process", editable=False, listed=True)
    staff_user_id: int = column(
        "Gestionnaire",
        help="Qui a décidé.",
        source="process",
        foreign_key="staff_user.id",
        editable=False,
        listed=True,
    )
    effective_at: datetime = column(
        "Prend effet le",
        help="Moment à partir duquel la décision et son mail partent.",
        source="process",
        editable=False,
        listed=True,
        index=True,
    )
    seen_version: int = column(
        "Version vue",
        help="Version du dossier que le gestionnaire avait lue.",
        source="technique",
        editable=False,
        ge=1,
    )
    content: dict[str, Any] = column(
        "Contenu",
        help="Message, pièces et champs demandés, mail tel que relu.",
        source="process",
        sa_type=sa.JSON,
        editable=False,
        personal=Personal.content,
        # What was not sent is not kept: the history must not keep it either.
        secret=True,
    )
    problem: Line | None = column(
        "Empêchement",
        help="Pourquoi la décision n'a pas pu prendre effet.",
        source="process",
        default=None,
        editable=False,
        listed=True,
    )

"""What the ASP asks of a vendor after the deposit: documents, corrections, certificates."""

from datetime import date, datetime
from typing import ClassVar

import sqlalchemy as sa

from schema.base import Table, new_public_id, utc_now
from schema.columns import Personal, column
from schema.enums import DemandKind, DemandState
from schema.types import FieldName, LongText, Secret


class Demand(Table, table=True):
    """One demand of the ASP: additional documents, a correction (« Modifier ») or certificates."""

    __tablename__ = "demand"
    __table_args__ = (
        sa.Index(
            "uq_demand_open_request",
            "request_id",
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        ),
    )
    label: ClassVar[str] = "Demande de l'ASP"
    label_plural: ClassVar[str] = "Demandes de l'ASP"
    about: ClassVar[str] = "Pièces, corrections ou certificats demandés au fournisseur."
    title_columns: ClassVar[tuple[str, ...]] = ("kind", "asked_at")

    public_id: Secret = column(
        "Identifiant public",
        help="Identifiant imprévisible utilisé dans les liens.",
        source="standards SEC-2",
        default_factory=new_public_id,
        unique=True,
        editable=False,
    )
    request_id: int = column(
        "Demande d'enrôlement",
        help="Demande concernée.",
        source="process A3",
        foreign_key="request.id",
        editable=False,
        listed=True,
    )
    kind: DemandKind = column(
        "Nature", help="Ce qui est demandé.", source="process A3", vendor=True, editable=False, listed=True
    )
    message: LongText | None = column(
        "Message",
        help="Message adressé au fournisseur.",
        source="process A3",
        default=None,
        vendor=True,
        editable=False,
        long=True,
    )
    asked_at: datetime = column(
        "Demandée le",
        help="Moment de la demande.",
        source="process A3",
        default_factory=utc_now,
        vendor=True,
        editable=False,
        listed=True,
    )
    due_on: date | None = column(
        "Échéance", help="Dernier jour pour répondre.", source="process R4", default=None, vendor=True, listed=True
    )
    state: DemandState = column(
        "État",
        help="Où en est la réponse.",
        source="process A3",
        default=DemandState.open,
        vendor=True,
        editable=False,
        listed=True,
    )
    closed_at: datetime | None = column(
        "Close le", help="Moment de la réponse ou de l'annulation.", source="process A3", default=None, editable=False
    )


class DemandItem(Table, table=True):
    """One document or one field that is asked, with its reason."""

    __tablename__ = "demand_item"
    __table_args__ = (
        sa.CheckConstraint("(document_kind_id IS NULL) <> (field IS NULL)", name="document_or_field"),
        sa.Index(
            "uq_demand_item_document",
            "demand_id",
            "document_kind_id",
            unique=True,
            sqlite_where=sa.text("document_kind_id IS NOT NULL"),
            postgresql_where=sa.text("document_kind_id IS NOT NULL"),
        ),
        sa.Index(
            "uq_demand_item_field",
            "demand_id",
            "field",
            unique=True,
            sqlite_where=sa.text("field IS NOT NULL"),
            postgresql_where=sa.text("field IS NOT NULL"),
        ),
    )
    label: ClassVar[str] = "Point demandé"
    label_plural: ClassVar[str] = "Points demandés"
    about: ClassVar[str] = "Pièce ou champ à fournir, avec le motif."
    title_columns: ClassVar[tuple[str, ...]] = ("field", "document_kind_id")

    demand_id: int = column(
        "Demande de l'ASP",
        help="Demande qui contient ce point.",
        source="process A3",
        foreign_key="demand.id",
        editable=False,
        listed=True,
    )
    document_kind_id: int | None = column(
        "Pièce",
        help="Pièce demandée.",
        source="process A3",
        foreign_key="document_kind.id",
        default=None,
        vendor=True,
        editable=False,
        listed=True,
    )
    field: FieldName | None = column(
        "Champ", help="Champ à corriger.", source="process A3", default=None, vendor=True, editable=False, listed=True
    )
    reason: LongText | None = column(
        "Motif",
        help="Pourquoi ce point est demandé.",
        source="process A3",
        default=None,
        vendor=True,
        editable=False,
        long=True,
    )
    old_value: LongText | None = column(
        "Valeur d'origine",
        help="Valeur au moment de la demande.",
        source="process A3",
        default=None,
        personal=Personal.content,
        vendor=True,
        editable=False,
        long=True,
    )
    new_value: LongText | None = column(
        "Valeur corrigée",
        help="Valeur donnée par le fournisseur.",
        source="process A3",
        default=None,
        personal=Personal.content,
        vendor=True,
        editable=False,
        long=True,
    )
    attachment_id: int | None = column(
        "Pièce déposée",
        help="Pièce fournie en réponse.",
        source="process A3",
        foreign_key="attachment.id",
        default=None,
        vendor=True,
        editable=False,
    )

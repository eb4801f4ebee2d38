"""Deposited files: what is known of each, who may need it, who opened it."""

from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa

from schema.base import Table, new_public_id, utc_now
from schema.columns import Personal, column
from schema.enums import ActorKind, ReviewState, ScanState
from schema.types import Line, LongText, Secret, Sha256


class Attachment(Table, table=True):
    """A deposited document (pièce).

    It belongs to a draft until the request is submitted, or to a demand of the ASP until the vendor ends its deposit;
    then to the request.
    """

    __tablename__ = "attachment"
    __table_args__ = (
        sa.CheckConstraint(
            "CASE WHEN draft_id IS NULL THEN 0 ELSE 1 END + CASE WHEN request_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN demand_id IS NULL THEN 0 ELSE 1 END = 1",
            name="one_owner",
        ),
        sa.CheckConstraint("review <> 'to_redo' OR review_reason IS NOT NULL", name="reason_to_redo"),
    )
    label: ClassVar[str] = "Pièce"
    label_plural: ClassVar[str] = "Pièces"
    about: ClassVar[str] = "Fichier déposé par un fournisseur."
    title_columns: ClassVar[tuple[str, ...]] = ("file_name",)

    public_id: Secret = column(
        "Identifiant public",
        help="Identifiant imprévisible utilisé dans les adresses du site.",
        source="standards SEC-2",
        default_factory=new_public_id,
        unique=True,
        editable=False,
    )
    draft_id: int | None = column(
        "Brouillon",
        help="Brouillon qui porte la pièce.",
        source="process",
        foreign_key="draft.id",
        default=None,
        editable=False,
    )
    request_id: int | None = column(
        "Demande",
        help="Demande qui porte la pièce.",
        source="process",
        foreign_key="request.id",
        default=None,
        editable=False,
        listed=True,
    )
    demand_id: int | None = column(
        "Demande de l'ASP",
        help="Demande de l'ASP à laquelle la pièce répond, tant que le dépôt n'est pas terminé.",
        source="process A3",
        foreign_key="demand.id",
        default=None,
        editable=False,
    )
    document_kind_id: int = column(
        "Type de pièce",
        help="Nature du document.",
        source="process",
        foreign_key="document_kind.id",
        vendor=True,
        editable=False,
        listed=True,
    )
    file_name: Line = column(
        "Nom du fichier",
        help="Nom donné par le fournisseur.",
        source="process F1",
        example="kbis-alize.pdf",
        vendor=True,
        personal=Personal.content,
        editable=False,
        listed=True,
        searchable=True,
    )
    content_type: Line = column(
        "Format",
        help="Format reconnu d'après le contenu.",
        source="process F1",
        vendor=True,
        editable=False,
        listed=True,
    )
    size: int = column("Taille", help="En octets.", source="process F1", vendor=True, editable=False, listed=True, ge=1)
    pages: int | None = column(
        "Pages", help="Nombre de pages d'un PDF.", source="technique", default=None, editable=False, ge=1
    )
    sha256: Sha256 = column(
        "Empreinte", help="SHA-256 du contenu.", source="standards REL-5", editable=False, index=True
    )
    storage_key: Secret = column(
        "Clé de stockage",
        help="Emplacement du fichier dans le stockage.",
        source="standards SEC-10",
        unique=True,
        editable=False,
        secret=True,
    )
    encryption_key: Line | None = column(
        "Clé de chiffrement",
        help="Nom de la clé qui a chiffré le fichier.",
        source="standards SEC-15",
        default=None,
        editable=False,
    )
    scan: ScanState = column(
        "Antivirus",
        help="Résultat de l'analyse.",
        source="facts",
        default=ScanState.unscanned,
        editable=False,
        listed=True,
    )
    review: ReviewState = column(
        "Examen",
        help="Avis du gestionnaire sur la pièce.",
        source="process",
        default=ReviewState.unreviewed,
        vendor=True,
        listed=True,
    )
    review_reason: LongText | None = column(
        "Motif", help="Ce qui est à refaire.", source="process", default=None, vendor=True, long=True
    )
    replaced_by_id: int | None = column(
        "Remplacée par",
        help="Pièce plus récente du même type.",
        source="process",
        foreign_key="attachment.id",
        default=None,
        editable=False,
    )
    deposited_at: datetime = column(
        "Déposée le",
        help="Moment du dépôt.",
        source="process",
        default_factory=utc_now,
        vendor=True,
        editable=False,
        listed=True,
    )


class AttachmentAccess(Table, table=True):
    """Somebody opened a sensitive document (rule F4)."""

    __tablename__ = "attachment_access"
    __table_args__ = (
        sa.Index("ix_attachment_access_at", "at", "id"),
        sa.Index("ix_attachment_access_of_actor", "actor_kind", "actor_id", "at", "id"),
    )
    recorded: ClassVar[bool] = False
    label: ClassVar[str] = "Consultation"
    label_plural: ClassVar[str] = "Consultations"
    about: ClassVar[str] = "Consultation d'une pièce d'identité ou d'un RIB."
    title_columns: ClassVar[tuple[str, ...]] = ("at", "actor_label")

    attachment_id: int = column(
        "Pièce", help="Pièce consultée.", source="process F4", foreign_key="attachment.id", editable=False, listed=True
    )
    at: datetime = column(
        "Date",
        help="Moment de la consultation.",
        source="process F4",
        default_factory=utc_now,
        editable=False,
        listed=True,
    )
    actor_kind: ActorKind = column("Par", help="Qui a consulté.", source="process F4", editable=False, listed=True)
    actor_id: int | None = column(
        "Clé de l'auteur", help="Clé interne de l'auteur.", source="process F4", default=None, editable=False
    )
    actor_label: Line = column(
        "Auteur",
        help="Nom de l'auteur.",
        source="process F4",
        personal=Personal.identity,
        editable=False,
        listed=True,
        searchable=True,
    )

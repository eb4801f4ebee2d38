"""Questions to the assistance and financing requests: what stands beside the enrolment."""

from datetime import datetime
from typing import ClassVar

from schema.base import Table, new_public_id, utc_now
from schema.columns import Personal, column
from schema.enums import FinancingStatus, TicketState
from schema.types import Email, Line, LongText, RequestNumber, Secret


class Ticket(Table, table=True):
    """A question sent through « Contacter l'assistance »."""

    __tablename__ = "ticket"
    label: ClassVar[str] = "Question à l'assistance"
    label_plural: ClassVar[str] = "Questions à l'assistance"
    about: ClassVar[str] = "Message reçu par le formulaire d'assistance."
    title_columns: ClassVar[tuple[str, ...]] = ("number", "subject")

    number: RequestNumber = column(
        "Numéro",
        help="Numéro de la question.",
        source="process",
        example="AST-2026-000012",
        unique=True,
        vendor=True,
        editable=False,
        listed=True,
        searchable=True,
    )
    email: Email = column(
        "Email",
        help="Adresse à laquelle répondre.",
        source="process",
        personal=Personal.contact,
        vendor=True,
        listed=True,
        searchable=True,
        autocomplete="email",
    )
    name: Line = column(
        "Nom et prénom",
        help="Qui pose la question.",
        source="process",
        personal=Personal.identity,
        vendor=True,
        autocomplete="name",
    )
    subject: Line = column(
        "Objet",
        help="Ce dont il s'agit, en quelques mots.",
        source="process",
        vendor=True,
        listed=True,
        searchable=True,
        personal=Personal.content,
    )
    body: LongText = column(
        "Message", help="Votre question.", source="process", vendor=True, long=True, personal=Personal.content
    )
    ans_number: Line | None = column(
        "Numéro de référencement ANS",
        help="Si la question porte sur un référencement.",
        source="process",
        default=None,
        vendor=True,
        listed=True,
        searchable=True,
    )
    request_number: Line | None = column(
        "Numéro demande", help="Si la question porte sur une demande.", source="process", default=None, vendor=True
    )
    state: TicketState = column(
        "État", help="Où en est la réponse.", source="process", default=TicketState.open, listed=True
    )


class FinancingRequest(Table, table=True):
    """A financing request (demande de financement), gated by a full enrolment (rule E3)."""

    __tablename__ = "financing_request"
    label: ClassVar[str] = "Demande de financement"
    label_plural: ClassVar[str] = "Demandes de financement"
    about: ClassVar[str] = "Dépôt d'un fichier de financement et de ses preuves."
    title_columns: ClassVar[tuple[str, ...]] = ("number",)

    number: RequestNumber = column(
        "Numéro",
        help="Numéro attribué lors du dépôt.",
        source="process",
        example="FIN-2026-000004",
        unique=True,
        vendor=True,
        editable=False,
        listed=True,
        searchable=True,
    )
    public_id: Secret = column(
        "Identifiant public",
        help="Identifiant imprévisible utilisé dans les adresses du site.",
        source="standards SEC-2",
        default_factory=new_public_id,
        unique=True,
        editable=False,
    )
    request_id: int = column(
        "Demande d'enrôlement",
        help="Enrôlement validé qui ouvre le droit.",
        source="process E3",
        foreign_key="request.id",
        vendor=True,
        editable=False,
        listed=True,
    )
    status: FinancingStatus = column(
        "Statut",
        help="État d'avancement.",
        source="process",
        default=FinancingStatus.received,
        vendor=True,
        editable=False,
        listed=True,
    )
    submitted_at: datetime = column(
        "Date de dépôt",
        help="Moment du dépôt.",
        source="process",
        default_factory=utc_now,
        vendor=True,
        editable=False,
        listed=True,
    )
    lines: int = column(
        "Lignes",
        help="Nombre de prestations du fichier.",
        source="process",
        default=0,
        vendor=True,
        editable=False,
        ge=0,
    )
    total_cents: int = column(
        "Total TTC (centimes)",
        help="Total du fichier, en centimes d'euro.",
        source="process",
        default=0,
        vendor=True,
        editable=False,
        ge=0,
    )
    message: LongText | None = column(
        "Message", help="Réponse de l'ASP.", source="process", default=None, vendor=True, long=True
    )
    file_key: Secret = column(
        "Fichier",
        help="Emplacement du fichier dans le stockage.",
        source="process",
        unique=True,
        editable=False,
        secret=True,
    )
    file_sha256: Line = column(
        "Empreinte du fichier", help="SHA-256 du fichier.", source="standards REL-5", editable=False
    )
    proofs_key: Secret = column(
        "Preuves",
        help="Emplacement de l'archive de preuves.",
        source="process",
        unique=True,
        editable=False,
        secret=True,
    )
    proofs_sha256: Line = column(
        "Empreinte des preuves", help="SHA-256 de l'archive.", source="standards REL-5", editable=False
    )

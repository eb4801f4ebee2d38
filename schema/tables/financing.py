"""Financing requests, each deposit of their files, and the kinds of prestation that a file may hold."""

from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa

from schema.base import Table, new_public_id, utc_now
from schema.columns import Personal, column
from schema.enums import ActorKind, FinancingStatus, ScanState
from schema.types import Line, LongText, PrintedCode, RequestNumber, Secret, Sha256


class PrestationType(Table, table=True):
    """A kind of prestation that a financing file may hold, with the most that one line of it may cost."""

    __tablename__ = "prestation_type"
    label: ClassVar[str] = "Type de prestation"
    label_plural: ClassVar[str] = "Types de prestation"
    about: ClassVar[str] = "Types admis dans un fichier de financement, avec le plafond d'une ligne."
    title_columns: ClassVar[tuple[str, ...]] = ("name",)

    code: PrintedCode = column(
        "Code",
        help="Code écrit dans le fichier : majuscules, chiffres et tirets.",
        source="process R4",
        example="INSTALLATION",
        unique=True,
        vendor=True,
        listed=True,
        searchable=True,
    )
    name: Line = column(
        "Nom",
        help="Nom montré au fournisseur.",
        source="process R4",
        example="Installation",
        vendor=True,
        listed=True,
        searchable=True,
    )
    ceiling_cents: int | None = column(
        "Plafond TTC (centimes)",
        help="Montant TTC le plus élevé d'une ligne, en centimes d'euro. Vide : pas de plafond.",
        source="process R4",
        default=None,
        sa_type=sa.BigInteger,
        vendor=True,
        listed=True,
        ge=1,
    )
    active: bool = column(
        "Proposé",
        help="Un type qui n'est plus proposé est refusé dans les nouveaux fichiers.",
        source="process R4",
        default=True,
        listed=True,
    )


class FinancingRequest(Table, table=True):
    """A financing request (demande de financement), gated by a full enrolment (rule E3)."""

    __tablename__ = "financing_request"
    label: ClassVar[str] = "Demande de financement"
    label_plural: ClassVar[str] = "Demandes de financement"
    about: ClassVar[str] = "Demande de financement d'un fournisseur dont l'enrôlement est validé."
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
    status_since: datetime = column(
        "Statut depuis le",
        help="Date du dernier changement de statut.",
        source="process",
        default_factory=utc_now,
        vendor=True,
        editable=False,
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
        help="Nombre de prestations du dernier fichier déposé.",
        source="process",
        default=0,
        vendor=True,
        editable=False,
        ge=0,
    )
    total_cents: int = column(
        "Total TTC (centimes)",
        help="Total du dernier fichier déposé, en centimes d'euro.",
        source="process",
        default=0,
        sa_type=sa.BigInteger,
        vendor=True,
        editable=False,
        ge=0,
    )
    message: LongText | None = column(
        "Message",
        help="Dernière réponse de l'ASP.",
        source="process",
        default=None,
        vendor=True,
        editable=False,
        long=True,
    )


class FinancingAccess(Table, table=True):
    """Somebody of the ASP opened a file of a deposit (rule F4): proofs are invoices and orders, which name people."""

    __tablename__ = "financing_access"
    __table_args__ = (
        sa.Index("ix_financing_access_at", "at", "id"),
        sa.Index("ix_financing_access_of_actor", "actor_kind", "actor_id", "at", "id"),
    )
    recorded: ClassVar[bool] = False
    label: ClassVar[str] = "Consultation de financement"
    label_plural: ClassVar[str] = "Consultations de financements"
    about: ClassVar[str] = "Consultation d'un fichier déposé pour un financement."
    title_columns: ClassVar[tuple[str, ...]] = ("at", "actor_label")

    financing_deposit_id: int = column(
        "Dépôt",
        help="Dépôt consulté.",
        source="process F4",
        foreign_key="financing_deposit.id",
        editable=False,
        listed=True,
    )
    proofs: bool = column(
        "Preuves",
        help="Oui : l'archive de preuves. Non : le fichier de financement.",
        source="process F4",
        editable=False,
        listed=True,
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
    )


class FinancingDeposit(Table, table=True):
    """One deposit of the two files of a request. A later one replaces it; it stays, with what was answered."""

    __tablename__ = "financing_deposit"
    __table_args__ = (sa.UniqueConstraint("financing_request_id", "place", name="uq_financing_deposit_place"),)
    label: ClassVar[str] = "Dépôt de financement"
    label_plural: ClassVar[str] = "Dépôts de financement"
    about: ClassVar[str] = "Fichier de financement et archive de preuves, tels qu'ils ont été déposés."
    title_columns: ClassVar[tuple[str, ...]] = ("file_name", "place")

    financing_request_id: int = column(
        "Demande de financement",
        help="Demande à laquelle ces fichiers appartiennent.",
        source="process",
        foreign_key="financing_request.id",
        editable=False,
        listed=True,
    )
    place: int = column(
        "Rang",
        help="1 pour le premier dépôt.",
        source="process",
        default=1,
        vendor=True,
        editable=False,
        listed=True,
        ge=1,
    )
    deposited_at: datetime = column(
        "Déposé le",
        help="Moment du dépôt.",
        source="process",
        default_factory=utc_now,
        vendor=True,
        editable=False,
        listed=True,
    )
    lines: int = column(
        "Lignes", help="Nombre de prestations du fichier.", source="process", vendor=True, editable=False, ge=0
    )
    total_cents: int = column(
        "Total TTC (centimes)",
        help="Total du fichier, en centimes d'euro.",
        source="process",
        sa_type=sa.BigInteger,
        vendor=True,
        editable=False,
        ge=0,
    )
    file_name: Line = column(
        "Fichier",
        help="Nom donné par le fournisseur.",
        source="process F1",
        vendor=True,
        personal=Personal.content,
        editable=False,
        listed=True,
    )
    file_size: int = column(
        "Taille du fichier", help="En octets.", source="process F1", vendor=True, editable=False, ge=1
    )
    file_sha256: Sha256 = column(
        "Empreinte du fichier", help="SHA-256 du contenu.", source="standards REL-5", editable=False
    )
    file_key: Secret = column(
        "Emplacement du fichier",
        help="Emplacement dans le stockage.",
        source="standards SEC-10",
        unique=True,
        editable=False,
        secret=True,
    )
    file_encryption_key: Line | None = column(
        "Clé de chiffrement du fichier",
        help="Nom de la clé qui a chiffré le contenu.",
        source="standards SEC-15",
        default=None,
        editable=False,
    )
    proofs_name: Line = column(
        "Preuves",
        help="Nom donné par le fournisseur.",
        source="process F1",
        vendor=True,
        personal=Personal.content,
        editable=False,
    )
    proofs_size: int = column(
        "Taille des preuves", help="En octets.", source="process F1", vendor=True, editable=False, ge=1
    )
    proofs_sha256: Sha256 = column(
        "Empreinte des preuves", help="SHA-256 du contenu.", source="standards REL-5", editable=False
    )
    proofs_key: Secret = column(
        "Emplacement des preuves",
        help="Emplacement dans le stockage.",
        source="standards SEC-10",
        unique=True,
        editable=False,
        secret=True,
    )
    proofs_encryption_key: Line | None = column(
        "Clé de chiffrement des preuves",
        help="Nom de la clé qui a chiffré le contenu.",
        source="standards SEC-15",
        default=None,
        editable=False,
    )
    proofs_count: int = column(
        "Nombre de preuves", help="Documents de l'archive.", source="process", vendor=True, editable=False, ge=1
    )
    scan: ScanState = column(
        "Antivirus",
        help="Résultat de l'analyse de l'archive et du fichier.",
        source="facts",
        default=ScanState.unscanned,
        editable=False,
        listed=True,
    )
    outcome: FinancingStatus | None = column(
        "Suite donnée",
        help="Ce que l'ASP a décidé sur ce dépôt.",
        source="process",
        default=None,
        vendor=True,
        editable=False,
        listed=True,
    )
    answer: LongText | None = column(
        "Réponse",
        help="Ce que l'ASP a répondu sur ce dépôt.",
        source="process",
        default=None,
        vendor=True,
        editable=False,
        long=True,
    )
    answered_at: datetime | None = column(
        "Répondu le",
        help="Moment de la réponse.",
        source="process",
        default=None,
        vendor=True,
        editable=False,
    )

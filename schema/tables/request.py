"""The enrolment request, what happened to it, and the legal wording it accepted."""

from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa

from schema.base import Table, new_public_id, utc_now
from schema.columns import Personal, column
from schema.enums import ActorKind, RequestKind, RequestStatus, Step, Verb
from schema.types import Line, LongText, RequestNumber, Secret

_NOT_ENDED = sa.text("status NOT IN ('rejected', 'withdrawn')")


class EnrolmentRequest(Table, table=True):
    """A request to enrol one referenced software (demande d'enrôlement).

    Rules R1 and S1 are held by unique keys, R2 by a partial unique index, and the table of transitions by triggers
    that the migrations install: the database refuses what the code forgot to.
    """

    __tablename__ = "request"
    __table_args__ = (
        sa.Index(
            "uq_request_active_referencing",
            "referencing_id",
            unique=True,
            sqlite_where=_NOT_ENDED,
            postgresql_where=_NOT_ENDED,
        ),
        sa.Index("ix_request_status_since", "status", "status_since", "id"),
        # The queue of the ASP: what nobody has taken, or what one person has, in a status, longest wait first.
        sa.Index("ix_request_queue", "status", "assigned_to_id", "clock_from", "id"),
        sa.Index("ix_request_clock", "status", "clock_from", "id"),
        sa.Index("ix_request_submitted_at_id", "submitted_at", "id"),
        # The list of a vendor: the requests of a company, newest first.
        sa.Index("ix_request_of_provider", "provider_id", "submitted_at", "id"),
        sa.CheckConstraint(
            "is_early OR status NOT IN ('awaiting_certificates', 'certificates_to_review')",
            name="certificates_of_early",
        ),
        sa.CheckConstraint(
            "(asked_from IS NOT NULL) = (status IN ('awaiting_documents', 'awaiting_correction'))", name="asked_from"
        ),
    )
    label: ClassVar[str] = "Demande d'enrôlement"
    label_plural: ClassVar[str] = "Demandes d'enrôlement"
    about: ClassVar[str] = "Demande d'enrôlement d'une solution logicielle référencée."
    title_columns: ClassVar[tuple[str, ...]] = ("number",)

    number: RequestNumber = column(
        "Numéro demande",
        help="Numéro attribué lors du dépôt. Il identifie le dossier.",
        source="process R1",
        example="ENR-2026-000123",
        vendor=True,
        unique=True,
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
    submission_key: Secret = column(
        "Clé de dépôt",
        help="Garantit qu'un même formulaire ne crée qu'une demande.",
        source="process S1",
        default_factory=new_public_id,
        unique=True,
        editable=False,
        secret=True,
    )
    kind: RequestKind = column(
        "Nature", help="Initiale ou complémentaire.", source="process E4", vendor=True, editable=False, listed=True
    )
    is_early: bool = column(
        "Enrôlement anticipé",
        help="Le référencement n'était pas encore validé par l'ANS lors du dépôt.",
        source="process E1",
        default=False,
        vendor=True,
        editable=False,
        listed=True,
    )
    status: RequestStatus = column(
        "Statut",
        help="État d'avancement de la demande.",
        source="guide p. 47",
        default=RequestStatus.in_review,
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
    clock_from: datetime = column(
        "Délai compté depuis le",
        help="Début du délai du statut. Le temps passé à attendre le fournisseur n'est pas compté à l'ASP.",
        source="process R4",
        default_factory=utc_now,
        editable=False,
    )
    clock_spent: int = column(
        "Temps déjà passé à l'ASP",
        help="Temps d'instruction écoulé avant que la demande attende le fournisseur. En secondes dans les fichiers.",
        source="process R4",
        default=0,
        editable=False,
        duration=True,
        ge=0,
    )
    asked_from: RequestStatus | None = column(
        "Statut avant la demande de l'ASP",
        help="Statut auquel la demande revient quand le fournisseur a répondu.",
        source="process",
        default=None,
        editable=False,
    )
    submitted_at: datetime = column(
        "Date de dépôt",
        help="Date à laquelle le fournisseur a déposé sa demande.",
        source="guide p. 46",
        default_factory=utc_now,
        vendor=True,
        editable=False,
        listed=True,
    )
    decided_at: datetime | None = column(
        "Décidée le",
        help="Date de la validation ou du refus.",
        source="process",
        default=None,
        vendor=True,
        editable=False,
    )
    referencing_id: int = column(
        "Référencement",
        help="Solution logicielle à enrôler.",
        source="process R2",
        foreign_key="referencing.id",
        vendor=True,
        editable=False,
        listed=True,
    )
    provider_id: int = column(
        "Fournisseur",
        help="Personne morale qui demande l'enrôlement.",
        source="process D5",
        foreign_key="provider.id",
        vendor=True,
        editable=False,
        listed=True,
    )
    account_id: int | None = column(
        "Compte",
        help="Compte ouvert ou utilisé pour cette demande.",
        source="process D5",
        foreign_key="account.id",
        default=None,
        editable=False,
    )
    previous_request_id: int | None = column(
        "Demande précédente",
        help="Demande refusée ou retirée dont celle-ci prend la suite.",
        source="process",
        foreign_key="request.id",
        default=None,
        editable=False,
    )
    assigned_to_id: int | None = column(
        "Gestionnaire",
        help="Gestionnaire qui instruit la demande.",
        source="process",
        foreign_key="staff_user.id",
        default=None,
        correctable=True,
    )
    hosts_health_data: bool | None = column(
        "Êtes-vous hébergeur de données de santé pour au moins un de vos clients ?",
        help="Oui : joignez votre certificat HDS. Non : joignez l'attestation sur l'honneur de non-hébergement.",
        staff_help="Oui : le certificat HDS est dû. Non : l'attestation sur l'honneur de non-hébergement est due.",
        source="guide p. 11",
        step=Step.referencing,
        each_request=True,
        default=None,
    )
    is_distributor: bool = column(
        "Êtes-vous distributeur ?",
        help="Vous vendez un logiciel édité par une autre société.",
        staff_help="Le fournisseur vend un logiciel édité par une autre société.",
        source="guide p. 13",
        step=Step.applicant,
        each_request=True,
        default=False,
    )
    is_representative: bool = column(
        "Êtes-vous le représentant légal du fournisseur ?",
        help="Si vous déposez pour le représentant légal, répondez Non : vous êtes le dépositaire.",
        staff_help="Non : un dépositaire dépose pour le représentant légal.",
        source="guide p. 13",
        step=Step.applicant,
        default=True,
    )
    vat_liable: bool = column(
        "Êtes-vous assujetti à la TVA ?",
        help="Non : joignez une preuve de régime hors TVA.",
        staff_help="Non : une preuve de régime hors TVA est due.",
        source="guide p. 18",
        step=Step.vat,
        each_request=True,
        default=True,
    )
    legal_name_changed: bool = column(
        "Dénomination modifiée",
        help="La dénomination saisie diffère de celle du répertoire.",
        source="process D1",
        default=False,
        editable=False,
    )
    to_verify: LongText | None = column(
        "À vérifier",
        help="Ce que le portail n'a pas pu contrôler lors du dépôt.",
        source="process D6",
        default=None,
        editable=False,
        long=True,
    )


class RequestEvent(Table, table=True):
    """One transition of a request: what the dated history of the status page is made of."""

    __tablename__ = "request_event"
    __table_args__ = (sa.Index("ix_request_event_request_id_at", "request_id", "at", "id"),)
    recorded: ClassVar[bool] = False
    label: ClassVar[str] = "Événement"
    label_plural: ClassVar[str] = "Événements"
    about: ClassVar[str] = "Changement de statut d'une demande, avec son auteur et son motif."
    title_columns: ClassVar[tuple[str, ...]] = ("verb", "at")

    request_id: int = column(
        "Demande", help="Demande concernée.", source="process", foreign_key="request.id", editable=False, listed=True
    )
    at: datetime = column(
        "Date",
        help="Moment de l'action.",
        source="process",
        default_factory=utc_now,
        vendor=True,
        editable=False,
        listed=True,
    )
    verb: Verb = column("Action", help="Ce qui a été fait.", source="process", vendor=True, editable=False, listed=True)
    source: RequestStatus | None = column(
        "Statut avant", help="Vide pour le dépôt.", source="process", default=None, editable=False
    )
    target: RequestStatus = column(
        "Statut après", help="Statut obtenu.", source="process", vendor=True, editable=False, listed=True
    )
    actor_kind: ActorKind = column("Par", help="Qui a agi.", source="process", vendor=True, editable=False, listed=True)
    actor_label: Line = column(
        "Auteur", help="Nom de l'auteur, pour l'ASP.", source="process", editable=False, personal=Personal.identity
    )
    message: LongText | None = column(
        "Message",
        help="Motif ou message adressé au fournisseur.",
        source="process",
        default=None,
        vendor=True,
        editable=False,
        long=True,
    )


class TermsAcceptance(Table, table=True):
    """The very wording that a vendor ticked, and when (rule S2)."""

    __tablename__ = "terms_acceptance"
    __table_args__ = (sa.UniqueConstraint("request_id", "legal_text_id", name="uq_terms_acceptance_request_id_text"),)
    label: ClassVar[str] = "Acceptation"
    label_plural: ClassVar[str] = "Acceptations"
    about: ClassVar[str] = "Version et texte exact acceptés lors du dépôt."
    title_columns: ClassVar[tuple[str, ...]] = ("request_id", "legal_text_id")

    request_id: int = column(
        "Demande", help="Demande concernée.", source="process S2", foreign_key="request.id", editable=False, listed=True
    )
    legal_text_id: int = column(
        "Texte", help="Version acceptée.", source="process S2", foreign_key="legal_text.id", editable=False, listed=True
    )
    wording: LongText = column(
        "Phrase acceptée", help="Texte exact de la case cochée.", source="process S2", editable=False, long=True
    )
    accepted_at: datetime = column(
        "Accepté le",
        help="Moment de l'acceptation.",
        source="process S2",
        default_factory=utc_now,
        editable=False,
        listed=True,
    )


class RequestCounter(Table, table=True):
    """The last number given in a year: the source of « Numéro demande » (rule R1)."""

    __tablename__ = "request_counter"
    recorded: ClassVar[bool] = False
    label: ClassVar[str] = "Compteur"
    label_plural: ClassVar[str] = "Compteurs"
    about: ClassVar[str] = "Dernier numéro attribué, par série et par année."
    title_columns: ClassVar[tuple[str, ...]] = ("series", "year")
    __table_args__ = (sa.UniqueConstraint("series", "year", name="uq_request_counter_series_year"),)

    series: Line = column(
        "Série", help="Préfixe des numéros.", source="process R1", example="ENR", editable=False, listed=True
    )
    year: int = column(
        "Année", help="Année civile, à Paris.", source="process R1", editable=False, listed=True, ge=2020
    )
    last: int = column(
        "Dernier numéro", help="Dernier numéro attribué.", source="process R1", editable=False, listed=True, ge=0
    )

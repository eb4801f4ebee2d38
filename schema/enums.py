"""Closed lists of the field, each value with its French label.

A member's name is its stored value: forms that look a value up by name and rows that hold it by value then agree.
Lists that the ASP changes by itself are tables, not enums.
"""

from __future__ import annotations

from enum import StrEnum, unique
from typing import Self


class Labelled(StrEnum):
    """A stored word and the French label that users read."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


@unique
class Step(Labelled):
    """A step of the public form."""

    referencing = "referencing", "Référencement"
    applicant = "applicant", "Demandeur"
    bank = "bank", "Coordonnées bancaires"
    vat = "vat", "Régime de TVA"
    summary = "summary", "Récapitulatif"


@unique
class RequestStatus(Labelled):
    """Where a request stands. The labels are the guide's, page 47."""

    in_review = "in_review", "En cours"
    awaiting_certificates = "awaiting_certificates", "Validation partielle - En attente de certificat(s)"
    awaiting_documents = "awaiting_documents", "En attente de pièce(s) jointe(s) complémentaire(s)"
    awaiting_correction = "awaiting_correction", "À modifier"
    certificates_to_review = "certificates_to_review", "Certificat(s) à valider"
    validated = "validated", "Validée"
    rejected = "rejected", "Rejetée"
    withdrawn = "withdrawn", "Retirée"


ENDED = frozenset({RequestStatus.rejected, RequestStatus.withdrawn})
"""A request in one of these no longer holds its referencing number (rule R2)."""


@unique
class Verb(Labelled):
    """What someone does to a request."""

    submit = "submit", "Dépôt de la demande"
    validate = "validate", "Validation"
    validate_partially = "validate_partially", "Validation partielle"
    reject = "reject", "Refus"
    ask_documents = "ask_documents", "Demande de pièces complémentaires"
    ask_correction = "ask_correction", "Demande de correction"
    complete_deposit = "complete_deposit", "Dépôt des pièces demandées"
    complete_correction = "complete_correction", "Correction déposée"
    complete_certificates = "complete_certificates", "Dépôt du ou des certificats"
    refuse_certificate = "refuse_certificate", "Refus de certificat"
    cancel_demand = "cancel_demand", "Annulation de la demande de l'ASP"
    withdraw = "withdraw", "Retrait de la demande"
    resubmit = "resubmit", "Nouveau dépôt après un refus ou un retrait"


@unique
class RequestKind(Labelled):
    """Whether the vendor already has an account."""

    initial = "initial", "Initial"
    complementary = "complementary", "Complémentaire"


@unique
class ReferencingStatus(Labelled):
    """What the ANS says of a referencing."""

    pending = "pending", "En cours d'instruction par l'ANS"
    validated = "validated", "Validé par l'ANS"
    withdrawn = "withdrawn", "Retiré par l'ANS"


@unique
class PersonRole(Labelled):
    """Who a person is to the vendor."""

    representative = "representative", "Représentant légal"
    depositary = "depositary", "Dépositaire"


@unique
class DepositaryQuality(Labelled):
    """In what quality a depositary files (guide p. 16)."""

    employee = "employee", "Employé de la personne morale"
    management_centre = "management_centre", "Centre de gestion, expert-comptable…"


@unique
class StreetExtension(Labelled):
    """What follows the number in the street (NF Z10-011)."""

    B = "B", "bis"
    T = "T", "ter"
    Q = "Q", "quater"
    C = "C", "quinquies"


@unique
class RegistryOutcome(Labelled):
    """What the company registry answered when the vendor typed its SIRET."""

    found = "found", "Établissement trouvé au répertoire"
    unknown = "unknown", "Établissement inconnu du répertoire"
    unavailable = "unavailable", "Répertoire non consulté"
    not_diffusible = "not_diffusible", "Établissement non diffusible"


@unique
class BankCheck(Labelled):
    """How far the bank details could be checked against the list of banks."""

    coherent = "coherent", "IBAN et BIC cohérents"
    unknown_bank = "unknown_bank", "Banque inconnue : domiciliation saisie"


@unique
class ActorKind(Labelled):
    """Who acts."""

    vendor = "vendor", "Fournisseur"
    staff = "staff", "ASP"
    system = "system", "Portail"


@unique
class Operation(Labelled):
    """What happened to a row."""

    insert = "insert", "Création"
    update = "update", "Modification"
    delete = "delete", "Suppression"


@unique
class ScanState(Labelled):
    """What the antivirus said of a file."""

    unscanned = "unscanned", "Analyse en attente"
    clean = "clean", "Sain"
    infected = "infected", "Infecté"
    disabled = "disabled", "Antivirus désactivé"


@unique
class ReviewState(Labelled):
    """What the case manager said of a document."""

    unreviewed = "unreviewed", "À examiner"
    compliant = "compliant", "Conforme"
    to_redo = "to_redo", "À refaire"
    not_applicable = "not_applicable", "Sans objet"


@unique
class MailState(Labelled):
    """Where an outgoing mail stands."""

    queued = "queued", "En file d'attente"
    sending = "sending", "Envoi en cours"
    sent = "sent", "Envoyé"
    parked = "parked", "Échec définitif"
    cancelled = "cancelled", "Annulé"


@unique
class StaffRole(Labelled):
    """What a member of the ASP's staff may do."""

    manager = "manager", "Gestionnaire"
    steward = "steward", "Référent données"
    administrator = "administrator", "Administrateur"
    reader = "reader", "Lecteur"


@unique
class AccountState(Labelled):
    """Where a vendor's login stands."""

    invited = "invited", "Mot de passe à créer"
    active = "active", "Actif"
    disabled = "disabled", "Désactivé"


@unique
class DemandKind(Labelled):
    """What the ASP asks of a vendor after the deposit."""

    documents = "documents", "Pièces complémentaires"
    correction = "correction", "Correction"
    certificates = "certificates", "Certificats"


@unique
class DemandState(Labelled):
    """Where a demand stands."""

    open = "open", "En attente du fournisseur"
    answered = "answered", "Répondue"
    cancelled = "cancelled", "Annulée"


@unique
class TicketState(Labelled):
    """Where a question to the assistance stands."""

    open = "open", "À traiter"
    closed = "closed", "Traitée"


@unique
class FinancingStatus(Labelled):
    """Where a financing request stands."""

    received = "received", "Reçue"
    to_modify = "to_modify", "À modifier"
    accepted = "accepted", "Acceptée"
    refused = "refused", "Refusée"


@unique
class LegalTextKind(Labelled):
    """The texts that the public site shows or has accepted."""

    cgu = "cgu", "Conditions générales d'utilisation"
    penal = "penal", "Article 441-7 du code pénal"
    authenticity = "authenticity", "Authenticité des informations"
    privacy = "privacy", "Données personnelles"
    accessibility = "accessibility", "Accessibilité"
    acknowledgement = "acknowledgement", "Mentions de l'accusé de réception"
    early_notice = "early_notice", "Avertissement d'enrôlement anticipé"


@unique
class WebAudience(Labelled):
    """Whose session it is."""

    vendor = "vendor", "Fournisseur"
    staff = "staff", "ASP"


@unique
class BulkVerb(Labelled):
    """What a bulk action does to each request of its selection."""

    assign = "assign", "Confier à un gestionnaire"
    ask_documents = "ask_documents", "Demander les mêmes pièces"
    send_message = "send_message", "Envoyer un même mail"
    reject = "reject", "Refuser avec un même motif"
    validate = "validate", "Valider les dossiers dont la grille est complète"


@unique
class BulkState(Labelled):
    """Where a bulk action stands."""

    prepared = "prepared", "À confirmer"
    running = "running", "En cours"
    paused = "paused", "En pause"
    done = "done", "Terminée"
    cancelled = "cancelled", "Annulée"


@unique
class BulkOutcome(Labelled):
    """What became of one request of a bulk action."""

    planned = "planned", "À faire"
    done = "done", "Fait"
    skipped = "skipped", "Écarté"
    failed = "failed", "Échec"


@unique
class PlannedState(Labelled):
    """Where a planned change stands."""

    planned = "planned", "Programmé"
    applied = "applied", "Appliqué"
    cancelled = "cancelled", "Annulé"
    failed = "failed", "Impossible"


@unique
class CorrectionSource(Labelled):
    """Where the changes of a correction come from."""

    filter = "filter", "Filtre et changements"
    ticked = "ticked", "Lignes cochées"
    file = "file", "Fichier"
    finding = "finding", "Contrôle des données"
    undo = "undo", "Annulation d'une correction"


@unique
class CorrectionState(Labelled):
    """Where a correction stands."""

    draft = "draft", "Brouillon"
    preparing = "preparing", "Préparation en cours"
    frozen = "frozen", "Prête, à vérifier"
    approved = "approved", "Approuvée"
    applying = "applying", "Application en cours"
    paused = "paused", "En pause"
    applied = "applied", "Appliquée"
    partly_applied = "partly_applied", "Appliquée en partie"
    undone = "undone", "Annulée après application"
    cancelled = "cancelled", "Abandonnée"


@unique
class CorrectionOutcome(Labelled):
    """What is to become, or became, of one line of a correction."""

    planned = "planned", "À appliquer"
    applied = "applied", "Appliquée"
    conflict = "conflict", "Conflit : modifiée depuis l'aperçu"
    refused = "refused", "Refusée : une règle l'interdit"
    invalid = "invalid", "Valeur invalide"
    missing = "missing", "Ligne introuvable"
    duplicate = "duplicate", "En double dans le fichier"
    unchanged = "unchanged", "Déjà à jour"


@unique
class ImportMode(Labelled):
    """What a file may do to a table."""

    update = "update", "Modifier les lignes qui existent"
    insert = "insert", "Ajouter les lignes nouvelles"
    upsert = "upsert", "Modifier et ajouter"

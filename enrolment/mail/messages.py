"""Every mail of the portal, as a typed message: its template may say what is here and nothing else.

Values come ready: plain texts, dates, tuples. No query, no rule and no wording in here; the wording is in
`templates/<name>/` and, once the ASP has changed it, in the table of message templates.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import ClassVar

from enrolment.mail import access, corrections, financing, team
from enrolment.mail.greeting import ToPerson
from enrolment.mail.variables import (
    Message,
    data,
    day,
    flag,
    lines,
    link,
    message,
    moment,
    pairs,
    prose,
    recap,
)
from enrolment.workflow import MailName

_SITE = "https://segur.example"
_LATER = datetime(2026, 3, 5, 13, 5, tzinfo=UTC)
_NOW = datetime(2026, 3, 3, 13, 5, tzinfo=UTC)
_CERTIFICATE = "Certificat de référencement"

Recap = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


@message
class AboutRequest(ToPerson):
    """A mail about one request."""

    request_number: str = data("Numéro demande", "ENR-2026-000123")
    software_name: str = data("Nom de la solution logicielle", "Hospidoc")
    software_version: str = data("Version de la solution logicielle", "4.2")


@message
class Acknowledgement(AboutRequest):
    """The request arrived (guide p. 24; rule M4)."""

    name: ClassVar[str] = MailName.acknowledgement
    label: ClassVar[str] = "Accusé de réception"

    received_at: datetime = moment("Date et heure de réception de la demande", _NOW)
    enrolment_type: str = prose("Type d'enrôlement", "Initial anticipé")
    is_early: bool = flag("Vrai si l'enrôlement est anticipé", example=True)
    status_link: str = link("Page de suivi de la demande, sans compte", f"{_SITE}/suivi/exemple")
    service_name: str = prose("Service chargé du dossier", "Pôle Ségur du numérique en santé")
    service_address: str = prose("Adresse postale du service", "2 rue du Maupas\n87040 Limoges Cedex 1")
    service_email: str = data("Adresse mail du service", "segur@asp.example")
    service_phone: str = data("Téléphone du service", "01 23 45 67 89")
    silence_rule: str = prose(
        "Ce que vaut le silence de l'administration, et à partir de quand",
        "Sans réponse de notre part dans un délai de deux mois à compter de cette date, votre demande est "
        "réputée rejetée.",
    )
    recap: Recap = recap(
        "Récapitulatif de la demande : (section, ((libellé, valeur), …))",
        (
            ("Demandeur", (("Numéro SIRET", "356 000 000 49837"), ("Êtes-vous distributeur ?", "Non"))),
            ("Régime de TVA", (("Êtes-vous assujetti à la TVA ?", "Oui"),)),
        ),
    )


@message
class Validation(AboutRequest):
    """The request is validated (guide p. 25)."""

    name: ClassVar[str] = MailName.validation
    label: ClassVar[str] = "Validation"

    opens_account: bool = flag("Vrai si un compte est ouvert à cette occasion", example=True)
    message: str = prose("Message du gestionnaire ; peut être vide", "Bienvenue parmi les fournisseurs enrôlés.")
    sign_in_link: str = link("Page « Se connecter »", f"{_SITE}/connexion")


@message
class PartialValidation(AboutRequest):
    """An early request is validated in part: some documents are still due (guide p. 25)."""

    name: ClassVar[str] = MailName.partial_validation
    label: ClassVar[str] = "Validation partielle"

    documents: tuple[str, ...] = lines("Pièces qui restent à déposer", (_CERTIFICATE,))
    due_on: date | None = day("Dernier jour pour les déposer ; vide s'il n'y en a pas", date(2026, 9, 30))
    opens_account: bool = flag("Vrai si un compte est ouvert à cette occasion", example=True)
    message: str = prose("Message du gestionnaire ; peut être vide", "Votre dossier est par ailleurs complet.")
    sign_in_link: str = link("Page « Se connecter »", f"{_SITE}/connexion")


@message
class Rejection(AboutRequest):
    """The request is refused, with the reason (guide p. 25)."""

    name: ClassVar[str] = MailName.rejection
    label: ClassVar[str] = "Refus"

    reason: str = prose("Motif du refus", "Le mandat de l'éditeur n'est pas signé par son représentant légal.")
    appeal_rule: str = prose(
        "Voies et délais de recours ; peut être vide",
        "Vous pouvez contester cette décision devant le tribunal administratif dans un délai de deux mois.",
    )
    resubmit_link: str = link("Page où déposer à nouveau, tout étant conservé", f"{_SITE}/suivi/redeposer/exemple")
    status_link: str = link("Page de suivi de la demande", f"{_SITE}/suivi/exemple")


@message
class KnownAccount(AboutRequest):
    """The person already has an account: nothing new is opened (rule M1)."""

    name: ClassVar[str] = "known_account"
    label: ClassVar[str] = "Accès avec un compte existant"

    sign_in_link: str = link("Page « Se connecter »", f"{_SITE}/connexion")


@message
class DocumentsAsked(AboutRequest):
    """The ASP asks for more documents (guide p. 36)."""

    name: ClassVar[str] = MailName.documents_asked
    label: ClassVar[str] = "Pièces demandées"

    documents: tuple[tuple[str, str], ...] = pairs(
        "Pièces demandées : (pièce, précision), la précision pouvant être vide",
        (("KBIS", "de moins de trois mois"), ("RIB", "")),
    )
    message: str = prose("Message du gestionnaire ; peut être vide", "Le KBIS reçu date de plus d'un an.")
    due_on: date | None = day("Dernier jour pour répondre ; vide s'il n'y en a pas", date(2026, 4, 2))
    action_link: str = link("Page où déposer les pièces", f"{_SITE}/suivi/exemple/pieces")


@message
class CorrectionAsked(AboutRequest):
    """The ASP asks the vendor to correct what it typed (the guide's action « Modifier »)."""

    name: ClassVar[str] = MailName.correction_asked
    label: ClassVar[str] = "Correction demandée"

    corrections: tuple[tuple[str, str], ...] = pairs(
        "Champs à corriger : (libellé, motif)",
        (("Titulaire", "le titulaire du compte doit être la société"),),
    )
    message: str = prose("Message du gestionnaire ; peut être vide", "Le reste du dossier est conforme.")
    due_on: date | None = day("Dernier jour pour répondre ; vide s'il n'y en a pas", date(2026, 4, 2))
    action_link: str = link("Page où corriger la demande", f"{_SITE}/suivi/exemple/modifier")


@message
class DepositReceived(AboutRequest):
    """What was asked arrived: documents, corrections or certificates (« Terminer mon dépôt »)."""

    name: ClassVar[str] = MailName.deposit_received
    label: ClassVar[str] = "Accusé de dépôt"

    received_at: datetime = moment("Date et heure du dépôt", _NOW)
    items: tuple[str, ...] = lines("Pièces déposées ou champs corrigés", (_CERTIFICATE,))
    status_label: str = prose("Nouveau statut de la demande", "Certificat(s) à valider")
    status_link: str = link("Page de suivi de la demande", f"{_SITE}/suivi/exemple")


@message
class CertificateRefused(AboutRequest):
    """The certificate of an early request is refused, with the reason."""

    name: ClassVar[str] = MailName.certificate_refused
    label: ClassVar[str] = "Certificat refusé"

    reason: str = prose("Motif du refus", "Le certificat porte sur une autre version du logiciel.")
    documents: tuple[str, ...] = lines("Pièces à déposer de nouveau", (_CERTIFICATE,))
    due_on: date | None = day("Dernier jour pour répondre ; vide s'il n'y en a pas", date(2026, 4, 2))
    action_link: str = link("Page où déposer le certificat", f"{_SITE}/espace/demandes/exemple")


@message
class DemandCancelled(AboutRequest):
    """The ASP gives up what it asked for: there is nothing to send any more."""

    name: ClassVar[str] = MailName.demand_cancelled
    label: ClassVar[str] = "Demande de l'ASP annulée"

    items: tuple[str, ...] = lines("Ce qui n'est plus demandé", ("KBIS",))
    message: str = prose("Message du gestionnaire ; peut être vide", "Nous avons retrouvé ce document.")
    status_label: str = prose("Nouveau statut de la demande", "En cours")
    status_link: str = link("Page de suivi de la demande", f"{_SITE}/suivi/exemple")


@message
class ActionLink(AboutRequest):
    """The link of one action that a vendor without an account asked for."""

    name: ClassVar[str] = "action_link"
    label: ClassVar[str] = "Lien pour agir sur une demande"

    action: str = prose("Ce que le lien permet de faire", "Retirer ma demande")
    action_link: str = link("Page de cette action, sans compte", f"{_SITE}/suivi/retirer/exemple")
    expires_at: datetime = moment("Fin de validité du lien", _LATER)


@message
class Withdrawal(AboutRequest):
    """The vendor withdrew its request."""

    name: ClassVar[str] = MailName.withdrawal
    label: ClassVar[str] = "Accusé de retrait"

    withdrawn_at: datetime = moment("Date et heure du retrait", _NOW)
    resubmit_link: str = link("Page où déposer à nouveau, tout étant conservé", f"{_SITE}/suivi/redeposer/exemple")
    status_link: str = link("Page de suivi de la demande", f"{_SITE}/suivi/exemple")


@message
class SameMessage(AboutRequest):
    """What a case manager writes to several vendors at once; its template is what the writing starts from."""

    name: ClassVar[str] = "same_message"
    label: ClassVar[str] = "Mail à plusieurs fournisseurs"

    status_label: str = prose("Statut de la demande", "En cours")
    submitted_on: date = day("Date de dépôt de la demande", date(2026, 3, 3))
    status_link: str = link("Page de suivi de la demande", f"{_SITE}/suivi/exemple")


@message
class DraftLink(ToPerson):
    """A link that opens a draft again, from any device."""

    name: ClassVar[str] = "draft_link"
    label: ClassVar[str] = "Lien de reprise d'un brouillon"

    resume_link: str = link("Lien de reprise du brouillon", f"{_SITE}/enrolement/reprise/exemple")
    kept_until: date = day("Dernier jour où le brouillon est conservé", date(2026, 4, 2))


@message
class StatusLink(AboutRequest):
    """A fresh link to the status page."""

    name: ClassVar[str] = "status_link"
    label: ClassVar[str] = "Lien de suivi"

    status_label: str = prose("Statut de la demande", "En cours")
    status_link: str = link("Page de suivi de la demande, sans compte", f"{_SITE}/suivi/exemple")
    expires_at: datetime = moment("Fin de validité du lien", _LATER)


@message
class DraftExpiring(ToPerson):
    """A draft will soon be deleted."""

    name: ClassVar[str] = "draft_expiring"
    label: ClassVar[str] = "Brouillon bientôt supprimé"

    kept_until: date = day("Dernier jour où le brouillon est conservé", date(2026, 4, 2))
    resume_link: str = link("Lien de reprise du brouillon", f"{_SITE}/enrolement/reprise/exemple")


@message
class VendorSilent(AboutRequest):
    """A reminder: the ASP waits for the vendor."""

    name: ClassVar[str] = "vendor_silent"
    label: ClassVar[str] = "Relance"

    status_label: str = prose("Statut de la demande", "En attente de pièce(s) jointe(s) complémentaire(s)")
    waiting_since: date = day("Jour où l'ASP a demandé une réponse", date(2026, 3, 3))
    items: tuple[str, ...] = lines("Ce qui est attendu", ("KBIS", "RIB"))
    due_on: date | None = day("Dernier jour pour répondre ; vide s'il n'y en a pas", date(2026, 4, 2))
    action_link: str = link("Page où répondre", f"{_SITE}/suivi/exemple/pieces")


@message
class AlreadyKnown(ToPerson):
    """Somebody began an initial enrolment with the SIRET of a vendor that has an account (rule D7)."""

    name: ClassVar[str] = "already_known"
    label: ClassVar[str] = "Compte déjà connu"

    company_name: str = data("Dénomination sociale du fournisseur", "Hospidoc SAS")
    siret: str = data("Numéro SIRET saisi", "356 000 000 49837")
    attempted_at: datetime = moment("Date et heure de la tentative", _NOW)
    sign_in_link: str = link("Page « Se connecter »", f"{_SITE}/connexion")


@message
class TicketReceived(ToPerson):
    """A question reached the assistance.

    It does not repeat the question: anybody can type anybody's address in that form, and the portal must not carry a
    stranger's words there.
    """

    name: ClassVar[str] = "ticket_received"
    label: ClassVar[str] = "Question reçue par l'assistance"

    ticket_number: str = data("Numéro de la question", "AST-2026-000012")
    received_at: datetime = moment("Date et heure de réception", _NOW)
    support_hours: str = prose("Heures d'ouverture de l'assistance", "du lundi au vendredi, de 9 h à 17 h")


@message
class TicketForTeam(Message):
    """The question itself, for the assistance team."""

    name: ClassVar[str] = "ticket_for_team"
    label: ClassVar[str] = "Question à traiter"

    ticket_number: str = data("Numéro de la question", "AST-2026-000012")
    received_at: datetime = moment("Date et heure de réception", _NOW)
    author_name: str = data("Nom et prénom de l'auteur", "Camille Lefèvre")
    author_email: str = data("Adresse à laquelle répondre", "camille.lefevre@hospidoc.example")
    subject: str = data("Objet de la question", "Référencement introuvable")
    question: str = data("Question posée", "Bonjour,\nmon numéro de référencement n'est pas reconnu.")
    ans_number: str = data("Numéro de référencement ANS ; peut être vide", "DPI-0042")
    request_number: str = data("Numéro demande ; peut être vide", "ENR-2026-000123")
    ticket_link: str = link("La question dans le back office", f"{_SITE}/admin/ticket/details/12")


ALL_MESSAGES: tuple[type[Message], ...] = (
    Acknowledgement,
    Validation,
    PartialValidation,
    Rejection,
    KnownAccount,
    DocumentsAsked,
    CorrectionAsked,
    DepositReceived,
    CertificateRefused,
    DemandCancelled,
    ActionLink,
    Withdrawal,
    SameMessage,
    DraftLink,
    StatusLink,
    DraftExpiring,
    VendorSilent,
    AlreadyKnown,
    TicketReceived,
    TicketForTeam,
    *access.ALL,
    *financing.ALL,
    *team.ALL,
    *corrections.ALL,
)

_BY_NAME = {str(kind.name): kind for kind in ALL_MESSAGES}


def message_named(name: str) -> type[Message]:
    """The message whose template has this code. Raises KeyError."""
    return _BY_NAME[name]

"""The mails about accounts: how one gets in, and what changed in how one gets in, as typed messages. See `messages`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar

from enrolment.mail.greeting import SITE, ToPerson
from enrolment.mail.variables import Message, data, link, message, moment

_LATER = datetime(2026, 3, 5, 13, 5, tzinfo=UTC)
_NOW = datetime(2026, 3, 3, 13, 5, tzinfo=UTC)


@message
class LoginIssued(ToPerson):
    """The account is open; here is its login. The password comes by another mail (guide p. 25)."""

    name: ClassVar[str] = "login_issued"
    label: ClassVar[str] = "Identifiant"

    login: str = data("Identifiant attribué", "clefevre")
    company_name: str = data("Dénomination sociale du fournisseur", "Hospidoc SAS")
    sign_in_link: str = link("Page « Se connecter »", f"{SITE}/connexion")


@message
class PasswordLink(ToPerson):
    """A one-time link to create the first password; never a password."""

    name: ClassVar[str] = "password_link"
    label: ClassVar[str] = "Création du mot de passe"

    password_link: str = link("Lien de création du mot de passe, à usage unique", f"{SITE}/connexion/exemple")
    expires_at: datetime = moment("Fin de validité du lien", _LATER)
    forgotten_link: str = link("Page « J'ai oublié mon mot de passe »", f"{SITE}/connexion/oubli")


@message
class LoginForgotten(ToPerson):
    """« J'ai oublié mon identifiant »."""

    name: ClassVar[str] = "login_forgotten"
    label: ClassVar[str] = "Identifiant oublié"

    login: str = data("Identifiant du compte", "clefevre")
    sign_in_link: str = link("Page « Se connecter »", f"{SITE}/connexion")


@message
class PasswordForgotten(ToPerson):
    """« J'ai oublié mon mot de passe »: a one-time link."""

    name: ClassVar[str] = "password_forgotten"
    label: ClassVar[str] = "Mot de passe oublié"

    password_link: str = link("Lien de choix d'un nouveau mot de passe, à usage unique", f"{SITE}/connexion/exemple")
    expires_at: datetime = moment("Fin de validité du lien", _LATER)


@message
class EmailChangeOld(ToPerson):
    """Somebody asks to replace the address of an account: the present one must agree."""

    name: ClassVar[str] = "email_change_old"
    label: ClassVar[str] = "Changement d'email : accord de l'adresse actuelle"

    new_email: str = data("Nouvelle adresse demandée, en partie masquée", "c…e@nouvelle-societe.example")
    confirm_link: str = link("Page pour accepter ou refuser", f"{SITE}/confirmation-email/exemple")
    expires_at: datetime = moment("Fin de validité du lien", _LATER)


@message
class EmailChangeNew(ToPerson):
    """The new address must show that its mailbox is the owner's."""

    name: ClassVar[str] = "email_change_new"
    label: ClassVar[str] = "Changement d'email : accord de la nouvelle adresse"

    confirm_link: str = link("Page pour confirmer", f"{SITE}/confirmation-email/exemple")
    expires_at: datetime = moment("Fin de validité du lien", _LATER)


@message
class EmailTaken(ToPerson):
    """Somebody asks to give an account an address that is another account's: its owner is told, nobody else."""

    name: ClassVar[str] = "email_taken"
    label: ClassVar[str] = "Adresse déjà utilisée par un compte"

    sign_in_link: str = link("Page « Se connecter »", f"{SITE}/connexion")


@message
class EmailChanged(ToPerson):
    """The address of the account has changed: both are told."""

    name: ClassVar[str] = "email_changed"
    label: ClassVar[str] = "Email du compte modifié"

    changed_at: datetime = moment("Date et heure du changement", _NOW)
    sign_in_link: str = link("Page « Se connecter »", f"{SITE}/connexion")


@message
class PasswordChanged(ToPerson):
    """The password of the account has changed: whoever did not do it must know."""

    name: ClassVar[str] = "password_changed"
    label: ClassVar[str] = "Mot de passe modifié"

    changed_at: datetime = moment("Date et heure du changement", _NOW)
    forgotten_link: str = link("Page « J'ai oublié mon mot de passe »", f"{SITE}/connexion/oubli")


ALL: tuple[type[Message], ...] = (
    LoginIssued,
    PasswordLink,
    LoginForgotten,
    PasswordForgotten,
    EmailChangeOld,
    EmailChangeNew,
    EmailTaken,
    EmailChanged,
    PasswordChanged,
)

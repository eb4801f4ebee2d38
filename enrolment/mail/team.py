"""The mails to the ASP's own staff about their access. They greet a colleague and send nobody to the assistance."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar

from enrolment.mail.greeting import SITE
from enrolment.mail.variables import Message, data, link, message, moment, prose

_NOW = datetime(2026, 3, 3, 13, 5, tzinfo=UTC)
_LATER = datetime(2026, 3, 6, 13, 5, tzinfo=UTC)


@message
class ToColleague(Message):
    """What every mail to a member of the staff has."""

    person_name: str = data("Prénom et nom de l'agent", "Inès Moreau")
    sign_in_link: str = link("Page de connexion du back-office", f"{SITE}/admin/login")


@message
class StaffPasswordLink(ToColleague):
    """A one-time link to choose a password of the back office; never a password."""

    name: ClassVar[str] = "staff_password_link"
    label: ClassVar[str] = "Mot de passe d'un agent"

    role: str = prose("Rôle de l'agent", "Gestionnaire")
    login: str = data("Adresse de connexion", "ines.moreau@asp.example")
    password_link: str = link("Lien de choix du mot de passe, à usage unique", f"{SITE}/admin/mot-de-passe/exemple")
    expires_at: datetime = moment("Fin de validité du lien", _LATER)


@message
class RecoveryCodeUsed(ToColleague):
    """A recovery code replaced the telephone: whoever did not do it must know."""

    name: ClassVar[str] = "recovery_code_used"
    label: ClassVar[str] = "Code de secours utilisé"

    used_at: datetime = moment("Date et heure de la connexion", _NOW)
    browser: str = data("Navigateur qui s'est connecté", "Firefox sur Windows")
    remaining: str = data("Nombre de codes de secours qui restent", "9")
    account_link: str = link("Page « Mon compte » du back-office", f"{SITE}/admin/mon-compte")


ALL: tuple[type[Message], ...] = (StaffPasswordLink, RecoveryCodeUsed)

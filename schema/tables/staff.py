"""The ASP's staff."""

from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa

from schema.base import Table
from schema.columns import Personal, column
from schema.enums import StaffRole
from schema.types import Email, Line, PersonName, Secret


class StaffUser(Table, table=True):
    """A member of the ASP's staff, with one role."""

    __tablename__ = "staff_user"
    label: ClassVar[str] = "Agent"
    label_plural: ClassVar[str] = "Agents"
    about: ClassVar[str] = "Personne qui se connecte au back-office."
    title_columns: ClassVar[tuple[str, ...]] = ("first_name", "last_name")

    email: Email = column(
        "Adresse de connexion",
        help="Adresse professionnelle.",
        source="process",
        example="ines.moreau@asp.example",
        unique=True,
        personal=Personal.contact,
        listed=True,
        searchable=True,
    )
    last_name: PersonName = column(
        "Nom", help="Nom de l'agent.", source="process", personal=Personal.identity, listed=True, searchable=True
    )
    first_name: PersonName = column(
        "Prénom", help="Prénom de l'agent.", source="process", personal=Personal.identity, listed=True
    )
    role: StaffRole = column("Rôle", help="Ce que l'agent peut faire.", source="process", listed=True)
    password_hash: Secret | None = column(
        "Mot de passe", help="Empreinte Argon2.", source="standards SEC-5", default=None, editable=False, secret=True
    )
    password_changed_at: datetime | None = column(
        "Mot de passe changé le",
        help="Date du dernier changement.",
        source="standards SEC-4",
        default=None,
        editable=False,
    )
    totp_secret: Secret | None = column(
        "Second facteur",
        help="Secret du second facteur.",
        source="standards SEC-5",
        default=None,
        editable=False,
        secret=True,
    )
    totp_confirmed_at: datetime | None = column(
        "Second facteur confirmé le",
        help="Vide : l'agent n'a pas encore saisi de premier code.",
        source="standards SEC-5",
        default=None,
        editable=False,
    )
    totp_last_step: int | None = column(
        "Dernier code accepté",
        help="Intervalle du dernier code accepté : un code ne sert qu'une fois.",
        source="standards SEC-5",
        default=None,
        editable=False,
        secret=True,
    )
    recovery_codes: dict[str, Any] | None = column(
        "Codes de secours",
        help="Empreintes des codes de secours qui n'ont pas encore servi.",
        source="standards SEC-5",
        sa_type=sa.JSON(none_as_null=True),
        default=None,
        editable=False,
        secret=True,
    )
    password_link_at: datetime | None = column(
        "Lien de mot de passe créé le",
        help="Vide : aucun lien à usage unique n'est en cours. Un nouveau lien annule le précédent.",
        source="standards SEC-5",
        default=None,
        editable=False,
    )
    active: bool = column("Actif", help="Non : la connexion est refusée.", source="process", default=True, listed=True)


class RoleWithdrawal(Table, table=True):
    """A right that administrators took from a role. What the program grants is the ceiling: nothing is added here."""

    __tablename__ = "role_withdrawal"
    __table_args__ = (sa.UniqueConstraint("role", "subject", "right_name", name="uq_role_withdrawal_right"),)
    label: ClassVar[str] = "Droit retiré"
    label_plural: ClassVar[str] = "Droits retirés"
    about: ClassVar[str] = "Droit que les administrateurs ont retiré à un rôle."
    title_columns: ClassVar[tuple[str, ...]] = ("role", "subject", "right_name")

    role: StaffRole = column("Rôle", help="Rôle qui perd le droit.", source="process", editable=False, listed=True)
    subject: Line = column(
        "Objet", help="Table ou page que le droit concerne.", source="technique", editable=False, listed=True
    )
    right_name: Line = column(
        "Droit", help="Ce qui n'est plus permis.", source="technique", editable=False, listed=True
    )

"""Vendor logins and the companies they act for."""

from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa

from schema.base import Table, new_public_id, utc_now
from schema.columns import Personal, column
from schema.enums import AccountState
from schema.types import Email, Login, PersonName, Phone, Secret


class Account(Table, table=True):
    """A vendor's login, in the name of the representative or of the depositary (rule D5). One per mail address."""

    __tablename__ = "account"
    label: ClassVar[str] = "Compte fournisseur"
    label_plural: ClassVar[str] = "Comptes fournisseurs"
    about: ClassVar[str] = "Identifiant avec lequel un fournisseur se connecte au portail privé."
    title_columns: ClassVar[tuple[str, ...]] = ("login",)

    login: Login = column(
        "Identifiant",
        help="Attribué par le portail.",
        source="guide p. 28",
        example="clefevre",
        vendor=True,
        unique=True,
        editable=False,
        personal=Personal.login,
        listed=True,
        searchable=True,
    )
    email: Email = column(
        "Email",
        help="Adresse qui reçoit tous les messages.",
        source="process D5",
        vendor=True,
        unique=True,
        personal=Personal.contact,
        listed=True,
        searchable=True,
    )
    last_name: PersonName = column(
        "Nom", help="Nom du titulaire.", source="process D5", vendor=True, personal=Personal.identity, listed=True
    )
    first_name: PersonName = column(
        "Prénom", help="Prénom du titulaire.", source="process D5", vendor=True, personal=Personal.identity, listed=True
    )
    phone: Phone | None = column(
        "Téléphone",
        help="Téléphone du titulaire.",
        source="process D5",
        default=None,
        vendor=True,
        personal=Personal.contact,
    )
    password_hash: Secret | None = column(
        "Mot de passe",
        help="Empreinte Argon2.",
        source="standards SEC-5",
        default=None,
        editable=False,
        secret=True,
    )
    password_changed_at: datetime | None = column(
        "Mot de passe changé le",
        help="Date du dernier changement.",
        source="standards SEC-4",
        default=None,
        editable=False,
    )
    state: AccountState = column(
        "État", help="État du compte.", source="process", default=AccountState.invited, listed=True
    )
    from_wave_1: bool = column(
        "Connu depuis la vague 1", help="Compte repris de la vague 1.", source="process C3", default=False, listed=True
    )


class EmailChange(Table, table=True):
    """A change of an account's address, until both addresses have confirmed it. One at a time for an account."""

    __tablename__ = "email_change"
    label: ClassVar[str] = "Changement d'email"
    label_plural: ClassVar[str] = "Changements d'email"
    about: ClassVar[str] = "Changement d'adresse d'un compte, en attente de la confirmation des deux adresses."
    title_columns: ClassVar[tuple[str, ...]] = ("asked_at",)

    public_id: Secret = column(
        "Identifiant public",
        help="Identifiant imprévisible utilisé dans les liens de confirmation.",
        source="standards SEC-2",
        default_factory=new_public_id,
        unique=True,
        editable=False,
    )
    account_id: int = column(
        "Compte",
        help="Compte concerné.",
        source="process",
        foreign_key="account.id",
        unique=True,
        editable=False,
        listed=True,
    )
    new_email: Email = column(
        "Nouvel email",
        help="Adresse qui remplacera l'ancienne.",
        source="process",
        personal=Personal.contact,
        editable=False,
        listed=True,
    )
    asked_at: datetime = column(
        "Demandé le",
        help="Moment de la demande.",
        source="process",
        default_factory=utc_now,
        editable=False,
        listed=True,
    )
    expires_at: datetime = column(
        "Expire le", help="Fin du délai pour confirmer.", source="process R4", editable=False, index=True
    )
    old_confirmed_at: datetime | None = column(
        "Ancienne adresse d'accord le",
        help="Moment de la confirmation par l'adresse actuelle.",
        source="process",
        default=None,
        editable=False,
    )
    new_confirmed_at: datetime | None = column(
        "Nouvelle adresse d'accord le",
        help="Moment de la confirmation par la nouvelle adresse.",
        source="process",
        default=None,
        editable=False,
    )


class AccountProvider(Table, table=True):
    """An account may act for a provider: an accountant acts for several, a provider may have several."""

    __tablename__ = "account_provider"
    __table_args__ = (sa.UniqueConstraint("account_id", "provider_id", name="uq_account_provider_pair"),)
    label: ClassVar[str] = "Habilitation"
    label_plural: ClassVar[str] = "Habilitations"
    about: ClassVar[str] = "Fournisseur pour lequel un compte peut agir."
    title_columns: ClassVar[tuple[str, ...]] = ("account_id", "provider_id")

    account_id: int = column(
        "Compte", help="Compte habilité.", source="process A5", foreign_key="account.id", listed=True
    )
    provider_id: int = column(
        "Fournisseur", help="Fournisseur représenté.", source="process A5", foreign_key="provider.id", listed=True
    )

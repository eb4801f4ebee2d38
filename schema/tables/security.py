"""What protects the two faces: sessions, spent tokens, attempts. Nothing of the process."""

from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa

from schema.base import Table, utc_now
from schema.columns import Personal, column
from schema.enums import WebAudience
from schema.types import Line, Secret


class WebSession(Table, table=True):
    """A signed-in browser. The cookie holds a random key of which only the hash is kept (SEC-4)."""

    __tablename__ = "web_session"
    recorded: ClassVar[bool] = False
    label: ClassVar[str] = "Session"
    label_plural: ClassVar[str] = "Sessions"
    about: ClassVar[str] = "Navigateur connecté."
    title_columns: ClassVar[tuple[str, ...]] = ("audience", "created_at")
    __table_args__ = (sa.CheckConstraint("(account_id IS NULL) <> (staff_user_id IS NULL)", name="one_owner"),)

    key_hash: Secret = column(
        "Empreinte",
        help="SHA-256 de la clé du témoin.",
        source="standards SEC-4",
        unique=True,
        editable=False,
        secret=True,
    )
    audience: WebAudience = column(
        "Public", help="Fournisseur ou ASP.", source="standards SEC-4", editable=False, listed=True
    )
    account_id: int | None = column(
        "Compte",
        help="Compte connecté.",
        source="standards SEC-4",
        foreign_key="account.id",
        default=None,
        editable=False,
        listed=True,
    )
    staff_user_id: int | None = column(
        "Agent",
        help="Agent connecté.",
        source="standards SEC-4",
        foreign_key="staff_user.id",
        default=None,
        editable=False,
        listed=True,
    )
    last_seen_at: datetime = column(
        "Dernière activité",
        help="Dernière page vue.",
        source="standards SEC-4",
        default_factory=utc_now,
        editable=False,
        listed=True,
    )
    expires_at: datetime = column(
        "Expire le", help="Fin de vie absolue.", source="standards SEC-4", editable=False, listed=True, index=True
    )
    user_agent: Line | None = column(
        "Navigateur",
        help="Navigateur et système.",
        source="standards SEC-4",
        default=None,
        personal=Personal.login,
        editable=False,
    )


class SpentToken(Table, table=True):
    """A one-use token that was used: captcha, proof of work, password link."""

    __tablename__ = "spent_token"
    recorded: ClassVar[bool] = False
    label: ClassVar[str] = "Jeton utilisé"
    label_plural: ClassVar[str] = "Jetons utilisés"
    about: ClassVar[str] = "Jeton à usage unique déjà présenté."
    title_columns: ClassVar[tuple[str, ...]] = ("created_at",)

    key: Secret = column(
        "Jeton", help="Empreinte du jeton.", source="standards SEC-6", unique=True, editable=False, secret=True
    )
    expires_at: datetime = column(
        "Oublié le",
        help="Date à partir de laquelle la ligne est inutile.",
        source="standards SEC-6",
        editable=False,
        index=True,
    )


class Attempt(Table, table=True):
    """A failed sign-in or another act that is slowed down when repeated (SEC-6)."""

    __tablename__ = "attempt"
    recorded: ClassVar[bool] = False
    label: ClassVar[str] = "Tentative"
    label_plural: ClassVar[str] = "Tentatives"
    about: ClassVar[str] = "Tentative qui compte pour le ralentissement."
    title_columns: ClassVar[tuple[str, ...]] = ("created_at",)
    __table_args__ = (sa.Index("ix_attempt_key_at", "key", "at"),)

    key: Secret = column(
        "Clé", help="Empreinte du compte ou de l'adresse visés.", source="standards SEC-6", editable=False, secret=True
    )
    at: datetime = column(
        "Date", help="Moment de la tentative.", source="standards SEC-6", default_factory=utc_now, editable=False
    )

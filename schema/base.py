"""What every table has: a key, a version that stops lost updates, and two dates."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import declared_attr
from sqlmodel import SQLModel

from schema.columns import column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING


_SHIFT: ContextVar[timedelta] = ContextVar("shift", default=timedelta())


def utc_now() -> datetime:
    """The present moment, aware, in UTC: the only form in which a moment is stored."""
    return datetime.now(UTC) + _SHIFT.get()


@contextmanager
def as_of(moment: datetime) -> Iterator[None]:
    """Let what is done inside happen at another moment: how the demonstration gets a past. Signed links keep the real
    time. Only the current thread or task is concerned."""
    token = _SHIFT.set(moment - datetime.now(UTC))
    try:
        yield
    finally:
        _SHIFT.reset(token)


def new_public_id() -> str:
    """An identifier for URLs that nobody can guess: 128 random bits."""
    return secrets.token_urlsafe(16)


class Table(SQLModel):
    """Base of every table. `label` and `label_plural` are its French names; `recorded` says whether history is kept."""

    label: ClassVar[str]
    label_plural: ClassVar[str]
    about: ClassVar[str]
    recorded: ClassVar[bool] = True
    title_columns: ClassVar[tuple[str, ...]] = ("id",)

    id: int = column(
        "Identifiant technique",
        help="Clé interne, sans signification.",
        source="technique",
        default=None,
        primary_key=True,
        editable=False,
    )
    row_version: int = column(
        "Version de la ligne",
        help="Augmente à chaque modification ; protège contre les écrasements.",
        source="technique",
        default=1,
        editable=False,
    )
    created_at: datetime = column(
        "Créé le",
        help="Date et heure de création de la ligne.",
        source="technique",
        default_factory=utc_now,
        editable=False,
    )
    updated_at: datetime = column(
        "Modifié le",
        help="Date et heure de la dernière modification de la ligne.",
        source="technique",
        default_factory=utc_now,
        onupdate=utc_now,
        editable=False,
    )

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805  A declared attribute receives the class.
        """Let SQLAlchemy refuse an update of a row that somebody else changed meanwhile."""
        return {"version_id_col": cls.row_version}

    def heading(self) -> str:
        """How people name this row."""
        values = (getattr(self, name) for name in self.title_columns)
        return " ".join(str(getattr(value, "label", value)) for value in values if value is not None)

    def __str__(self) -> str:
        return self.heading()


def table_of(model: type[Table]) -> sa.Table:
    """The SQLAlchemy table behind a model."""
    found: sa.Table = model.__table__  # type: ignore[attr-defined]
    return found

"""The doctor: says whether an installation is fit to serve, point by point. Reads everything, repairs nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from enrolment import clock, sealing
from enrolment.doctor import report
from enrolment.doctor.check import Severity
from enrolment.errors import DomainError
from enrolment.files.storage import Storage
from enrolment.portal import open_portal
from enrolment.rules import needed
from enrolment.settings import Settings
from schema import migrate
from schema.base import Table, table_of
from schema.database import Database
from schema.enums import LegalTextKind, StaffRole
from schema.tables import (
    BankOverride,
    Corridor,
    DocumentKind,
    DocumentRule,
    Dsr,
    LegalText,
    ReasonTemplate,
    StaffUser,
    StreetType,
    Wave,
)

_SAID_ABOVE = frozenset({"legal_text_missing", "history_altered", *(f"{table}_missing" for table in needed.NEEDED)})
"""Checks of the data that points of this module tell already."""

NEEDED: tuple[type[Table], ...] = (
    Wave,
    Corridor,
    Dsr,
    StreetType,
    DocumentKind,
    DocumentRule,
    ReasonTemplate,
    BankOverride,
)
"""Tables without which the form or the back office cannot work."""


@dataclass(frozen=True)
class Finding:
    """One point that was checked. `advice` says what to do when it is not right; `severity` is that of a check of the
    data, as its page says it."""

    point: str
    is_right: bool
    detail: str
    advice: str = ""
    is_note: bool = False
    severity: str = ""

    @property
    def mark(self) -> str:
        """What a line begins with: a point that is wrong is an error, unless its check says less."""
        if self.is_right:
            return "NOTE" if self.is_note else "OK"
        return (self.severity or Severity.error.value).upper()


def check(settings: Settings, database: Database, storage: Storage) -> Iterator[Finding]:
    """Check an installation, the surest things first; what depends on a broken one is not tried."""
    yield Finding("Réglages", is_right=True, detail="lus et acceptés")
    try:
        with database.reading() as session:
            session.connection().execute(sa.text("SELECT 1"))
    except sa.exc.SQLAlchemyError as error:
        advice = "Vérifiez ENROLMENT_DATABASE_URL et que la base est démarrée."
        yield Finding("Base de données", is_right=False, detail=type(error).__name__, advice=advice)
        return
    yield Finding("Base de données", is_right=True, detail=database.url.get_backend_name())
    if not migrate.is_current(database.engine):
        yield Finding("Migrations", is_right=False, detail="en retard", advice="Lancez « enrolment migrate ».")
        return
    yield Finding("Migrations", is_right=True, detail="à jour")
    yield _storage(storage)
    with database.reading() as session:
        yield _reference(session)
        yield from _needed(session)
        for point in _POINTS:
            yield point(session)
    detail = "serveur SMTP réglé" if settings.smtp_url else f"écrits dans {settings.var / 'mail'}"
    yield Finding("Courriels", is_right=True, detail=detail)
    yield from _data(settings, database)


def _data(settings: Settings, database: Database) -> Iterator[Finding]:
    """What the doctor of the data finds, one line for each check that finds something."""
    portal = open_portal(settings, database)
    asked = [one for one in report.CHECKS if one.code not in _SAID_ABOVE]
    wrong = False
    for one in asked:
        try:
            with database.reading() as session:
                found = len(report.examine(portal, session, one))
        except DomainError as error:
            # The storage may be out of reach, which is said above.
            yield Finding(one.said, is_right=False, detail="contrôle impossible", advice=error.message)
            continue
        if found:
            wrong = True
            grave = one.severity is not Severity.note
            yield Finding(
                one.said,
                is_right=not grave,
                detail=report.how_many(found),
                advice=one.advice,
                is_note=True,
                severity=one.severity.value,
            )
    if not wrong:
        yield Finding(
            "Données",
            is_right=True,
            detail=f"{len(asked)} contrôles sans anomalie ; {len(_SAID_ABOVE)} sont dits plus haut",
        )


def _storage(storage: Storage) -> Finding:
    try:
        storage.check()
    except DomainError as error:
        return Finding("Stockage", is_right=False, detail="inaccessible", advice=error.message)
    return Finding("Stockage", is_right=True, detail="accessible en écriture")


def _reference(session: Session) -> Finding:
    empty = [
        model.label_plural
        for model in NEEDED
        if session.execute(sa.select(table_of(model).c.id).limit(1)).first() is None
    ]
    return _finding("Données de référence", [f"« {label} » est vide" for label in empty], "complètes")


def _needed(session: Session) -> Iterator[Finding]:
    """The rows that the program looks up by name, table by table."""
    for one in needed.NEEDED.values():
        missing = [f"« {title} » manque" for title in one.missing(session)]
        yield _finding(one.model.label_plural, missing, "au complet")


def _legal_texts(session: Session) -> Finding:
    in_force = set(session.exec(select(LegalText.kind).where(col(LegalText.effective_from) <= clock.now())))
    missing = [f"« {kind.label} » n'est pas publié" for kind in LegalTextKind if kind.value not in in_force]
    return _finding("Textes légaux", missing, "publiés")


def _finding(point: str, problems: list[str], detail: str) -> Finding:
    if problems:
        return Finding(point, is_right=False, detail=", ".join(problems), advice="Lancez « enrolment seed ».")
    return Finding(point, is_right=True, detail=detail)


def _administrators(session: Session) -> Finding:
    found = session.exec(
        select(StaffUser.id).where(StaffUser.role == StaffRole.administrator, col(StaffUser.active).is_(True))
    ).all()
    if not found:
        advice = "Lancez « enrolment staff add … --role administrator »."
        return Finding("Administrateurs", is_right=False, detail="aucun administrateur actif", advice=advice)
    return Finding("Administrateurs", is_right=True, detail=f"{len(found)} actif(s)")


def _history(session: Session) -> Finding:
    problems = sealing.verify(session)
    if problems:
        advice = "L'historique a été modifié hors du portail : comparez-le à une sauvegarde et prévenez le responsable."
        return Finding("Historique", is_right=False, detail=" ".join(problems), advice=advice)
    digest = sealing.last_digest(session)
    return Finding("Historique", is_right=True, detail=f"scellé, empreinte {digest}" if digest else "pas encore scellé")


_POINTS: tuple[Callable[[Session], Finding], ...] = (
    _legal_texts,
    _administrators,
    _history,
)

"""What is still missing before a wave can open: a checklist, step by step. Nothing is written here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from enrolment import clock
from enrolment.errors import DomainError
from enrolment.services import reference
from enrolment.typography import moment, number
from schema.base import Table, table_of
from schema.enums import LegalTextKind
from schema.tables import DocumentKind, DocumentRule, Dsr, Profile, Referencing, Wave


@dataclass(frozen=True)
class Step:
    """One step: what to do, where, whether it is done, and what stands there now. `optional`: a wave opens without."""

    title: str
    said: str
    done: bool
    table: str
    prefilled: tuple[tuple[str, str], ...] = ()
    optional: bool = False


def waves(session: Session) -> Sequence[Wave]:
    """The waves, newest first."""
    return session.exec(select(Wave).order_by(col(Wave.opens_at).desc())).all()


def steps(session: Session, wave: Wave | None) -> list[Step]:
    """The steps for a wave; None when it is still to be created."""
    if wave is None:
        return [_wave(None)]
    dsrs = session.exec(select(Dsr).where(Dsr.wave_id == wave.id).order_by(col(Dsr.name))).all()
    keys = [dsr.id for dsr in dsrs]
    own = sa.or_(col(DocumentRule.wave_id) == wave.id, col(DocumentRule.dsr_id).in_(keys))
    rules = session.exec(select(DocumentRule).where(own, col(DocumentRule.active).is_(True))).all()
    return [
        _wave(wave),
        _dsr(wave, dsrs),
        _profiles(session, dsrs),
        _counted(
            session,
            "Inscrire les référencements",
            Referencing,
            sa.select(sa.func.count()).select_from(table_of(Referencing)).where(col(Referencing.dsr_id).in_(keys)),
            ("référencement de cette vague", "référencements de cette vague"),
            prefilled=(("dsr_id", str(keys[0])),) if keys else (),
        ),
        _counted(
            session,
            "Créer les types de pièce",
            DocumentKind,
            sa.select(sa.func.count()).select_from(table_of(DocumentKind)).where(col(DocumentKind.active).is_(True)),
            ("type de pièce actif", "types de pièce actifs"),
        ),
        _rules(wave, len(rules)),
        _texts(session),
    ]


def _wave(wave: Wave | None) -> Step:
    if wave is None:
        return Step("Créer la vague", "Donnez-lui un code, un nom et ses dates.", done=False, table="wave")
    until = f"jusqu'au {moment(wave.closes_at)}" if wave.closes_at else "sans date de fermeture"
    return Step("Créer la vague", f"« {wave.name} », du {moment(wave.opens_at)} {until}.", done=True, table="wave")


def _dsr(wave: Wave, dsrs: Sequence[Dsr]) -> Step:
    said = ", ".join(f"« {dsr.name} »" for dsr in dsrs) or "Aucun DSR : rien ne peut être enrôlé."
    return Step("Créer les DSR", said, bool(dsrs), "dsr", (("wave_id", str(wave.id)),))


def _profiles(session: Session, dsrs: Sequence[Dsr]) -> Step:
    having = set(session.exec(select(Profile.dsr_id)).all())
    lacking = [dsr for dsr in dsrs if dsr.id not in having]
    said = "Chaque DSR a au moins un profil."
    if lacking:
        said = f"Sans profil : {', '.join(f'« {dsr.name} »' for dsr in lacking)}."
    elif not dsrs:
        said = "Créez d'abord un DSR."
    chosen = (("dsr_id", str(lacking[0].id)),) if lacking else ()
    return Step("Créer les profils", said, bool(dsrs) and not lacking, "profile", chosen)


def _counted(
    session: Session,
    title: str,
    model: type[Table],
    statement: sa.Select[tuple[int]],
    names: tuple[str, str],
    prefilled: tuple[tuple[str, str], ...] = (),
) -> Step:
    count = session.execute(statement).scalar_one()
    one, several = names
    said = f"{number(count)} {several}." if count > 1 else f"{'1' if count else 'Aucun'} {one}."
    return Step(title, said, bool(count), table_of(model).name, prefilled)


def _rules(wave: Wave, count: int) -> Step:
    said = "Aucune règle propre à cette vague : seules les règles communes s'appliquent."
    if count:
        own = "1 règle propre" if count == 1 else f"{number(count)} règles propres"
        said = f"{own} à cette vague, en plus des règles communes."
    title = "Dire quelle pièce est due, et quand"
    return Step(title, said, bool(count), "document_rule", (("wave_id", str(wave.id)),), optional=True)


def _texts(session: Session) -> Step:
    missing = []
    for kind in LegalTextKind:
        try:
            reference.legal_text(session, kind, clock.now())
        except DomainError:
            missing.append(f"« {kind.label} »")
    said = f"Pas encore publiés : {', '.join(missing)}." if missing else "Tous les textes légaux sont publiés."
    return Step("Relire les textes légaux", said, not missing, "legal_text")

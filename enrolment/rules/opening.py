"""What is still missing before a wave can open: a checklist, step by step. Nothing is written here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from enrolment import clock
from enrolment.errors import DomainError
from enrolment.services import reference
from enrolment.typography import moment, number
from schema.base import table_of
from schema.enums import LegalTextKind
from schema.tables import DocumentKind, DocumentRule, Dsr, Profile, Referencing, Wave


@dataclass(frozen=True)
class Step:
    """One step: what to do, where, whether it is done, and what stands there now. `optional`: a wave opens without.

    `prefilled` is what the form of a new row begins with, `row` the only row that there is to change, `narrowed` what
    the list of the table is filtered by, `change` the words of its link. One that is not `repeated` adds no second row.
    """

    title: str
    said: str
    done: bool
    table: str
    prefilled: tuple[tuple[str, str], ...] = ()
    optional: bool = False
    row: int | None = None
    narrowed: tuple[tuple[str, str], ...] = ()
    repeated: bool = True
    change: str = "Modifier"


def waves(session: Session) -> Sequence[Wave]:
    """The waves, newest first."""
    return session.exec(select(Wave).order_by(col(Wave.opens_at).desc())).all()


def steps(session: Session, wave: Wave | None) -> list[Step]:
    """The steps for a wave; None when it is still to be created."""
    first = [*_closed_before(session, wave), _wave(wave)]
    if wave is None:
        return first
    dsrs = session.exec(select(Dsr).where(Dsr.wave_id == wave.id).order_by(col(Dsr.name))).all()
    keys = [dsr.id for dsr in dsrs]
    return [
        *first,
        _dsr(wave, dsrs),
        _profiles(session, dsrs),
        _referencings(session, keys),
        _kinds(session),
        _rules(session, wave, keys),
        _texts(session),
    ]


def _closed_before(session: Session, wave: Wave | None) -> Iterator[Step]:
    """The waves that stand in the way: two are never open together."""
    others = [one for one in waves(session) if wave is None or one.opens_at < wave.opens_at]
    after = clock.now() if wave is None else wave.opens_at
    for other in others if wave is None else others[:1]:
        closes = other.closes_at
        if wave is None and closes is not None and closes <= after:
            continue
        said = f"« {other.name} » est ouverte sans date de fermeture : la nouvelle vague serait refusée."
        if closes is not None:
            when = ", avant que celle-ci n'ouvre" if wave is not None else " : la nouvelle vague s'ouvrira ensuite"
            said = f"« {other.name} » ferme le {moment(closes)}{when}."
        title = f"Fermer la vague précédente, « {other.name} »"
        change = "Modifier" if closes is not None else "Fixer la date de fermeture"
        yield Step(title, said, closes is not None, "wave", row=other.id, repeated=False, change=change)


def _wave(wave: Wave | None) -> Step:
    title = "Créer la vague"
    if wave is None:
        return Step(title, "Donnez-lui un code, un nom et ses dates.", done=False, table="wave", repeated=False)
    until = f"jusqu'au {moment(wave.closes_at)}" if wave.closes_at else "sans date de fermeture"
    said = f"« {wave.name} », du {moment(wave.opens_at)} {until}."
    return Step(title, said, done=True, table="wave", row=wave.id, repeated=False)


def _dsr(wave: Wave, dsrs: Sequence[Dsr]) -> Step:
    said = ", ".join(f"« {dsr.name} »" for dsr in dsrs) or "Aucun DSR : rien ne peut être enrôlé."
    own = (("wave_id", str(wave.id)),)
    return Step("Créer les DSR", said, bool(dsrs), "dsr", own, row=_only([dsr.id for dsr in dsrs]), narrowed=own)


def _profiles(session: Session, dsrs: Sequence[Dsr]) -> Step:
    keys = [dsr.id for dsr in dsrs]
    rows = session.exec(select(Profile).where(col(Profile.dsr_id).in_(keys)).order_by(col(Profile.id))).all()
    having = {row.dsr_id for row in rows}
    lacking = [dsr for dsr in dsrs if dsr.id not in having]
    said = "Chaque DSR a au moins un profil."
    if lacking:
        said = f"Sans profil : {', '.join(f'« {dsr.name} »' for dsr in lacking)}."
    elif not dsrs:
        said = "Créez d'abord un DSR."
    done = bool(dsrs) and not lacking
    chosen = (("dsr_id", str(lacking[0].id)),) if lacking else ()
    only = _only([row.id for row in rows])
    return Step("Créer les profils", said, done, "profile", chosen, row=only, narrowed=_of_dsrs(keys))


def _referencings(session: Session, keys: Sequence[int]) -> Step:
    rows = table_of(Referencing)
    count, said = _counted(
        session, rows, rows.c.dsr_id.in_(keys), "référencement de cette vague", "référencements de cette vague"
    )
    chosen = (("dsr_id", str(keys[0])),) if keys else ()
    return Step("Inscrire les référencements", said, bool(count), "referencing", chosen, narrowed=_of_dsrs(keys))


def _kinds(session: Session) -> Step:
    rows = table_of(DocumentKind)
    count, said = _counted(session, rows, rows.c.active.is_(True), "type de pièce actif", "types de pièce actifs")
    return Step("Créer les types de pièce", said, bool(count), "document_kind", narrowed=(("active", "oui"),))


def _counted(session: Session, table: sa.Table, condition: Any, one: str, several: str) -> tuple[int, str]:
    count = session.execute(sa.select(sa.func.count()).select_from(table).where(condition)).scalar_one()
    return count, f"{number(count)} {several}." if count > 1 else f"{'1' if count else 'Aucun'} {one}."


def _rules(session: Session, wave: Wave, keys: Sequence[int]) -> Step:
    own = sa.or_(col(DocumentRule.wave_id) == wave.id, col(DocumentRule.dsr_id).in_(keys))
    rules = session.exec(select(DocumentRule).where(own, col(DocumentRule.active).is_(True))).all()
    said = "Aucune règle propre à cette vague : seules les règles communes s'appliquent."
    if rules:
        count = "1 règle propre" if len(rules) == 1 else f"{number(len(rules))} règles propres"
        said = f"{count} à cette vague, en plus des règles communes."
    of_wave = (("wave_id", str(wave.id)),)
    by_dsr = bool(rules) and all(rule.wave_id is None for rule in rules)
    return Step(
        "Dire quelle pièce est due, et quand",
        said,
        bool(rules),
        "document_rule",
        of_wave,
        optional=True,
        row=_only([rule.id for rule in rules]),
        narrowed=_of_dsrs(keys) if by_dsr else of_wave,
    )


def _of_dsrs(keys: Sequence[int]) -> tuple[tuple[str, str], ...]:
    return tuple(("dsr_id", str(key)) for key in keys)


def _only(keys: Sequence[int]) -> int | None:
    return keys[0] if len(keys) == 1 else None


def _texts(session: Session) -> Step:
    missing = []
    for kind in LegalTextKind:
        try:
            reference.legal_text(session, kind, clock.now())
        except DomainError:
            missing.append(f"« {kind.label} »")
    said = f"Pas encore publiés : {', '.join(missing)}." if missing else "Tous les textes légaux sont publiés."
    return Step("Relire les textes légaux", said, not missing, "legal_text")

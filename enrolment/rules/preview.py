"""What a change of a rule would do, measured with the very code that applies rules.

A measure is taken before and after the change, in one transaction that its caller undoes; the difference is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from enrolment import clock
from enrolment.application.rules import ANS
from enrolment.documents import Due, Facts, due
from enrolment.services import delays, purge, reference
from enrolment.services.askable import present_facts
from enrolment.typography import moment
from schema.base import table_of
from schema.enums import DepositaryQuality, RequestKind
from schema.tables import Deadline, Draft, Dsr, EnrolmentRequest, Referencing, Wave

_LOOKED_AT = 200
_EXAMPLES = 5


@dataclass(frozen=True)
class Example:
    """A request that changes."""

    request_id: int
    number: str


@dataclass(frozen=True)
class Effect:
    """One sentence of a preview, with examples among real requests."""

    text: str
    examples: tuple[Example, ...] = ()


Measure = Callable[[Session], Any]
Tell = Callable[[Any, Any], list[Effect]]


@dataclass(frozen=True)
class Pieces:
    """The pieces due to each real request, and in each typical situation."""

    requests: Mapping[Example, Mapping[str, Due]]
    situations: Mapping[str, Mapping[str, Due]] = field(default_factory=dict)


def _pieces(session: Session) -> Pieces:
    rules = reference.document_rules(session)
    rows = session.exec(select(EnrolmentRequest).order_by(col(EnrolmentRequest.id).desc()).limit(_LOOKED_AT)).all()
    found = {
        Example(row.id, row.number): {item.kind.code: item for item in due(rules, present_facts(session, row))}
        for row in rows
    }
    situations = {
        name: {item.kind.code: item for item in due(rules, facts)} for name, facts in _situations(session).items()
    }
    return Pieces(found, situations)


def _situations(session: Session) -> dict[str, Facts]:
    """An initial request of each DSR, validated or not, by the representative or not: nobody may have filed one yet."""
    found = {}
    for dsr in session.exec(select(Dsr).order_by(col(Dsr.name))):
        usual = Facts(
            wave_id=dsr.wave_id,
            dsr_id=dsr.id,
            request_kind=RequestKind.initial,
            referencing_validated=True,
            needs_hds=dsr.needs_hds,
            hosts_health_data=True if dsr.needs_hds else None,
            legal_name_changed=False,
            is_distributor=False,
            is_representative=True,
            vat_liable=True,
        )
        for label, changed in _TYPICAL.items():
            found[f"{dsr.name}, {label}"] = Facts(**{**usual.__dict__, **changed})
    return found


_TYPICAL: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "référencement validé": {},
        "enrôlement anticipé": {"referencing_validated": False, "hosts_health_data": None},
        "distributeur": {"is_distributor": True},
        "déposé par un mandataire": {"is_representative": False, "quality": next(iter(DepositaryQuality))},
        "non assujetti à la TVA": {"vat_liable": False},
        "demande complémentaire": {"request_kind": RequestKind.complementary, "first_of_wave": False},
    }
)


def _tell_pieces(before: Pieces, after: Pieces) -> list[Effect]:
    total = len(after.requests)
    told: dict[str, list[Example]] = {}
    for example, pieces in after.requests.items():
        for change in _differences(before.requests.get(example, {}), pieces):
            told.setdefault(change, []).append(example)
    effects = [
        Effect(f"{_files(len(found))} sur {total} : {change}.", tuple(found[:_EXAMPLES]))
        for change, found in told.items()
    ]
    if not effects:
        effects = [Effect(f"Aucun des {total} derniers dossiers ne changerait.")]
    typical: dict[str, list[str]] = {}
    for name, pieces in after.situations.items():
        for change in _differences(before.situations.get(name, {}), pieces):
            typical.setdefault(change, []).append(name)
    effects += [
        Effect(f"Situations types ({len(names)}) : {change}. Par exemple : {' ; '.join(names[:3])}.")
        for change, names in typical.items()
    ]
    if not typical:
        effects.append(Effect("Aucune situation type ne changerait."))
    return effects


def _differences(before: Mapping[str, Due], after: Mapping[str, Due]) -> list[str]:
    said = []
    for code in sorted(before.keys() | after.keys()):
        old, new = before.get(code), after.get(code)
        if old is None and new is not None:
            how = "demandé en plus" if new.required else "proposé en plus, sans être exigé"
            said.append(f"« {new.kind.name} » serait {how}")
        elif old is not None and new is None:
            said.append(f"« {old.kind.name} » ne serait plus demandé")
        elif old is not None and new is not None and old.required != new.required:
            said.append(f"« {new.kind.name} » serait {'exigé' if new.required else 'facultatif'}")
    return said


def _files(count: int) -> str:
    return f"{count} dossier" if count < 2 else f"{count} dossiers"


def _windows(session: Session) -> dict[str, tuple[int, int, Any, Any]]:
    """DSR → how many referencings it has, how many drafts are under way, and when they may be enrolled: the latest
    opening, the first closing."""
    rows = session.exec(select(Dsr, Wave).join(Wave, col(Dsr.wave_id) == Wave.id)).all()
    counted = sa.select(col(Referencing.dsr_id), sa.func.count()).group_by(col(Referencing.dsr_id))
    counts = {row[0]: row[1] for row in session.execute(counted)}
    drafts = _drafts(session)
    found = {}
    for dsr, wave in rows:
        closings = [one for one in (dsr.closes_at, wave.closes_at) if one is not None]
        opens = max(dsr.enrolment_opens_at, wave.opens_at)
        found[f"{dsr.name} ({wave.name})"] = (
            counts.get(dsr.id, 0),
            drafts[dsr.id],
            opens,
            min(closings) if closings else None,
        )
    return found


def _drafts(session: Session) -> Counter[int]:
    """DSR → the drafts under way, by the number that each begins with."""
    typed = session.execute(
        sa.select(col(Draft.answers)[ANS].as_string()).where(
            col(Draft.request_id).is_(None), col(Draft.expires_at) > clock.now()
        )
    ).scalars()
    numbers = Counter(reference.normalised_ans_number(number) for number in typed if number)
    known = sorted(number for number in numbers if number is not None)
    found: Counter[int] = Counter()
    for start in range(0, len(known), _LOOKED_AT):
        part = known[start : start + _LOOKED_AT]
        rows = select(Referencing.ans_number, Referencing.dsr_id).where(col(Referencing.ans_number).in_(part))
        for number, dsr_id in session.exec(rows):
            found[dsr_id] += numbers[number]
    return found


def _tell_windows(before: Any, after: Any) -> list[Effect]:
    effects = []
    for name, (count, drafts, opens, closes) in sorted(after.items()):
        if before.get(name) == (count, drafts, opens, closes):
            continue
        until = f"jusqu'au {moment(closes)}" if closes else "sans date de fermeture"
        now = clock.now()
        open_now = opens <= now and (closes is None or now < closes)
        effects.append(
            Effect(
                f"DSR « {name} » : enrôlement ouvert du {moment(opens)} {until} ; "
                f"{'ouvert' if open_now else 'fermé'} en ce moment ; référencements concernés : {count} ; "
                f"brouillons en cours : {drafts}."
            )
        )
    return effects or [Effect("Aucun référencement n'ouvre ni ne ferme : un DSR ouvre avec sa vague.")]


def _late(session: Session) -> dict[str, int]:
    found = {}
    for row in session.exec(select(Deadline)):
        found[row.status.label] = session.execute(
            sa.select(sa.func.count())
            .select_from(table_of(EnrolmentRequest))
            .where(
                col(EnrolmentRequest.status) == row.status,
                col(EnrolmentRequest.clock_from) < delays.late_before(row.days),
            )
        ).scalar_one()
    return found


def _tell_late(before: Any, after: Any) -> list[Effect]:
    effects = [
        Effect(f"« {name} » : {_files(before.get(name, 0))} hors délai aujourd'hui, {count} avec ce changement.")
        for name, count in after.items()
        if before.get(name) != count
    ]
    return effects or [Effect("Le nombre de dossiers hors délai ne changerait pas.")]


def _purged(session: Session) -> dict[str, int]:
    return dict(purge.purge(session, dry_run=True).counts)


def _tell_purged(before: Any, after: Any) -> list[Effect]:
    return [
        Effect(f"Prochaine purge, {name} : {count} (sans ce changement : {before[name]}).")
        for name, count in after.items()
    ]


MEASURES: Mapping[str, tuple[Measure, Tell]] = MappingProxyType(
    {
        "document_kind": (_pieces, _tell_pieces),
        "document_rule": (_pieces, _tell_pieces),
        "wave": (_windows, _tell_windows),
        "dsr": (_windows, _tell_windows),
        "deadline": (_late, _tell_late),
        "retention": (_purged, _tell_purged),
    }
)
"""Table → what is measured, and how its difference is told."""

"""The filters of the queue, beside its tabs: read strictly from the address, and the controls that write them.

What cannot be understood is said, and then no request is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select
from starlette.datastructures import QueryParams

from admin_app.filter_form import Chip, Control, printable, without
from enrolment.records.filters import day_of, start_of
from enrolment.wording import enrolment_type
from schema.base import table_of
from schema.enums import RequestKind, RequestStatus, StaffRole
from schema.tables import Dsr, EnrolmentRequest, Referencing, StaffUser, Wave
from schema.types import InvalidValue
from web.fields import Choice

STATUS, WAVE, DSR, KIND, HOLDER, FROM_DAY, TO_DAY = "statut", "vague", "dsr", "type", "gestionnaire", "du", "au"
NOBODY = "personne"
_ROWS = table_of(EnrolmentRequest).c
_KINDS = {
    f"{kind.value}{'-anticipe' if early else ''}": (kind, early) for kind in RequestKind for early in (False, True)
}


@dataclass
class Narrow:
    """What the filters of an address ask, in conditions and in words."""

    conditions: list[sa.ColumnElement[bool]] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)
    chips: list[Chip] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """The parameters of the address that filter."""
        return [control.name for control in self.controls]


class Unknown(Exception):
    """A value that this filter does not know. Its message, if there is one, says what to type."""


def read(session: Session, path: str, params: QueryParams) -> Narrow:
    """Understand the filters of an address."""
    narrow = Narrow()
    for name, label, choices, condition in _filters(session):
        raw = printable(params.get(name, "").strip())[:100]
        kind = "select" if choices is not None else "date"
        said = label
        error = None
        if raw:
            try:
                narrow.conditions.append(condition(raw))
                shown = dict(choices).get(raw, raw) if choices is not None else day_of(raw).strftime("%d/%m/%Y")
                narrow.chips.append(Chip(f"{label} : {shown}", without(path, params, name)))
            except (Unknown, InvalidValue):
                error = f"{said} : « {raw} » n'est pas une valeur de ce filtre."
                narrow.problems.append(error)
        narrow.controls.append(Control(name, label, kind, raw, choices or (), error))
    return narrow


_Filter = tuple[str, str, Sequence[Choice] | None, Callable[[str], sa.ColumnElement[bool]]]


def _filters(session: Session) -> tuple[_Filter, ...]:
    statuses = [(status.value, status.label) for status in RequestStatus]
    waves = _named(session, Wave)
    kinds = [(name, enrolment_type(kind, is_early=early)) for name, (kind, early) in _KINDS.items()]
    return (
        (STATUS, "Statut", statuses, lambda raw: _ROWS.status == RequestStatus(among(raw, statuses))),
        (WAVE, "Vague", waves, lambda raw: _of_dsr(col(Dsr.wave_id) == int(among(raw, waves)))),
        (DSR, "DSR", (dsrs := _named(session, Dsr)), lambda raw: _of_dsr(col(Dsr.id) == int(among(raw, dsrs)))),
        (KIND, "Type", kinds, lambda raw: _of_kind(among(raw, kinds))),
        (HOLDER, "Gestionnaire", (holders := _holders(session)), lambda raw: _held_by(among(raw, holders))),
        (FROM_DAY, "Déposée à partir du", None, lambda raw: _ROWS.submitted_at >= start_of(day_of(raw))),
        (TO_DAY, "Déposée jusqu'au", None, lambda raw: _ROWS.submitted_at < start_of(day_of(raw) + timedelta(days=1))),
    )


def _named(session: Session, model: Any) -> list[Choice]:
    rows = session.execute(sa.select(col(model.id), col(model.name)).order_by(col(model.name)))
    return [(str(key), name) for key, name in rows]


def _holders(session: Session) -> list[Choice]:
    rows = session.exec(
        select(StaffUser)
        .where(StaffUser.role == StaffRole.manager)
        .order_by(col(StaffUser.last_name), col(StaffUser.first_name))
    )
    return [(NOBODY, "Personne"), *((str(row.id), f"{row.first_name} {row.last_name}") for row in rows)]


def among(raw: str, choices: Sequence[Choice]) -> str:
    """A value of a list of choices. Raises Unknown for any other."""
    if raw not in {value for value, _ in choices}:
        raise Unknown("Choisissez dans la liste.")
    return raw


def _of_dsr(condition: Any) -> sa.ColumnElement[bool]:
    """Through the referencing, which has the DSR."""
    dsrs = sa.select(col(Dsr.id)).where(condition)
    return _ROWS.referencing_id.in_(sa.select(col(Referencing.id)).where(col(Referencing.dsr_id).in_(dsrs)))


def _of_kind(name: str) -> sa.ColumnElement[bool]:
    kind, early = _KINDS[name]
    return sa.and_(_ROWS.kind == kind, _ROWS.is_early.is_(early))


def _held_by(raw: str) -> sa.ColumnElement[bool]:
    return _ROWS.assigned_to_id.is_(None) if raw == NOBODY else _ROWS.assigned_to_id == int(raw)

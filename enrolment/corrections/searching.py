"""What a person looks for among the lines of a correction: words of a value before or after, of a reason, or the name
of a row. Case and accents do not matter.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from enrolment.corrections import codecs
from enrolment.records import search
from schema.base import table_of
from schema.describe import FieldKind, FieldSpec, field, model_named
from schema.folding import contains, fold
from schema.staging import LINES
from schema.tables import Correction
from schema.types import InvalidValue

_MOST_NAMED = 50
_TEXTS = (FieldKind.text, FieldKind.long_text)


def condition(session: Session, correction: Correction, typed: str) -> sa.ColumnElement[bool]:
    """Whether a line answers a search."""
    model = model_named(correction.table_name)
    places: list[sa.ColumnElement[bool]] = [contains(session, LINES.c.detail, typed)]
    for name in correction.recipe["columns"]:
        spec = field(model, name)
        if not spec.meta.secret:
            places += _in_values(session, spec, typed)
    if search.is_searchable(model):
        table = table_of(model)
        named = search.answer(session, model, typed).condition
        places.append(sa.exists(sa.select(sa.literal(1)).where(table.c.id == LINES.c.row_id, named)))
    return sa.or_(sa.false(), *places)


def _in_values(session: Session, spec: FieldSpec, typed: str) -> list[sa.ColumnElement[bool]]:
    sqlite = session.get_bind().dialect.name == "sqlite"
    values = [side(spec, LINES.c.changes, sqlite=sqlite) for side in (codecs.before, codecs.after)]
    if spec.kind in _TEXTS:
        return [contains(session, value, typed) for value in values]
    wanted = _meant(session, spec, typed)
    return [value.in_(wanted) for value in values] if wanted else []


def _meant(session: Session, spec: FieldSpec, typed: str) -> list[Any]:
    """The values that are called so: those of a closed list, the rows of another table, else a value by itself."""
    if spec.enum is not None:
        return [member for member in spec.enum if fold(typed) in fold(member.label)]
    if spec.references is not None:
        return search.first_keys(session, spec.references, typed, _MOST_NAMED)
    try:
        return [spec.clean(typed)]
    except InvalidValue:
        return []

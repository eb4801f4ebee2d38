"""What a value becomes under an assignment, or why it cannot: pure functions of the values of one row.

The column's own type validates every new value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from enrolment.corrections.codecs import kept
from enrolment.corrections.recipes import Act, Assignment
from enrolment.errors import Refused
from schema.base import Table
from schema.describe import FieldKind, FieldSpec
from schema.describe import field as field_of
from schema.references import References
from schema.types import InvalidValue

_MOST_SHOWN = 200
_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)


@dataclass(frozen=True)
class Becomes:
    """A value before and after, as the history keeps them; `problem` says in French why it cannot be."""

    before: Any
    after: Any
    problem: str | None = None

    @property
    def changes(self) -> bool:
        """Whether anything changes."""
        return self.problem is None and self.before != self.after


class Column:
    """One assignment, ready to be applied to very many values."""

    def __init__(self, session: Session, model: type[Table], assignment: Assignment) -> None:
        self.spec = field_of(model, assignment.column)
        self.source = assignment.other if assignment.act is Act.copy else assignment.column
        self._rewrite = _rewriting(assignment)
        self._transform = _transform(session, self.spec, assignment)

    def work_out(self, before: Any, source: Any) -> Becomes:
        """What a row's value becomes. `source` is the value of the column that is read: its own, or the copied one."""
        try:
            after = self._transform(source)
        except InvalidValue as error:
            return Becomes(kept(before), kept(self._attempted(source)), error.message)
        if after is None and self.spec.required:
            return Becomes(kept(before), None, "Cette colonne ne peut pas être vide.")
        return Becomes(kept(before), kept(after))

    def _attempted(self, source: Any) -> Any:
        """What its column refused to hold, as the preview shows it."""
        text = source if self._rewrite is None or source is None else self._rewrite(source)
        return text[:_MOST_SHOWN] if isinstance(text, str) else text


def understood(session: Session, model: type[Table], one: Assignment) -> Column:
    """An assignment ready to be applied. Raises Refused for a value that its column never takes, or a row of another
    table that does not exist: nothing is asked of the worker that it could not begin.
    """
    try:
        return Column(session, model, one)
    except InvalidValue as error:
        raise Refused(f"{field_of(model, one.column).label} : {error.message}") from error


def _transform(session: Session, spec: FieldSpec, one: Assignment) -> Callable[[Any], Any]:
    read = _reader(session, spec)
    rewrite = _rewriting(one)
    if rewrite is not None:
        return lambda value: _rewritten(read, value, rewrite)
    value = read(one.value) if one.act is Act.constant else None
    table = _mapping(read, spec, one) if one.act is Act.mapping else {}
    transforms: dict[Act, Callable[[Any], Any]] = {
        Act.constant: lambda _: value,
        Act.clear: lambda _: None,
        Act.copy: lambda source: _again(read, spec, source),
        Act.mapping: lambda source: table.get(source, source),
        Act.normalise: lambda source: None if source is None else read(source),
    }
    return transforms[one.act]


def _rewriting(one: Assignment) -> Callable[[str], str] | None:
    """How an act rewrites a text; None for one that does not."""
    if one.act is Act.substitute:
        return lambda text: text.replace(one.search, one.value)
    return _CHANGES_OF_TEXT.get(one.act)


def _reader(session: Session, spec: FieldSpec) -> Callable[[str], Any]:
    """How a text becomes a value of the column. A reference is given by the name of its row."""
    if spec.references is None:
        return spec.clean
    references = References(session)
    return lambda text: references.resolve(spec, text.strip()) if text.strip() else spec.clean("")


def _again(read: Callable[[str], Any], spec: FieldSpec, value: Any) -> Any:
    """A value of another column, as this one takes it: texts by its type, others as they are."""
    if value is None or spec.kind not in (FieldKind.text, FieldKind.long_text):
        return value
    return read(value)


def _mapping(read: Callable[[str], Any], spec: FieldSpec, one: Assignment) -> Mapping[Any, Any]:
    """Old value → new value. A stored value may be older than the rule of its type: it is then taken as it is."""
    table: dict[Any, Any] = {}
    for old, new in one.pairs:
        value = read(new) if new.strip() else None
        if not old.strip():
            table[None] = value
            continue
        try:
            table[read(old)] = value
        except InvalidValue:
            if spec.kind not in (FieldKind.text, FieldKind.long_text):
                raise
        if spec.kind in (FieldKind.text, FieldKind.long_text):
            table[old] = value
    return table


def _rewritten(read: Callable[[str], Any], value: str | None, change: Callable[[str], str]) -> Any:
    """A text changed. One that the change leaves alone is not judged: it may be older than the rule of its type."""
    if value is None:
        return None
    text = change(value)
    if text == value:
        return value
    return read(text) if text.strip() else None


def _capitalised(text: str) -> str:
    """A capital to each word, apostrophes and hyphens being borders: « SAINT-DENIS » gives « Saint-Denis »."""
    return _WORD.sub(lambda word: word.group()[0].upper() + word.group()[1:].lower(), text)


_CHANGES_OF_TEXT: Mapping[Act, Callable[[str], str]] = {
    Act.capitals: str.upper,
    Act.small_letters: str.lower,
    Act.initials: _capitalised,
}

"""What the page of a new correction shows: the rows that are meant, a card for each change, what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session
from starlette.datastructures import QueryParams

from admin_app import addresses as office
from admin_app import filter_form, forms, listing
from admin_app.corrections import addresses, writing
from admin_app.corrections.writing import Change, Writing
from admin_app.reading import Count, Reader
from enrolment.corrections import recipes, transforms
from enrolment.corrections.recipes import Act, Assignment
from enrolment.errors import Refused
from enrolment.records import presentation, search
from enrolment.typography import number
from schema.base import Table, table_of
from schema.describe import FieldKind, FieldSpec, model_named
from schema.references import References, naming_of
from web.fields import YES_NO, Choice, FieldView

_NAMED = 10


@dataclass(frozen=True)
class Card:
    """One change as the form shows it."""

    column: str
    label: str
    act: FieldView
    parts: Sequence[FieldView]
    error: str = ""

    @property
    def id(self) -> str:
        """Where the summary of errors leads."""
        return f"change-{self.column}"


@dataclass(frozen=True)
class Rows:
    """The rows that are meant. `count` is None when even a bounded count takes too long."""

    said: Sequence[str]
    count: Count | None
    names: Sequence[str]
    url: str

    @property
    def is_everything(self) -> bool:
        """Whether nothing narrows them."""
        return not self.said

    @property
    def count_said(self) -> str:
        """« 1 ligne », « plus de 10 000 lignes »."""
        if self.count is None:
            return "de très nombreuses lignes"
        unit = "ligne" if self.count.rows < 2 and not self.count.capped else "lignes"
        return f"{self.count.said} {unit}"


def assignments(session: Session, model: type[Table], typed: Writing) -> tuple[list[Assignment], dict[str, str]]:
    """What the changes ask for, and what is wrong with them, by column."""
    found: list[Assignment] = []
    errors: dict[str, str] = {}
    for change in typed.changes:
        try:
            one = change.assignment()
            recipes.checked(model, [one])
            transforms.understood(session, model, one)
        except Refused as error:
            errors[change.column] = error.message
        else:
            found.append(one)
    return found, errors


def context(session: Session, model: type[Table], typed: Writing, errors: dict[str, str]) -> dict[str, Any]:
    """The page. `errors` are those of changes by column, and of the fields « titre » and « motif » by name."""
    table = table_of(model).name
    params = QueryParams(list(typed.query))
    statement, read, searched = listing.selection(session, model, sa.select(model), params)
    panel = filter_form.build(session, model, addresses.new(table), params, read, searched)
    specs = {spec.name: spec for spec in recipes.correctable(model)}
    cards = [
        _card(session, specs[change.column], change, errors.get(change.column, ""))
        for change in typed.changes
        if change.column in specs
    ]
    return {
        "model": model,
        "names": writing,
        "typed": typed,
        "form": panel,
        "searched": searched,
        "can_search": search.is_searchable(model),
        "rows": _rows(session, model, typed, statement, read.narrow, panel),
        "cards": cards,
        "left": typed.left(model),
        "wrong": [card for card in cards if card.error],
        "fields": _reason_fields(typed, errors),
        "here": addresses.new(table),
        "file_url": addresses.of_file(table),
    }


def _rows(
    session: Session,
    model: type[Table],
    typed: Writing,
    statement: sa.Select[Any],
    narrow: Sequence[Any],
    panel: filter_form.FilterForm,
) -> Rows:
    table = table_of(model).name
    if typed.keys:
        known = presentation.titles(session, {table: set(typed.keys[:_NAMED])})
        names = [known[table, key] for key in typed.keys[:_NAMED] if (table, key) in known]
        said = "1 ligne cochée" if len(typed.keys) == 1 else f"{number(len(typed.keys))} lignes cochées"
        return Rows([said], Count(len(typed.keys), capped=False), names, office.list_of(table))
    url = office.list_of(table) + (f"?{QueryParams(list(typed.query))}" if typed.query else "")
    if panel.problems:
        return Rows([], Count(0, capped=False), [], url)
    filtered = frozenset(name.split("__")[0] for name, _ in typed.query)
    count = Reader(session, model, statement.whereclause, narrow, filtered).count()
    return Rows([chip.said for chip in panel.chips], count, [], url)


def _reason_fields(typed: Writing, errors: dict[str, str]) -> list[FieldView]:
    return [
        FieldView(
            writing.TITLE,
            "Titre",
            help="Ce que fait la correction, pour la reconnaître. Sans titre, les changements en tiennent lieu.",
            value=typed.title,
            error=errors.get(writing.TITLE),
            required=False,
            max_length=255,
            autocomplete="off",
        ),
        FieldView(
            writing.REASON,
            "Motif",
            help="Pourquoi : il est inscrit dans l'historique de chaque ligne.",
            example="Courriel de la préfecture du 3 mars 2026",
            value=typed.reason,
            error=errors.get(writing.REASON),
            max_length=255,
            autocomplete="off",
        ),
    ]


def _card(session: Session, spec: FieldSpec, change: Change, error: str) -> Card:
    acts = recipes.acts_for(spec)
    act = FieldView(
        writing.ACT + spec.name,
        "Ce que devient cette colonne",
        value=change.act,
        kind="select",
        choices=[(one.value, one.label) for one in acts if one is not Act.copy or recipes.sources_of(spec)],
    )
    parts = [_constant(session, spec, change)]
    sources = recipes.sources_of(spec)
    if sources:
        parts.append(
            _part(
                writing.COPIED,
                spec,
                Act.copy,
                "Colonne à recopier",
                change.copied,
                kind="select",
                choices=[(one.name, one.label) for one in sources],
            )
        )
    parts.append(
        _part(
            writing.PAIRS,
            spec,
            Act.mapping,
            "Table de correspondance",
            change.pairs,
            kind="textarea",
            rows=6,
            help="Une ligne par valeur : l'ancienne, un point-virgule, la nouvelle. Deux colonnes copiées d'un tableur "
            f"conviennent aussi. Une valeur qui n'y est pas reste comme elle est.{_how_named(spec)}",
            example="ST DENIS ; Saint-Denis" if spec.kind is FieldKind.text else None,
        )
    )
    if Act.substitute in acts:
        parts.append(_part(writing.SEARCH, spec, Act.substitute, "Texte cherché", change.search))
        help_text = "Vide : le texte cherché est retiré."
        parts.append(_part(writing.BY, spec, Act.substitute, "Remplacé par", change.by, required=False, help=help_text))
    return Card(spec.name, spec.label, act, parts, error)


def _constant(session: Session, spec: FieldSpec, change: Change) -> FieldView:
    """The column's own input."""
    changes: dict[str, Any] = {"kind": _KINDS.get(spec.kind, "text")}
    if spec.kind is FieldKind.boolean:
        changes["choices"] = YES_NO
    elif spec.enum is not None:
        changes["choices"] = spec.choices
    elif spec.references is not None:
        choices = _named(session, spec)
        changes |= {"choices": choices, "kind": "select"} if choices else {"help": _how_named(spec).strip()}
    elif spec.kind in (FieldKind.text, FieldKind.long_text):
        changes |= {"example": spec.example, "help": spec.staff_help, "input_mode": spec.input_mode}
    return _part(writing.VALUE, spec, Act.constant, "Nouvelle valeur", change.value, **changes)


_KINDS = {
    FieldKind.boolean: "select",
    FieldKind.choice: "select",
    FieldKind.date: "date",
    FieldKind.moment: "datetime-local",
    FieldKind.long_text: "textarea",
}


def _part(prefix: str, spec: FieldSpec, act: Act, label: str, value: str, **changes: Any) -> FieldView:
    """One field of a card, shown for its act alone."""
    view = FieldView(
        prefix + spec.name,
        f"{label} ({spec.label})",
        value=value,
        autocomplete="off",
        show_when=f"{writing.ACT}{spec.name}={act.value}",
        show_when_said=f"Seulement pour « {act.label} ».",
    )
    return view.with_(**changes)


def _named(session: Session, spec: FieldSpec) -> tuple[Choice, ...]:
    """The rows of a short table: what a recipe calls them, and their names in French."""
    assert spec.references is not None  # noqa: S101  Only references come here.
    few = forms.few_choices(session, spec.references) or ()
    called = References(session).names(spec, [int(key) for key, _ in few]) if few else {}
    return tuple((called[int(key)], name) for key, name in few)


def _how_named(spec: FieldSpec) -> str:
    if spec.references is None:
        return ""
    naming = naming_of(model_named(spec.references))
    return f" Une ligne de « {naming.model.label_plural} » se nomme par « {naming.label} »."

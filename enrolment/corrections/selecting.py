"""The rows that a recipe is about, as a query: exactly those that the list shows under the same filter, or an error."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from enrolment.corrections.recipes import Recipe
from enrolment.errors import Refused
from enrolment.records import filters, search
from enrolment.typography import number
from schema.base import Table, table_of

MOST_TICKED = 5_000


def conditions(session: Session, model: type[Table], recipe: Recipe) -> list[sa.ColumnElement[bool]]:
    """What the rows of a recipe have in common. Raises WrongFilters for a filter that cannot be understood."""
    if recipe.keys:
        return [table_of(model).c.id.in_(recipe.keys)]
    found = filters.read(session, model, recipe.query)
    wanted: list[sa.ColumnElement[bool]] = found.conditions()
    searched = searched_words(recipe)
    if searched:
        wanted.append(search.answer(session, model, searched).condition)
    return wanted


def searched_words(recipe: Recipe) -> str:
    """What the list was searched for."""
    typed = dict(recipe.query).get(filters.SEARCH, "")
    return "".join(letter for letter in typed if letter.isprintable()).strip()[: search.LONGEST]


def said(session: Session, model: type[Table], recipe: Recipe) -> str:
    """The rows of a recipe in French. Raises WrongFilters, or Refused for too many ticked rows."""
    if recipe.keys:
        if len(recipe.keys) > MOST_TICKED:
            raise Refused(f"Cochez {number(MOST_TICKED)} lignes au plus, ou passez par un filtre.")
        return "1 ligne cochée" if len(recipe.keys) == 1 else f"{number(len(recipe.keys))} lignes cochées"
    found = filters.read(session, model, recipe.query)
    found.conditions()
    words = [one.said for one in found.applied]
    searched = searched_words(recipe)
    if searched:
        words.append(f"recherche : {searched}")
    return " ; ".join(words) if words else f"Toutes les lignes de « {model.label_plural} »"


def count(session: Session, model: type[Table], recipe: Recipe) -> int:
    """How many rows there are."""
    table: Any = table_of(model)
    statement = sa.select(sa.func.count()).select_from(table).where(*conditions(session, model, recipe))
    return int(session.execute(statement).scalar_one())

"""The stages under which the list gathers the states of corrections, and the colour of each state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from enrolment.errors import DomainError
from schema.enums import CorrectionSource
from schema.enums import CorrectionState as State
from schema.tables import Correction


@dataclass(frozen=True)
class Stage:
    """Some states, as a tab of the list."""

    slug: str
    label: str
    states: frozenset[State]


STAGES = (
    Stage("a-verifier", "À vérifier", frozenset({State.draft, State.frozen, State.approved})),
    Stage("en-cours", "En cours", frozenset({State.preparing, State.applying, State.paused})),
    Stage("terminees", "Appliquées", frozenset({State.applied, State.partly_applied})),
    Stage("annulees", "Annulées", frozenset({State.undone})),
    Stage("abandonnees", "Abandonnées", frozenset({State.cancelled})),
)

TONES: Mapping[State, str] = MappingProxyType(
    {
        State.preparing: "info",
        State.frozen: "warning",
        State.approved: "warning",
        State.applying: "info",
        State.paused: "warning",
        State.applied: "success",
        State.partly_applied: "warning",
    }
)
"""A state that is not here is neutral."""


def named(slug: str) -> Stage | None:
    """A stage by its word in an address; None for no word. Raises DomainError."""
    if not slug:
        return None
    for stage in STAGES:
        if stage.slug == slug:
            return stage
    raise DomainError("Cet état n'existe pas : choisissez-en un au-dessus de la liste.")


def is_refused_file(row: Correction) -> bool:
    """Whether a correction came to nothing because its file could not be read: nobody gave it up."""
    return row.state is State.cancelled and row.source is CorrectionSource.file and bool(row.problem)


def said(row: Correction) -> str:
    """Where a correction stands, in a word or two."""
    return "Fichier refusé" if is_refused_file(row) else row.state.label

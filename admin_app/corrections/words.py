"""The French of what a correction does to rows: changed, added or deleted, planned or done, by its counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from admin_app.corrections import stages
from enrolment.corrections import reading
from enrolment.typography import number
from schema.enums import CorrectionSource, CorrectionState, ImportMode, Operation
from schema.tables import Correction

BADGES: Mapping[Operation, tuple[str, str]] = MappingProxyType(
    {Operation.insert: ("Ajout", "info"), Operation.delete: ("Suppression", "danger")}
)
"""What is said of a line that does something else than change a row, and its colour."""

_PLANNED: Mapping[Operation, tuple[str, str]] = MappingProxyType(
    {
        Operation.update: ("ligne va changer", "lignes vont changer"),
        Operation.insert: ("ligne sera ajoutée", "lignes seront ajoutées"),
        Operation.delete: ("ligne sera supprimée", "lignes seront supprimées"),
    }
)
_DONE: Mapping[Operation, str] = MappingProxyType(
    {Operation.update: "changée", Operation.insert: "ajoutée", Operation.delete: "supprimée"}
)
_ACTS: Mapping[Operation, tuple[str, str]] = MappingProxyType(
    {
        Operation.update: ("Appliquer sur", "Appliquer seulement"),
        Operation.insert: ("Ajouter", "Ajouter seulement"),
        Operation.delete: ("Supprimer", "Supprimer seulement"),
    }
)
_GROUPS: Mapping[Operation, tuple[str, str]] = MappingProxyType(
    {
        Operation.update: ("Changements prévus", "Changements"),
        Operation.insert: ("Valeurs des lignes à ajouter", "Valeurs des lignes ajoutées"),
        Operation.delete: ("Valeurs des lignes à supprimer", "Valeurs des lignes supprimées"),
    }
)
_TURNED: Mapping[Operation, str] = MappingProxyType(
    {
        Operation.update: "les valeurs d'avant sont remises",
        Operation.insert: "les lignes ajoutées sont supprimées, sauf celles qui servent ailleurs",
        Operation.delete: "les lignes supprimées sont ajoutées de nouveau",
    }
)


@dataclass(frozen=True)
class Words:
    """What the page of a correction says. `figures` are counts with the words for one and for many; `only` is what all
    its lines do, when they all do the same; `to_do` follows « Nombre de lignes ».
    """

    figures: tuple[tuple[int, str, str], ...]
    done: tuple[str, str]
    only: Operation | None
    to_do: str
    act: str
    groups: str


def of(correction: Correction) -> Words:
    """The words for a correction."""
    counts = reading.operations(correction) or {_usual(correction): 0}
    only = next(iter(counts)) if len(counts) == 1 else None
    done = " ou ".join(_DONE[one] for one in counts)
    return Words(
        figures=tuple((count, *_PLANNED[one]) for one, count in counts.items()),
        done=(f"ligne {done}", f"lignes {done.replace('ée', 'ées')}"),
        only=only,
        to_do={Operation.insert: "à ajouter", Operation.delete: "à supprimer"}.get(
            only or Operation.update, "à changer"
        ),
        act=_act(correction, only or Operation.update),
        groups=_GROUPS[only or Operation.update][is_whole(correction)],
    )


def turned(correction: Correction) -> str:
    """What undoing a correction does."""
    counts = reading.operations(correction) or {Operation.update: 0}
    said = " ; ".join(_TURNED[one] for one in counts)
    return f"{said[0].upper()}{said[1:]}"


def state(correction: Correction) -> str:
    """Where a correction stands; one that met nothing but conflicts changed nothing."""
    if correction.state is CorrectionState.partly_applied and not correction.applied:
        return "Rien n'a été appliqué"
    return stages.said(correction)


def facts(correction: Correction) -> list[tuple[str, str]]:
    """What was asked, each sentence under what it is about."""
    what, *others = correction.selection.splitlines() or [""]
    label = {CorrectionSource.file: "Fichier", CorrectionSource.undo: "Étendue"}.get(correction.source, "Lignes")
    found = [(label, what)]
    for one in others:
        name, _, said = one.partition(" : ")
        is_of_file = correction.source is CorrectionSource.file and said
        found.append((name, said) if is_of_file else ("Changement", one))
    return found


def is_whole(correction: Correction) -> bool:
    """Whether all that was planned was done: what was counted for the preview is then what happened."""
    return correction.ended_at is not None and correction.applied == correction.planned


def _usual(correction: Correction) -> Operation:
    """What a correction without a line would have done."""
    adds = correction.recipe["mode"] == ImportMode.insert.value and correction.undoes_id is None
    return Operation.insert if adds else Operation.update


def _act(correction: Correction, operation: Operation) -> str:
    """The button that launches a correction."""
    every, others = _ACTS[operation]
    one = correction.planned == 1
    if correction.set_aside:
        return f"{others} l'autre ligne" if one else f"{others} les {number(correction.planned)} autres lignes"
    return f"{every} {number(correction.planned)} ligne{'' if one else 's'}"

"""Which decisions the manager's ticks leave open, and the draft that they write: « Instruction » of process.md.

Pure: a file that was read comes in, choices come out. What the workflow itself allows is in `decisions`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from enrolment.errors import Refused
from enrolment.services.dossier import Dossier
from schema.enums import ReviewState, Verb

VALIDATIONS = frozenset({Verb.validate, Verb.validate_partially})


@dataclass(frozen=True)
class AskedDocument:
    """A document to ask for, and what to say of it."""

    code: str
    note: str


@dataclass(frozen=True)
class Choice:
    """A decision that the workflow allows. `obstacles` say why the ticks do not, each in a sentence."""

    verb: Verb
    title: str
    consequence: str
    obstacles: tuple[str, ...] = ()
    message: str = ""
    documents: tuple[AskedDocument, ...] = ()


_WORDS = {
    Verb.validate: ("Valider", "L'enrôlement est complet, le fournisseur peut demander un financement."),
    Verb.validate_partially: (
        "Valider partiellement",
        "Le compte est ouvert ; le certificat reste dû quand l'ANS aura validé le référencement.",
    ),
    Verb.ask_documents: ("Demander des pièces", "La demande attend le fournisseur, puis revient à l'instruction."),
    Verb.reject: ("Refuser", "La demande est close. Le fournisseur pourra en déposer une nouvelle."),
}
TITLES = {verb: title for verb, (title, _) in _WORDS.items()}
ORDER = tuple(_WORDS)
"""The decisions, as the page offers them: the happy end first, the hard one last."""


def choices(file: Dossier, open_verbs: Iterable[Verb]) -> tuple[Choice, ...]:
    """The decisions to offer, with what the ticks say of each."""
    allowed = set(open_verbs)
    return tuple(_choice(file, verb) for verb in ORDER if verb in allowed)


def require_open(file: Dossier, verb: Verb) -> None:
    """Raise Refused when the ticks forbid a decision."""
    found = obstacles(file, verb)
    if found:
        raise Refused(" ".join(found))


def obstacles(file: Dossier, verb: Verb) -> tuple[str, ...]:
    """What must be settled first. A validation says that every piece due is there, examined and in order."""
    if verb not in VALIDATIONS:
        return ()
    to_redo = [piece.kind for piece in file.current if piece.review is ReviewState.to_redo]
    unreviewed = [piece.kind for piece in file.current if piece.review is ReviewState.unreviewed]
    absent = [item.kind.name for item in file.missing]
    found = []
    if absent:
        found.append(f"{_counted(absent, 'pièce due manque', 'pièces dues manquent')} : {_listed(absent)}.")
    if to_redo:
        found.append(f"{_counted(to_redo, 'pièce est à refaire', 'pièces sont à refaire')} : {_listed(to_redo)}.")
    if unreviewed:
        found.append(
            f"{_counted(unreviewed, 'pièce reste à examiner', 'pièces restent à examiner')} : {_listed(unreviewed)}."
        )
    return tuple(found)


def _choice(file: Dossier, verb: Verb) -> Choice:
    title, consequence = _WORDS[verb]
    to_redo = [piece for piece in file.current if piece.review is ReviewState.to_redo]
    documents: tuple[AskedDocument, ...] = ()
    message = ""
    if verb is Verb.ask_documents:
        asked = {item.kind.code: item.reason for item in file.missing}
        asked |= {piece.kind_code: piece.review_reason for piece in to_redo}
        documents = tuple(AskedDocument(code, note) for code, note in asked.items())
    elif verb is Verb.reject:
        message = "\n".join(f"- {piece.kind} : {piece.review_reason}" for piece in to_redo)
    return Choice(verb, title, consequence, obstacles(file, verb), message, documents)


def _counted(items: list[str], one: str, many: str) -> str:
    return f"{len(items)} {one if len(items) == 1 else many}"


def _listed(items: list[str]) -> str:
    return ", ".join(f"« {item} »" for item in items)

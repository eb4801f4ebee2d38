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
class Obstacle:
    """Why a decision cannot be taken yet, and the pieces that it is about."""

    text: str
    pieces: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """A decision that the workflow allows. `obstacles` say why the ticks do not."""

    verb: Verb
    title: str
    consequence: str
    obstacles: tuple[Obstacle, ...] = ()
    message: str = ""
    documents: tuple[AskedDocument, ...] = ()


_WORDS = {
    Verb.validate: ("Valider", "L'enrôlement est complet, le fournisseur peut demander un financement."),
    Verb.validate_partially: (
        "Valider partiellement",
        "Le compte est ouvert ; le certificat reste dû quand l'ANS aura validé le référencement.",
    ),
    Verb.ask_documents: ("Demander des pièces", "La demande attend le fournisseur, puis revient à l'instruction."),
    Verb.ask_correction: (
        "Demander une correction",
        "Le fournisseur corrige les seuls points signalés, puis la demande revient à l'instruction.",
    ),
    Verb.refuse_certificate: ("Refuser le certificat", "La demande attend de nouveau le ou les certificats."),
    Verb.cancel_demand: (
        "Ne plus rien demander",
        "La demande revient à l'instruction sans attendre le fournisseur ; ce qu'il a déjà déposé est gardé.",
    ),
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
        raise Refused(" ".join(f"{item.text} : {', '.join(item.pieces)}." for item in found))


def obstacles(file: Dossier, verb: Verb) -> tuple[Obstacle, ...]:
    """What must be settled first. A validation says that all is there, examined and in order."""
    if verb not in VALIDATIONS:
        return ()
    found = (
        _obstacle([flag.label for flag in file.flags], "Une donnée est à corriger", "{} données sont à corriger"),
        _obstacle(
            [item.kind.name for item in file.missing],
            "Une pièce due manque",
            "{} pièces dues manquent",
        ),
        _obstacle(_in_state(file, ReviewState.to_redo), "Une pièce est à refaire", "{} pièces sont à refaire"),
        _obstacle(
            _in_state(file, ReviewState.unreviewed), "Une pièce reste à examiner", "{} pièces restent à examiner"
        ),
    )
    return tuple(item for item in found if item is not None)


def _choice(file: Dossier, verb: Verb) -> Choice:
    title, consequence = _WORDS[verb]
    to_redo = [piece for piece in file.current if piece.review is ReviewState.to_redo]
    documents: tuple[AskedDocument, ...] = ()
    message = ""
    if verb in {Verb.ask_documents, Verb.ask_correction}:
        asked = {item.kind.code: item.reason for item in file.missing if verb is Verb.ask_documents}
        asked |= {piece.kind_code: piece.review_reason for piece in to_redo}
        documents = tuple(AskedDocument(code, note) for code, note in asked.items())
    elif verb in {Verb.reject, Verb.refuse_certificate}:
        wrong = [(piece.kind, piece.review_reason) for piece in to_redo]
        if verb is Verb.reject:
            wrong += [(flag.label, flag.reason) for flag in file.flags]
        message = "\n".join(f"- {what} : {why}" if why else f"- {what}" for what, why in wrong)
    return Choice(verb, title, consequence, obstacles(file, verb), message, documents)


def _in_state(file: Dossier, state: ReviewState) -> list[str]:
    return [piece.kind for piece in file.current if piece.review is state]


def _obstacle(pieces: list[str], one: str, many: str) -> Obstacle | None:
    if not pieces:
        return None
    return Obstacle(one if len(pieces) == 1 else many.format(len(pieces)), tuple(pieces))

"""What a person does with a correction between its first draft and its end. Nothing here does the work itself.

The states and the acts that lead from one to the next are data; every act is refused outside of its states.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlmodel import Session, select

from enrolment import clock, parameters
from enrolment.corrections import chosen, recipes, rules, selecting, standing, transforms
from enrolment.corrections.lines import last_place
from enrolment.corrections.recipes import Recipe
from enrolment.errors import Conflict, Forbidden, NotFound, Refused
from enrolment.typography import counted, number
from schema.base import Table, table_of
from schema.enums import ActorKind, CorrectionSource, CorrectionState
from schema.history import Actor
from schema.tables import Correction

State = CorrectionState

READY = frozenset({State.frozen, State.approved})
ENDED = frozenset({State.applied, State.partly_applied, State.undone, State.cancelled})
ACTS: Mapping[str, frozenset[State]] = MappingProxyType(
    {
        "approve": frozenset({State.frozen}),
        "apply": READY,
        "pause": frozenset({State.applying}),
        "resume": frozenset({State.paused}),
        "cancel": frozenset({State.draft, State.preparing, State.frozen, State.approved, State.applying, State.paused}),
        "undo": frozenset({State.applied, State.partly_applied}),
    }
)
"""From which states each act is possible."""


def new(
    session: Session,
    actor: Actor,
    model: type[Table],
    *,
    title: str,
    reason: str,
    source: CorrectionSource,
    recipe: Recipe,
    file_key: str | None = None,
) -> Correction:
    """Ask for a correction; the worker freezes its lines.

    Raises DomainError for a filter that cannot be understood, a column that may not be corrected, or a value that its
    column does not take.
    """
    if source in {CorrectionSource.filter, CorrectionSource.ticked}:
        recipes.checked(model, recipe.assignments)
        for one in recipe.assignments:
            transforms.understood(session, model, one)
    what = [selecting.said(session, model, recipe)] if source is not CorrectionSource.file else [recipe.file_name]
    if source is CorrectionSource.finding:
        what = [_of_finding(recipe)]
    changes = recipes.said(model, recipe.assignments)
    return _begin(
        session,
        actor,
        title=_line(title, "Donnez un titre à cette correction."),
        reason=_line(reason, "Dites pourquoi : le motif est inscrit dans l'historique de chaque ligne."),
        table_name=table_of(model).name,
        source=source,
        selection="\n".join([*what, *([changes] if changes else [])])[:10_000],
        recipe=recipe.as_data(),
        file_key=file_key,
    )


def _begin(session: Session, actor: Actor, **values: Any) -> Correction:
    """Hand a correction to the worker, in the name of whoever asks for it."""
    author = actor.id if actor.kind is ActorKind.staff else None
    correction = Correction(author_id=author, author_label=actor.label, state=State.preparing, **values)
    session.add(correction)
    session.flush()
    return correction


def _of_finding(recipe: Recipe) -> str:
    if recipe.check:
        return "Lignes et valeurs proposées par un contrôle des données"
    return f"{number(len(recipe.values))} lignes proposées par le contrôle des données"


def find(session: Session, public_id: str, *, lock: bool = False) -> Correction:
    """A correction by its public identifier. Raises NotFound."""
    statement = select(Correction).where(Correction.public_id == public_id)
    found = session.exec(statement.with_for_update() if lock else statement).first()
    if found is None:
        raise NotFound("Cette correction n'existe pas. Choisissez-en une dans la liste.")
    return found


def approve(session: Session, actor: Actor, public_id: str) -> Correction:
    """Agree to a correction that a rule submits to a second person. Raises DomainError."""
    correction = _expected(session, public_id, "approve")
    if not rules.asks_approval(session, correction):
        raise Refused("Cette correction n'a pas besoin d'une seconde personne : son auteur peut l'appliquer.")
    if actor.id is None or actor.id == correction.author_id:
        raise Forbidden("Une autre personne que l'auteur doit approuver cette correction.")
    correction.approved_by_id, correction.approved_at = actor.id, clock.now()
    return _to(session, correction, State.approved)


def require_applicable(session: Session, correction: Correction, *, others: bool) -> None:
    """Raise DomainError when a correction may not be applied now. `others`: despite lines that were set aside."""
    if correction.state not in ACTS["apply"]:
        raise Conflict(_impossible(correction))
    if correction.planned == 0:
        raise Refused("Il n'y a rien à appliquer : aucune ligne ne change.")
    if correction.set_aside and not others:
        raise Refused(
            f"{counted(correction.set_aside, 'ligne est écartée', 'lignes sont écartées')}. Corrigez la source, ou "
            "demandez à appliquer seulement les autres."
        )
    if correction.state is State.frozen and rules.asks_approval(session, correction):
        raise Refused("Une seconde personne doit d'abord approuver cette correction : une règle le demande.")


def is_large(session: Session, correction: Correction) -> bool:
    """Whether a correction of so many lines is confirmed by its number and by the password."""
    return correction.planned > parameters.number(session, "correction_confirm_above")


def require_number(session: Session, correction: Correction, typed: str) -> None:
    """Raise Refused when a large correction is launched without its number of lines typed."""
    if is_large(session, correction) and "".join(typed.split()) != str(correction.planned):
        raise Refused(f"Tapez le nombre de lignes à changer, {number(correction.planned)}, pour confirmer.")


def apply(session: Session, public_id: str, *, others: bool = False) -> Correction:
    """Launch a correction; pressing twice launches it once. Raises DomainError."""
    correction = find(session, public_id, lock=True)
    require_applicable(session, correction, others=others)
    correction.started_at = clock.now()
    correction.done_upto = 0
    return _to(session, correction, State.applying)


def pause(session: Session, public_id: str) -> Correction:
    """Stop after the lines that are being applied at this moment."""
    return _to(session, _expected(session, public_id, "pause"), State.paused)


def resume(session: Session, public_id: str) -> Correction:
    """Go on with what is left."""
    return _to(session, _expected(session, public_id, "resume"), State.applying)


def cancel(session: Session, public_id: str) -> Correction:
    """Give up what is left; what was applied stays applied, and can be undone."""
    correction = _expected(session, public_id, "cancel")
    correction.ended_at = clock.now()
    if not correction.applied:
        return _to(session, correction, State.cancelled)
    standing.settle(session, correction)
    return correction


def undo(session: Session, actor: Actor, public_id: str, *, reason: str, groups: tuple[int, ...] = ()) -> Correction:
    """Prepare a correction that gives back what another one changed: all of it, or the chosen groups of changes.

    It is previewed and applied like any other, and a row that changed since is a conflict. Undoing an undoing does the
    first correction again.
    """
    first = _expected(session, public_id, "undo")
    under_way = session.exec(
        select(Correction).where(Correction.undoes_id == first.id, Correction.state.not_in(ENDED))  # type: ignore[attr-defined]
    ).first()
    if under_way is not None:
        raise Conflict(f"« {under_way.title} » annule déjà cette correction : allez au bout, ou abandonnez-la.")
    if last_place(session, first.id) == 0:
        raise Refused(
            "Cette correction ne peut plus être annulée : ses lignes ont été effacées au terme de leur durée de "
            "conservation. L'historique de chaque ligne dit ce qu'elle contenait."
        )
    begun, takes_back = origin(session, first)
    word = "Refaire" if takes_back else "Annuler"
    said = chosen.said(session, first, groups) if groups else "Tous les changements appliqués"
    return _begin(
        session,
        actor,
        title=f"{word} : {begun.title}"[:255],
        reason=_line(reason, "Dites pourquoi : le motif est inscrit dans l'historique de chaque ligne."),
        table_name=first.table_name,
        source=CorrectionSource.undo,
        selection=said,
        recipe={**first.recipe, "groups": list(groups)},
        undoes_id=first.id,
    )


def origin(session: Session, correction: Correction) -> tuple[Correction, bool]:
    """Where a chain of undoings began, and whether this one takes it back: else it is it, or does it again."""
    one, takes_back = correction, False
    while one.undoes_id is not None:
        one, takes_back = session.get_one(Correction, one.undoes_id), not takes_back
    return one, takes_back


def _expected(session: Session, public_id: str, act: str) -> Correction:
    correction = find(session, public_id, lock=True)
    if correction.state not in ACTS[act]:
        raise Conflict(_impossible(correction))
    return correction


def _impossible(correction: Correction) -> str:
    return f"C'est impossible : cette correction est à l'état « {correction.state.label} »."


def _to(session: Session, correction: Correction, state: CorrectionState) -> Correction:
    correction.state = state
    session.add(correction)
    session.flush()
    return correction


def _line(typed: str, advice: str) -> str:
    """A short text of one line. Raises Refused when it is empty or too long."""
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in typed).split())
    if not text:
        raise Refused(advice)
    if len(text) > 255:
        raise Refused("Ce texte est trop long : 255 caractères au plus.")
    return text

"""What still stands of a correction once others undid it: its state follows from theirs, all along the chain.

An undoing is a correction like any other, and may itself be undone; one of chosen groups leaves the rest.
"""

from __future__ import annotations

from sqlmodel import Session, select

from schema.enums import CorrectionState
from schema.tables import Correction

_STANDS = frozenset({CorrectionState.applied, CorrectionState.partly_applied})


def settle(session: Session, last: Correction) -> None:
    """Give a correction that has come to its end its state, then those that it undoes, up to the first one."""
    one = last
    one.state = _state(session, one)
    session.add(one)
    session.flush()
    while one.undoes_id is not None:
        one = session.get_one(Correction, one.undoes_id)
        one.state = _state(session, one)
        session.add(one)
        session.flush()


def to_settle(correction: Correction) -> int:
    """How many lines an application has to settle: those that were planned, and those of an undoing whose row had
    changed already when it was frozen.
    """
    return correction.planned + int(correction.recipe.get("met", 0))


def _is_whole(correction: Correction) -> bool:
    """Whether each of its lines was applied."""
    return not correction.conflicts and not correction.set_aside and correction.applied == correction.planned


def _state(session: Session, correction: Correction) -> CorrectionState:
    undoings = _undoings(session, correction)
    if any(_takes_all_back(session, one, undoings) for one in undoings):
        return CorrectionState.undone
    if any(_stands(one) for one in undoings):
        return CorrectionState.partly_applied
    applied = correction.conflicts == 0 and correction.applied == correction.planned
    return CorrectionState.applied if applied else CorrectionState.partly_applied


def _undoings(session: Session, correction: Correction) -> list[Correction]:
    return list(session.exec(select(Correction).where(Correction.undoes_id == correction.id)))


def _stands(undoing: Correction) -> bool:
    """Whether it changed rows that nothing gave back since."""
    return undoing.state in _STANDS and undoing.applied > 0


def _takes_all_back(session: Session, undoing: Correction, undoings: list[Correction]) -> bool:
    """Whether after an undoing nothing of its correction was left, and nothing came back since."""
    if not _stands(undoing) or undoing.recipe.get("groups") or not _is_whole(undoing):
        return False
    if undoing.state is not CorrectionState.applied:
        return False
    others = [one for one in undoings if one.id != undoing.id]
    back = [again for one in others for again in _undoings(session, one) if _stands(again)]
    return not any(again.id > undoing.id for again in back)

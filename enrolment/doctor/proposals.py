"""From a finding to a correction: prepared by the worker from what the check proposes, previewed, applied and undone
like any other.

The recipe names the check; the rows and their new values are asked of it when the lines are frozen.
"""

from __future__ import annotations

from sqlmodel import Session, col, select

from enrolment.corrections import steering
from enrolment.corrections.recipes import Recipe
from enrolment.doctor.catalogue import named
from enrolment.doctor.check import Check
from enrolment.errors import Refused
from schema.describe import model_named
from schema.enums import CorrectionSource
from schema.history import Actor
from schema.tables import Correction

_LONGEST_TITLE = 255


def prepare(session: Session, actor: Actor, code: str, *, title: str = "", reason: str = "") -> Correction:
    """The correction that a check proposes, still to be frozen; the one in hand when there is one already.

    Raises NotFound for a check that does not exist, Refused for one that proposes nothing.
    """
    check = named(code)
    if check.proposer is None:
        raise Refused(f"Le contrôle « {code} » signale des lignes sans savoir les corriger : ouvrez-les une à une.")
    standing = _standing(session, check)
    if standing is not None:
        return standing
    return steering.new(
        session,
        actor,
        model_named(check.proposer.table),
        title=title.strip() or check.said[:_LONGEST_TITLE],
        reason=reason.strip() or "Contrôle des données",
        source=CorrectionSource.finding,
        recipe=Recipe(check=code),
    )


def _standing(session: Session, check: Check) -> Correction | None:
    found = session.exec(
        select(Correction)
        .where(Correction.source == CorrectionSource.finding, col(Correction.state).not_in(sorted(steering.ENDED)))
        .order_by(col(Correction.id).desc())
    )
    return next((one for one in found if one.recipe.get("check") == check.code), None)

"""The address of each step and of what goes with it."""

from __future__ import annotations

from schema.enums import Step

START = "/enrolement"
SLUGS: dict[Step, str] = {
    Step.referencing: "referencement",
    Step.applicant: "demandeur",
    Step.bank: "coordonnees-bancaires",
    Step.vat: "tva",
    Step.summary: "recapitulatif",
}
ORDER = tuple(Step)


def draft_address(public_id: str, end: str = "") -> str:
    """An address under a draft's own."""
    return f"{START}/{public_id}/{end}" if end else f"{START}/{public_id}"


def step_address(public_id: str, step: Step) -> str:
    """The page of a step."""
    return draft_address(public_id, SLUGS[step])


def next_step(step: Step) -> Step:
    """The step after this one. The summary has none."""
    return ORDER[ORDER.index(step) + 1]


def previous_step(step: Step) -> Step | None:
    """The step before this one."""
    position = ORDER.index(step)
    return ORDER[position - 1] if position else None

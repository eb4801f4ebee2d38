"""Every check, in the order in which they are told. What runs them and keeps their answers is in `report`."""

from __future__ import annotations

from enrolment.doctor import (
    accounts,
    banks,
    companies,
    demands,
    files,
    forms,
    mails,
    needed,
    places,
    requests,
    rules,
    traces,
)
from enrolment.doctor.check import Check
from enrolment.errors import NotFound

CHECKS: tuple[Check, ...] = (
    *requests.CHECKS,
    *demands.CHECKS,
    *accounts.CHECKS,
    *companies.CHECKS,
    *places.CHECKS,
    *banks.CHECKS,
    *forms.CHECKS,
    *files.CHECKS,
    *mails.CHECKS,
    *needed.CHECKS,
    *rules.CHECKS,
    *traces.CHECKS,
)
BY_CODE = {check.code: check for check in CHECKS}


def named(code: str) -> Check:
    """A check by its code. Raises NotFound."""
    check = BY_CODE.get(code)
    if check is None:
        raise NotFound("Ce contrôle n'existe pas. Revenez au contrôle des données.")
    return check

"""Addresses of lists are read strictly: a filter that a list does not have is an error, never « every row »."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.datastructures import QueryParams

from enrolment.errors import DomainError
from enrolment.records import filters


def unknown(params: QueryParams, known: Iterable[str]) -> list[str]:
    """What is said of each parameter that a list does not have."""
    names = {filters.SAID, *known}
    return [filters.no_filter(name) for name in dict.fromkeys(params) if name not in names and params[name].strip()]


def require_known(params: QueryParams, *known: str) -> None:
    """Raise DomainError for a parameter that a page does not have."""
    problems = unknown(params, known)
    if problems:
        raise DomainError(" ".join(problems))

"""Logins of vendors that two people could take for one another."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from enrolment.doctor.check import Check, Context, Severity, by_query
from schema.base import table_of
from schema.tables import Account

_ACCOUNT = table_of(Account).c


def _same_email(context: Context) -> sa.Select[Any]:
    del context
    lowered = sa.func.lower(_ACCOUNT.email)
    shared = sa.select(lowered).group_by(lowered).having(sa.func.count() > 1)
    return sa.select(_ACCOUNT.id).where(lowered.in_(shared))


CHECKS = (
    Check(
        "account_email_twice",
        Severity.error,
        "Comptes dont l'adresse email ne diffère que par la casse",
        "Donnez à chacun sa propre adresse, ou désactivez celui qui est en trop et changez son adresse.",
        by_query(_same_email),
        table="account",
    ),
)

"""Mails that were given up, and mails that wait although nothing stops them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from enrolment.doctor.check import Check, Context, Key, Severity, by_query
from enrolment.mail import outbox
from schema.base import table_of
from schema.enums import MailState
from schema.tables import OutgoingMail

_MAIL = table_of(OutgoingMail).c
_LONG = timedelta(days=1)


def _parked(context: Context) -> sa.Select[Any]:
    del context
    return sa.select(_MAIL.id).where(_MAIL.state == MailState.parked)


def _waiting(context: Context) -> sa.Select[Any]:
    """Asked to leave more than a day ago: a mail that is retried, or is due later, is not late."""
    return sa.select(_MAIL.id).where(_MAIL.state == MailState.queued, _MAIL.send_after < context.now - _LONG)


def _resend(context: Context, key: Key) -> None:
    outbox.resend(context.session, int(key))


CHECKS = (
    Check(
        "mail_parked",
        Severity.warning,
        "Courriels en échec définitif",
        "Vérifiez l'adresse et la réponse du serveur, puis remettez-les en file.",
        by_query(_parked),
        table="outgoing_mail",
        fix_label="Ouvrir la liste",
        state=MailState.parked.value,
        repair=_resend,
        repair_label="Renvoyer",
    ),
    Check(
        "mail_waiting",
        Severity.error,
        "Courriels en file d'attente depuis plus d'un jour",
        "Vérifiez que « enrolment worker » tourne et que le serveur de messagerie répond, puis relancez l'envoi.",
        by_query(_waiting),
        table="outgoing_mail",
        fix_label="Ouvrir la liste",
        state=MailState.queued.value,
        repair=_resend,
        repair_label="Relancer l'envoi",
    ),
)

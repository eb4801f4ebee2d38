"""Addresses of the mail log, written once. Its list is that of the table, with its filters, search and export."""

from __future__ import annotations

from admin_app.addresses import BASE, list_of, with_query
from admin_app.messages import DONE

LIST = list_of("outgoing_mail")


def show(mail_id: int, done: str = "") -> str:
    """One mail."""
    return with_query(f"{BASE}/courriels/{mail_id}", {DONE: done})


def rendered(mail_id: int) -> str:
    """Its HTML part, for a frame."""
    return f"{BASE}/courriels/{mail_id}/apercu"


def resend(mail_id: int) -> str:
    """Where it is sent again."""
    return f"{BASE}/courriels/{mail_id}/renvoyer"


def cancel(mail_id: int) -> str:
    """Where it is kept from leaving."""
    return f"{BASE}/courriels/{mail_id}/retenir"

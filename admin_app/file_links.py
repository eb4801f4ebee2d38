"""Where a row of a generated table meets the page of ours that tells more: the only place that ties them."""

from __future__ import annotations

from typing import Any

from admin_app.corrections import addresses as corrections
from admin_app.corrections import tables
from admin_app.dossier import addresses
from admin_app.financing import addresses as financing
from admin_app.mails import addresses as mails
from admin_app.staff import Staff


def file_of(staff: Staff, table: str, row: Any) -> str | None:
    """The page of ours about a row, for those who may open it."""
    if table == "outgoing_mail" and staff.may_open("mail_log"):
        return mails.show(row.id)
    if table == "financing_request" and staff.may_open("financing"):
        return financing.show(row.id)
    if table == "correction" and tables.may_read(staff, row.table_name):
        return corrections.show(row.public_id)
    return addresses.file(row.id) if table == "request" and staff.may_open("dossier") else None

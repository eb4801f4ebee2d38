"""Where a row of a generated table meets the file of its request: the only place that ties the two together."""

from __future__ import annotations

from admin_app.dossier import addresses
from admin_app.financing import addresses as financing
from admin_app.staff import Staff


def file_of(staff: Staff, table: str, key: int) -> str | None:
    """The file that a row is the request of, for those who may open files."""
    if table == "financing_request" and staff.may_open("financing"):
        return financing.show(key)
    return addresses.file(key) if table == "request" and staff.may_open("dossier") else None

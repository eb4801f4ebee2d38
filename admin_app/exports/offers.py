"""The exports that a list offers to somebody."""

from __future__ import annotations

from dataclasses import dataclass

from admin_app import addresses
from admin_app.permissions import Right
from admin_app.staff import Staff

OF_PIECES = ("request", "attachment")
"""Tables whose rows name pieces."""


@dataclass(frozen=True)
class Offer:
    """One way to take away what a list shows."""

    label: str
    help: str
    url: str


def of(staff: Staff, table: str, query: str) -> list[Offer]:
    """What this person may take away of a table, under the filters of a query string."""
    if not staff.may(table, Right.export):
        return []
    offers = [
        Offer("CSV", "Pour tout tableur, et pour être relu par l'import.", addresses.export(table, query)),
        Offer("Excel (XLSX)", "Avec de vraies dates et de vrais nombres.", addresses.export(table, query, "xlsx")),
    ]
    if table in OF_PIECES and staff.may_open("export_pieces"):
        about = "Les fichiers eux-mêmes, un dossier par demande. Les consultations sont enregistrées."
        offers.append(Offer("Pièces (ZIP)", about, addresses.pieces(table, query)))
    return offers

"""Addresses of the private portal, written once."""

from __future__ import annotations

from public_site.account.guard import HOME

REQUESTS = "/espace/demandes"
COMPLEMENTARY = "/espace/demande-complementaire"
FINANCING = "/espace/financements"
SIMULATOR = "/espace/simulateur"
CHECKER = "/espace/verification"
ACCOUNT = "/espace/compte"

__all__ = ["ACCOUNT", "CHECKER", "COMPLEMENTARY", "FINANCING", "HOME", "REQUESTS", "SIMULATOR", "request_address"]


def request_address(public_id: str, part: str = "") -> str:
    """The page of a request, or one of its parts."""
    base = f"{REQUESTS}/{public_id}"
    return f"{base}/{part}" if part else base

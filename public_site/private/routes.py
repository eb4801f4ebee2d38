"""Every route of the private portal, and the gate of those about one request."""

from __future__ import annotations

from public_site.private import checker, detail, home, listing
from public_site.private.owning import OWN_REQUEST, admit_owner
from web.routing import Gate

ROUTES = (*home.ROUTES, *listing.ROUTES, *detail.ROUTES, *checker.ROUTES)
GATES: dict[str, Gate] = {OWN_REQUEST.kind: admit_owner}

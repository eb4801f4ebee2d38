"""Every route of the complementary request, and the gate of its drafts."""

from __future__ import annotations

from public_site.complementary import page, start
from public_site.complementary.desk import OWN_DRAFT, admit_owner
from web.routing import Gate

ROUTES = (*start.ROUTES, *page.ROUTES)
GATES: dict[str, Gate] = {OWN_DRAFT.kind: admit_owner}

"""Every route of the account, and the gates that stand before them, for the application of the public site."""

from __future__ import annotations

from public_site.account import guard, lost, password, sign_in
from public_site.account.own import confirmation, profile, secrets
from web.routing import Access, Gate

ROUTES = (
    *sign_in.ROUTES,
    *lost.ROUTES,
    *password.ROUTES,
    *profile.ROUTES,
    *secrets.ROUTES,
    *confirmation.ROUTES,
)
GATES: dict[str, Gate] = {
    Access.ACCOUNT.kind: guard.admit,
    password.BY_LINK.kind: password.link_gate,
    confirmation.BY_LINK.kind: confirmation.link_gate,
}

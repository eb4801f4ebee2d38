"""Every route about financing. The deposit comes before the request that an address could name the same."""

from __future__ import annotations

from public_site.financing import deposit, published, requests, simulator

ROUTES = (*simulator.ROUTES, *deposit.ROUTES, *requests.ROUTES, *published.ROUTES)

"""Every route to act on one request, behind each of its doors."""

from __future__ import annotations

from public_site.answering import asked, correcting, deposit, links, new_deposit, withdrawal
from public_site.answering.door import (
    ANSWER,
    BY_ACCOUNT,
    BY_ANSWER_LINK,
    BY_NEW_DEPOSIT_LINK,
    BY_WITHDRAWAL_LINK,
    GATES,
    NEW_DEPOSIT,
    OWN,
    WITHDRAWAL,
)
from web.headers import Policy
from web.routing import Access, Page, page


def _answering(start: str, access: Access, name: str) -> tuple[Page, ...]:
    return (
        *deposit.routes(start, access, name),
        *correcting.routes(start, access, name),
        page(
            f"{start}/reponse/{{kind}}", asked.show_file, access=access, policy=Policy.FILE, name=f"answer_file_{name}"
        ),
    )


ROUTES = (
    *links.ROUTES,
    *_answering(OWN, BY_ACCOUNT, "own"),
    *_answering(f"{ANSWER}/{{token}}", BY_ANSWER_LINK, "link"),
    *withdrawal.routes(f"{OWN}/retirer", BY_ACCOUNT, "own"),
    *withdrawal.routes(f"{WITHDRAWAL}/{{token}}", BY_WITHDRAWAL_LINK, "link"),
    *new_deposit.routes(f"{OWN}/redeposer", BY_ACCOUNT, "own"),
    *new_deposit.routes(f"{NEW_DEPOSIT}/{{token}}", BY_NEW_DEPOSIT_LINK, "link"),
)

__all__ = ["GATES", "ROUTES"]

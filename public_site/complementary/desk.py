"""A complementary draft as its page shows it, and the gate that keeps it to its account."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from enrolment import clock
from enrolment.application.offers import Offer, offers
from enrolment.application.rules import ANS, problems_of
from enrolment.application.state import Problem
from enrolment.errors import NotFound
from enrolment.services import drafts, portfolio, reference
from enrolment.services.portfolio import Company
from enrolment.services.resubmitting import former_of
from public_site.account.guard import admit, visitor_of
from public_site.private.addresses import COMPLEMENTARY
from public_site.site import portal_of
from public_site.wizard.desk import AlreadySubmitted, Desk
from public_site.wizard.views import PIECES, Errors, Group, groups
from schema.enums import RequestKind, Step
from schema.tables import Draft
from web.routing import Access

OWN_DRAFT = Access("own_draft")
"""A complementary draft of the account: the address names it in `{draft}`."""

STEPS = tuple(step for step in Step if step is not Step.summary)


@dataclass(frozen=True)
class ShortDesk(Desk):
    """The whole form on one page."""

    company: Company | None = None
    companies: tuple[Company, ...] = ()

    @property
    def address(self) -> str:
        """The page."""
        return address_of(self.public_id)

    def file_address(self, kind_code: str) -> str:
        """Where the file of a kind is shown."""
        return f"{self.address}/pieces/{kind_code}"

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong on the page, whichever step of the long form it belongs to."""
        return tuple(problem for step in STEPS for problem in problems_of(step, self.application, self.now))

    @property
    def is_found(self) -> bool:
        """Whether the number was found and can be enrolled, so that the rest can be shown."""
        wrong = {problem.field for problem in self.problems()}
        return self.company is not None and self.application.software is not None and ANS not in wrong

    def groups(self, errors: Errors) -> tuple[Group, ...]:
        """The fields, group by group: those of each step of the long form that a complementary request asks again."""
        found: list[Group] = []
        for step in STEPS:
            part = replace(self, step=step, offers=tuple(one for one in self.offers if one.kind.step is step))
            for group in groups(part, errors):
                told = self._explained(group) if group.key == PIECES else group
                found.append(replace(told, key=f"{step.value}-{group.key}"))
        return tuple(found)

    def _explained(self, group: Group) -> Group:
        """Of documents that no question of the page explains: what they are about, and why they are asked (rule C1)."""
        asked = {item.view.name for item in group.items}
        due = [item for item in self.application.due if f"document.{item.kind.code}" in asked]
        title = f"{group.title} : {due[0].kind.step.label.lower()}" if due else group.title
        return replace(group, title=title, help=" ".join(item.reason for item in due))


def address_of(public_id: str) -> str:
    """The page of a draft."""
    return f"{COMPLEMENTARY}/{public_id}"


def admit_owner(request: Request, access: Access) -> Response | None:
    """Let the account's own complementary drafts be opened; anything else is 404 (rule A5)."""
    refusal = admit(request, access)
    if refusal is not None:
        return refusal
    with portal_of(request).database.reading() as session:
        draft = drafts.find(session, request.path_params["draft"])
    if draft.kind is not RequestKind.complementary or draft.account_id != visitor_of(request).account.id:
        raise NotFound(drafts.GONE)
    return None


def find_open(session: Session, request: Request, *, lock: bool = False) -> Draft:
    """The draft of the address, still to be submitted. Raises NotFound or AlreadySubmitted."""
    draft = drafts.find(session, request.path_params["draft"], lock=lock)
    if draft.request_id is not None:
        raise AlreadySubmitted
    return draft


def desk_of(request: Request) -> ShortDesk:
    """The draft of the address, with all that its page shows."""
    with portal_of(request).database.reading() as session:
        draft = find_open(session, request)
        application = drafts.view(session, draft)
        rules = reference.document_rules(session)
        found: list[Offer] = [offer for step in STEPS for offer in offers(rules, application, step, STEPS)]
        return ShortDesk(
            public_id=draft.public_id,
            step=Step.referencing,
            application=application,
            offers=tuple(found),
            expires_at=draft.expires_at,
            resume_email="",
            now=clock.now(),
            former=former_of(session, draft),
            company=drafts.company_of(session, draft),
            companies=portfolio.companies(session, visitor_of(request).account.id),
        )

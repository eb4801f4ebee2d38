"""All that the pages of a draft need, read from the database in one visit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session
from starlette.requests import Request

from enrolment import clock
from enrolment.application.offers import Offer, offers
from enrolment.application.rules import first_open_step, problems_of
from enrolment.application.state import Application, Problem
from enrolment.services import drafts, reference
from enrolment.services.resubmitting import Former, former_of
from public_site.site import portal_of
from public_site.wizard.addresses import draft_address, step_address
from schema.enums import Step
from schema.tables import Draft


class AlreadySubmitted(Exception):
    """The draft has become a request: its last page is the only one left."""


@dataclass(frozen=True)
class Desk:
    """A draft as it stands, seen from one step."""

    public_id: str
    step: Step
    application: Application
    offers: tuple[Offer, ...]
    expires_at: datetime
    resume_email: str
    now: datetime
    former: Former | None = None

    @property
    def address(self) -> str:
        """The page that shows this desk."""
        return step_address(self.public_id, self.step)

    def file_address(self, kind_code: str) -> str:
        """Where the file of a kind is shown."""
        return draft_address(self.public_id, f"pieces/{kind_code}")

    @property
    def bank_check_address(self) -> str:
        """Where the IBAN and the BIC are checked while they are typed."""
        return draft_address(self.public_id, "banque")

    @property
    def open_step(self) -> Step:
        """The first step that is not right yet."""
        return first_open_step(self.application, self.now)

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong in this step."""
        return problems_of(self.step, self.application, self.now)


def desk_of(request: Request, step: Step) -> Desk:
    """The desk of the draft in the address. Raises NotFound or AlreadySubmitted."""
    with portal_of(request).database.reading() as session:
        return read_desk(session, find_open(session, request), step)


def find_open(session: Session, request: Request, *, lock: bool = False) -> Draft:
    """The draft of the address, still to be submitted. Raises NotFound or AlreadySubmitted."""
    draft = drafts.find(session, request.path_params["draft"], lock=lock)
    if draft.request_id is not None:
        raise AlreadySubmitted
    return draft


def read_desk(session: Session, draft: Draft, step: Step) -> Desk:
    """A draft seen from a step."""
    application = drafts.view(session, draft)
    return Desk(
        public_id=draft.public_id,
        step=step,
        application=application,
        offers=offers(reference.document_rules(session), application, step),
        expires_at=draft.expires_at,
        resume_email=draft.email or "",
        now=clock.now(),
        former=former_of(session, draft),
    )

"""Complementary requests of the demonstration: vendors that have an account enrol another software (rules C3, E4)."""

from __future__ import annotations

from sqlmodel import select

from enrolment.application.rules import ANS
from enrolment.services import accounts, deposits, drafts, reference, submission
from schema.enums import RequestKind, Step
from schema.tables import Account
from seeds.demo.data import Story
from seeds.demo.stories import Tale, Teller, days_ago, document


def tell_further(teller: Teller, story: Story) -> Tale:
    """File a complementary request in the name of the account that an earlier story opened."""
    session = teller.session
    kinds = {kind.code: kind for kind in reference.document_kinds(session)}
    yield days_ago(story.days_ago, hour=10)
    account = session.exec(select(Account).where(Account.email == story.representative.email)).one()
    actor = teller.act(accounts.actor_of(account))
    draft = drafts.start(session, RequestKind.complementary, account.id)
    for step, typed in _answers(story).items():
        drafts.save(session, draft, step, typed)
    session.flush()
    for item in drafts.view(session, draft).due:
        name, content = document(teller, story, item.kind.code)
        drafts.attach(session, draft, deposits.deposit(teller.storage, kinds[item.kind.code], name, content, None))
    submission.submit(session, actor, draft.public_id, teller.addresses)
    session.flush()


def _answers(story: Story) -> dict[Step, dict[str, str]]:
    hosting = story.hosts_health_data
    return {
        Step.referencing: {
            ANS: story.ans_number,
            "request.hosts_health_data": {None: "", True: "oui", False: "non"}[hosting],
        },
        Step.applicant: {"request.is_distributor": "oui" if story.is_distributor else "non"},
        Step.vat: {"request.vat_liable": "oui" if story.vat_liable else "non"},
    }

"""The table of transitions, in code and in the database: every (state, verb) pair is tried, allowed or refused."""

import importlib.util
import itertools
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from enrolment import workflow
from enrolment.workflow import FINAL, WAITS_FOR_ASP, WAITS_FOR_VENDOR, Situation, TransitionRefused
from schema.database import Database
from schema.enums import ActorKind, RequestStatus, Verb
from schema.history import Actor
from tests.rows import add_request

S = RequestStatus
# Copied from process.md by hand, on purpose: the table in code is compared with what was asked, not with itself.
ALLOWED = {
    (S.in_review, Verb.validate),
    (S.in_review, Verb.validate_partially),
    (S.in_review, Verb.reject),
    (S.certificates_to_review, Verb.reject),
    (S.in_review, Verb.ask_documents),
    (S.certificates_to_review, Verb.ask_documents),
    (S.in_review, Verb.ask_correction),
    (S.certificates_to_review, Verb.ask_correction),
    (S.awaiting_documents, Verb.complete_deposit),
    (S.awaiting_correction, Verb.complete_correction),
    (S.awaiting_certificates, Verb.complete_certificates),
    (S.certificates_to_review, Verb.validate),
    (S.certificates_to_review, Verb.refuse_certificate),
    (S.awaiting_documents, Verb.cancel_demand),
    (S.awaiting_correction, Verb.cancel_demand),
    (S.in_review, Verb.withdraw),
    (S.awaiting_certificates, Verb.withdraw),
    (S.awaiting_documents, Verb.withdraw),
    (S.awaiting_correction, Verb.withdraw),
    (S.certificates_to_review, Verb.withdraw),
}
VENDOR_VERBS = {Verb.complete_deposit, Verb.complete_correction, Verb.complete_certificates, Verb.withdraw}


def _situation(status: S, verb: Verb) -> Situation:
    """A situation in which no guard stands in the way of the verb."""
    early = verb is Verb.validate_partially or status in {S.awaiting_certificates, S.certificates_to_review}
    return Situation(status, is_early=early, asked_from=S.in_review)


@pytest.mark.parametrize(("status", "verb", "by"), list(itertools.product(S, Verb, ActorKind)))
def test_pair_is_allowed_exactly_when_the_process_says_so(status: S, verb: Verb, by: ActorKind) -> None:
    wanted = (status, verb) in ALLOWED and by is (ActorKind.vendor if verb in VENDOR_VERBS else ActorKind.staff)
    if wanted:
        assert workflow.find(_situation(status, verb), verb, by).verb is verb
    else:
        with pytest.raises(TransitionRefused, match="«"):
            workflow.find(_situation(status, verb), verb, by)


def test_complete_file_is_not_validated_partially_nor_early_one_fully() -> None:
    # rule: E2
    with pytest.raises(TransitionRefused):
        workflow.find(Situation(S.in_review, is_early=False), Verb.validate_partially, ActorKind.staff)
    with pytest.raises(TransitionRefused):
        workflow.find(Situation(S.in_review, is_early=True), Verb.validate, ActorKind.staff)
    workflow.find(Situation(S.certificates_to_review, is_early=True), Verb.validate, ActorKind.staff)


@pytest.mark.parametrize("origin", sorted(WAITS_FOR_ASP))
def test_answer_brings_back_to_where_it_was_asked_from(origin: S) -> None:
    situation = Situation(S.awaiting_documents, is_early=True, asked_from=origin)
    line = workflow.find(situation, Verb.complete_deposit, ActorKind.vendor)
    assert workflow.target_of(line, situation) is origin


def test_deposit_is_not_ended_while_something_is_missing() -> None:
    # rule: A3
    for status, verb in (
        (S.awaiting_documents, Verb.complete_deposit),
        (S.awaiting_correction, Verb.complete_correction),
        (S.awaiting_certificates, Verb.complete_certificates),
    ):
        situation = Situation(status, is_early=True, asked_from=S.in_review, complete=False)
        with pytest.raises(TransitionRefused):
            workflow.find(situation, verb, ActorKind.vendor)


def test_every_status_has_one_party_to_act_or_is_final() -> None:
    assert set(S) == WAITS_FOR_ASP | WAITS_FOR_VENDOR | FINAL
    assert not WAITS_FOR_ASP & WAITS_FOR_VENDOR
    assert not any(line.source in FINAL for line in workflow.TRANSITIONS)


def test_every_transition_names_its_mail() -> None:
    assert all(line.mail is not None for line in workflow.TRANSITIONS)


def test_triggers_hold_the_very_pairs_of_the_workflow() -> None:
    [path] = Path("schema/migrations/versions").glob("0002_*.py")
    spec = importlib.util.spec_from_file_location("triggers", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert set(module.PAIRS) == workflow.status_pairs()


def _force(session: Session, request_id: int, status: S) -> None:
    asked = status in {S.awaiting_documents, S.awaiting_correction}
    session.execute(
        sa.text("UPDATE request SET status = :status, asked_from = :origin WHERE id = :id"),
        {"status": status.value, "origin": "in_review" if asked else None, "id": request_id},
    )


# The shortest ways to each status, by which a row is brought there.
_PATHS: dict[S, tuple[S, ...]] = {
    S.in_review: (),
    S.awaiting_certificates: (S.awaiting_certificates,),
    S.awaiting_documents: (S.awaiting_documents,),
    S.awaiting_correction: (S.awaiting_correction,),
    S.certificates_to_review: (S.awaiting_certificates, S.certificates_to_review),
    S.validated: (S.validated,),
    S.rejected: (S.rejected,),
    S.withdrawn: (S.withdrawn,),
}


def test_database_refuses_every_change_of_status_outside_the_table(database: Database) -> None:
    with database.writing(Actor.system()) as session:
        request_id = add_request(session, is_early=True).id
    for source, target in itertools.product(S, S):
        with database.engine.connect() as connection, Session(connection) as session:
            for step in _PATHS[source]:
                _force(session, request_id, step)
            if source is target or (source.value, target.value) in workflow.status_pairs():
                _force(session, request_id, target)
            else:
                with pytest.raises(sa.exc.IntegrityError, match="request_next_status"):
                    _force(session, request_id, target)
            session.rollback()


def test_database_refuses_a_request_that_begins_elsewhere(database: Database) -> None:
    refused = pytest.raises(sa.exc.IntegrityError, match="request_first_status")
    with refused, database.writing(Actor.system()) as session:
        add_request(session, status=S.validated)

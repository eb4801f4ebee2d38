"""Each decision taken from a role by itself: no page offers it, no route takes it, nothing carries it out later."""

from __future__ import annotations

import pytest

from enrolment import jobs
from enrolment.errors import Forbidden
from enrolment.portal import Portal
from enrolment.services import decisions, rights, withdrawals
from enrolment.services.bulk import running
from enrolment.services.decisions import Decision
from schema.enums import ActorKind, BulkState, BulkVerb, RequestStatus, StaffRole, Verb
from schema.history import Actor
from schema.tables import BulkAction, EnrolmentRequest, OutgoingMail, PendingDecision
from tests.admin_app.instruction import current, examine_all, file_page, hire, office, rows, send
from tests.admin_app.reach import token_of
from tests.enrolment.financing.files import a_siret
from tests.enrolment.financing.giving import deposited, validated
from tests.pages import Page, PageClient
from tests.stories import enrol

_OFFERED = {Verb.validate, Verb.ask_documents, Verb.ask_correction, Verb.reject}
"""What the page of a complete file in review offers."""


def _take(portal: Portal, *names: str) -> None:
    with portal.database.writing(Actor.system()) as session:
        withdrawals.replace(session, Actor.system(), StaffRole.manager, {(name, rights.OPEN) for name in names})


def _verbs(page: Page) -> set[str]:
    return {value for form in page.forms for value in form.values().get("decision", [])}


def _written(client: PageClient, verb: BulkVerb, request: EnrolmentRequest) -> dict[str, str]:
    return {"source": "file", "filtre": "", "portee": "cochees", "pk": str(request.id), "action": verb.value}


@pytest.mark.parametrize("taken", sorted(rights.BY_VERB))
def test_right_to_one_decision_is_that_and_no_other(sqlite_portal: Portal, taken: Verb) -> None:
    # std: SEC-1
    ines = Actor(ActorKind.staff, hire(sqlite_portal)["ines"], "Inès Moreau")
    _take(sqlite_portal, rights.BY_VERB[taken])
    request = enrol(sqlite_portal)
    with sqlite_portal.database.writing(ines) as session:
        assert [verb for verb in rights.BY_VERB if not rights.may_decide(session, ines, verb)] == [taken]
        with pytest.raises(Forbidden):
            decisions.decide(
                session, ines, request.id, Decision(taken, "Motif"), sqlite_portal.addresses, row_version=1
            )
    _take(sqlite_portal, rights.DECIDE)
    with sqlite_portal.database.reading() as session:
        assert not any(rights.may_decide(session, ines, verb) for verb in rights.BY_VERB)


def test_only_active_judges_decide(sqlite_portal: Portal) -> None:
    # std: SEC-1
    people = hire(sqlite_portal)
    with sqlite_portal.database.reading() as session:
        may = {
            name
            for name, key in people.items()
            if rights.may_decide(session, Actor(ActorKind.staff, key, name), Verb.reject)
        }
    assert may == {"ines", "karim"}


@pytest.mark.parametrize("taken", sorted(_OFFERED))
def test_page_offers_what_is_left_and_the_route_refuses_the_rest(sqlite_portal: Portal, taken: Verb) -> None:
    # std: SEC-1
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    with office(sqlite_portal, "ines") as ines:
        examine_all(ines, sqlite_portal, request)
        version = current(sqlite_portal, request).row_version
        assert _verbs(file_page(ines, request)) == _OFFERED
        _take(sqlite_portal, rights.BY_VERB[taken])
        page = file_page(ines, request)
        assert _verbs(page) == _OFFERED - {taken}
        assert "Votre rôle ne permet pas" in page
        typed = {"csrf_token": token_of(ines), "decision": taken.value, "version": str(version), "message": "Motif"}
        for stage in ("apercu", "envoyer"):
            ines.post(f"/admin/demandes/{request.id}/decision", typed | {"etape": stage}, status=403)
    assert current(sqlite_portal, request).status is RequestStatus.in_review
    assert len(rows(sqlite_portal, OutgoingMail)) == 1


def test_decision_that_waits_is_neither_hurried_nor_applied_without_its_right(sqlite_portal: Portal) -> None:
    # std: SEC-1
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    with office(sqlite_portal, "ines") as ines, office(sqlite_portal, "karim") as karim:
        examine_all(ines, sqlite_portal, request)
        form = next(form for form in file_page(ines, request).forms if form.values().get("decision") == ["reject"])
        send(ines, ines.submit(form, button="Préparer le mail", message="Motif."), now=False)
        hurry = file_page(karim, request).form_named("Envoyer maintenant")
        _take(sqlite_portal, rights.BY_VERB[Verb.reject])
        karim.submit(hurry, status=403)
        assert not [one for one in file_page(karim, request).forms if "Envoyer maintenant" in one.buttons]
        with sqlite_portal.database.writing(Actor.system()) as session:
            kept = session.get_one(PendingDecision, rows(sqlite_portal, PendingDecision)[0].id)
            kept.effective_at = kept.created_at
        jobs.apply_decisions(sqlite_portal)
        assert current(sqlite_portal, request).status is RequestStatus.in_review
        page = file_page(karim, request)
        assert "ne permet pas, ou plus, cette décision" in page
        # Who may still decide puts it aside.
        karim.submit(page.form_named("Effacer"))
        assert rows(sqlite_portal, PendingDecision) == []


@pytest.mark.parametrize(
    ("verb", "taken"),
    [
        (BulkVerb.reject, rights.BY_VERB[Verb.reject]),
        (BulkVerb.reject, rights.DECIDE),
        (BulkVerb.ask_documents, rights.BY_VERB[Verb.ask_documents]),
        (BulkVerb.assign, rights.INSTRUCT),
        (BulkVerb.send_message, rights.BULK),
    ],
)
def test_bulk_action_needs_the_right_to_what_it_does(sqlite_portal: Portal, verb: BulkVerb, taken: str) -> None:
    # std: SEC-1
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    with office(sqlite_portal, "ines") as ines:
        offered = {option.get("value") for option in ines.get("/admin/file?onglet=toutes").all("option")}
        assert verb.value in offered
        _take(sqlite_portal, taken)
        offered = {option.get("value") for option in ines.get("/admin/file?onglet=toutes").all("option")}
        assert verb.value not in offered
        typed = _written(ines, verb, request)
        query = "&".join(f"{name}={value}" for name, value in typed.items())
        ines.get(f"/admin/nouvelle-action?{query}", status=403)
        ines.post("/admin/nouvelle-action", {**typed, "csrf_token": token_of(ines), "message": "Motif."}, status=403)
    assert rows(sqlite_portal, BulkAction) == []


def test_bulk_action_stops_when_its_right_is_taken(sqlite_portal: Portal) -> None:
    # std: SEC-1
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    with office(sqlite_portal, "ines") as ines:
        typed = {**_written(ines, BulkVerb.reject, request), "csrf_token": token_of(ines), "message": "Motif."}
        page = ines.post("/admin/nouvelle-action", typed)
        launch = page.form_named("Lancer sur 1 demande")
        _take(sqlite_portal, rights.BY_VERB[Verb.reject])
        ines.submit(launch, status=403)
        _take(sqlite_portal)
        ines.submit(launch)
        _take(sqlite_portal, rights.BY_VERB[Verb.reject])
        assert running.run(sqlite_portal) == 0
        (action,) = rows(sqlite_portal, BulkAction)
        assert action.state is BulkState.paused  # type: ignore[attr-defined]
    assert current(sqlite_portal, request).status is RequestStatus.in_review


def test_validation_in_bulk_needs_the_validation_that_the_file_calls_for(sqlite_portal: Portal) -> None:
    # std: SEC-1
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    with office(sqlite_portal, "ines") as ines:
        examine_all(ines, sqlite_portal, request)
        _take(sqlite_portal, rights.BY_VERB[Verb.validate])
        typed = {**_written(ines, BulkVerb.validate, request), "csrf_token": token_of(ines)}
        page = ines.post("/admin/nouvelle-action", typed)
        assert "ne permet pas, ou plus, cette décision" in page


def test_financing_is_decided_with_a_right_of_its_own(sqlite_portal: Portal) -> None:
    # std: SEC-1
    hire(sqlite_portal)
    row = deposited(sqlite_portal, validated(sqlite_portal, siret=a_siret(77)))
    here = f"/admin/financements/{row.id}"
    with office(sqlite_portal, "ines") as ines:
        _take(sqlite_portal, rights.DECIDE, *rights.BY_VERB.values(), rights.BULK)
        form = next(form for form in ines.get(here).forms if form.action.endswith("/decision"))
        _take(sqlite_portal, rights.FINANCING)
        assert not [form for form in ines.get(here).forms if form.action.endswith("/decision")]
        ines.submit(form, decision="accepted", status=403)
        _take(sqlite_portal)
        ines.submit(form, decision="accepted")

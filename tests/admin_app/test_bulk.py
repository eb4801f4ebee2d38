"""Bulk actions from the pages: ticked or filtered, shown before, confirmed, carried out by the worker, read after."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col

from admin_app.app import create_app
from admin_app.permissions import may_open
from enrolment.mail.messages import SameMessage
from enrolment.portal import Portal, open_portal
from enrolment.services import flagging
from enrolment.services.bulk import judging, running
from schema.database import Database
from schema.enums import BulkOutcome, BulkState, RequestStatus
from schema.history import Actor
from schema.tables import (
    BulkAction,
    BulkLine,
    EnrolmentRequest,
    OutgoingMail,
    Parameter,
    Provider,
    RequestEvent,
    StaffUser,
)
from tests.admin_app.instruction import PASSWORD, PEOPLE, current, examine_all, hire, office, rows
from tests.admin_app.reach import routes_of, token_of
from tests.conftest import settings_for
from tests.pages import Page, PageClient
from tests.rows import add_request
from tests.stories import enrol

QUEUE = "/admin/file?onglet=a-prendre"


@pytest.fixture
def portal(database: Database, tmp_path: Path) -> Portal:
    """An empty portal on each engine: the requests here are the tests' own."""
    return open_portal(settings_for(tmp_path, database), database)


@pytest.fixture
def small(sqlite_database: Database, tmp_path: Path) -> Portal:
    """The same on SQLite alone, for what the database does not decide."""
    return open_portal(settings_for(tmp_path, sqlite_database), sqlite_database)


def _add(portal: Portal, count: int, **values: object) -> list[int]:
    with portal.database.writing(Actor.system()) as session:
        return [add_request(session, **values).id for _ in range(count)]


def _added(portal: Portal, count: int) -> list[EnrolmentRequest]:
    keys = _add(portal, count)
    with portal.database.reading() as session:
        return [session.get_one(EnrolmentRequest, key) for key in keys]


def _written(client: PageClient, action: str, keys: list[int] | None, start: str = QUEUE) -> Page:
    """The form of a new action on ticked rows, or on the whole list."""
    page = client.get(start)
    form = next(form for form in page.forms if form.element.get("id") == "bulk")
    return client.submit(form, portee="cochees" if keys else "filtre", action=action, pk=keys)


def _lines(portal: Portal) -> dict[int, BulkLine]:
    return {line.request_id: line for line in rows(portal, BulkLine)}  # type: ignore[attr-defined,misc]


def test_same_mail_is_shown_then_sent_once_to_each(portal: Portal) -> None:
    hire(portal)
    requests = [current(portal, one) for one in _added(portal, 3)]
    with office(portal, "ines") as ines:
        page = _written(ines, "send_message", [one.id for one in requests[:2]])
        assert "2 demandes cochées" in page
        broken = ines.submit(page.form_named("Voir l'aperçu"), texte="{{ inconnue }}", status=422)
        assert "inconnue" in broken
        page = ines.submit(
            broken.form_named("Voir l'aperçu"), objet="Au sujet de {{ numero_de_la_demande }}", texte="Bonjour."
        )
        assert f"Au sujet de {requests[0].number}" in page
        assert f"Au sujet de {requests[1].number}" in ines.click(page, "Mail suivant")
        assert running.run(portal) == 0
        page = ines.submit(page.form_named("Lancer sur 2 demandes"))
        assert running.run(portal) == 2
        assert running.run(portal) == 0
        page = ines.get(page.path)
        assert "Terminée" in page
    sent = [mail for mail in rows(portal, OutgoingMail) if mail.template == SameMessage.name]  # type: ignore[attr-defined]
    assert sorted(mail.subject for mail in sent) == sorted(f"Au sujet de {one.number}" for one in requests[:2])  # type: ignore[attr-defined]


def test_refusal_goes_through_the_same_decision_and_skips_what_changed(portal: Portal) -> None:
    people = hire(portal)
    untouched, changed, ended = _added(portal, 3)
    with portal.database.writing(Actor.system()) as session:
        session.get_one(EnrolmentRequest, ended.id).status = RequestStatus.withdrawn
    with office(portal, "ines") as ines:
        page = _written(ines, "reject", None, "/admin/file?onglet=toutes")
        page = ines.submit(page.form_named("Voir l'aperçu"), message="Pièces illisibles.")
        assert "Impossible au statut" in page
        assert "Pièces illisibles." in page
        with portal.database.writing(Actor.system()) as session:
            session.get_one(EnrolmentRequest, changed.id).assigned_to_id = people["karim"]
        ines.submit(page.form_named("Lancer sur 2 demandes"))
        running.run(portal)
    lines = _lines(portal)
    assert current(portal, untouched).status is RequestStatus.rejected
    assert current(portal, untouched).assigned_to_id == people["ines"]
    assert current(portal, changed).status is RequestStatus.in_review
    assert lines[untouched.id].outcome is BulkOutcome.done
    assert lines[changed.id].outcome is BulkOutcome.skipped
    assert "a changé" in (lines[changed.id].detail or "")
    assert lines[ended.id].outcome is BulkOutcome.skipped
    (event,) = rows(portal, RequestEvent, col(RequestEvent.target) == RequestStatus.rejected)
    assert event.actor_label == "Inès Moreau"  # type: ignore[attr-defined]


def test_only_complete_grids_are_validated(small: Portal) -> None:
    hire(small)
    complete = enrol(small)
    (bare,) = _added(small, 1)
    with office(small, "ines") as ines:
        examine_all(ines, small, complete)
        page = _written(ines, "validate", [complete.id, bare.id], "/admin/file?onglet=toutes")
        page = ines.submit(page.form_named("Voir l'aperçu"))
        assert "manque" in page
        ines.submit(page.form_named("Lancer sur 1 demande"))
        running.run(small)
    assert current(small, complete).status is RequestStatus.validated
    assert current(small, bare).status is RequestStatus.in_review


def test_file_whose_data_is_flagged_is_not_validated(small: Portal) -> None:
    people = hire(small)
    request = enrol(small)
    with small.database.writing(Actor.system()) as session:
        flagging.save(session, people["ines"], request.id, {"bank.holder": "La société."}, {})
    with office(small, "ines") as ines:
        examine_all(ines, small, request)
        page = _written(ines, "validate", [request.id], "/admin/file?onglet=toutes")
        assert "Une donnée au moins est à corriger." in ines.submit(page.form_named("Voir l'aperçu"))


def test_preview_tells_how_many_files_are_judged_and_waits_for_the_last(
    small: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "AT_ONCE", 1)
    hire(small)
    keys = _add(small, 3)
    with office(small, "ines") as ines:
        page = _written(ines, "reject", keys)
        page = ines.submit(page.form_named("Voir l'aperçu"), message="Pièces illisibles.")
        assert "Dossiers vérifiés : 1 sur 3" in page
        assert "Lancer sur 3 demandes" not in page
        judging.run(small)
        page = ines.get(page.path)
        assert "Dossiers vérifiés : 3 sur 3" in page
        ines.submit(page.form_named("Lancer sur 3 demandes"))
    assert running.run(small) == 3


def test_documents_are_asked_of_each(small: Portal) -> None:
    hire(small)
    (one,) = _added(small, 1)
    with office(small, "ines") as ines:
        page = _written(ines, "ask_documents", [one.id])
        code = next(
            control.get("value")
            for control in page.form_named("Voir l'aperçu").controls
            if control.get("name") == "piece"
        )
        page = ines.submit(page.form_named("Voir l'aperçu"), piece=[code])
        ines.submit(page.form_named("Lancer sur 1 demande"))
        running.run(small)
    assert current(small, one).status is RequestStatus.awaiting_documents


def test_large_action_takes_its_number_and_the_password(small: Portal) -> None:
    # std: SEC-18
    people = hire(small)
    _add(small, 3)
    with small.database.writing(Actor.system()) as session:
        session.execute(sa.update(Parameter).where(col(Parameter.code) == "bulk_confirm_above").values(value="2"))
    with office(small, "ines") as ines, office(small, "karim") as karim:
        page = _written(ines, "assign", None)
        page = ines.submit(page.form_named("Voir l'aperçu"), gestionnaire=str(people["karim"]))
        confirm = page.form_named("Lancer sur 3 demandes")
        assert "Tapez le nombre" in ines.submit(confirm, nombre="2", mot_de_passe=PASSWORD, status=422)
        assert "mot de passe" in ines.submit(confirm, nombre="3", mot_de_passe="faux", status=422)
        assert running.run(small) == 0
        karim.get(page.path)
        token = {"csrf_token": token_of(karim), "nombre": "3", "mot_de_passe": PASSWORD}
        karim.post(f"{page.path}/confirmer", token, status=403)
        assert running.run(small) == 0
        ines.submit(confirm, nombre="3", mot_de_passe=PASSWORD)
        assert running.run(small) == 3


def test_paused_action_waits_and_cancelled_one_ends(small: Portal) -> None:
    people = hire(small)
    keys = _add(small, 3)
    with office(small, "ines") as ines:
        page = _written(ines, "assign", None)
        page = ines.submit(page.form_named("Voir l'aperçu"), gestionnaire=str(people["karim"]))
        page = ines.submit(page.form_named("Lancer sur 3 demandes"))
        (action,) = rows(small, BulkAction)
        running.step(small, action.id, Actor.system())
        page = ines.submit(page.form_named("Mettre en pause"))
        assert running.run(small) == 0
        assert "1 sur 3" in page
        page = ines.submit(page.form_named("Reprendre"))
        running.step(small, action.id, Actor.system())
        page = ines.submit(page.form_named("Annuler ce qui reste"))
        assert running.run(small) == 0
        assert "Action annulée par Inès Moreau" in page
    holders = [current(small, row).assigned_to_id for row in rows(small, EnrolmentRequest)]  # type: ignore[arg-type]
    assert holders.count(people["karim"]) == 2
    assert len(keys) == 3


@pytest.mark.parametrize(
    "query", ["statut=x", "status=nope", "onglet=a-prendre", "%zz", "status", "id__min=abc", "a=%ff"]
)
@pytest.mark.parametrize("source", ["liste", "file"])
def test_filter_that_cannot_be_read_is_never_every_row(small: Portal, source: str, query: str) -> None:
    people = hire(small)
    _add(small, 2)
    if (source, query) == ("file", "onglet=a-prendre"):
        return
    with office(small, "ines") as ines:
        fields = {"source": source, "filtre": query, "portee": "filtre", "action": "assign"}
        ines.get("/admin/nouvelle-action", params=fields, status=400)
        fields |= {"gestionnaire": str(people["karim"]), "csrf_token": token_of(ines)}
        ines.post("/admin/nouvelle-action", fields, status=400)
    assert not rows(small, BulkAction)


FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from([status.value for status in RequestStatus]),
        "is_early": st.sampled_from(["oui", "non", "true", "false", "1"]),
        "id__min": st.integers(-2, 12).map(str),
        "id__max": st.integers(-2, 12).map(str),
        "number__contient": st.sampled_from(["ENR", "2020", "%", "_", "é"]),
        "assigned_to_id__vide": st.sampled_from(["oui", "non", "x"]),
        "submitted_at__du": st.sampled_from(["2026-01-01", "31/12/2030", "hier"]),
        "recherche": st.sampled_from(["", "ENR-2020", "zzz"]),
        "tri": st.sampled_from(["number", "status", "rien"]),
    },
)


def test_frozen_set_is_what_the_list_shows(small: Portal) -> None:
    people = hire(small)
    _add(small, 3)
    gone = _add(small, 3)
    with small.database.writing(Actor.system()) as session:
        for key in gone:
            session.get_one(EnrolmentRequest, key).status = RequestStatus.withdrawn
    _add(small, 3, assigned_to_id=people["ines"], is_early=True)
    with office(small, "ines") as ines:
        ines.check = False

        @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
        @given(FILTERS)
        def same(filters: dict[str, str]) -> None:
            answer = ines.http.get("/admin/request/list", params={**filters, "taille": "100"})
            listed = sorted(int(one.split('"')[0]) for one in answer.text.split('name="pk" value="')[1:])
            query = str(ines.http.build_request("GET", "/", params=filters).url.query.decode())
            sent = {
                "source": "liste", "filtre": query, "portee": "filtre", "action": "send_message",
                "objet": "Bonjour", "texte": "Bonjour.", "csrf_token": token_of(ines),
            }  # fmt: skip
            made = ines.http.post(
                "/admin/nouvelle-action", data=sent, headers={"sec-fetch-site": "same-origin"}, follow_redirects=False
            )
            if answer.status_code == 400:
                assert made.status_code == 400
            elif not listed:
                assert made.status_code == 422
            else:
                assert made.status_code == 303
                with small.database.reading() as session:
                    action = session.execute(sa.select(sa.func.max(BulkAction.id))).scalar_one()
                    frozen = session.execute(
                        sa.select(col(BulkLine.request_id)).where(col(BulkLine.bulk_action_id) == action)
                    ).scalars()
                    assert sorted(frozen) == listed

        same()


@pytest.mark.parametrize("name", ["ines", "paul", "anne", "luc"])
def test_managers_act_and_the_others_read_at_most(small: Portal, name: str) -> None:
    # std: SEC-1
    people = hire(small)
    _add(small, 1)
    with office(small, "ines") as ines:
        page = _written(ines, "assign", None)
        shown = ines.submit(page.form_named("Voir l'aperçu"), gestionnaire=str(people["karim"])).path
    role = PEOPLE[name][2]
    with office(small, name) as client:
        client.check = False
        headers = {"x-csrf-token": token_of(client), "sec-fetch-site": "same-origin"}
        tried = 0
        for route in routes_of(create_app(small)):
            if not route.path.startswith(("/actions", "/nouvelle-action")):
                continue
            url = "/admin" + route.path.replace("/actions/{key}", shown.removeprefix("/admin"))
            for method in (route.methods or set()) - {"HEAD"}:
                tried += 1
                status = client.http.request(method, url, headers=headers, follow_redirects=False).status_code
                allowed = may_open(role, route.endpoint.permission)
                assert (status != 403) is allowed, (method, url, status)
                assert status < 500, (method, url)
                if method == "POST":
                    bare = {"sec-fetch-site": "same-origin"}
                    assert client.http.post(url, headers=bare, follow_redirects=False).status_code == 403, url
        assert tried == 9


def test_csv_of_results_runs_nothing_in_a_spreadsheet(small: Portal) -> None:
    # std: SEC-12
    people = hire(small)
    _add(small, 1)
    with small.database.writing(Actor.system()) as session:
        session.execute(sa.update(Provider).values(legal_name='=HYPERLINK("http://x")'))
    with office(small, "ines") as ines:
        page = _written(ines, "assign", None)
        page = ines.submit(page.form_named("Voir l'aperçu"), gestionnaire=str(people["karim"]))
        content = ines.http.get(f"{page.path}/export").content
        assert "Confier à un gestionnaire" in ines.get("/admin/actions")
    assert content.startswith(b"\xef\xbb\xbf")
    (line,) = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))[1:]
    assert line[1] == '\'=HYPERLINK("http://x")'
    assert line[3] == "À faire"


def test_action_of_somebody_who_left_is_paused(small: Portal) -> None:
    people = hire(small)
    _add(small, 1)
    with office(small, "ines") as ines:
        page = _written(ines, "assign", None)
        page = ines.submit(page.form_named("Voir l'aperçu"), gestionnaire=str(people["karim"]))
        ines.submit(page.form_named("Lancer sur 1 demande"))
    with small.database.writing(Actor.system()) as session:
        session.get_one(StaffUser, people["ines"]).active = False
    assert running.run(small) == 0
    (action,) = rows(small, BulkAction)
    assert action.state is BulkState.paused  # type: ignore[attr-defined]

"""The doctor of the data: each finding is made, seen with its button, fixed by it and gone, on both engines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from enrolment.doctor import report
from enrolment.portal import Portal, open_portal
from schema.database import Database
from schema.enums import MailState
from schema.tables import (
    OutgoingMail,
)
from tests.admin_app import wrong_data, wrong_values
from tests.admin_app.instruction import hire, office
from tests.admin_app.wrong_data import add, enrolled
from tests.conftest import settings_for
from tests.stories import enrol

SCENARIOS = {**wrong_data.SCENARIOS, **wrong_values.WRONG_VALUES}


@pytest.fixture
def portal(database: Database, tmp_path: Path) -> Portal:
    """A portal with nothing wrong in it, on each engine."""
    return open_portal(settings_for(tmp_path, database), database)


def test_every_check_has_a_scenario() -> None:
    assert {check.code for check in report.CHECKS} == set(SCENARIOS)
    assert len(report.CHECKS) == len(SCENARIOS)


def test_a_repairable_check_says_so_on_its_button() -> None:
    for check in report.CHECKS:
        assert (check.repair is None) == (check.repair_label == ""), check.code
        assert (check.repair is None) == (SCENARIOS[check.code].fix is not None), check.code


@pytest.mark.parametrize("code", sorted(SCENARIOS))
def test_finding_is_seen_fixed_by_its_button_and_gone(portal: Portal, code: str) -> None:
    hire(portal)
    scenario = SCENARIOS[code]
    assert not _found(portal, code)
    scenario.wrong(portal)
    assert _found(portal, code)
    with office(portal, "anne") as client:
        page = client.get("/admin/controle")
        card = page.all("li", id=code)
        assert len(card) == 1, page.text
        assert card[0].findall(".//*{*}button") or card[0].findall(".//{*}a"), "a finding without a button"
        if scenario.fix is None:
            client.submit(page.form_named(f"/admin/controle/reparer/{code}"))
        else:
            scenario.fix(portal, client, page)
        page = client.submit(client.get("/admin/controle").form_named("again"))
        assert not page.all("li", id=code), page.text
    assert not _found(portal, code)


def _found(portal: Portal, code: str) -> list[Any]:
    with portal.database.reading() as session:
        return report.examine(portal, session, report.named(code))


def test_fresh_installation_raises_no_alarm(portal: Portal) -> None:
    hire(portal)
    enrol(portal)
    report.run(portal)
    with portal.database.reading() as session:
        assert report.findings(session) == ()
        assert report.checked_at(session) is not None


def test_counting_stops_and_a_press_repairs_a_bounded_number(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    hire(portal)
    enrol(portal)
    monkeypatch.setattr("enrolment.doctor.check.MOST", 3)
    monkeypatch.setattr(report, "MOST", 3)
    monkeypatch.setattr(report, "_KEPT", 2)
    for number in range(5):
        mail = OutgoingMail(
            event_key=f"parked-{number}", template="validation", recipient="a@alize-sante.fr", subject="Objet",
            text_body="Texte", html_body="Texte", state=MailState.parked,
        )  # fmt: skip
        add(portal, mail)
    with office(portal, "paul") as client:
        page = client.get("/admin/controle")
        assert "plus de 3" in page
        client.submit(page.form_named("/admin/controle/reparer/mail_parked"))
    with portal.database.reading() as session:
        left = session.exec(select(OutgoingMail).where(OutgoingMail.state == MailState.parked)).all()
    assert len(left) == 3


def test_manager_reads_and_repairs_nothing_and_reader_sees_nothing(portal: Portal) -> None:
    hire(portal)
    enrolled(OutgoingMail, state=MailState.parked)(portal)
    with office(portal, "ines") as client:
        page = client.get("/admin/controle")
        assert page.all("li", id="mail_parked")
        assert not [form for form in page.forms if form.action.startswith("/admin/controle")]
    with office(portal, "luc") as client:
        client.get("/admin/controle", status=403)


def test_big_tables_are_left_to_the_worker(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    hire(portal)
    enrolled(OutgoingMail, state=MailState.parked)(portal)
    monkeypatch.setattr("enrolment.figures.keeping._CHEAP", 0)
    with office(portal, "anne") as client:
        assert not client.get("/admin/controle").all("li", id="mail_parked")
        report.run_due(portal)
        page = client.get("/admin/controle")
        assert page.all("li", id="mail_parked")
        page = client.submit(page.form_named("/admin/controle/reparer/mail_parked"))
        assert not page.all("li", id="mail_parked")
        assert "Vérification en attente" in page.html


def test_demonstration_raises_no_alarm(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    from enrolment.services import passwords  # noqa: PLC0415  For this test alone.
    from seeds.demo.load import load_demo  # noqa: PLC0415  The same.

    monkeypatch.setattr(passwords, "COST", passwords.Cost(rounds=1, memory=64))
    load_demo(portal.database, portal.storage, portal.settings)
    report.run(portal)
    with portal.database.reading() as session:
        found = {finding.check.code for finding in report.findings(session)}
    # The demonstration's past is written at once: its mails leave as soon as a worker runs.
    assert found <= {"mail_waiting"}

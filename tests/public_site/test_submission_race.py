"""« Terminer » pressed by fifty browsers at the same moment, on both engines: exactly one request."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlmodel import select
from starlette.types import ASGIApp

from enrolment.application.rules import BOXES, box
from enrolment.links import Purpose
from enrolment.portal import Portal
from public_site.app import create_app
from schema.tables import EnrolmentRequest, OutgoingMail, RequestEvent
from tests.pages import PageClient
from tests.stories import Vendor, fill, new_number

MANY = 50


def finish_together(portal: Portal, drafts: list[str]) -> list[tuple[int, str]]:
    """Each draft in a browser of its own, all sent at once. Gives the status and the page that each one gets."""
    app: ASGIApp = create_app(portal)
    start = Barrier(len(drafts))

    def one(draft: str) -> tuple[int, str]:
        client = PageClient(app, check=False)
        client.get(f"/enrolement/reprise/{portal.links.sign(Purpose.RESUME_DRAFT, draft)}")
        page = client.get(f"/enrolement/{draft}/recapitulatif")
        token = page.form_named("summary-form").values()["csrf_token"][0]
        sent = {"csrf_token": token, "confirmed": "1", **{box(kind): "oui" for kind in BOXES}}
        start.wait()
        response = client.http.post(page.path, data=sent, headers={"sec-fetch-site": "same-origin"})
        return response.status_code, response.text

    with ThreadPoolExecutor(len(drafts)) as pool:
        return list(pool.map(one, drafts))


@pytest.mark.slow  # The services' own tests run the same race on both engines each time.
def test_one_draft_finished_many_times_makes_one_request(portal: Portal) -> None:  # rule: S1, R1  # std: REL-4
    draft = fill(portal, Vendor(new_number(portal)))
    answers = finish_together(portal, [draft] * MANY)
    with portal.database.reading() as session:
        request = session.exec(select(EnrolmentRequest)).one()
        assert len(session.exec(select(RequestEvent)).all()) == 1
        assert len(session.exec(select(OutgoingMail)).all()) == 1
    assert {status for status, _ in answers} == {200}
    assert all(request.number in page for _, page in answers)


@pytest.mark.slow  # The services' own tests run the same race on both engines each time.
def test_one_number_finished_by_many_vendors_makes_one_request(portal: Portal) -> None:  # rule: R2  # std: REL-4
    number = new_number(portal)
    drafts = [fill(portal, Vendor(number)) for _ in range(MANY)]
    answers = finish_together(portal, drafts)
    with portal.database.reading() as session:
        assert len(session.exec(select(EnrolmentRequest)).all()) == 1
        assert len(session.exec(select(OutgoingMail)).all()) == 1
    assert sorted(status for status, _ in answers) == [200] + [409] * (MANY - 1)

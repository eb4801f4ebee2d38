"""An administrator opens wave 3 through the pages: no code, no restart, for every process that already runs."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import col, select

from enrolment import clock
from enrolment.portal import Portal, open_portal
from schema.database import Database
from schema.enums import StaffRole, Step
from schema.tables import Corridor, EnrolmentRequest, Wave
from tests.admin_app.conftest import SignIn
from tests.pages import Page, PageClient
from tests.public_site.browsing import Visit, add_company, browser
from tests.stories import Vendor

_SIRETS = ("55203253400646", "78467169500087")
_NUMBER = "ANS-V3-HOP-00001"


def _add(client: PageClient, table: str, **typed: str) -> Page:
    """Fill in the form of a table: preview first, where there is one, then save."""
    page = client.get(f"/admin/{table}/create")
    if "Prévisualiser" in page.form.buttons:
        page = client.submit(page.form, button="Prévisualiser", **typed)
        assert "rien n'est encore enregistré" in page
        return client.submit(page.form, button="Enregistrer")
    # Sent as it is: one of the fields has the name of an argument of `submit`.
    return client.post(page.path, {**page.form.values(), **typed, "enregistrer": "1"})


def _key(page: Page) -> str:
    return page.path.rsplit("/", 1)[1]


def _local(**after: int) -> str:
    return (clock.now() + timedelta(**after)).astimezone(clock.PARIS).strftime("%Y-%m-%dT%H:%M")


def test_wave_3_opens_without_code_or_restart(portal: Portal, signed_in: SignIn) -> None:  # rule: R4
    second = open_portal(portal.settings, Database(portal.database.url.render_as_string(hide_password=False)))
    for siret in _SIRETS:
        add_company(portal, siret)
    # Both sites run before anything changes, and have read the rules as they were.
    sites = [browser(portal), browser(second)]
    with portal.database.reading() as session:
        known = session.exec(select(EnrolmentRequest.id)).all()
        old = session.exec(select(Wave).where(Wave.code == "V2")).one()
        corridor = session.exec(select(Corridor.id)).first()
    for site in sites:
        Visit(site, Vendor("ANS-V2-HOP-00413", siret=_SIRETS[0])).search_number()
    manager, admin = signed_in(portal, StaffRole.manager), signed_in(portal, StaffRole.administrator)
    _open(admin, old.id, str(corridor))
    for number, siret, site in zip((_NUMBER, f"{_NUMBER[:-1]}2"), _SIRETS, sites, strict=True):
        visit = Visit(site, Vendor(number, siret=siret))
        page = visit.search_company(visit.referencing())
        assert "document.test_plan" in page.form.names, page.text
        visit.finish(visit.forward(visit.forward(visit.forward(page, Step.applicant), Step.bank), Step.vat))
    with portal.database.reading() as session:
        made = session.exec(select(EnrolmentRequest).where(col(EnrolmentRequest.id).not_in(known))).all()
    assert len(made) == 2
    for request in made:
        assert "Plan de tests" in manager.get(f"/admin/demandes/{request.id}")
    second.database.dispose()


def _open(admin: PageClient, old_wave: int, corridor: str) -> None:
    """What the checklist of « Ouvrir une vague » leads to, step by step."""
    closing = admin.get(f"/admin/wave/edit/{old_wave}")
    admin.submit(closing.form, button="Enregistrer", closes_at=_local(days=-1))
    wave = _key(_add(admin, "wave", code="V3", name="Vague 3", opens_at=_local(hours=-2)))
    checklist = admin.get(f"/admin/regles/ouvrir-une-vague?vague={wave}")
    assert "étapes à terminer" in checklist
    dsr = _key(
        _add(admin, "dsr", code="DSR-HOP-VA3", name="SONS Hôpital 3", wave_id=wave, corridor_id=corridor,
             needs_hds="non", enrolment_opens_at=_local(hours=-2))
    )  # fmt: skip
    profile = _key(_add(admin, "profile", code="HOP-3", name="Général 3", dsr_id=dsr))
    for number in (_NUMBER, f"{_NUMBER[:-1]}2"):
        _add(admin, "referencing", ans_number=number, software_name="Alizé 3", software_version="1.0", dsr_id=dsr,
             profile_id=profile, status="validated")  # fmt: skip
    kind = _key(
        _add(admin, "document_kind", code="test_plan", name="Plan de tests", help="Le plan signé.", step="applicant",
             position="9", sensitive="non", active="oui")
    )  # fmt: skip
    _add(admin, "document_rule", code="plan_vague_3", document_kind_id=kind, reason="La vague 3 demande un plan.",
         wave_id=wave, dsr_id=dsr, required="oui", active="oui")  # fmt: skip
    assert "Tout est prêt" in admin.get(f"/admin/regles/ouvrir-une-vague?vague={wave}")
    assert "Plan de tests" in admin.get("/admin/regles/pieces")

"""An administrator opens wave 3 through the pages: no code, no restart, for every process that already runs."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import col, select

from enrolment import clock
from enrolment.portal import Portal, open_portal
from schema.database import Database
from schema.enums import RequestKind, StaffRole, Step
from schema.history import Actor
from schema.tables import Corridor, Draft, Dsr, EnrolmentRequest, Referencing, Wave
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


def _links(page: Page, title: str) -> dict[str, str]:
    """The links of a step, by their first words."""
    suffix = f" : {title}"
    return {text.removesuffix(suffix): url for text, url in page.links.items() if text.endswith(suffix)}


def test_new_wave_says_first_which_wave_is_open_and_leads_to_its_closing(office: Portal, signed_in: SignIn) -> None:
    client = signed_in(office, StaffRole.administrator)
    page = client.get("/admin/regles/ouvrir-une-vague")
    assert "« Vague 2 » est ouverte sans date de fermeture : la nouvelle vague serait refusée." in page
    assert "Fermer la vague précédente, « Vague 1 »" not in page
    link = _links(page, "Fermer la vague précédente, « Vague 2 »")["Fixer la date de fermeture"]
    saved = client.submit(client.get(link).form, button="Enregistrer", closes_at=_local(days=30))
    page = client.click(saved, "Revenir aux étapes")
    assert "« Vague 2 » ferme le" in page
    assert "Modifier" in _links(page, "Fermer la vague précédente, « Vague 2 »")


def test_step_that_is_done_is_changed_not_done_twice_and_leads_back(office: Portal, signed_in: SignIn) -> None:
    client = signed_in(office, StaffRole.administrator)
    with office.database.reading() as session:
        wave = session.exec(select(Wave).where(Wave.code == "V2")).one().id
        dsrs = session.exec(select(Dsr.id).where(Dsr.wave_id == wave)).all()
    page = client.get(f"/admin/regles/ouvrir-une-vague?vague={wave}")
    first = _links(page, "Créer la vague")
    assert set(first) == {"Modifier", "Voir la vague"}
    saved = client.submit(client.get(first["Modifier"]).form, button="Enregistrer", name="Deuxième vague")
    assert client.click(saved, "Revenir aux étapes").url == page.url
    assert _links(page, "Créer les DSR")["Voir la liste"] == f"/admin/dsr/list?wave_id={wave}"
    listed = client.get(_links(page, "Créer les profils")["Voir la liste"])
    assert all(f"dsr_id={key}" in listed.url for key in dsrs)
    for title in ("Inscrire les référencements", "Créer les types de pièce", "Dire quelle pièce est due, et quand"):
        assert "?" in client.get(_links(page, title)["Voir la liste"]).url


def test_new_wave_leads_to_its_own_steps(office: Portal, signed_in: SignIn) -> None:
    client = signed_in(office, StaffRole.administrator)
    with office.database.writing(Actor.system()) as session:
        session.exec(select(Wave).where(Wave.code == "V2")).one().closes_at = clock.now() + timedelta(days=1)
    page = client.get(_links(client.get("/admin/regles/ouvrir-une-vague"), "Créer la vague")["Ajouter"])
    page = client.submit(page.form, button="Prévisualiser", code="V3", name="Vague 3", opens_at=_local(days=2))
    page = client.click(client.submit(page.form, button="Enregistrer"), "Revenir aux étapes")
    with office.database.reading() as session:
        made = session.exec(select(Wave.id).where(Wave.code == "V3")).one()
    assert page.url.endswith(f"?vague={made}")


def test_steps_of_no_wave_are_not_found(office: Portal, signed_in: SignIn) -> None:
    client = signed_in(office, StaffRole.administrator)
    for wrong in ("99", "abc", "-1"):
        client.get(f"/admin/regles/ouvrir-une-vague?vague={wrong}", status=404)


def test_preview_of_a_closing_counts_the_drafts_under_way(portal: Portal, signed_in: SignIn) -> None:
    with portal.database.writing(Actor.system()) as session:
        row = session.exec(select(Referencing)).first()
        wave = session.exec(select(Wave).where(Wave.code == "V2")).one().id
        assert row is not None
        for number in (f" {row.ans_number.lower()}", row.ans_number, "ANS-INCONNU", ""):
            later = clock.now() + timedelta(days=9)
            answers = {"referencing.ans_number": number}
            session.add(Draft(kind=RequestKind.initial, answers=answers, step="referencing", expires_at=later))
    client = signed_in(portal, StaffRole.administrator)
    page = client.get(f"/admin/wave/edit/{wave}")
    page = client.submit(page.form, button="Prévisualiser", closes_at=_local(days=30))
    assert "brouillons en cours : 2" in page

"""Saved views and columns: who sees, changes and deletes which view, and that an old one never shows a wrong list."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import Session, select

from enrolment.errors import Conflict, DomainError, Forbidden, NotFound, Refused
from enrolment.portal import Portal
from enrolment.services import saved_views
from schema.enums import ActorKind, StaffRole
from schema.history import Actor
from schema.tables import SavedView, StaffUser
from tests.admin_app.conftest import SignIn
from tests.elements import text_of


def _actors(portal: Portal) -> dict[StaffRole, Actor]:
    with portal.database.reading() as session:
        return {row.role: Actor(ActorKind.staff, row.id, row.email) for row in session.exec(select(StaffUser))}


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("who", ["owner", "colleague", "administrator"])
def test_who_sees_changes_and_deletes_a_view(portal: Portal, who: str, shared: bool) -> None:
    actors = _actors(portal)
    owner = actors[StaffRole.manager]
    other = {
        "owner": owner,
        "colleague": actors[StaffRole.steward],
        "administrator": actors[StaffRole.administrator],
    }[who]
    with portal.database.writing(owner) as session:
        key = saved_views.save(session, owner, "provider", "À Lyon", "city=Lyon", shared=shared).id
    with portal.database.reading() as session:
        seen = key in {view.id for view in saved_views.of_page(session, other.id or 0, "provider")}
        assert key not in {view.id for view in saved_views.of_page(session, other.id or 0, "request")}
    assert seen is (shared or who == "owner")
    missing: type[DomainError] = Forbidden if shared else NotFound
    if who != "owner":
        with pytest.raises(missing), portal.database.writing(other) as session:
            saved_views.change(session, other, key, name="Autre", shared=True)
    if who == "colleague" or (who == "administrator" and not shared):
        with pytest.raises(missing), portal.database.writing(other) as session:
            saved_views.delete(session, other, key, is_administrator=who == "administrator")
    else:
        with portal.database.writing(other) as session:
            assert saved_views.delete(session, other, key, is_administrator=who == "administrator") == "provider"
    with portal.database.reading() as session:
        kept = session.get(SavedView, key)
        assert (kept is None) is (who == "owner" or (who == "administrator" and shared))
        assert kept is None or (kept.name, kept.shared) == ("À Lyon", shared)


def test_name_is_unique_for_an_owner_and_a_page(portal: Portal) -> None:
    owner, other = (_actors(portal)[role] for role in (StaffRole.manager, StaffRole.steward))
    with portal.database.writing(owner) as session:
        saved_views.save(session, owner, "provider", "Lyon", "city=Lyon", shared=True)
        second = saved_views.save(session, owner, "provider", "Paris", "city=Paris", shared=True).id
        saved_views.save(session, owner, "person", "Lyon", "tri=id", shared=True)
        saved_views.save(session, other, "provider", "Lyon", "tri=id", shared=True)
    with pytest.raises(Conflict), portal.database.writing(owner) as session:
        saved_views.save(session, owner, "provider", "  Lyon ", "tri=id", shared=False)
    with pytest.raises(Conflict), portal.database.writing(owner) as session:
        saved_views.change(session, owner, second, name="Lyon", shared=False)
    for name, query in (("", "tri=id"), ("x" * 61, "tri=id"), ("Vide", "")):
        with pytest.raises(Refused), portal.database.writing(owner) as session:
            saved_views.save(session, owner, "provider", name, query, shared=False)


def test_view_is_saved_opened_replaced_and_deleted_on_a_list(office: Portal, signed_in: SignIn) -> None:
    client = signed_in(office, StaffRole.manager)
    page = client.get("/admin/provider/list?city__contient=Lyon&colonnes=siret&colonnes=city&tri=city")
    assert "Nom commercial" not in _heads(page.text)
    page = client.submit(page.form_named("Enregistrer la vue"), nom="À Lyon", partagee="oui")
    assert "La vue est enregistrée" in page.text
    reader = signed_in(office, StaffRole.reader)
    seen = reader.get("/admin/provider/list")
    assert "À Lyon" in seen.text
    assert "À Lyon" not in reader.get("/admin/person/list").text
    page = client.submit(page.form_named("Supprimer la vue À Lyon"))
    assert "À Lyon" not in reader.get("/admin/provider/list").text


def test_view_whose_column_or_filter_is_gone_says_so_and_shows_no_row(office: Portal, signed_in: SignIn) -> None:
    client = signed_in(office, StaffRole.manager)
    for query, said in (
        ("colonnes=gone", "La colonne"),
        ("gone=1", "Le filtre"),
        ("colonnes=city&gone=1", "Le filtre"),
    ):
        page = client.get(f"/admin/provider/list?{query}", status=400)
        assert said in page.text
        assert "Alizé Santé" not in page.text


def test_secret_column_is_shown_by_no_choice(office: Portal, signed_in: SignIn) -> None:
    # std: SEC-17
    client = signed_in(office, StaffRole.administrator)
    client.get("/admin/staff_user/list?colonnes=password_hash", status=400)


def test_view_of_a_list_that_one_may_not_read_is_not_saved(office: Portal, signed_in: SignIn) -> None:
    # std: SEC-1
    client = signed_in(office, StaffRole.reader)
    page = client.get("/admin/provider/list?tri=city")
    client.submit(page.form_named("Enregistrer la vue"), nom="Clés", liste="web_session", status=403)


def test_view_of_the_queue_keeps_its_tab_and_filters(office: Portal, signed_in: SignIn) -> None:
    client = signed_in(office, StaffRole.manager)
    page = client.get("/admin/file?onglet=en-retard&statut=in_review")
    page = client.submit(page.form_named("Enregistrer la vue"), nom="Mes retards")
    assert page.path == "/admin/file"
    assert page.links["Mes retards"] == "/admin/file?onglet=en-retard&statut=in_review"


def _heads(text: str) -> str:
    return text[text.index("<thead>") : text.index("</thead>")] if "<thead>" in text else ""


def test_same_name_saved_in_two_windows_at_once_is_a_conflict(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = _actors(portal)[StaffRole.manager]
    looked = threading.Event()
    real = saved_views._check_free

    def check(session: Session, view: SavedView) -> None:
        real(session, view)
        looked.set()

    def second() -> None:
        with portal.database.writing(owner) as session:
            saved_views.save(session, owner, "provider", "Lyon", "tri=id", shared=False)

    with ThreadPoolExecutor(1) as window:
        with portal.database.writing(owner) as session:
            saved_views.save(session, owner, "provider", "Lyon", "city=Lyon", shared=False)
            monkeypatch.setattr(saved_views, "_check_free", check)
            late = window.submit(second)
            # One engine lets the second look before the first is done; the other lets one writer in at a time.
            assert portal.database.is_sqlite or looked.wait(30)
        with pytest.raises(Conflict, match="Lyon"):
            late.result(30)
    with portal.database.reading() as session:
        assert [view.query for view in session.exec(select(SavedView).where(SavedView.name == "Lyon"))] == ["city=Lyon"]


def test_menu_leads_to_the_view_that_its_owner_opens_with(office: Portal, signed_in: SignIn) -> None:
    client = signed_in(office, StaffRole.manager)
    for listed, path, label, queries in (
        ("provider", "/admin/provider/list", "Fournisseurs", ("tri=city", "tri=siret")),
        ("queue", "/admin/file", "File d'attente", ("onglet=en-retard", "onglet=toutes")),
    ):
        assert client.get("/admin/").links[label] == path
        for name, query in zip("AB", queries, strict=True):
            page = client.get(f"{path}?{query}")
            client.submit(page.form_named("Enregistrer la vue"), nom=name, ouvre="oui", partagee="oui")
            # The last one said counts, and a bare address still gives the whole list.
            assert client.get("/admin/").links[label] == f"{path}?{query}"
        with office.database.reading() as session:
            opening = session.exec(select(SavedView.name).where(SavedView.page == listed, SavedView.opens)).all()
        assert opening == ["B"]
        if listed == "queue":
            # A case manager begins the day with the queue.
            assert client.http.get("/admin/").url.query.decode() == queries[1]
        assert signed_in(office, StaffRole.reader).get("/admin/").links[label] == path
        client.submit(client.get(path).form_named("Modifier B"), ouvre=None)
        assert client.get("/admin/").links[label] == path


def test_columns_of_the_queue_are_chosen_and_kept_from_tab_to_tab(office: Portal, signed_in: SignIn) -> None:
    client = signed_in(office, StaffRole.manager)
    page = client.get("/admin/file?onglet=toutes&statut=in_review")
    page = client.submit(page.form_named("Afficher ces colonnes"), colonnes=["dsr", "depot"])
    assert [text_of(head).strip() for head in page.all("th") if head.get("scope") == "col"] == [
        "Demande",
        "DSR",
        "Déposée le",
    ]
    assert "ENR-" in page
    late = next(url for name, url in page.links.items() if name.startswith("En retard"))
    assert late == "/admin/file?onglet=en-retard&statut=in_review&colonnes=dsr%2Cdepot"
    page = client.submit(page.form_named("Enregistrer la vue"), nom="Dépôts")
    assert "colonnes=dsr&colonnes=depot" in page.links["Dépôts"]
    wrong = client.get("/admin/file?onglet=toutes&colonnes=iban", status=400)
    assert "La colonne « iban » n'existe pas" in wrong
    assert "ENR-" not in wrong

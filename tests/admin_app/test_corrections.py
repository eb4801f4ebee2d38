"""Corrections from the pages: asked for, looked at, approved, applied, undone."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from sqlmodel import select

from enrolment.corrections import running
from enrolment.portal import Portal, open_portal
from schema.database import Database
from schema.enums import CorrectionSource, CorrectionState
from schema.history import Actor
from schema.tables import CorrectionRule, Parameter, Provider
from tests.admin_app.correcting import LIST, NEW, applied, only, prepared, typed_city
from tests.admin_app.instruction import PASSWORD, hire, office
from tests.admin_app.reach import token_of
from tests.admin_app.rows import FORMULA, HOSTILE
from tests.conftest import settings_for
from tests.enrolment.corrections.records import add_providers, values
from tests.rows import add_request
from tests.stories import enrol


@pytest.fixture
def portal(sqlite_database: Database, tmp_path: Path) -> Portal:
    """An empty portal with its staff. What the database decides is tested with the services, on both engines."""
    opened = open_portal(settings_for(tmp_path, sqlite_database), sqlite_database)
    hire(opened)
    return opened


def test_steward_corrects_a_filter_sees_every_change_and_applies_it(portal: Portal) -> None:
    keys = add_providers(portal.database, ["ST DENIS", "ST DENIS", "Saint-Denis", "Lyon"])
    with office(portal, "paul") as paul:
        page = paul.get("/admin/provider/list?post_code=93200&city__sauf=Lyon")
        page = paul.click(page, "Corriger ces lignes")
        assert "3 lignes" in page
        page = typed_city(paul, "Saint-Denis", page.url)
        assert "L'aperçu se prépare" in page
        assert 'http-equiv="refresh"' in page.html
        assert running.finish(portal, only(portal).id).state is CorrectionState.frozen
        page = paul.get(page.path)
        assert "2 lignes vont changer 1 déjà à jour 0 écartée" in page
        assert "2 × de « ST DENIS » → à « Saint-Denis »" in page
        assert 'http-equiv="refresh"' not in page.html
        assert values(portal.database, Provider, "city")[keys[0]] == "ST DENIS"
        page = applied(paul, portal, page)
        assert "2 lignes changées" in page
        assert values(portal.database, Provider, "city") == {
            keys[0]: "Saint-Denis", keys[1]: "Saint-Denis", keys[2]: "Saint-Denis", keys[3]: "Lyon"
        }  # fmt: skip
        history = paul.get(f"/admin/provider/details/{keys[0]}?onglet=historique")
        assert history.links["Commune : mettre « Saint-Denis »"] == page.path
        assert "Appliquée" in paul.get(f"{LIST}?etat=terminees")
        assert "Aucune correction dans cet état" in paul.get(f"{LIST}?etat=abandonnees")


def test_ticked_rows_alone_are_corrected(portal: Portal) -> None:
    keys = add_providers(portal.database, ["ST DENIS", "ST DENIS"])
    with office(portal, "paul") as paul:
        page = paul.get("/admin/provider/list")
        form = next(form for form in page.forms if "Corriger les lignes cochées" in form.buttons)
        address = form.buttons["Corriger les lignes cochées"].get("formaction") or form.action
        page = paul.get(f"{address}?pk={keys[1]}&portee=cochees")
        assert "1 ligne cochée" in page
        typed_city(paul, "Stains", page.url)
    correction = only(portal)
    assert (correction.source, correction.recipe["keys"]) == (CorrectionSource.ticked, [keys[1]])
    assert running.finish(portal, correction.id).planned == 1


def test_button_pressed_without_a_tick_never_means_every_row(portal: Portal) -> None:
    with office(portal, "paul") as paul:
        assert "Aucune ligne n'était cochée" in paul.get(f"{NEW}?portee=cochees")


def test_row_changed_meanwhile_is_a_conflict_with_its_author(portal: Portal) -> None:
    keys = add_providers(portal.database, ["ST DENIS", "ST DENIS"])
    with office(portal, "paul") as paul:
        page = prepared(paul, portal)
        with portal.database.writing(Actor.system("Robot de l'INSEE"), "Déménagement") as session:
            session.get_one(Provider, keys[0]).city = "Stains"
        page = applied(paul, portal, page)
        assert "1 ligne changée 1 conflit" in page
        page = paul.get(f"{page.path}?resultat=conflict")
        assert "Modifiée par Robot de l'INSEE" in page
        assert "à présent « Stains »" in page
        assert "motif : Déménagement" in page
    assert values(portal.database, Provider, "city")[keys[0]] == "Stains"


def test_whole_correction_is_undone_then_done_again_and_each_leads_to_the_other(portal: Portal) -> None:
    keys = add_providers(portal.database, ["ST DENIS"])
    with office(portal, "paul") as paul:
        first = applied(paul, portal, prepared(paul, portal))
        form = first.form_named("Préparer l'annulation de tout")
        assert "Dites pourquoi" in paul.submit(form, button="Préparer l'annulation de tout", status=422)
        page = paul.submit(form, button="Préparer l'annulation de tout", motif="Erreur de commune")
        running.finish(portal, only(portal).id)
        undoing = applied(paul, portal, paul.get(page.path))
        assert values(portal.database, Provider, "city")[keys[0]] == "ST DENIS"
        assert first.path in undoing.links.values()
        first = paul.get(first.path)
        assert undoing.path in first.links.values()
        assert "Annulée après application" in first
        page = paul.submit(
            first.form_named("Préparer pour la refaire"), button="Préparer pour la refaire", motif="C'était juste"
        )
        running.finish(portal, only(portal).id)
        again = applied(paul, portal, paul.get(page.path))
        assert values(portal.database, Provider, "city")[keys[0]] == "Saint-Denis"
        assert "Annulée après application" not in paul.get(first.path)
        # What was done again is taken back, not done again once more.
        assert [undoing.h1, again.h1] == [f"Annuler : {first.h1}", f"Refaire : {first.h1}"]
        assert "Revenir en arrière" in again
        form = again.form_named("Préparer l'annulation de tout")
        assert paul.submit(form, button="Préparer l'annulation de tout", motif="Non").h1 == undoing.h1


def test_ticked_groups_alone_are_undone(portal: Portal) -> None:
    keys = add_providers(portal.database, ["ST DENIS", "ST DENIS", "SAINT DENIS"])
    with office(portal, "paul") as paul:
        page = applied(paul, portal, prepared(paul, portal))
        button = "Préparer l'annulation des changements cochés"
        form = page.form_named(button)
        assert "Cochez au moins un groupe" in paul.submit(form, button=button, motif="Essai", status=422)
        page = paul.submit(form, button=button, motif="Essai", groupe="2")
        running.finish(portal, only(portal).id)
        applied(paul, portal, paul.get(page.path))
    found = values(portal.database, Provider, "city")
    assert [found[key] for key in keys] == ["Saint-Denis", "Saint-Denis", "SAINT DENIS"]


def test_undoing_twice_keeps_what_was_typed_and_leads_to_the_first_one(portal: Portal) -> None:
    add_providers(portal.database, ["ST DENIS", "SAINT DENIS"])
    button = "Préparer l'annulation des changements cochés"
    with office(portal, "paul") as paul:
        page = applied(paul, portal, prepared(paul, portal))
        form = page.form_named(button)
        undoing = paul.submit(form, button=button, motif="Essai", groupe="1")
        page = paul.submit(form, button=button, motif="Encore", groupe="2", status=409)
        assert "annule déjà cette correction" in page
        assert "Rien n'a été lancé" in page
        assert paul.click(page, undoing.h1).path == undoing.path
        kept = page.form_named(button).values()
        assert (kept["motif"], kept["groupe"]) == (["Encore"], ["2"])


def test_button_pressed_too_late_shows_where_the_correction_is(portal: Portal) -> None:
    add_providers(portal.database, ["ST DENIS"])
    with office(portal, "paul") as paul:
        page = prepared(paul, portal)
        page = paul.submit(page.form_named(f"{page.path}/appliquer"))
        form = page.form_named(f"{page.path}/abandonner")
        running.finish(portal, only(portal).id)
        late = paul.submit(form, status=409)
        assert late.h1 == page.h1
        assert "La correction a changé entre-temps" in late
        assert "à l'état « Appliquée »" in late
        assert f'data-progress-from="{page.path}"' in late.html
        assert late.form_named("Préparer l'annulation de tout")


def test_rule_asks_for_a_second_person_who_is_never_the_author(portal: Portal) -> None:
    add_providers(portal.database, ["ST DENIS"])
    with portal.database.writing(Actor.system()) as session:
        session.add(CorrectionRule(name="Communes", table_name="provider", column_name="city"))
    with office(portal, "paul") as paul, office(portal, "anne") as anne:
        page = prepared(paul, portal)
        assert "La règle « Communes » le demande" in page
        assert "Peut l'approuver : Anne Petit" in page
        assert "Appliquer sur 1 ligne" not in page.html
        token = {"csrf_token": token_of(paul)}
        paul.post(f"{page.path}/approuver", token, status=403)
        paul.post(f"{page.path}/appliquer", token, status=422)
        page = anne.submit(anne.get(page.path).form_named(f"{page.path}/approuver"))
        assert "Approuvée par" in page
        assert "1 ligne changée" in applied(paul, portal, paul.get(page.path))


def test_large_correction_takes_its_number_and_the_password_again(portal: Portal) -> None:
    # std: SEC-18
    add_providers(portal.database, ["ST DENIS", "Stains"])
    with portal.database.writing(Actor.system()) as session:
        row = session.exec(select(Parameter).where(Parameter.code == "correction_confirm_above")).one()
        row.value = "1"
    with office(portal, "paul") as paul:
        page = prepared(paul, portal)
        form = page.form_named(f"{page.path}/appliquer")
        paul.submit(form, nombre="3", mot_de_passe=PASSWORD, status=422)
        refused = paul.submit(form, nombre="2", mot_de_passe="faux", status=422)
        assert "Ce n'est pas votre mot de passe" in refused
        assert only(portal).state is CorrectionState.frozen
        assert "2 lignes changées" in applied(paul, portal, page, nombre="2", mot_de_passe=PASSWORD)


def test_work_under_way_is_paused_resumed_and_given_up(portal: Portal) -> None:
    add_providers(portal.database, ["ST DENIS"])
    with office(portal, "paul") as paul:
        page = prepared(paul, portal)
        page = paul.submit(page.form_named(f"{page.path}/appliquer"))
        assert "Vous pouvez quitter cette page" in page
        page = paul.submit(page.form_named(f"{page.path}/pause"))
        running.run(portal)
        assert only(portal).state is CorrectionState.paused
        page = paul.submit(page.form_named(f"{page.path}/reprendre"))
        page = paul.submit(page.form_named(f"{page.path}/abandonner"))
        assert only(portal).state is CorrectionState.cancelled
        assert "Rien n'a été changé" not in page.text or "Abandonnée" in page
        page = prepared(paul, portal)
        assert "Abandonnée" in paul.submit(page.form_named(f"{page.path}/abandonner"))


def test_lines_set_aside_are_told_and_the_others_applied_on_demand(portal: Portal) -> None:
    keys = add_providers(portal.database, ["ST DENIS", "Lyon"])
    with portal.database.writing(Actor.system()) as session:
        session.get_one(Provider, keys[0]).trade_name = "93000"
    with office(portal, "paul") as paul:
        page = paul.get(f"{NEW}?post_code=93200")
        form = page.form_named("Préparer l'aperçu")
        page = paul.submit(form, button="Ajouter ce changement", nouvelle_colonne="post_code")
        form = page.form_named("Préparer l'aperçu")
        change = {"acte.post_code": "copy", "copie.post_code": "trade_name"}
        paul.submit(form, button="Préparer l'aperçu", motif="Essai", **change)
        running.finish(portal, only(portal).id)
        page = paul.get(f"{LIST}/{only(portal).public_id}")
        assert "1 ligne va changer 0 déjà à jour 1 écartée" in page
        assert "Code postal : " in page
        token = {"csrf_token": token_of(paul)}
        assert "Rien n'a été lancé" in paul.post(f"{page.path}/appliquer", token, status=422)
        form = page.form_named(f"{page.path}/appliquer")
        paul.submit(form, button="Appliquer seulement l'autre ligne")
        running.finish(portal, only(portal).id)
    found = values(portal.database, Provider, "post_code")
    assert [found[key] for key in keys] == ["93000", "93200"]


def test_hostile_values_are_shown_as_they_are_and_run_nowhere(portal: Portal) -> None:
    # std: SEC-9
    formula = FORMULA[:24]
    add_providers(portal.database, [HOSTILE, formula])
    with office(portal, "paul") as paul:
        page = prepared(paul, portal, "Stains")
        assert HOSTILE in page
        assert "<script>alert" not in page.html
        assert HOSTILE in paul.get(f"{page.path}?recherche=alert")
        assert paul.get(f"{page.path}?recherche=alert").text.count("Avant → après Commune") == 1
        answer = paul.http.get(f"{page.path}/export")
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert len(lines) == 3
    assert not any(cell.startswith("=") for line in lines for cell in line)
    assert {line[6] for line in lines[1:]} == {HOSTILE, f"'{formula}"}


def test_readers_read_and_change_nothing(portal: Portal) -> None:
    # std: SEC-1
    add_providers(portal.database, ["ST DENIS"])
    with office(portal, "paul") as paul, office(portal, "luc") as luc, office(portal, "ines") as ines:
        page = prepared(paul, portal)
        for client in (luc, ines):
            seen = client.get(page.path)
            assert [form for form in seen.forms if form.action.startswith(page.path + "/")] == []
            for act in ("appliquer", "approuver", "pause", "reprendre", "abandonner", "annuler"):
                client.post(f"{page.path}/{act}", {"csrf_token": token_of(client)}, status=403)
            client.get(NEW, status=403)
            assert "Corriger ces lignes" not in client.get("/admin/provider/list").html
        assert luc.http.get(f"{page.path}/export").status_code == 403
        assert ines.http.get(f"{page.path}/export").status_code == 200
        paul.get(f"{LIST}/inconnue", status=404)
        paul.get(f"{LIST}?etat=rien", status=400)
        paul.get(f"{page.path}?resultat=rien", status=400)
        paul.get(f"{page.path}?apres=rien", status=400)
        paul.post(f"{page.path}/pause", {"csrf_token": token_of(paul)}, status=409)


def test_file_of_a_request_leads_to_the_correction_that_changed_its_provider(portal: Portal) -> None:
    with portal.database.writing(Actor.system()) as session:
        request = add_request(session)
        provider_id = request.provider_id
    with office(portal, "paul") as paul:
        typed_city(paul, "Stains", f"{NEW}?pk={provider_id}")
        running.finish(portal, only(portal).id)
        page = applied(paul, portal, paul.get(f"{LIST}/{only(portal).public_id}"))
        seen = paul.get(f"/admin/demandes/{request.id}")
        assert seen.links["Commune : mettre « Stains »"] == page.path


def test_first_list_says_what_a_correction_is_and_where_to_begin(portal: Portal) -> None:
    with office(portal, "paul") as paul:
        page = paul.get(LIST)
        assert "Aucune correction pour le moment" in page
        page = paul.click(page, "Préparer une correction")
        assert "Fournisseurs" in page
        assert NEW in page.links.values()


def test_mails_that_will_leave_are_read_one_by_one_before_anything_is_applied(
    sqlite_portal: Portal,
) -> None:
    hire(sqlite_portal)
    providers = [enrol(sqlite_portal).provider_id, enrol(sqlite_portal, siret="35600000049837").provider_id]
    with sqlite_portal.database.writing(Actor.system()) as session:
        for rule in session.exec(select(CorrectionRule)):
            rule.active = False
        session.add(CorrectionRule(name="Prévenir", asks_approval=False, tells_vendors=True))
    with office(sqlite_portal, "paul") as paul:
        start = f"{NEW}?{'&'.join(f'pk={key}' for key in providers)}&portee=cochees"
        typed_city(paul, "Villeurbanne", start)
        running.finish(sqlite_portal, only(sqlite_portal).id)
        page = paul.get(f"{LIST}/{only(sqlite_portal).public_id}")
        assert "2 fournisseurs seront prévenus" in page
        assert "Mail 1 sur 2" in page
        assert "devient « Villeurbanne »" in page
        first = page.text
        page = paul.click(page, "Mail suivant")
        assert "Mail 2 sur 2" in page
        assert page.text != first
        assert "Mail suivant" not in page.links
        assert "Mail 1 sur 2" in paul.get(paul.click(page, "Mail précédent").url)
        assert "Mail 1 sur 2" in paul.get(f"{LIST}/{only(sqlite_portal).public_id}?rang=99")
        page = paul.get(f"{LIST}/{only(sqlite_portal).public_id}")
        assert "seront prévenus" not in applied(paul, sqlite_portal, page)


def test_list_of_the_table_leads_to_the_page_of_each_correction(portal: Portal) -> None:
    add_providers(portal.database, ["ST DENIS"])
    with office(portal, "paul") as paul, office(portal, "anne") as anne:
        path = prepared(paul, portal).path
        found = anne.get("/admin/correction/list")
        assert found.links[only(portal).title] == path
        assert path in anne.get(f"/admin/correction/details/{only(portal).id}").html

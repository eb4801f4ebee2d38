"""What the pages of corrections say: rows that come and go, groups of every column, what was done and what was not."""

from __future__ import annotations

from pathlib import Path

import pytest

from enrolment.corrections import grouping, running
from enrolment.portal import Portal
from schema.database import Database
from schema.enums import CorrectionState
from schema.history import Actor
from schema.tables import Provider
from tests.admin_app.correcting import LIST, applied, of_one_person, only, prepared
from tests.admin_app.instruction import office
from tests.enrolment.corrections.records import add_providers, siret_of
from tests.pages import Page, PageClient

FILE = "/admin/nouvelle-correction/provider/fichier"
HEADER = "SIRET;Dénomination sociale;Nom commercial;Type de voie;Nom de la voie;Code postal;Commune"
WHOLE = "Préparer l'annulation de tout"
CHOSEN = "Préparer l'annulation des changements cochés"


@pytest.fixture
def portal(sqlite_database: Database, tmp_path: Path) -> Portal:
    """A portal with its staff, where one person may carry a correction through."""
    return of_one_person(sqlite_database, tmp_path)


def _line(number: int, city: str = "Lyon") -> str:
    return f"{siret_of(number)};Éditeur {number};Logiciel {number};RUE;des Lilas;93200;{city}"


def _sent(client: PageClient, portal: Portal, *lines: str, mode: str = "insert") -> Page:
    """The preview of a file of providers."""
    page = client.get(FILE)
    content = "\r\n".join([HEADER, *lines]).encode()
    client.submit(page.form, files={"fichier": ("lignes.csv", content, "text/csv")}, motif="Essai", mode=mode)
    return _ready(client, portal)


def _ready(client: PageClient, portal: Portal) -> Page:
    correction = only(portal)
    assert running.finish(portal, correction.id).state is CorrectionState.frozen
    return client.get(f"{LIST}/{correction.public_id}")


def _undoing(client: PageClient, portal: Portal, page: Page, button: str = WHOLE, **fields: str) -> Page:
    """The preview of what takes a correction back, or does it again."""
    client.submit(page.form_named(button), button=button, motif="Erreur", **fields)
    return _ready(client, portal)


def _cities(portal: Portal, keys: list[int], city: str) -> None:
    with portal.database.writing(Actor.system()) as session:
        for key in keys:
            session.get_one(Provider, key).city = city


def test_rows_that_are_added_then_deleted_are_said_so(portal: Portal) -> None:
    with office(portal, "anne") as anne:
        page = _sent(anne, portal, _line(1), _line(2))
        assert "2 lignes seront ajoutées" in page
        assert "Valeurs des lignes à ajouter" in page
        assert "2 × « Lyon »" in page
        assert page.text.count("Ajout Numéro SIRET : « 732 829 3") == 2
        assert "Ajouter 2 lignes" in page
        page = applied(anne, portal, page)
        assert "2 lignes ajoutées" in page
        assert "Valeurs des lignes ajoutées" in page
        assert "Les lignes ajoutées sont supprimées" in page
        assert "annulation des lignes aux valeurs cochées" in page
        undoing = _undoing(anne, portal, page)
        assert "2 lignes seront supprimées 0 écartée" in undoing
        assert "Valeurs des lignes à supprimer" in undoing
        assert "(vide)" not in undoing
        assert undoing.text.count("Suppression Numéro SIRET :") == 2
        assert "Supprimer 2 lignes" in undoing
        undoing = applied(anne, portal, undoing)
        assert "2 lignes supprimées" in undoing
        assert "Les lignes supprimées sont ajoutées de nouveau" in undoing
        assert 'class="correction-tick"' not in undoing.html
        again = _undoing(anne, portal, undoing, "Préparer pour la refaire")
        assert "2 lignes seront ajoutées" in again


def test_rows_that_change_beside_new_ones_are_counted_apart(portal: Portal) -> None:
    add_providers(portal.database, ["Lyon"])
    with office(portal, "anne") as anne:
        page = _sent(anne, portal, _line(1, "Nîmes"), _line(2), _line(3), mode="upsert")
        assert "1 ligne va changer 2 lignes seront ajoutées" in page
        page = applied(anne, portal, page)
        assert "3 lignes changées ou ajoutées" in page
        assert "1 ligne va changer 2 lignes seront supprimées" in _undoing(anne, portal, page)


def test_values_that_all_differ_take_one_line_and_hide_no_column(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouping, "MOST", 80)
    with office(portal, "anne") as anne:
        page = _sent(anne, portal, *(_line(number) for number in range(1, 13)))
        for label in ("Numéro SIRET", "Dénomination sociale", "Nom commercial"):
            assert f"{label} Valeurs toutes différentes : 12 lignes. Voir les 10 premières valeurs sur 12" in page
        assert "12 × « Lyon »" in page
        page = anne.get(f"{page.path}?groupes=tous")
        assert "1 × « Logiciel 1 »" in page
        assert "Les 2 autres changements se lisent ligne par ligne" in page


@pytest.mark.parametrize(
    ("cities", "said"), [(11, "Voir l'autre changement"), (13, "Voir les 3 autres changements")], ids=["one", "many"]
)
def test_changes_that_are_not_shown_at_first_are_counted(portal: Portal, cities: int, said: str) -> None:
    add_providers(portal.database, ["ST DENIS", *(f"Ville {number}" for number in range(1, cities)), "ST DENIS"])
    with office(portal, "paul") as paul:
        page = prepared(paul, portal)
        assert said in page
        assert "toutes différentes" not in page


def test_wide_line_shows_three_columns_and_folds_the_others(portal: Portal) -> None:
    with office(portal, "anne") as anne:
        page = _sent(anne, portal, _line(1))
        assert page.html.count('<details class="correction-folded">') == 1
        assert "Nom commercial : « Logiciel 1 » 5 autres colonnes" in page
        # What is looked for may be in one of them.
        assert '<details class="correction-folded" open>' in anne.get(f"{page.path}?recherche=Lilas").html


def test_correction_of_which_nothing_was_applied_says_so(portal: Portal) -> None:
    keys = add_providers(portal.database, ["ST DENIS", "ST DENIS"])
    with office(portal, "paul") as paul:
        page = prepared(paul, portal)
        _cities(portal, keys, "Stains")
        page = applied(paul, portal, page)
        assert "Rien n'a été appliqué 0 ligne changée 2 conflits" in page
        assert "Appliquée en partie" not in page
        assert "Rien n'a été appliqué" in paul.get(LIST)


def test_counts_of_the_preview_are_said_to_be_so_where_not_all_was_applied(portal: Portal) -> None:
    keys = add_providers(portal.database, ["ST DENIS", "ST DENIS", "ST DENIS"])
    with office(portal, "paul") as paul:
        page = prepared(paul, portal)
        assert "Changements prévus" in page
        _cities(portal, keys[:1], "Stains")
        page = applied(paul, portal, page)
        assert "Changements prévus Les nombres sont ceux de l'aperçu : 1 ligne n'a pas été appliquée." in page
        page = applied(paul, portal, _undoing(paul, portal, page))
        assert "Changements prévus" not in page


def test_undoing_that_was_given_up_is_not_said_to_have_undone(portal: Portal) -> None:
    add_providers(portal.database, ["ST DENIS"])
    with office(portal, "paul") as paul:
        page = applied(paul, portal, prepared(paul, portal))
        undoing = _undoing(paul, portal, page)
        assert "À annuler par Annuler : Commune" in paul.get(page.path)
        paul.submit(undoing.form_named(f"{undoing.path}/abandonner"))
        assert "nuler par" not in paul.get(page.path)


def test_undoing_of_chosen_groups_says_which_and_each_way_has_its_words(portal: Portal) -> None:
    add_providers(portal.database, ["ST DENIS", "SAINT DENIS"])
    with office(portal, "paul") as paul:
        page = applied(paul, portal, prepared(paul, portal))
        told = paul.submit(page.form_named(CHOSEN), button=CHOSEN, motif="Erreur", groupe="2")
        assert "L'annulation est demandée" in told
        undoing = _ready(paul, portal)
        assert "Étendue 1 groupe de changements Changement Commune : « ST DENIS » → « Saint-Denis »" in undoing
        undoing = applied(paul, portal, undoing)
        form = undoing.form_named("Préparer pour la refaire")
        assert "La correction est à refaire" in paul.submit(form, button="Préparer pour la refaire", motif="Si")


def test_what_was_read_of_a_file_is_labelled_by_what_it_is(portal: Portal) -> None:
    with office(portal, "anne") as anne:
        page = _sent(anne, portal, _line(1))
        assert "Fichier lignes.csv : ajouter les lignes nouvelles, reconnues par « Numéro SIRET »" in page
        assert "Colonnes lues « Numéro SIRET », « Dénomination sociale »" in page
        assert "Changement Colonnes" not in page

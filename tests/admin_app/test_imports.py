"""A file for any table that somebody may write, from its list to its undoing; who may not write it may not give one."""

from __future__ import annotations

from pathlib import Path

import pytest

from admin_app.corrections import tables
from admin_app.permissions import Right, may
from admin_app.staff import Staff
from enrolment.corrections import files, running
from enrolment.corrections.recipes import correctable
from enrolment.portal import Portal
from schema.base import table_of
from schema.database import Database
from schema.enums import CorrectionState, ImportMode, StaffRole
from schema.tables import ALL, Person, StaffUser, StreetType
from schema.tabular import BYTE_ORDER_MARK, writable
from tests.admin_app.correcting import applied, of_one_person, only
from tests.admin_app.instruction import PASSWORD, office
from tests.admin_app.reach import token_of
from tests.enrolment.corrections.records import values
from tests.pages import Page, PageClient

LIST = "/admin/street_type/list"
TYPES = "Code;Libellé\r\nZZA;Zone d'essai\r\nZZB;Zone d'essai bis\r\n"


@pytest.fixture
def portal(sqlite_database: Database, tmp_path: Path) -> Portal:
    """A portal with its staff, where one person may carry a correction through."""
    return of_one_person(sqlite_database, tmp_path)


def _sent(client: PageClient, portal: Portal, page: Page, text: str, **fields: str) -> Page:
    """The preview of a file."""
    client.submit(page.form, files={"fichier": ("lignes.csv", text.encode(), "text/csv")}, motif="Essai", **fields)
    correction = only(portal)
    assert running.finish(portal, correction.id).state is CorrectionState.frozen
    return client.get(f"/admin/corrections/{correction.public_id}")


def _types(portal: Portal) -> set[object]:
    return {code for code in values(portal.database, StreetType, "code").values() if str(code).startswith("ZZ")}


def test_administrator_adds_rows_sees_them_applies_and_undoes(portal: Portal) -> None:
    with office(portal, "anne") as anne:
        page = anne.click(anne.get(LIST), "Importer un fichier")
        assert "Nom technique code Nouvelle ligneObligatoire" in page
        assert "Corriger plutôt par un filtre" not in page
        page = _sent(anne, portal, page, TYPES, mode="insert")
        assert "2 lignes seront ajoutées" in page
        assert _types(portal) == set()
        page = applied(anne, portal, page)
        assert _types(portal) == {"ZZA", "ZZB"}
        anne.submit(page.form_named(f"{page.path}/annuler"), button="Préparer l'annulation de tout", motif="Erreur")
        running.finish(portal, only(portal).id)
        undoing = anne.get(f"/admin/corrections/{only(portal).public_id}")
        applied(anne, portal, undoing)
    assert _types(portal) == set()


def test_file_that_a_page_offers_is_read_back(portal: Portal) -> None:
    with office(portal, "anne") as anne:
        page = anne.click(anne.get(LIST), "Importer un fichier")
        model = anne.http.get(page.links["Fichier modèle (CSV vide)"]).content
        assert model == BYTE_ORDER_MARK + "Code;Libellé\r\n".encode()
        whole = anne.http.get(page.links["Toute la liste (CSV), à modifier puis à importer"]).content
        text = whole.removeprefix(BYTE_ORDER_MARK).decode()
        page = _sent(anne, portal, page, text, mode="upsert")
        assert "Rien ne change" in page


def test_every_role_gives_files_where_it_could_write_by_hand() -> None:
    # std: SEC-1
    for role in StaffRole:
        staff = Staff(1, "", "", role, "")
        for model in ALL:
            table = table_of(model).name
            held = tables.modes(staff, model)
            if not staff.may_open("corrections"):
                assert held == [], (role, table)
                continue
            assert (ImportMode.update in held) == may(role, table, Right.edit), (role, table)
            assert (ImportMode.insert in held) == may(role, table, Right.create), (role, table)
            for mode in held:
                # What a page offers, the service takes.
                files.require_importable(model, (), mode, every=tables.fills_every(staff, model))


@pytest.mark.parametrize(("login", "table"), [("luc", "street_type"), ("ines", "street_type"), ("paul", "wave")])
def test_who_may_not_write_a_table_has_no_button_and_no_page(portal: Portal, login: str, table: str) -> None:
    # std: SEC-1 SEC-19
    with office(portal, login) as client:
        assert "Importer un fichier" not in client.get(f"/admin/{table}/list")
        client.get(f"/admin/nouvelle-correction/{table}/fichier", status=403)
        client.get(f"/admin/nouvelle-correction/{table}/modele", status=403)


def test_columns_that_are_not_corrected_in_bulk_are_filled_by_who_creates_rows(portal: Portal) -> None:
    # std: SEC-19
    for login, expected in (("paul", correctable(Person)), ("anne", writable(Person))):
        with office(portal, login) as client:
            page = client.click(client.get("/admin/person/list"), "Importer un fichier")
            model = client.http.get(page.links["Fichier modèle (CSV vide)"]).text
            assert {spec.label for spec in expected} <= set(model.strip("\ufeff\r\n").split(";"))
            assert ("Qualité" in model) == (login == "anne")
            _sent(client, portal, page, f"{model}", mode="update")
            assert only(portal).recipe["every"] == (login == "anne")


def test_correction_of_a_table_is_carried_out_by_those_alone_who_may_write_it(portal: Portal) -> None:
    # std: SEC-1 SEC-19
    with office(portal, "anne") as anne, office(portal, "paul") as paul:
        page = anne.click(anne.get("/admin/corridor/list"), "Importer un fichier")
        page = _sent(anne, portal, page, "Code;Nom\r\nzz;Essai\r\n", mode="insert")
        seen = paul.get(page.path)
        assert f"{page.path}/appliquer" not in seen.html
        headers = {"x-csrf-token": token_of(paul), "sec-fetch-site": "same-origin"}
        for act in ("appliquer", "abandonner"):
            assert paul.http.post(f"{page.path}/{act}", headers=headers).status_code == 403
        applied(anne, portal, page)
        assert paul.http.post(f"{page.path}/annuler", headers=headers, data={"motif": "x"}).status_code == 403


def test_staff_by_a_file_takes_the_password_as_its_form_does(portal: Portal) -> None:
    # std: SEC-18
    text = "Adresse de connexion;Nom;Prénom;Rôle;Actif\r\nzoe@asp-public.fr;Petit;Zoé;Lecteur;Oui\r\n"
    with office(portal, "anne") as anne:
        page = anne.click(anne.get("/admin/staff_user/list"), "Importer un fichier")
        page = _sent(anne, portal, page, text, mode="insert")
        form = page.form_named(f"{page.path}/appliquer")
        anne.submit(form, mot_de_passe="autre", status=422)
        assert only(portal).state is CorrectionState.frozen
        applied(anne, portal, page, mot_de_passe=PASSWORD)
    assert "zoe@asp-public.fr" in values(portal.database, StaffUser, "email").values()

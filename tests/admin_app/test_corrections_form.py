"""The form of a correction: what may be asked, what is refused, and that a refusal keeps all that was typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import select

from admin_app.corrections import writing
from enrolment.corrections import recipes, running
from enrolment.portal import Portal, open_portal
from enrolment.records import filters, presentation
from schema.base import Table, table_of
from schema.database import Database
from schema.describe import FieldKind
from schema.tables import ALL, Correction
from tests.admin_app.correcting import LIST, NEW, only
from tests.admin_app.instruction import hire, office
from tests.admin_app.reach import token_of
from tests.conftest import settings_for
from tests.enrolment.corrections.records import add_providers
from tests.pages import text_of


@pytest.fixture
def portal(sqlite_database: Database, tmp_path: Path) -> Portal:
    """An empty portal with its staff. What the database decides is tested with the services, on both engines."""
    opened = open_portal(settings_for(tmp_path, sqlite_database), sqlite_database)
    hire(opened)
    return opened


def tables_to_correct() -> list[type[Table]]:
    """Every table with a column that may be corrected."""
    return [model for model in ALL if recipes.correctable(model)]


def test_refusal_keeps_all_that_was_typed_and_says_where(portal: Portal) -> None:
    add_providers(portal.database, ["ST DENIS"])
    with office(portal, "paul") as paul:
        page = paul.get(f"{NEW}?post_code=93200")
        for column in ("post_code", "city"):
            form = page.form_named("Préparer l'aperçu")
            page = paul.submit(form, button="Ajouter ce changement", nouvelle_colonne=column)
        form = page.form_named("Préparer l'aperçu")
        page = paul.submit(
            form,
            button="Préparer l'aperçu",
            titre="Ma correction",
            status=422,
            **{"valeur.post_code": "nulle part", "acte.city": "mapping", "table.city": "ST DENIS ; Saint-Denis\nLyon"},
        )
        assert len(page.error_messages) == 3
        assert page.control_labelled("Titre").get("value") == "Ma correction"
        kept = page.form_named("Préparer l'aperçu").values()
        assert kept["valeur.post_code"] == ["nulle part"]
        assert kept["table.city"] == ["ST DENIS ; Saint-Denis\nLyon"]
        assert ("Ligne 2" in page, "1 ligne" in page) == (True, True)
        form = page.form_named("Préparer l'aperçu")
        page = paul.submit(form, button="Retirer ce changement : Code postal")
        assert "valeur.post_code" not in page.form_named("Préparer l'aperçu").names
    with portal.database.reading() as session:
        assert session.exec(select(Correction)).all() == []


def test_wrong_filter_is_said_and_asks_for_nothing(portal: Portal) -> None:
    with office(portal, "paul") as paul:
        page = paul.get(f"{NEW}?created_at__du=hier&inconnu=1")
        assert len(page.error_messages) == 2
        form = page.form_named("Préparer l'aperçu")
        page = paul.submit(form, button="Ajouter ce changement", nouvelle_colonne="city")
        form = page.form_named("Préparer l'aperçu")
        changes = {"valeur.city": "Stains"}
        page = paul.submit(form, button="Préparer l'aperçu", motif="Essai", status=400, **changes)
        assert "inconnu" in page
    with portal.database.reading() as session:
        assert session.exec(select(Correction)).all() == []


@pytest.mark.parametrize("column", ["status", "siren", "ape_code", "id", "nowhere"])
def test_recipe_posted_by_hand_cannot_touch_another_column(portal: Portal, column: str) -> None:
    # std: SEC-19
    with office(portal, "anne") as anne:
        data = {
            "csrf_token": token_of(anne),
            "etape": "preparer",
            "colonne": column,
            f"acte.{column}": "constant",
            f"valeur.{column}": "1",
            "motif": "Essai",
        }
        assert "ne se corrige pas en masse" in anne.post(NEW, data, status=422)
        anne.get("/admin/nouvelle-correction/parameter", status=404)
        anne.get("/admin/nouvelle-correction/nowhere", status=404)
    with portal.database.reading() as session:
        assert session.exec(select(Correction)).all() == []


def test_every_correctable_column_has_an_input_of_its_own_and_the_acts_that_it_takes(portal: Portal) -> None:
    with office(portal, "anne") as anne:
        for model in tables_to_correct():
            page = anne.get(f"/admin/nouvelle-correction/{table_of(model).name}")
            for spec in recipes.correctable(model):
                form = page.form_named("Préparer l'aperçu")
                page = anne.submit(form, button="Ajouter ce changement", nouvelle_colonne=spec.name)
                (act,) = page.all("select", name=f"acte.{spec.name}")
                offered = {option.get("value") for option in act.iter("option")} - {""}
                assert offered <= {one.value for one in recipes.acts_for(spec)}
                own = "select" if spec.enum is not None or spec.references is not None else "input"
                (value,) = page.all(own, name=f"valeur.{spec.name}")
                assert (value.get("type") == "date") == (spec.kind is FieldKind.date)
            assert page.all("select", name="nouvelle_colonne") == []


def test_reference_is_given_by_name_and_shown_by_name(portal: Portal) -> None:
    (key,) = add_providers(portal.database, ["Lyon"])
    with office(portal, "paul") as paul:
        page = paul.get(f"{NEW}?pk={key}")
        form = page.form_named("Préparer l'aperçu")
        page = paul.submit(form, button="Ajouter ce changement", nouvelle_colonne="street_type_id")
        (choice,) = page.all("select", name="valeur.street_type_id")
        option = list(choice.iter("option"))[-1]
        form = page.form_named("Préparer l'aperçu")
        chosen = {"valeur.street_type_id": option.get("value")}
        paul.submit(form, button="Préparer l'aperçu", motif="Essai", **chosen)
        assert running.finish(portal, only(portal).id).planned == 1
        assert f"→ à « {text_of(option).strip()} »" in paul.get(f"{LIST}/{only(portal).public_id}")


def test_fields_of_the_form_are_never_mistaken_for_filters() -> None:
    for model in ALL:
        for spec in presentation.filtered(model):
            for operator in filters.operators_of(spec):
                assert not writing.is_own(filters.name_of(spec, operator))


@pytest.mark.parametrize(
    ("typed", "pairs"),
    [
        ("ST DENIS ; Saint-Denis\n\nLYON;Lyon", [("ST DENIS", "Saint-Denis"), ("LYON", "Lyon")]),
        ("ST DENIS\tSaint-Denis", [("ST DENIS", "Saint-Denis")]),
        ('"A ; B" ; C', [("A ; B", "C")]),
        ("; Inconnue", [("", "Inconnue")]),
        ("Périmée ;", [("Périmée", "")]),
    ],
)
def test_mapping_is_read_as_typed_or_pasted(typed: str, pairs: list[tuple[str, str]]) -> None:
    assert writing.pairs_of(typed) == pairs

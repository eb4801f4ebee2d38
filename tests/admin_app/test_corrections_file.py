"""A correction by a file, from its page: who may do what, what is refused and kept, a token that is always asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import select

from admin_app.corrections import filing
from enrolment.corrections import running
from enrolment.portal import Portal, open_portal
from schema.database import Database
from schema.enums import CorrectionState
from schema.tables import Correction, Provider
from tests.admin_app.instruction import hire, office
from tests.admin_app.reach import token_of
from tests.conftest import settings_for
from tests.enrolment.corrections.records import add_providers, values

HERE = "/admin/nouvelle-correction/provider/fichier"


@pytest.fixture
def portal(sqlite_database: Database, tmp_path: Path) -> Portal:
    """An empty portal with its staff; reading files is tested with the services, on both engines."""
    opened = open_portal(settings_for(tmp_path, sqlite_database), sqlite_database)
    hire(opened)
    return opened


def _asked(portal: Portal) -> list[Correction]:
    with portal.database.reading() as session:
        return list(session.exec(select(Correction)))


def _file(text: str) -> tuple[str, bytes, str]:
    return ("communes.csv", text.encode(), "text/csv")


def test_file_is_previewed_and_applied(portal: Portal) -> None:
    keys = add_providers(portal.database, ["ST DENIS", "Lyon"])
    text = f"Identifiant technique;Commune\r\n{keys[0]};Saint-Denis\r\n999999;Nulle part\r\n"
    with office(portal, "paul") as paul:
        page = paul.get(HERE)
        page = paul.submit(page.form, files={"fichier": _file(text)}, cle="id", motif="Fichier")
        (correction,) = _asked(portal)
        assert (correction.title, correction.file_key is not None) == ("Fournisseurs : communes.csv", True)
        assert running.finish(portal, correction.id).state is CorrectionState.frozen
        page = paul.get(page.path)
        assert "1 ligne va changer" in page
        assert "(ligne 3 du fichier)" in page
        paul.submit(page.form_named(f"{page.path}/appliquer"), button="Appliquer seulement l'autre ligne")
        running.finish(portal, correction.id)
    assert values(portal.database, Provider, "city") == {keys[0]: "Saint-Denis", keys[1]: "Lyon"}


def test_refusal_keeps_what_was_typed(portal: Portal) -> None:
    with office(portal, "paul") as paul:
        page = paul.get(HERE)
        page = paul.submit(page.form, titre="Communes", cle="id", status=422)
        assert len(page.error_messages) == 2
        assert page.control_labelled("Titre").get("value") == "Communes"
        assert page.form.values()["cle"] == ["id"]
        page = paul.submit(page.form, files={"fichier": _file("")}, motif="Essai", status=422)
        assert "Ce fichier est vide" in page
    assert _asked(portal) == []


def test_file_too_large_is_cut_while_it_is_read(portal: Portal) -> None:
    # std: SEC-10
    assert filing.LIMITS.file_bytes == filing.MOST_BYTES
    # The route keeps its limits: they are made small where they are.
    object.__setattr__(filing.LIMITS, "file_bytes", 10)
    try:
        with office(portal, "paul") as paul:
            page = paul.get(HERE)
            page = paul.submit(page.form, files={"fichier": _file("SIRET;Commune\r\n")}, motif="Essai", status=422)
            assert "coupez-le" in page
    finally:
        object.__setattr__(filing.LIMITS, "file_bytes", filing.MOST_BYTES)
    assert _asked(portal) == []


def test_token_is_asked_though_the_guard_leaves_it_to_the_route(portal: Portal) -> None:
    # std: SEC-3
    with office(portal, "paul") as paul:
        paul.check = False
        good = {"cle": "siret", "mode": "update", "motif": "Essai"}
        sent = {"files": {"fichier": _file("SIRET;Commune\r\n")}}
        for token in ({}, {"csrf_token": "x"}):
            answer = paul.http.post(HERE, data=good | token, headers={"sec-fetch-site": "same-origin"}, **sent)
            assert answer.status_code == 403
        cross = {"sec-fetch-site": "cross-site"}
        data = good | {"csrf_token": token_of(paul)}
        assert paul.http.post(HERE, data=data, headers=cross, **sent).status_code == 403
    assert _asked(portal) == []


def test_rows_are_created_by_those_alone_who_may_create_one(portal: Portal) -> None:
    # std: SEC-1 SEC-19
    with office(portal, "paul") as paul, office(portal, "anne") as anne, office(portal, "luc") as luc:
        assert "Modifier et ajouter" not in paul.get(HERE)
        assert "Modifier et ajouter" in anne.get(HERE)
        luc.get(HERE, status=403)
        data = {"cle": "siret", "mode": "upsert", "motif": "Essai", "csrf_token": token_of(paul)}
        answer = paul.http.post(
            HERE,
            data=data,
            files={"fichier": _file("SIRET;Commune\r\n")},
            headers={"sec-fetch-site": "same-origin"},
        )
        assert answer.status_code == 422
    assert _asked(portal) == []

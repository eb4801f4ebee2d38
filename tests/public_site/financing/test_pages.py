"""The pages about financing: the format, the simulator, the requests; the gate of E3 on each, and A5 on every file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlmodel import select

from enrolment.portal import Portal
from enrolment.services import financing_decisions
from schema.enums import FinancingStatus
from schema.tables import EnrolmentRequest, FinancingRequest
from tests.enrolment.financing.files import changed, of_size, written
from tests.enrolment.financing.giving import archive, deposited, file_for, partly_validated, validated
from tests.pages import Page, PageClient
from tests.public_site.answering.doors import signed_in
from tests.public_site.browsing import browser
from tests.stories import MANAGER

SIMULATOR, LIST, DEPOSIT = "/espace/simulateur", "/espace/financements", "/espace/financements/deposer"


def json_file(content: object) -> tuple[str, bytes, str]:
    return ("financement.json", content if isinstance(content, bytes) else written(content), "application/json")


def proofs(content: bytes | None = None) -> tuple[str, bytes, str]:
    return ("preuves.zip", archive() if content is None else content, "application/zip")


def simulated(client: PageClient, content: object, status: int = 200) -> Page:
    page = client.get(SIMULATOR)
    return client.submit(page.form_named("simulator-form"), files={"fichier": json_file(content)}, status=status)


def rows(portal: Portal) -> list[FinancingRequest]:
    with portal.database.reading() as session:
        return list(session.exec(select(FinancingRequest)))


def test_format_is_published_with_its_schema_and_an_example(sqlite_portal: Portal) -> None:
    client = browser(sqlite_portal)
    page = client.get("/financement")
    assert "n'est pas le format JSON de l'ASP" in page
    schema = client.http.get(page.links["Télécharger le schéma (JSON Schema 2020-12)"])
    assert schema.headers["content-type"].startswith("application/schema+json")
    found = schema.json()
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert found["$id"].endswith("/financement/schema-1.0.json")
    assert "INSTALLATION" in found["properties"]["prestations"]["items"]["properties"]["type"]["enum"]
    example = client.http.get(page.links["Télécharger l'exemple"])
    assert "attachment" in example.headers["content-disposition"]
    assert set(example.json()) == {"entete", "etablissements", "prestations"}


# rule: E3
def test_partly_validated_vendor_simulates_and_is_told_what_is_missing(sqlite_portal: Portal) -> None:
    request = partly_validated(sqlite_portal)
    client = signed_in(sqlite_portal, request)
    page = simulated(client, file_for(sqlite_portal, request))
    for words in ("Fichier conforme", "3 600,03 €", "n'est pas encore entièrement validé"):
        assert words in page


def test_simulator_lists_what_is_wrong_by_line_and_path(sqlite_portal: Portal, tmp_path: Path) -> None:
    request = validated(sqlite_portal)
    client = signed_in(sqlite_portal, request)
    content = changed(file_for(sqlite_portal, request), "prestations", 1, "montant_ht", value="<b>12</b>")
    before = set(sqlite_portal.storage.list_keys())
    page = simulated(client, content)
    assert "Fichier non conforme" in page
    assert "prestations[1].montant_ht" in page
    assert "« <b>12</b> » n'est pas un montant" in page
    assert "Un fichier JSON" not in page
    broken = simulated(client, written(content)[:-5])
    assert "fin manque" in broken
    # Nothing is kept: no file in the storage, none where forms are spooled.
    assert set(sqlite_portal.storage.list_keys()) == before
    assert rows(sqlite_portal) == []


def test_simulator_takes_ten_megabytes_and_no_more(
    sqlite_portal: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(sqlite_portal, validated(sqlite_portal))
    spool = tmp_path / "spool"
    spool.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(spool))
    assert "n'est pas enrôlé par votre compte" in simulated(client, of_size(9 * 1024 * 1024))
    assert "dépasse 10 Mo" in simulated(client, b" " * (10 * 1024 * 1024 + 1), status=422)
    assert "dépasse 10 Mo" in simulated(client, b" " * (33 * 1024 * 1024), status=422)
    assert list(spool.iterdir()) == []
    page = client.get(SIMULATOR)
    assert "Choisissez un fichier JSON" in client.submit(page.form_named("simulator-form"), status=422)


# rule: E3
def test_entry_is_shown_disabled_with_its_reason_and_the_deposit_is_refused(sqlite_portal: Portal) -> None:
    request = partly_validated(sqlite_portal)
    client = signed_in(sqlite_portal, request)
    page = client.get(LIST)
    button = next(one for one in page.all("button") if "Déposer une demande" in "".join(one.itertext()))
    assert "disabled" in button.attrib
    assert page.links[f"Finaliser mon enrôlement {request.number}"] == f"/espace/demandes/{request.public_id}/depot"
    assert "finalisez-le" in page
    shut = client.get(DEPOSIT)
    assert "Aucun de vos enrôlements" in shut
    # Guessing the deposit changes nothing.
    stored = set(sqlite_portal.storage.list_keys())
    token = next(one.get("value") for one in page.all("input", name="csrf_token"))
    response = client.http.post(
        DEPOSIT,
        data={"csrf_token": token, "enrolement": request.public_id},
        files={"fichier": json_file(file_for(sqlite_portal, request)), "preuves": proofs()},
        headers={"sec-fetch-site": "same-origin"},
    )
    assert response.status_code == 422
    assert "entièrement validé" in response.text
    assert rows(sqlite_portal) == []
    assert set(sqlite_portal.storage.list_keys()) == stored


def deposit(client: PageClient, portal: Portal, request: EnrolmentRequest, status: int = 200, **files: object) -> Page:
    page = client.get(DEPOSIT)
    given = {"fichier": json_file(file_for(portal, request)), "preuves": proofs(), **files}
    return client.submit(page.form_named("financing-form"), files=given, status=status)  # type: ignore[arg-type]


def test_vendor_deposits_follows_and_deposits_again(sqlite_portal: Portal) -> None:
    request = validated(sqlite_portal)
    client = signed_in(sqlite_portal, request)
    page = deposit(client, sqlite_portal, request)
    (row,) = rows(sqlite_portal)
    assert row.number in page.h1
    assert "Votre demande de financement est enregistrée" in page
    assert row.number in client.get(LIST)
    files = [url for url in page.links.values() if "/fichiers/1/" in url]
    got = [client.http.get(url) for url in files]
    assert json.loads(got[0].content)["entete"]["version"] == "1.0"
    assert got[1].content.startswith(b"PK")
    assert all("attachment" in one.headers["content-disposition"] for one in got)
    assert "Reçue" in client.get(f"{LIST}/{row.public_id}")
    assert client.get(f"{LIST}/{row.public_id}/deposer", status=404)
    with sqlite_portal.database.writing(MANAGER) as session:
        financing_decisions.decide(
            session,
            MANAGER,
            row.id,
            FinancingStatus.to_modify,
            "Il manque la facture 2.",
            sqlite_portal.addresses,
            row_version=row.row_version,
        )
    detail = client.get(f"{LIST}/{row.public_id}")
    assert "Il manque la facture 2." in detail
    again = client.click(detail, "Déposer de nouveau mes fichiers")
    new = {"fichier": json_file(file_for(sqlite_portal, request, lines=5)), "preuves": proofs()}
    done = client.submit(again.form_named("financing-form"), files=new)
    for words in ("Reçue", "Dépôt 2 – en vigueur", "Dépôt 1 – remplacé", "Il manque la facture 2."):
        assert words in done


def test_wrong_files_are_explained_and_nothing_is_deposited(sqlite_portal: Portal) -> None:
    request = validated(sqlite_portal)
    client = signed_in(sqlite_portal, request)
    wrong = changed(file_for(sqlite_portal, request), "entete", "total_ttc", value="1.00")
    page = deposit(client, sqlite_portal, request, 422, fichier=json_file(wrong))
    assert "entete.total_ttc" in page
    page = deposit(client, sqlite_portal, request, 422, preuves=proofs(b"not a zip"))
    assert "n'est pas une archive ZIP" in page
    page = deposit(
        client, sqlite_portal, request, 422, preuves=proofs(archive({"a.txt": b"x" * 99, "b.txt": b"y" * 99}))
    )
    assert "« b.txt »" in page
    empty = client.submit(client.get(DEPOSIT).form_named("financing-form"), status=422)
    assert "Choisissez l'archive ZIP" in empty
    assert rows(sqlite_portal) == []


# rule: A5
def test_another_vendor_finds_nothing(sqlite_portal: Portal) -> None:  # std: SEC-2
    row = deposited(sqlite_portal, validated(sqlite_portal))
    other = signed_in(sqlite_portal, validated(sqlite_portal, siret="35600000049837"))
    assert row.number not in other.get(LIST)
    for part in ("", "/deposer", "/fichiers/1/fichier", "/fichiers/1/preuves"):
        other.get(f"{LIST}/{row.public_id}{part}", status=404)
    for path in (SIMULATOR, LIST, DEPOSIT, f"{LIST}/{row.public_id}/fichiers/1/preuves"):
        assert browser(sqlite_portal).get(path).path == "/connexion"


def test_a_dangerous_value_of_a_file_is_shown_as_text(sqlite_portal: Portal) -> None:  # std: SEC-9
    client = signed_in(sqlite_portal, validated(sqlite_portal))
    page = simulated(client, b'{"<script>alert(1)</script>": 1, "\\ud800": 2}')
    assert "<script>alert(1)</script>" in page
    assert not [one for one in page.all("script") if "alert" in "".join(one.itertext())]

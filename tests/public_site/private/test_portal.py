"""The private portal: the home page, the list with its sorts and filters, the request line by line, and its PDF."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pikepdf
import pytest
import sqlalchemy as sa
from sqlmodel import select

from enrolment import clock
from enrolment.portal import Portal
from public_site.private.actions import ANSWERS
from schema.database import Database
from schema.enums import RequestKind, RequestStatus, ScanState, Verb
from schema.history import Actor
from schema.tables import Account, AccountProvider, Attachment, AttachmentAccess, EnrolmentRequest
from tests.elements import squeeze, text_of
from tests.pages import PageClient
from tests.public_site.answering.doors import signed_in
from tests.rows import add_provider, add_referencing, add_request
from tests.stories import ask, decide, enrol

LIST = "/espace/demandes"
HEADS = [
    "Numéro demande",
    "Date de dépôt",
    "Statut",
    "Siret fournisseur",
    "Profil référencé",
    "Type d'enrôlement",
    "Action",
]


_NUMBER = re.compile(r"ENR-\d{4}-\d{6}")


def vendor_of(portal: Portal, requests: int, **values: Any) -> tuple[PageClient, list[EnrolmentRequest]]:
    """A signed-in vendor with so many requests, one day apart."""
    with portal.database.writing(Actor.system()) as session:
        provider = add_provider(session)
        software = [add_referencing(session) for _ in range(requests)]
        rows = [
            add_request(
                session,
                provider_id=provider.id,
                referencing_id=software[number].id,
                submitted_at=clock.now() - timedelta(days=number),
                kind=RequestKind.initial if number % 2 else RequestKind.complementary,
                **values,
            )
            for number in range(requests)
        ]
    return signed_in(portal, rows[0]), rows


def numbers(page: Any) -> list[str]:
    return [found.group() for cell in page.all("th", scope="row") if (found := _NUMBER.search(text_of(cell)))]


def test_list_has_the_columns_of_the_guide_and_turns_its_pages(portal: Portal) -> None:  # rule: A1
    client, rows = vendor_of(portal, 45)
    page = client.get(LIST)
    assert [squeeze(text_of(head)).rstrip("↑↓ ") for head in page.all("th", scope="col")] == HEADS
    assert "45 demandes" in page
    seen = numbers(page)
    page = client.click(page, "Page suivante")
    seen += numbers(page)
    assert "21 à 40 sur 45" in page
    seen += numbers(client.click(page, "Page suivante"))
    assert seen == [row.number for row in rows]


@pytest.mark.parametrize("label", HEADS[:-1])
def test_every_column_sorts_both_ways(portal: Portal, label: str) -> None:  # rule: A1
    client, _ = vendor_of(portal, 7)
    page = client.get(LIST)
    first = client.click(page, next(text for text in page.links if text.startswith(label)))
    assert [head.get("aria-sort") for head in first.all("th", scope="col")].count(None) == len(HEADS) - 1
    second = client.click(first, next(text for text in first.links if text.startswith(label)))
    # Equal values follow the key, so the other way round is the exact reverse.
    assert numbers(second) == list(reversed(numbers(first)))


def test_filters_and_search_stay_in_the_address(portal: Portal) -> None:  # rule: A1
    client, rows = vendor_of(portal, 6)
    with portal.database.writing(Actor.system()) as session:
        session.get_one(EnrolmentRequest, rows[2].id).status = RequestStatus.withdrawn
    form = client.get(LIST).form_named("Filtrer")
    page = client.submit(form, button="Filtrer", statut="withdrawn")
    assert numbers(page) == [rows[2].number]
    assert "statut=withdrawn" in page.url
    page = client.submit(form, button="Filtrer", type="complementaire", recherche="alize PATIENT")
    assert numbers(page) == [row.number for row in rows[::2]]
    page = client.submit(form, button="Filtrer", recherche=rows[3].number[-6:])
    assert numbers(page) == [rows[3].number]
    page = client.submit(form, button="Filtrer", recherche="introuvable")
    assert "Aucune demande ne répond" in page
    assert len(numbers(client.click(page, "Afficher toutes mes demandes"))) == 6


@pytest.mark.parametrize(
    "query", ["?page=99999", "?page=x", "?statut=x&type=y&tri=z", "?siret=%00", "?recherche=%25_%5C", "?tri=-"]
)
def test_list_takes_any_address(sqlite_portal: Portal, query: str) -> None:
    client, _ = vendor_of(sqlite_portal, 3)
    assert client.get(f"{LIST}{query}").h1 == "Gérer mes demandes d'enrôlement"


@pytest.mark.parametrize("status", list(RequestStatus))
def test_actions_follow_the_status(sqlite_portal: Portal, status: RequestStatus) -> None:  # rule: A1
    request = enrol(sqlite_portal)
    client = signed_in(sqlite_portal, request)
    with sqlite_portal.database.engine.begin() as connection:
        connection.execute(sa.text("DROP TRIGGER request_next_status"))
        asked = "'in_review'" if status in {"awaiting_documents", "awaiting_correction"} else "NULL"
        connection.execute(sa.text(f"UPDATE request SET is_early = 1, status = '{status.value}', asked_from = {asked}"))
    page = client.get(LIST)
    answer = ANSWERS.get(status)
    labels = {text.split(" :")[0].replace("\u00a0", " ").strip() for text in page.links if request.number in text}
    assert labels == {"Consulter"} | ({answer.label} if answer else set())


def count(database: Database, act: Any) -> int:
    """How many statements something makes."""
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        seen.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", note)
    return len(seen)


@pytest.mark.parametrize("path", ["/espace/", LIST])
def test_number_of_queries_does_not_grow_with_the_requests(sqlite_portal: Portal, path: str) -> None:  # std: SPEED
    client, _ = vendor_of(sqlite_portal, 2)
    client.get(path)
    few = count(sqlite_portal.database, lambda: client.get(path))
    with sqlite_portal.database.writing(Actor.system()) as session:
        account_id = session.exec(select(Account.id)).one()
        for _ in range(30):
            provider = add_provider(session)
            session.add(AccountProvider(account_id=account_id, provider_id=provider.id))
            add_request(session, provider_id=provider.id)
    assert count(sqlite_portal.database, lambda: client.get(path)) == few


def test_home_says_what_is_waited_for_and_where_to_answer(sqlite_portal: Portal) -> None:
    request = enrol(sqlite_portal)
    client = signed_in(sqlite_portal, request)
    assert "Rien pour le moment" in client.get("/espace/")
    ask(sqlite_portal, request.id, {"bank.holder": "À corriger."})
    page = client.get("/espace/")
    assert page.links[f"Modifier : demande {request.number}"] == f"{LIST}/{request.public_id}/modifier"
    assert "À faire jusqu'au" in page
    assert client.get(page.links[f"Modifier : demande {request.number}"]).h1 == "Modifier ma demande"


def test_partly_validated_vendor_sees_why_it_cannot_ask_for_money(sqlite_portal: Portal) -> None:  # rule: E3
    from tests.stories import new_number  # noqa: PLC0415

    request = enrol(sqlite_portal, ans_number=new_number(sqlite_portal, validated=False))
    decide(sqlite_portal, request.id, Verb.validate_partially)
    page = signed_in(sqlite_portal, request).get("/espace/")
    assert "Déposer une demande de financement" not in page.links
    assert page.links["finalisez-le"] == f"{LIST}/{request.public_id}/depot"


def test_detail_shows_every_line_of_the_guide(portal: Portal) -> None:  # rule: A2
    request = enrol(portal)
    page = signed_in(portal, request).get(f"{LIST}/{request.public_id}")
    assert request.number in page.h1
    titles = [squeeze(text_of(one)) for one in page.all("h2")]
    lines = ["Référencement", "Personne morale", "Personnes physiques", "Coordonnées bancaires", "Régime de TVA"]
    start = titles.index("Référencement")
    assert titles[start : start + 7] == [*lines, "Pièces", "Suivi"]
    for words in ("Dossier Patient Alizé", "Lefèvre", "FR76 3000 6000 0112 3456 7890 189", "Dépôt de la demande"):
        assert words in page
    assert "Inès" not in page.html


def test_detail_of_a_complementary_request_leaves_out_what_was_not_asked(sqlite_portal: Portal) -> None:  # rule: A2
    client, rows = vendor_of(sqlite_portal, 1)
    page = client.get(f"{LIST}/{rows[0].public_id}")
    titles = [squeeze(text_of(one)) for one in page.all("h2")]
    assert "Régime de TVA" in titles
    assert not {"Personnes physiques", "Coordonnées bancaires"} & set(titles)
    assert "FR76" not in page


def test_correction_is_told_before_and_after(sqlite_portal: Portal) -> None:  # rule: A2
    request = enrol(sqlite_portal)
    ask(sqlite_portal, request.id, {"bank.holder": "Le titulaire doit être la société."})
    client = signed_in(sqlite_portal, request)
    page = client.get(f"{LIST}/{request.public_id}/modifier")
    page = client.submit(page.form_named("correction-form"), button="Terminer", **{"bank.holder": "SAS ALIZE"})
    client.submit(page.form_named("Confirmer"), button="Confirmer")
    page = client.get(f"{LIST}/{request.public_id}")
    (old,) = page.all("del")
    (new,) = page.all("ins")
    assert "Alizé Santé" in text_of(old)
    assert "SAS ALIZE" in text_of(new)


def test_pieces_open_and_sensitive_ones_leave_a_trace(portal: Portal) -> None:  # rule: F3, F4
    request = enrol(portal)
    client = signed_in(portal, request)
    page = client.get(f"{LIST}/{request.public_id}")
    addresses = [url for url in page.links.values() if "/pieces/" in url]
    assert len(addresses) == 3
    for address in addresses:
        assert client.http.get(address).status_code == 200
    with portal.database.reading() as session:
        # The identity document and the RIB, not the certificate.
        assert len(session.exec(select(AttachmentAccess)).all()) == 2


def test_whole_file_is_printed_with_its_pieces(portal: Portal) -> None:  # rule: A2, F4; std: SEC-15
    request = enrol(portal)
    with portal.database.writing(Actor.system()) as session:
        session.exec(select(Attachment)).all()[0].scan = ScanState.infected
    answer = signed_in(portal, request).http.get(f"{LIST}/{request.public_id}/dossier.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    with pikepdf.open(io.BytesIO(answer.content)) as document:
        assert str(document.Root.Lang) == "fr-FR"
        assert request.number in str(document.docinfo["/Title"])
        # Two pages at most for the file itself, then the pieces that can be opened.
        assert 3 <= len(document.pages) <= 5
    with portal.database.reading() as session:
        opened = {row.attachment_id for row in session.exec(select(AttachmentAccess))}
        sensitive = session.exec(select(Attachment).where(Attachment.scan != ScanState.infected)).all()
    assert opened == {row.id for row in sensitive if row.encryption_key is not None}

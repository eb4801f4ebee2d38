"""« Consultations de pièces »: who opened what, found by strict filters, given away to administrators alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import select

from admin_app.team import accesses
from admin_app.team.addresses import CONSULTATIONS
from enrolment.portal import Portal
from schema.enums import ActorKind, StaffRole
from schema.history import Actor
from schema.tables import (
    Attachment,
    AttachmentAccess,
    DocumentKind,
    EnrolmentRequest,
    FinancingAccess,
    FinancingDeposit,
    FinancingRequest,
    Provider,
    StaffUser,
)
from tests.admin_app.conftest import SignIn
from tests.admin_app.rows import FORMULA, email_of
from tests.pages import Page

ADMINISTRATOR = StaffRole.administrator
DAY = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


def _record(portal: Portal, *, label: str, at: datetime, role: StaffRole | None = None, nth: int = 0) -> None:
    """An access to the piece of the nth request."""
    with portal.database.writing(Actor.system()) as session:
        pieces = session.exec(
            select(Attachment).where(Attachment.request_id.is_not(None)).order_by(Attachment.request_id)  # type: ignore[union-attr,arg-type]
        ).all()
        kind = session.get_one(DocumentKind, pieces[nth].document_kind_id)
        kind.sensitive = True
        session.add(kind)
        user = (
            session.exec(select(StaffUser).where(StaffUser.email == email_of(role))).one() if role is not None else None
        )
        session.add(
            AttachmentAccess(
                attachment_id=pieces[nth].id,
                actor_kind=ActorKind.staff if user else ActorKind.vendor,
                actor_id=user.id if user else None,
                actor_label=label,
                at=at,
            )
        )


def _record_financing(portal: Portal, *, label: str, at: datetime, proofs: bool) -> None:
    """A manager's access to a file of the second request's financing, and none of the rows that the fixture made."""
    with portal.database.writing(Actor.system()) as session:
        session.execute(sa.delete(FinancingAccess))
        user = session.exec(select(StaffUser).where(StaffUser.email == email_of(StaffRole.manager))).one()
        deposit = session.exec(select(FinancingDeposit).order_by(FinancingDeposit.id.desc())).first()  # type: ignore[union-attr,attr-defined]
        assert deposit is not None
        session.add(
            FinancingAccess(
                financing_deposit_id=deposit.id,
                proofs=proofs,
                actor_kind=ActorKind.staff,
                actor_id=user.id,
                actor_label=label,
                at=at,
            )
        )


@pytest.fixture
def filled(portal: Portal) -> Portal:
    """Four consultations: a manager's, an administrator's of another request, a vendor's; then of financing proofs."""
    _record(portal, label="Première Ouverture", at=DAY, role=StaffRole.manager)
    _record(portal, label="Deuxième Ouverture", at=DAY + timedelta(days=1), role=ADMINISTRATOR, nth=1)
    _record(portal, label="Troisième Ouverture", at=DAY + timedelta(days=2))
    # At the same moment as the second: pages must neither skip nor repeat one of them.
    _record_financing(portal, label="Quatrième Ouverture", at=DAY + timedelta(days=1), proofs=True)
    return portal


def _facts(portal: Portal) -> dict[str, str]:
    with portal.database.reading() as session:
        piece = session.exec(
            select(Attachment).where(Attachment.request_id.is_not(None)).order_by(Attachment.request_id)  # type: ignore[union-attr,arg-type]
        ).first()
        assert piece is not None
        request = session.get_one(EnrolmentRequest, piece.request_id)
        provider = session.get_one(Provider, request.provider_id)
        manager = session.exec(select(StaffUser).where(StaffUser.email == email_of(StaffRole.manager))).one()
        kind = session.get_one(DocumentKind, piece.document_kind_id)
        financing = session.exec(select(FinancingRequest).order_by(FinancingRequest.id.desc())).first()  # type: ignore[union-attr,attr-defined]
        assert financing is not None
        enrolment = session.get_one(EnrolmentRequest, financing.request_id)
        assert enrolment.id != request.id
    return {
        "financing": financing.number,
        "other": enrolment.number,
        "other siren": session.get_one(Provider, enrolment.provider_id).siren,
        "number": request.number,
        "siren": provider.siren,
        "siret": provider.siret,
        "company": provider.legal_name,
        "manager": str(manager.id),
        "kind": kind.code,
    }


ALL = {"Première", "Deuxième", "Troisième", "Quatrième"}
PIECES = ALL - {"Quatrième"}


def _shown(page: Page) -> set[str]:
    return {word for word in ALL if f"{word} Ouverture" in page}


CASES: list[tuple[str, Callable[[dict[str, str]], str], set[str]]] = [
    ("nothing", lambda _: "", ALL),
    ("person", lambda f: f"agent={f['manager']}", {"Première", "Quatrième"}),
    ("number of a financing", lambda f: f"demande={f['financing']}", {"Quatrième"}),
    ("number of its enrolment", lambda f: f"demande={f['other']}", {"Deuxième", "Quatrième"}),
    ("company of a financing", lambda f: f"fournisseur={f['other siren']}", {"Deuxième", "Quatrième"}),
    ("proofs", lambda _: "piece=financement/preuves", {"Quatrième"}),
    ("financing files", lambda _: "piece=financement/fichier", set()),
    ("by", lambda _: "par=vendor", {"Troisième"}),
    ("number", lambda f: f"demande={f['number'].lower()}", {"Première", "Troisième"}),
    ("number of none", lambda _: "demande=ENR-2020-999999", set()),
    ("siren", lambda f: f"fournisseur={f['siren'][:3]}+{f['siren'][3:]}", {"Première", "Troisième"}),
    ("siret", lambda f: f"fournisseur={f['siret']}", {"Première", "Troisième"}),
    ("kind", lambda f: f"piece={f['kind']}", PIECES),
    ("from", lambda _: "du=2026-03-11", {"Deuxième", "Troisième", "Quatrième"}),
    ("to", lambda _: "au=10/03/2026", {"Première"}),
    ("period and person", lambda f: f"du=2026-03-11&agent={f['manager']}", {"Quatrième"}),
]


@pytest.mark.parametrize(("said", "query", "expected"), CASES, ids=[case[0] for case in CASES])
def test_each_filter_keeps_what_it_says(
    filled: Portal,
    signed_in: SignIn,
    said: str,
    query: Callable[[dict[str, str]], str],
    expected: set[str],
) -> None:
    # rule: F4; std: SEC-14
    client = signed_in(filled, ADMINISTRATOR)
    asked = query(_facts(filled))
    assert _shown(client.get(f"{CONSULTATIONS}?{asked}")) == expected, said
    text = client.http.get(f"{CONSULTATIONS}/csv?{asked}").content.decode("utf-8-sig")
    assert {word for word in ALL if f"{word} Ouverture" in text} == expected


def test_number_of_a_company_is_grouped(filled: Portal, signed_in: SignIn) -> None:
    siren = _facts(filled)["siren"]
    page = signed_in(filled, ADMINISTRATOR).get(CONSULTATIONS)
    assert f"{siren[:3]} {siren[3:6]} {siren[6:]}" in page
    assert siren not in page


@pytest.mark.parametrize(
    "query",
    [
        "agent=0", "agent=personne", "par=moi", "demande=ENR", "fournisseur=123", "fournisseur=123456789",
        "fournisseur=a", "piece=nothing", "du=hier", "au=2026-13-40", "avant=abc",
        "avant=12", "avant=x1",
    ],
)  # fmt: skip
def test_filter_that_cannot_be_understood_shows_nothing(filled: Portal, signed_in: SignIn, query: str) -> None:
    # std: SEC-14
    client = signed_in(filled, ADMINISTRATOR)
    page = client.get(f"{CONSULTATIONS}?{query}", status=422)
    assert page.error_messages
    assert _shown(page) == set()
    if not query.startswith("avant"):
        assert client.http.get(f"{CONSULTATIONS}/csv?{query}").status_code == 422


def test_pages_follow_each_other_without_a_gap(
    filled: Portal, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accesses, "PAGE", 1)
    client = signed_in(filled, ADMINISTRATOR)
    page, seen = client.get(f"{CONSULTATIONS}?du=2026-03-10&au=2026-03-12"), []
    while True:
        seen += sorted(_shown(page))
        if "Suite" not in page.links:
            break
        page = client.get(page.links["Suite"])
    assert seen == ["Troisième", "Deuxième", "Quatrième", "Première"]


def test_export_is_for_administrators_and_runs_no_formula(filled: Portal, signed_in: SignIn) -> None:
    # std: SEC-1, SEC-13
    _record(filled, label=FORMULA, at=DAY, role=StaffRole.manager)
    manager = signed_in(filled, StaffRole.manager)
    assert "Exporter en CSV" not in manager.get(CONSULTATIONS)
    assert manager.http.get(f"{CONSULTATIONS}/csv").status_code == 403
    text = signed_in(filled, ADMINISTRATOR).http.get(f"{CONSULTATIONS}/csv").content.decode("utf-8-sig")
    assert text.startswith("Date;Par;Auteur;")
    assert "\"'=HYPERLINK" in text

"""Findings of the checks of the data: what each proposes, and that its correction, applied, makes the finding go."""

import json
from typing import Any

import pytest
from sqlmodel import Session, col, select

from enrolment.corrections import freezing, running, steering
from enrolment.doctor import proposals, proposing, report
from enrolment.errors import NotFound, Refused
from enrolment.portal import Portal
from schema.base import Table
from schema.enums import BankCheck, CorrectionState
from schema.tables import (
    BankAccount,
    BankOverride,
    Correction,
    CorrectionRule,
    Person,
    Provider,
    Referencing,
    RegistryEntry,
)
from tests.enrolment.corrections.records import STEWARD, add_providers, applied, siret_of, undone, values
from tests.rows import add_provider, add_referencing

SIRETS = ("73282932000074", "35600000049837")
# Crédit Agricole SA, and the bank that the library's registry gives to this code.
_IBAN, _BIC = "FR7630006000011234567890189", "AGRIFRPPXXX"


def _entry(session: Session, siret: str, city: str = "Lyon", post_code: str = "69003", name: str = "Autre") -> None:
    session.add(RegistryEntry(siret=siret, siren=siret[:9], legal_name=name, post_code=post_code, city=city))


def _bank(session: Session, **changes: Any) -> int:
    provider = add_provider(session)
    account = session.exec(select(BankAccount).where(BankAccount.provider_id == provider.id)).one()
    given = {"iban": _IBAN, "bic": _BIC, "domiciliation": "Crédit Agricole", "bank_check": BankCheck.coherent}
    for name, value in {**given, **changes}.items():
        setattr(account, name, value)
    session.flush()
    return account.id


def _provider(session: Session, **changes: Any) -> int:
    provider = add_provider(session)
    for name, value in changes.items():
        setattr(provider, name, value)
    session.flush()
    return provider.id


def _with_registry(session: Session, *cities: str, post_code: str = "93200", city: str) -> int:
    for number, known in enumerate(cities):
        _entry(session, f"9999013740{number:04d}", known, post_code)
    return _provider(session, post_code=post_code, city=city)


def _named(session: Session) -> int:
    key = _provider(session, legal_name="Alize Ancien")
    _entry(session, SIRETS[0], name="Alizé Nouveau")
    return key


def _person(session: Session, **changes: Any) -> int:
    provider = add_provider(session)
    person = session.exec(select(Person).where(Person.provider_id == provider.id)).one()
    for name, value in changes.items():
        setattr(person, name, value)
    session.flush()
    return person.id


def _referencing(session: Session) -> int:
    row = add_referencing(session)
    row.software_name, row.publisher_name = "Dossier  Patient", " Alizé "
    session.flush()
    return row.id


WRONG: dict[str, tuple[type[Table], Any, dict[str, object]]] = {
    "bank_incoherent": (BankAccount, lambda session: _bank(session, bic="BNPAFRPPXXX"), {"bic": _BIC}),
    "bank_check_stale": (
        BankAccount,
        lambda session: _bank(session, bank_check=BankCheck.unknown_bank),
        {"bank_check": BankCheck.coherent},
    ),
    "bank_named_otherwise": (
        BankAccount,
        lambda session: _bank(session, domiciliation="Qonto (Olinda)"),
        {"domiciliation": "CREDIT AGRICOLE SA"},
    ),
    "provider_named_otherwise": (Provider, _named, {"legal_name": "Alizé Nouveau"}),
    "provider_city_spelling": (
        Provider,
        lambda session: _with_registry(session, "Saint-Denis", "ST DENIS", "ST DENIS", city="ST DENIS"),
        {"city": "Saint-Denis"},
    ),
    "provider_not_normal": (
        Provider,
        lambda session: _provider(session, legal_name="Alizé  Santé", street_name="de l\u2019Isle"),
        {"legal_name": "Alizé Santé", "street_name": "de l'Isle"},
    ),
    "person_not_normal": (
        Person,
        lambda session: _person(session, phone="04.78.00.12.34", email="Claire@ALIZE.fr", last_name="Lefe\u0300vre"),
        {"phone": "+33478001234", "email": "Claire@alize.fr", "last_name": "Lefèvre"},
    ),
    "bank_account_not_normal": (
        BankAccount,
        lambda session: _bank(session, iban="FR76 3000 6000 0112 3456 7890 189", holder="Alizé  Santé"),
        {"iban": _IBAN, "holder": "Alizé Santé"},
    ),
    "referencing_not_normal": (
        Referencing,
        _referencing,
        {"software_name": "Dossier Patient", "publisher_name": "Alizé"},
    ),
}


def test_every_check_that_proposes_is_tried_here() -> None:
    assert {check.code for check in report.CHECKS if check.proposer is not None} == set(WRONG)


@pytest.mark.parametrize("code", sorted(WRONG))
def test_prepared_correction_makes_the_finding_go_and_its_undoing_come_back(portal: Portal, code: str) -> None:
    model, wrong, right = WRONG[code]
    _no_rules(portal)
    with portal.database.writing(STEWARD) as session:
        key = wrong(session)
    before = _row(portal, model, key, right)
    assert _found(portal, code) == [key]
    correction = applied(portal.database, _prepared(portal, code))
    assert (correction.state, correction.applied, correction.total) == (CorrectionState.applied, 1, 1)
    assert _row(portal, model, key, right) == right
    assert _found(portal, code) == []
    undone(portal.database, correction)
    assert _row(portal, model, key, right) == before
    assert _found(portal, code) == [key]


def _no_rules(portal: Portal) -> None:
    with portal.database.writing(STEWARD) as session:
        for rule in session.exec(select(CorrectionRule)):
            rule.active = False


def _row(portal: Portal, model: type[Table], key: int, names: Any) -> dict[str, object]:
    with portal.database.reading() as session:
        row = session.get_one(model, key)
        return {name: getattr(row, name) for name in names}


def _found(portal: Portal, code: str) -> list[Any]:
    with portal.database.reading() as session:
        return report.examine(portal, session, report.named(code))


def _prepared(portal: Portal, code: str) -> Correction:
    with portal.database.writing(STEWARD) as session:
        correction = proposals.prepare(session, STEWARD, code)
    return running.finish(portal, correction.id)


@pytest.mark.parametrize(
    ("known", "written", "proposed"),
    [
        (("SAINT DENIS",), "ST DENIS", "Saint-Denis"),
        (("Châlons-en-Champagne",), "CHALONS EN CHAMPAGNE", "Châlons-en-Champagne"),
        (("STE FOY LES LYON",), "Ste Foy les Lyon", "Sainte-Foy-les-Lyon"),
        (("L'ISLE ADAM",), "l isle adam", "L'Isle-Adam"),
        (("LE MANS",), "le mans", "Le Mans"),
        # As well written, or better: left alone.
        (("SAINT DENIS",), "Saint-Denis", None),
        (("Saint-Etienne",), "Saint-Étienne", None),
        # Not the same commune, or not a commune alone: nothing is guessed.
        (("Saint-Ouen",), "ST DENIS", None),
        (("LYON 3E",), "Lyon 3e", None),
        ((), "ST DENIS", None),
    ],
)
def test_commune_takes_its_usual_spelling_when_it_is_the_same_commune(
    sqlite_portal: Portal, known: tuple[str, ...], written: str, proposed: str | None
) -> None:
    with sqlite_portal.database.writing(STEWARD) as session:
        key = _with_registry(session, *known, city=written)
    correction = _prepared(sqlite_portal, "provider_city_spelling")
    assert correction.planned == (proposed is not None)
    if proposed is not None:
        applied(sqlite_portal.database, correction)
        assert _row(sqlite_portal, Provider, key, ["city"]) == {"city": proposed}


def test_commune_that_providers_write_in_several_ways_is_found_without_the_registry(portal: Portal) -> None:
    _no_rules(portal)
    with portal.database.writing(STEWARD) as session:
        written = ("ST DENIS", "Saint-Denis", "SAINT DENIS")
        keys = [
            _provider(session, siret=siret_of(number), post_code="93200", city=city)
            for number, city in enumerate(written, start=1)
        ]
        # Written in one way alone, it may be right.
        _provider(session, siret=siret_of(9), post_code="69003", city="LYON")
    assert sorted(_found(portal, "provider_city_spelling")) == [keys[0], keys[2]]
    correction = _prepared(portal, "provider_city_spelling")
    applied(portal.database, correction)
    assert [_row(portal, Provider, key, ["city"]) for key in keys] == [{"city": "Saint-Denis"}] * 3


def test_commune_of_another_post_code_is_told_and_nothing_is_proposed(portal: Portal) -> None:
    with portal.database.writing(STEWARD) as session:
        key = _with_registry(session, "Saint-Ouen", city="Lyon")
        _provider(session, post_code="69003", city="Lyon")
    assert _found(portal, "provider_city_elsewhere") == [key]
    with portal.database.writing(STEWARD) as session, pytest.raises(Refused, match="sans savoir les corriger"):
        proposals.prepare(session, STEWARD, "provider_city_elsewhere")
    with portal.database.writing(STEWARD) as session, pytest.raises(NotFound):
        proposals.prepare(session, STEWARD, "inconnu")


def test_list_of_banks_of_the_operator_wins_over_the_library(sqlite_portal: Portal) -> None:
    _no_rules(sqlite_portal)
    with sqlite_portal.database.writing(STEWARD) as session:
        session.add(BankOverride(country="FR", bank_code="30006", name="Banque reprise", bic="BREDFRPPXXX"))
        key = _bank(session, bic="BNPAFRPPXXX")
    applied(sqlite_portal.database, _prepared(sqlite_portal, "bank_incoherent"))
    # The domiciliation follows, as when an account is corrected by hand.
    assert _row(sqlite_portal, BankAccount, key, ["bic", "domiciliation"]) == {
        "bic": "BREDFRPPXXX",
        "domiciliation": "Banque reprise",
    }


def test_proposals_are_asked_part_by_part_and_never_kept_in_the_recipe(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freezing, "PARTS", dict.fromkeys(freezing.PARTS, 3))
    monkeypatch.setattr(proposing, "PART", 3)
    add_providers(portal.database, ["ST DENIS", "Saint-Denis"] * 10)
    with portal.database.writing(STEWARD) as session:
        _entry(session, SIRETS[1], "Saint-Denis", "93200")
    assert len(_found(portal, "provider_city_spelling")) == 10
    with portal.database.writing(STEWARD) as session:
        asked = proposals.prepare(session, STEWARD, "provider_city_spelling")
    # Left in the middle, as by a worker that is stopped, and taken up by another.
    while True:
        running.go_on(portal, asked.id, 0, {})
        with portal.database.reading() as session:
            correction = session.get_one(Correction, asked.id)
        if correction.state is not CorrectionState.preparing:
            break
    assert (correction.total, correction.planned, correction.unchanged) == (10, 10, 0)
    assert len(json.dumps(correction.recipe)) < 500
    applied(portal.database, correction)
    assert set(values(portal.database, Provider, "city").values()) == {"Saint-Denis"}


def test_finding_has_one_correction_at_a_time(sqlite_portal: Portal) -> None:
    database = sqlite_portal.database
    with database.writing(STEWARD) as session:
        _with_registry(session, "Saint-Denis", city="ST DENIS")
    first = _prepared(sqlite_portal, "provider_city_spelling")
    assert _prepared(sqlite_portal, "provider_city_spelling").id == first.id
    with database.writing(STEWARD) as session:
        steering.cancel(session, first.public_id)
    assert _prepared(sqlite_portal, "provider_city_spelling").id != first.id
    with database.reading() as session:
        assert len(session.exec(select(Correction).order_by(col(Correction.id))).all()) == 2

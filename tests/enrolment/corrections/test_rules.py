"""Rules of corrections: what a rule may name, and which corrections fall under those that ship."""

import pytest
from sqlmodel import select

from enrolment.corrections import rules, steering
from enrolment.corrections.recipes import Act, Assignment, Recipe
from enrolment.errors import Impossible, Refused
from enrolment.records import codes
from enrolment.rules import checks, table_writing
from schema.base import table_of
from schema.database import Database
from schema.describe import field, model_named
from schema.tables import BankAccount, Correction, CorrectionRule, Person
from tests.enrolment.corrections.records import STEWARD, add_providers, frozen
from tests.enrolment.corrections.test_files import lines, read


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"table_name": "bank_account", "column_name": "iban"}, None),
        ({"table_name": "provider"}, None),
        ({}, None),
        ({"table_name": "banque"}, "table_name"),
        ({"column_name": "iban"}, "table_name"),
        ({"table_name": "provider", "column_name": "iban"}, "column_name"),
        ({"table_name": "request", "column_name": "status"}, "column_name"),
        ({"asks_approval": False}, "asks_approval"),
        ({"asks_approval": False, "active": False}, None),
    ],
)
def test_rule_that_would_never_apply_is_refused_at_its_field(
    sqlite_database: Database, values: dict[str, object], wrong: str | None
) -> None:
    rule = CorrectionRule(name="Essai", **values)  # type: ignore[arg-type]
    with sqlite_database.reading() as session:
        if wrong is None:
            checks.check(session, rule, None)
            return
        with pytest.raises(Impossible) as refused:
            checks.check(session, rule, None)
    assert set(refused.value.errors) == {wrong}


def test_rule_that_a_file_brings_is_checked_as_its_form_checks_it(database: Database) -> None:
    content = "Nom;Table;Colonne\nA;nosuch;nocol\nB;provider;nocol\nC;provider;city\n"
    correction = read(database, content, CorrectionRule)
    told = lines(database, correction)
    assert [outcome for _, outcome, _ in told] == ["refused", "refused", "planned"]
    assert "« nosuch » n'existe pas" in told[0][2]
    assert "n'a pas de colonne « nocol »" in told[1][2]


def test_every_table_that_has_a_check_is_one_of_rules_whose_files_are_checked() -> None:
    assert checks._CHECKS.keys() - checks.TABLES == {"referencing"}
    assert checks.TABLES <= table_writing.TABLES
    for table in table_writing.TABLES:
        assert table_of(model_named(table)).name == table


def test_shipped_rules_are_sound_and_read_in_french(sqlite_database: Database) -> None:
    with sqlite_database.reading() as session:
        shipped = session.exec(select(CorrectionRule)).all()
        assert shipped
        for rule in shipped:
            checks.check(session, rule, None)
            for name in ("table_name", "column_name"):
                code = getattr(rule, name)
                said = codes.in_french(field(CorrectionRule, name), code) if code else ""
                assert said != code


@pytest.mark.parametrize(
    ("table", "columns", "planned", "approval", "told"),
    [
        ("bank_account", ["bic"], 1, True, True),
        ("provider", ["siret"], 1, True, True),
        ("provider", ["city"], 10_000, False, False),
        ("provider", ["city"], 10_001, True, False),
        ("provider", ["city", "legal_name"], 1, False, True),
        ("person", ["email"], 1, True, True),
        ("street_type", ["label"], 1, False, False),
    ],
)
def test_shipped_rules_apply_by_table_column_and_size(
    sqlite_database: Database, table: str, columns: list[str], planned: int, approval: bool, told: bool
) -> None:
    correction = Correction(table_name=table, recipe={"columns": columns}, planned=planned)
    with sqlite_database.reading() as session:
        assert rules.asks_approval(session, correction) is approval
        assert rules.tells_vendors(session, correction) is told


def test_inactive_rule_asks_nothing(database: Database) -> None:
    keys = add_providers(database, ["Lyon"])
    recipe = Recipe(keys=tuple(keys), assignments=(Assignment("siret", Act.constant, "35600000049837"),))
    correction = frozen(database, recipe)
    with database.writing(STEWARD) as session:
        with pytest.raises(Refused, match="seconde personne"):
            steering.apply(session, correction.public_id)
        for rule in session.exec(select(CorrectionRule)):
            rule.active = False
    with database.writing(STEWARD) as session:
        steering.apply(session, correction.public_id)


def test_column_of_a_rule_has_the_name_that_its_tables_show() -> None:
    spec = field(CorrectionRule, "column_name")
    assert codes.in_french(spec, "iban") == field(BankAccount, "iban").label
    assert codes.in_french(spec, "email") == field(Person, "email").label
    assert codes.in_french(spec, "disparue") is None
    assert table_of(BankAccount).name == "bank_account"

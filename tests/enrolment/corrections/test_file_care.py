"""What a file cannot do: pass a table's rules, name a row twice, be applied twice, take back what is used."""

import io
import itertools

import pytest
import sqlalchemy as sa
from sqlmodel import select

from enrolment.corrections import files, loading, running
from enrolment.services import sessions
from schema import sheets
from schema.database import Database
from schema.enums import BankCheck, CorrectionOutcome, CorrectionState, ImportMode, StaffRole, WebAudience
from schema.staging import LINES
from schema.tables import (
    BankAccount,
    CorrectionRule,
    Corridor,
    Dsr,
    LegalText,
    Person,
    Provider,
    Referencing,
    StaffUser,
    Wave,
    WebSession,
)
from tests.enrolment.corrections.records import STEWARD, agreed_to_by_one_person, applied, means, undone, values
from tests.enrolment.corrections.test_files import GOOD, HEADER, lines, read
from tests.rows import add_provider, add_referencing, add_request


def test_tables_with_rules_are_not_imported_past_them(database: Database) -> None:
    table = "code;name;opens_at;closes_at\n"
    # The second wave overlaps the first, which stands in the same file; the third does not.
    waves = (
        "V8;Vague 8;01/01/2041 00:00;01/01/2042 00:00\n"
        "V9;Vague 9;01/06/2041 00:00;01/06/2043 00:00\n"
        "V10;Vague 10;02/06/2043 00:00;01/06/2044 00:00\n"
    )
    with database.writing(STEWARD) as session:
        for wave in session.exec(select(Wave)):
            wave.closes_at = wave.closes_at or wave.opens_at.replace(year=2040)
    correction = read(database, table + waves, Wave)
    told = lines(database, correction)
    assert [outcome for _, outcome, _ in told] == ["planned", "refused", "planned"]
    assert "Vague 8" in told[1][2]
    assert "V8" not in values(database, Wave, "code").values()
    past = read(database, "kind;version;title;body;effective_from\ncgu;9;A;B;01/01/2020 00:00\n", LegalText)
    assert [outcome for _, outcome, _ in lines(database, past)] == ["refused"]
    code = read(database, "id;code\n" + f"{min(values(database, Dsr, 'id'))};AUTRE\n", Dsr, key=["id"])
    assert "ne change pas" in lines(database, code)[0][2]


def test_staff_do_not_lock_themselves_out_and_changed_staff_sign_in_again(database: Database) -> None:
    with database.writing(STEWARD) as session:
        for name, role in (("a", StaffRole.administrator), ("b", StaffRole.reader)):
            session.add(StaffUser(email=f"{name}@asp.example", last_name=name, first_name=name, role=role))
        session.flush()
        keys = {row.email[0]: row.id for row in session.exec(select(StaffUser))}
        for key in keys.values():
            sessions.open(session, WebAudience.staff, key, user_agent="Essai")
    last = read(database, "email;active\na@asp.example;Non\n", StaffUser)
    assert "dernier administrateur" in lines(database, last)[0][2]
    applied(database, read(database, f"email;role\nb@asp.example;{StaffRole.manager.label}\n", StaffUser))
    with database.reading() as session:
        assert [row.staff_user_id for row in session.exec(select(WebSession))] == [keys["a"]]


def test_bank_accounts_are_judged_as_the_form_judges_them(database: Database) -> None:
    with database.writing(STEWARD) as session:
        key = add_provider(session).id
        # Who must approve it is another matter.
        for rule in session.exec(select(CorrectionRule)):
            rule.active = False
    wrong = read(database, f"provider_id;bic\n{key};BNPAFRPP\n", BankAccount, key=["provider_id"])
    assert [outcome for _, outcome, _ in lines(database, wrong)] == ["refused"]
    agreed_to_by_one_person(database)
    good = f"provider_id;iban;bic\n{key};FR7630004000031234567890143;BNPAFRPP\n"
    applied(database, read(database, good, BankAccount, key=["provider_id"]))
    with database.reading() as session:
        account = session.exec(select(BankAccount)).one()
    assert (account.bic, account.bank_check) == ("BNPAFRPP", BankCheck.coherent)


def test_key_named_twice_is_told_even_when_the_first_line_changes_nothing(database: Database) -> None:
    applied(database, read(database, GOOD))
    correction = read(database, HEADER + GOOD.splitlines()[1] + "\n" + GOOD.splitlines()[1].replace("4.2", "5") + "\n")
    assert [(line, outcome) for line, outcome, _ in lines(database, correction)] == [(3, "duplicate")]
    new = HEADER + "N1;x;1;DSR-HOP-DPI-VA2;pending\n" * 2
    told = lines(database, read(database, new))
    assert [(line, outcome) for line, outcome, _ in told] == [(2, "planned"), (3, "duplicate")]
    assert "ligne 2" in told[1][2]


def test_reader_that_dies_is_followed_by_one_that_does_nothing_twice(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Blocks of some lines, and readers whose parts end elsewhere: another version may have begun.
    monkeypatch.setattr(sheets, "MOST_IN_A_BLOCK", 90)
    sizes = itertools.cycle((7, 4, 9))
    applied(database, read(database, HEADER + "".join(f"A{n};x;1;DSR-HOP-DPI-VA2;pending\n" for n in range(40))))
    content = HEADER + "".join(f"A{n};x;{2 - n % 2};DSR-HOP-DPI-VA2;pending\n" for n in (*range(40), 3, 4))
    tools = means(database)
    asked = files.ask(
        tools, STEWARD, Referencing, io.BytesIO(content.encode()), file_name="f.csv", title="Essai", reason="Essai"
    )
    while True:
        # A turn of no time does one part, and what it had open is lost with its process.
        left: running.Unfinished = {}
        monkeypatch.setattr(loading, "PART", next(sizes))
        running.go_on(tools, asked.id, 0, left)
        for work in left.values():
            work.close()
        if not left:
            break
    with database.reading() as session:
        found = session.execute(sa.select(LINES).where(LINES.c.correction_id == asked.id).order_by(LINES.c.place)).all()
        correction = session.get_one(type(asked), asked.id)
    assert correction.state is CorrectionState.frozen
    assert [row.file_line for row in found if row.outcome == "planned"] == [2 + n for n in range(0, 40, 2)]
    assert [row.file_line for row in found if row.outcome == "duplicate"] == [42, 43]
    assert (correction.total, correction.unchanged, correction.set_aside) == (42, 20, 2)


def test_new_rows_have_their_defaults_and_go_again_unless_they_are_used(database: Database) -> None:
    new = HEADER.replace(";status", "") + "".join(f"N{n};x;1;DSR-HOP-DPI-VA2\n" for n in range(3))
    correction = applied(database, read(database, new, mode=ImportMode.insert))
    keys = {str(number): key for key, number in values(database, Referencing, "ans_number").items()}
    with database.writing(STEWARD) as session:
        add_request(session, referencing_id=keys["N0"])
        session.get_one(Referencing, keys["N1"]).software_version = "2"
    undoing = undone(database, correction)
    assert (undoing.applied, undoing.state) == (1, CorrectionState.partly_applied)
    assert sorted(map(str, values(database, Referencing, "ans_number").values())) == ["N0", "N1"]
    undone(database, undoing)
    assert values(database, Referencing, "ans_number")[keys["N2"]] == "N2"
    assert values(database, Referencing, "status")[keys["N2"]] is not None


def test_values_already_taken_are_told_before_anything_is_applied(database: Database) -> None:
    applied(database, read(database, GOOD))
    keys = {number: key for key, number in values(database, Referencing, "ans_number").items()}
    taken = read(database, f"id;ans_number\n{keys['A1']};A2\n", key=["id"])
    assert [outcome for _, outcome, _ in lines(database, taken)] == [CorrectionOutcome.refused]
    created = read(database, "id;code;name\n;NEUF;Neuf\n999999;AUTRE;Autre\n", Corridor, key=["id"])
    assert [outcome for _, outcome, _ in lines(database, created)] == ["planned", "missing"]


def test_key_of_several_columns_and_one_that_several_rows_have(database: Database) -> None:
    with database.writing(STEWARD) as session:
        first, second = (add_provider(session).id for _ in range(2))
    role = "representative"
    correction = read(
        database,
        f"provider_id;role;last_name\n{first};{role};Un\n{second};{role};Deux\n",
        key=["provider_id", "role"],
        model=Person,
    )
    assert correction.planned == 2
    city = read(database, "siret;city\n732 829 320 00074;Nîmes\n", Provider, key=["siret"])
    told = lines(database, city)
    assert [outcome for _, outcome, _ in told] == ["refused"]
    assert "Plusieurs lignes" in told[0][2]


def test_values_exchanged_between_two_rows_are_refused_with_the_way_to_do_it(database: Database) -> None:
    with database.writing(STEWARD) as session:
        first, second = (add_referencing(session, number).id for number in ("ANS-A", "ANS-B"))
        add_referencing(session, "ANS-C")
    agreed_to_by_one_person(database)
    content = f"id;ans_number\n{first};ANS-B\n{second};ANS-C\n"
    found = lines(database, read(database, content, key=["id"], mode=ImportMode.update))
    assert [outcome for _, outcome, _ in found] == ["refused", "refused"]
    said = [str(detail) for _, _, detail in found]
    assert "deux corrections" in said[0]
    assert "déjà cette valeur" in said[1]

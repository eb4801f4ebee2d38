"""Reference rows that are remembered: never older than what the transaction sees."""

from __future__ import annotations

from sqlmodel import Session, col, select

from enrolment.services import reference
from enrolment.services.remembered import Remembered
from schema.database import Database
from schema.history import Actor
from schema.tables import BankOverride

ADMINISTRATOR = Actor.system("Administrateur")


def _row(session: Session) -> BankOverride:
    return session.exec(select(BankOverride).order_by(col(BankOverride.id))).first() or BankOverride(
        country="FR", bank_code="30003", name="Société Générale", bic="SOGEFRPP"
    )


def test_change_is_seen_at_once_and_in_no_other_transaction(database: Database) -> None:
    with database.writing(ADMINISTRATOR) as session:
        session.add(_row(session))
    with database.writing(ADMINISTRATOR) as session:
        row = _row(session)
        key = (row.country, row.bank_code)
        before = reference.bank_overrides(session)[key]
        row.name = "Banque des Alpes"
        session.add(row)
        assert reference.bank_overrides(session)[key] == ("Banque des Alpes", row.bic)
        session.rollback()
        assert reference.bank_overrides(session)[key] == before
    with database.writing(ADMINISTRATOR) as session:
        session.delete(_row(session))
        session.flush()
        assert key not in reference.bank_overrides(session)
    with database.reading() as session:
        assert key not in reference.bank_overrides(session)


def test_nothing_is_read_again_while_nothing_changes(database: Database) -> None:
    reads: list[int] = []

    def read(session: Session) -> int:
        reads.append(len(session.exec(select(BankOverride)).all()))
        return reads[-1]

    remembered = Remembered(read, BankOverride)
    for _ in range(3):
        with database.reading() as session:
            remembered(session)
    assert len(reads) == 1
    with database.writing(ADMINISTRATOR) as session:
        session.add(BankOverride(country="FR", bank_code="99998", name="Banque des Alpes", bic="ALPEFRPP"))
        assert remembered(session) == reads[0] + 1

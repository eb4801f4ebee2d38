"""A one-use token is used once, whoever asks at the same moment."""

import threading
from datetime import UTC, datetime

from sqlmodel import select

from enrolment.services import tokens
from schema.database import Database
from schema.history import Actor
from schema.tables import SpentToken

LATER = datetime(2026, 3, 3, 12, 10, tzinfo=UTC)


def _spend(database: Database, key: str) -> bool:
    with database.writing(Actor.system()) as session:
        return tokens.spend(session, key, LATER)


def test_token_is_spent_once_and_kept_as_a_fingerprint(database: Database) -> None:
    # std: SEC-6
    assert _spend(database, "captcha:abc")
    assert not _spend(database, "captcha:abc")
    assert _spend(database, "captcha:abd")
    with database.reading() as session:
        rows = session.exec(select(SpentToken)).all()
    assert not any("captcha" in row.key for row in rows)
    assert {row.expires_at for row in rows} == {LATER}


def test_race_for_one_token_has_one_winner(database: Database) -> None:
    # std: SEC-6
    wins: list[bool] = []
    barrier = threading.Barrier(8)

    def race() -> None:
        barrier.wait()
        wins.append(_spend(database, "proof:xyz"))

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(wins) == [False] * 7 + [True]


def test_undone_transaction_gives_the_token_back(database: Database) -> None:
    with database.reading() as session:
        assert tokens.spend(session, "captcha:abc", LATER)
    assert _spend(database, "captcha:abc")

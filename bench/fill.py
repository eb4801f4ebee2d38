"""Fills an SQLite database with very many requests, fast, by set-based SQL. Rows obey every constraint."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from schema.database import Database
from schema.history import Actor
from schema.migrate import upgrade
from seeds.load import load_reference

NOW = "2026-03-03 12:00:00.000000"
_STAMP = f"1, '{NOW}', '{NOW}'"
_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)"

_PROVIDERS = f"""
{_NUMBERS}
INSERT INTO provider (row_version, created_at, updated_at, siret, legal_name, trade_name, street_type_id, street_name,
                      post_code, city, registry_outcome)
SELECT {_STAMP}, printf('%014d', 10000000000000 + i * 97), 'Éditeur ' || i, 'Logiciel ' || i,
       (SELECT min(id) FROM street_type), 'des Lilas', printf('%05d', 1000 + i % 94000), 'Lyon', 'found'
FROM n
"""
_PEOPLE = f"""
INSERT INTO person (row_version, created_at, updated_at, provider_id, role, last_name, first_name, email, phone)
SELECT {_STAMP}, id, 'representative', 'Lefèvre', 'Claire', 'contact' || id || '@editeur.example', '+33478001234'
FROM provider
"""
_REFERENCINGS = f"""
{_NUMBERS}
INSERT INTO referencing (row_version, created_at, updated_at, ans_number, software_name, software_version, dsr_id,
                         status)
SELECT {_STAMP}, 'ANS-BENCH-' || i, 'Logiciel ' || i, '1.0',
       (SELECT min(id) FROM dsr) + i % (SELECT count(*) FROM dsr), 'validated'
FROM n
"""
_REQUESTS = f"""
{_NUMBERS}
INSERT INTO request (row_version, created_at, updated_at, number, public_id, submission_key, kind, is_early, status,
                     status_since, clock_from, clock_spent, submitted_at, referencing_id, provider_id, is_distributor,
                     is_representative,
                     vat_liable, legal_name_changed)
SELECT {_STAMP}, printf('ENR-2025-%07d', i), 'bench-' || i, 'bench-key-' || i, 'initial', 0, 'in_review',
       datetime('{NOW}', '-' || (i % 500000) || ' minutes') || '.000000',
       datetime('{NOW}', '-' || (i % 500000) || ' minutes') || '.000000', 0,
       datetime('{NOW}', '-' || (i % 500000) || ' minutes') || '.000000',
       (SELECT min(id) FROM referencing WHERE ans_number = 'ANS-BENCH-1') + i - 1, 1 + i % :providers, 0, 1, 1, 0
FROM n
"""
_DECIDE = "UPDATE request SET status = 'validated' WHERE id % 20 <> 0"


def fill(path: Path, requests: int) -> Database:
    """A database with so many requests, a fifth as many providers, one request in twenty still to instruct."""
    database = Database(f"sqlite:///{path}")
    upgrade(database.engine)
    with database.writing(Actor.system("Mesures")) as session:
        load_reference(session)
    providers = max(requests // 5, 1)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute(_PROVIDERS, {"rows": providers})
    connection.execute(_PEOPLE)
    connection.execute(_REFERENCINGS, {"rows": requests})
    connection.execute(_REQUESTS, {"rows": requests, "providers": providers})
    connection.execute(_DECIDE)
    connection.commit()
    connection.execute("ANALYZE")
    connection.commit()
    connection.close()
    return database

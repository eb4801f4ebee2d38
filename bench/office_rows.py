"""Fills an SQLite database with what an office has after years: every table that grows, names, dates and empty cells
spread as in life. Set-based SQL, indexes and triggers put back at the end: a million requests in a few minutes.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from schema import text_index
from schema.base import table_of
from schema.database import Database
from schema.history import Actor
from schema.migrate import upgrade
from schema.tables import ALL
from seeds.load import load_reference

NOW = "2026-03-03 12:00:00.000000"
_STAMP = "1, {at}, {at}"
_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)"
_CITIES = (
    "Lyon", "Paris", "Marseille", "Besançon", "Nîmes", "Orléans", "Saint-Étienne", "Le Mans", "Rennes", "Toulouse",
    "Évry", "Béziers", "Angers", "Brest", "Châlons-en-Champagne", "Nancy", "Metz", "Lille", "Rouen", "Caen", "Tours",
)  # fmt: skip
_FAMILIES = (
    "Lefèvre", "Martin", "Bernard", "Petit", "Durand", "Moreau", "Girard", "Noël", "Müller", "Garnier", "Béranger",
    "Œuvrard", "Chevalier", "François", "Lacroix", "Rousseau", "Vincent", "Marchand", "Dufour", "Blanchard",
  "Da Silva",
)  # fmt: skip
_FIRST_NAMES = ("Claire", "Amélie", "Jean", "Zoé", "Paul", "Hélène", "Nadia", "Marc", "Chloé", "Éric", "Inès", "Luc")
_TRADES = ("Santé", "Soins", "Médical", "Pharma", "Labo", "Imagerie", "Cœur", "Données", "Officine", "Clinique")
_FORMS = ("Alizé", "Nova", "Hippo", "Vita", "Éole", "Galien", "Ambre", "Zéphyr", "Orion", "Cassiopée", "Iris", "Sève")
_STATUSES = "CASE WHEN m < 50 THEN 'in_review' WHEN m < 60 THEN 'awaiting_documents' WHEN m < 66 THEN "
_STATUSES += "'awaiting_correction' WHEN m < 80 AND early THEN 'awaiting_certificates' WHEN m < 82 AND early THEN "
_STATUSES += "'certificates_to_review' WHEN m < 130 THEN 'rejected' WHEN m < 140 THEN 'withdrawn' ELSE 'validated' END"


def _chance(salt: int, outcomes: int) -> str:
    """A number below `outcomes` that looks random and is the same at each run."""
    return f"((i * {2654435761 + 2 * salt} + {salt} * 40503) % 4294967291 / 7 % {outcomes})"


def _one_of(words: tuple[str, ...], salt: int) -> str:
    listed = json.dumps(words, ensure_ascii=False).replace("'", "''")
    return f"json_extract('{listed}', '$[' || {_chance(salt, len(words))} || ']')"


def _ago(salt: int) -> str:
    """A moment of the last three years; later rows are later, with days of disorder."""
    minutes = f"((:rows - i) * 1576800.0 / :rows + {_chance(salt, 14400)})"
    at = f"strftime('%Y-%m-%d %H:%M:%S', '{NOW}', '-' || CAST({minutes} AS INTEGER) || ' minutes')"
    return f"{at} || '.' || printf('%06d', i % 1000000)"


_PROVIDERS = f"""
{_NUMBERS}, rows AS (SELECT i, {_ago(1)} AS at, printf('%014d', 10000000000000 + i * 97003 % 89000000000000) AS siret,
  {_one_of(_FORMS, 2)} || ' ' || {_one_of(_TRADES, 3)} || ' ' || i AS name FROM n)
INSERT INTO provider (row_version, created_at, updated_at, siret, legal_name, registry_name, trade_name, building,
  street_number, street_extension, street_type_id, street_name, post_code, city, registry_outcome,
  registry_checked_at)
SELECT {_STAMP.format(at="at")}, siret, name, CASE WHEN {_chance(4, 10)} = 0 THEN name END,
  {_one_of(_FORMS, 5)} || ' ' || i,
  CASE WHEN {_chance(6, 8)} = 0 THEN 'Bâtiment ' || i % 9 END,
  CASE WHEN {_chance(7, 3)} > 0 THEN '' || (1 + i % 180) END,
  CASE WHEN {_chance(8, 20)} = 0 THEN 'B' END, (SELECT min(id) FROM street_type) + i % 5,
  'des ' || {_one_of(_FAMILIES, 9)},
  printf('%05d', 1000 + i * 7 % 94000), {_one_of(_CITIES, 10)},
  CASE {_chance(11, 40)} WHEN 0 THEN 'unknown' WHEN 1 THEN 'unavailable' ELSE 'found' END,
  CASE WHEN {_chance(12, 5)} > 0 THEN at END
FROM rows
"""
_PEOPLE = f"""
WITH rows AS (SELECT id AS i, created_at AS at FROM provider)
INSERT INTO person (row_version, created_at, updated_at, provider_id, role, last_name, first_name, email, phone)
SELECT {_STAMP.format(at="at")}, i, 'representative', {_one_of(_FAMILIES, 20)}, {_one_of(_FIRST_NAMES, 21)},
  'contact' || i || '@editeur' || i % 977 || '.example', printf('+33478%06d', i) FROM rows
"""
_DEPOSITARIES = f"""
WITH rows AS (SELECT id AS i, created_at AS at FROM provider WHERE id % 3 = 0)
INSERT INTO person (row_version, created_at, updated_at, provider_id, role, last_name, first_name, email, phone,
  quality)
SELECT {_STAMP.format(at="at")}, i, 'depositary', {_one_of(_FAMILIES, 24)}, {_one_of(_FIRST_NAMES, 25)},
  'depot' || i || '@editeur' || i % 977 || '.example', printf('+33478%06d', i),
  CASE WHEN {_chance(22, 4)} THEN 'employee' ELSE 'management_centre' END FROM rows
"""
_BANKS = f"""
WITH rows AS (SELECT id AS i, created_at AS at, legal_name FROM provider)
INSERT INTO bank_account (row_version, created_at, updated_at, provider_id, iban, bic, holder, domiciliation,
  bank_check)
SELECT {_STAMP.format(at="at")}, i, printf('FR76%023d', i * 7919),
  CASE i % 4 WHEN 0 THEN 'AGRIFRPPXXX' WHEN 1 THEN 'BNPAFRPP' ELSE
  'CMCIFRPP' END, legal_name, 'Crédit Agricole',
  CASE WHEN {_chance(23, 50)} = 0 THEN 'unknown_bank' ELSE 'coherent' END FROM rows
"""
_REFERENCINGS = f"""
{_NUMBERS}, rows AS (SELECT i, {_ago(30)} AS at FROM n)
INSERT INTO referencing (row_version, created_at, updated_at, ans_number, software_name, software_version,
  publisher_name, dsr_id, status, validated_on)
SELECT {_STAMP.format(at="at")}, 'ANS-B-' || i,
  {_one_of(_FORMS, 31)} || ' ' || {_one_of(_TRADES, 32)} || ' ' || i % 5000, 'v' || i % 12,
  CASE WHEN {_chance(33, 3)} THEN {_one_of(_FORMS, 34)} || ' Éditions' END,
  (SELECT min(id) FROM dsr) + {_chance(35, 1000)} % (SELECT count(*) FROM dsr),
  CASE WHEN i % 4 = 0 THEN 'pending' WHEN {_chance(36, 200)} = 0 THEN 'withdrawn' ELSE 'validated' END,
  CASE WHEN i % 4 THEN substr(at, 1, 10) END FROM rows
"""
_ACCOUNTS = f"""
WITH rows AS (SELECT id AS i, created_at AS at FROM provider)
INSERT INTO account (row_version, created_at, updated_at, login, email, last_name, first_name, phone, state,
  from_wave_1)
SELECT {_STAMP.format(at="at")}, 'compte' || i, 'compte' || i || '@editeur.example', {_one_of(_FAMILIES, 40)},
  {_one_of(_FIRST_NAMES, 41)},
  CASE WHEN {_chance(42, 2)} THEN '+33478001234' END,
  CASE {_chance(43, 30)} WHEN 0 THEN 'disabled' WHEN 1 THEN 'invited' ELSE 'active' END,
  {_chance(44, 4)} = 0 FROM rows
"""
_LINKS = f"""
INSERT INTO account_provider (row_version, created_at, updated_at, account_id, provider_id)
SELECT {_STAMP.format(at="created_at")}, id, id FROM provider
"""
_REQUESTS = f"""
{_NUMBERS}, base AS (SELECT i, {_ago(50)} AS at, i % 4 = 0 AS early,
  {_chance(51, 1000)} AS m, 1 + {_chance(52, 1000000)} % :providers AS p FROM n),
rows AS (SELECT *, {_STATUSES} AS s FROM base)
INSERT INTO request (row_version, created_at, updated_at, number, public_id, submission_key, kind, is_early, status,
  status_since, clock_from, clock_spent, asked_from, submitted_at, decided_at, referencing_id, provider_id,
  account_id,
  assigned_to_id, hosts_health_data, is_distributor, is_representative, vat_liable, legal_name_changed, to_verify)
SELECT {_STAMP.format(at="at")}, printf('ENR-%d-%07d', substr(at, 1, 4), i), 'bench-' || i, 'bench-key-' || i,
  CASE WHEN {_chance(53, 3)} THEN 'initial' ELSE 'complementary' END, early, s, at, at, {_chance(54, 900000)},
  CASE WHEN s IN ('awaiting_documents', 'awaiting_correction') THEN 'in_review' END, at,
  CASE WHEN s IN ('validated', 'rejected') THEN at END, i, p, p, NULL,
  CASE {_chance(55, 3)} WHEN 0 THEN 0 WHEN 1 THEN 1 END, {_chance(56, 9)} = 0, {_chance(57, 4)} > 0,
  {_chance(58, 25)} > 0,
  {_chance(59, 60)} = 0, CASE WHEN {_chance(60, 50)} = 0 THEN 'IBAN non contrôlé lors du dépôt.' END FROM rows
"""
_EVENTS = f"""
WITH rows AS (SELECT id AS i, created_at AS at, status, part FROM request CROSS JOIN (SELECT 1 AS part UNION SELECT 2)
  WHERE part = 1 OR status IN ('validated', 'rejected'))
INSERT INTO request_event (row_version, created_at, updated_at, request_id, at, verb, source, target, actor_kind,
  actor_label, message)
SELECT {_STAMP.format(at="at")}, i, at,
  CASE WHEN part = 1 THEN 'submit' WHEN status = 'validated' THEN 'validate' ELSE 'reject' END,
  CASE part WHEN 2 THEN 'in_review' END, CASE part WHEN 1 THEN 'in_review' ELSE status END,
  CASE part WHEN 1 THEN 'vendor' ELSE 'staff' END,
  CASE part WHEN 1 THEN 'Fournisseur' ELSE {_one_of(_FIRST_NAMES, 61)} || ' ' || {_one_of(_FAMILIES, 62)} END,
  CASE WHEN part = 2 AND status = 'rejected' THEN 'Pièce illisible.' END FROM rows
"""
_PIECES = f"""
WITH rows AS (SELECT id AS i, created_at AS at, part
  FROM request CROSS JOIN (SELECT 1 AS part UNION SELECT 2) WHERE id % 3 = 0)
INSERT INTO attachment (row_version, created_at, updated_at, public_id, request_id, document_kind_id, file_name,
  content_type,
  size, pages, sha256, storage_key, scan, review, deposited_at)
SELECT {_STAMP.format(at="at")}, 'p' || part || '-' || i, i, (SELECT min(id) FROM document_kind) + part,
  CASE part WHEN 1 THEN 'kbis-' ELSE 'rib-' END || lower({_one_of(_FORMS, 63)}) || '-' || i || '.pdf',
  CASE WHEN {_chance(64, 6)} THEN 'application/pdf' ELSE 'image/png' END, 10000 + {_chance(65, 900000)},
  CASE WHEN {_chance(66, 4)} THEN 1 + i % 9 END, printf('%064x', i * 2 + part), 'k' || part || '-' || i,
  CASE {_chance(67, 100)} WHEN 0 THEN 'infected' WHEN 1 THEN 'unscanned' ELSE 'clean' END,
  CASE {_chance(68, 10)} WHEN 0 THEN 'not_applicable' WHEN 1 THEN 'unreviewed' ELSE 'compliant' END, at FROM rows
"""
_READINGS = f"""
INSERT INTO attachment_access (row_version, created_at, updated_at, attachment_id, at, actor_kind, actor_id,
  actor_label)
SELECT {_STAMP.format(at="created_at")}, id, created_at, 'staff', 1, 'Inès Moreau' FROM attachment WHERE id % 4 = 0
"""
_MAILS = f"""
WITH rows AS (SELECT id AS i, created_at AS at, number, provider_id FROM request)
INSERT INTO outgoing_mail (row_version, created_at, updated_at, public_id, event_key, template, recipient, subject,
  text_body, html_body,
  request_id, state, send_after, attempts, last_reply, sent_at)
SELECT {_STAMP.format(at="at")}, 'm' || i, 'event-' || i,
  CASE WHEN {_chance(70, 3)} THEN 'received' ELSE 'validated' END,
  'contact' || provider_id || '@editeur' || provider_id % 977 || '.example', 'Votre demande ' || number,
  'Bonjour,', '<p>Bonjour,</p>', i,
  CASE {_chance(71, 200)} WHEN 0 THEN 'parked' WHEN 1 THEN 'cancelled' ELSE 'sent' END, at,
  1 + {_chance(72, 20)} / 19,
  CASE WHEN {_chance(71, 200)} = 0 THEN '550 boîte inconnue' ELSE '250 ok' END,
  CASE WHEN {_chance(71, 200)} > 1 THEN at END FROM rows
"""
_HISTORY = f"""
WITH rows AS (SELECT id AS i, created_at AS at, part
  FROM request CROSS JOIN (SELECT 1 AS part UNION SELECT 2 UNION SELECT 3))
INSERT INTO history (row_version, created_at, updated_at, at, table_name, row_id, operation, changes, actor_kind,
  actor_id, actor_label, reason)
SELECT {_STAMP.format(at="at")}, at, CASE part WHEN 3 THEN 'referencing' ELSE 'request' END, i,
  CASE part WHEN 1 THEN 'insert' ELSE 'update' END, '{{"row_version": [1, 2]}}',
  CASE WHEN {_chance(80, 3)} THEN 'vendor' ELSE 'staff' END, CASE WHEN {_chance(80, 3)} = 0 THEN 1 + i % 5 END,
  CASE WHEN {_chance(80, 3)} THEN 'Fournisseur' ELSE {_one_of(_FAMILIES, 81)} END,
  CASE WHEN {_chance(82, 30)} = 0 THEN 'Correction demandée' END FROM rows
"""
# The job that seals the history would otherwise begin with all of it, in the middle of what is measured.
_SEAL = f"""
INSERT INTO history_seal (row_version, created_at, updated_at, first_id, last_id, rows, digest)
SELECT 1, '{NOW}', '{NOW}', min(id), max(id), count(*), printf('%064x', 1) FROM history
"""
_STEPS = (
    _PROVIDERS,
    _PEOPLE,
    _DEPOSITARIES,
    _BANKS,
    _REFERENCINGS,
    _ACCOUNTS,
    _LINKS,
    _REQUESTS,
    _EVENTS,
    _PIECES,
    _READINGS,
    _MAILS,
    _HISTORY,
    _SEAL,
)


def fill_office(path: Path, requests: int) -> None:
    """So many requests, a fifth as many providers, three times as many lines of history. Done once for a path."""
    if path.exists():
        return
    unfinished = path.with_suffix(".filling")
    unfinished.unlink(missing_ok=True)
    database = Database(f"sqlite:///{unfinished}")
    upgrade(database.engine)
    with database.writing(Actor.system("Mesures")) as session:
        load_reference(session)
    database.dispose()
    with closing(sqlite3.connect(unfinished)) as connection:
        _insert(connection, requests)
    unfinished.rename(path)


def _insert(connection: sqlite3.Connection, requests: int) -> None:
    connection.execute("PRAGMA journal_mode=OFF")
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-400000")
    kept = connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE type = 'trigger' OR (type = 'index' AND name LIKE 'ix%')"
    ).fetchall()
    for kind, name, _ in kept:
        connection.execute(f"DROP {kind} {name}")
    providers = max(requests // 5, 1)
    for statement in _STEPS:
        rows = providers if statement is _PROVIDERS else requests
        named = {"rows": rows, "providers": providers}
        connection.execute(statement, {name: value for name, value in named.items() if f":{name}" in statement})
    for model in ALL:
        texts = [spec.name for spec in text_index.indexed(model)]
        if texts:
            table = table_of(model).name
            names = ", ".join(texts)
            index = text_index.name_of(table)
            connection.execute(f"DELETE FROM {index}")
            connection.execute(f"INSERT INTO {index}(rowid, {names}) SELECT id, {names} FROM {table} ORDER BY id")
    connection.execute("DELETE FROM text_change")
    for _, _, sql in kept:
        connection.execute(sql)
    connection.execute("ANALYZE")
    connection.commit()

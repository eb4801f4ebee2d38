"""What an office has after years, as set-based SQL for SQLite: every table that grows, names, dates and empty cells
spread as in life, numbers with their right keys, and the mistakes that people make.

A million requests in a few minutes. Each statement takes what it needs of: `rows` how many to make, `providers` how
many there are for them, `shift` the highest key that is already there, `now` the moment at which the last row is made.
Who runs them is in `volume`.
"""

from __future__ import annotations

import json

_STAMP = "1, {at}, {at}"
_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)"
_FAMILIES = (
    "Lefèvre", "Martin", "Bernard", "Petit", "Durand", "Moreau", "Girard", "Noël", "Müller", "Garnier", "Béranger",
    "Œuvrard", "Chevalier", "François", "Lacroix", "Rousseau", "Vincent", "Marchand", "Dufour", "Blanchard",
  "Da Silva",
)  # fmt: skip
_FIRST_NAMES = ("Claire", "Amélie", "Jean", "Zoé", "Paul", "Hélène", "Nadia", "Marc", "Chloé", "Éric", "Inès", "Luc")
_TRADES = ("Santé", "Soins", "Médical", "Pharma", "Labo", "Imagerie", "Cœur", "Données", "Officine", "Clinique")
_FORMS = ("Alizé", "Nova", "Hippo", "Vita", "Éole", "Galien", "Ambre", "Zéphyr", "Orion", "Cassiopée", "Iris", "Sève")
# Code, BIC and name, as the list of banks and its corrections give them.
BANKS = (
    ("30006", "AGRIFRPPXXX", "CREDIT AGRICOLE SA"), ("30004", "BNPAFRPPXXX", "BNP PARIBAS"),
    ("30003", "SOGEFRPP", "Société Générale"), ("20041", "PSSTFRPPXXX", "LA BANQUE POSTALE"),
    ("30002", "CRLYFRPPXXX", "CREDIT LYONNAIS"), ("10278", "CMCIFR2A", "CREDIT MUTUEL"),
    ("16958", "QNTOFRP1", "Qonto (Olinda)"), ("30066", "CMCIFRPPXXX", "CREDIT INDUSTRIEL ET COMMERCIAL"),
)  # fmt: skip
# Post code, commune, and how people write it otherwise.
_COMMUNES = (
    ("93200", "Saint-Denis", "ST DENIS"), ("97400", "Saint-Denis", "SAINT DENIS"),
    ("42000", "Saint-Étienne", "ST ETIENNE"),
    ("69003", "Lyon", "LYON"), ("75011", "Paris", "PARIS"), ("13001", "Marseille", "Marseille"),
    ("25000", "Besançon", "BESANCON"), ("30000", "Nîmes", "Nimes"), ("45000", "Orléans", "orleans"),
    ("72000", "Le Mans", "LE MANS"), ("59000", "Lille", "LILLE"),
    ("51000", "Châlons-en-Champagne", "Chalons en Champagne"),
    ("94100", "Saint-Maur-des-Fossés", "ST MAUR DES FOSSES"), ("69110", "Sainte-Foy-lès-Lyon", "Ste Foy les Lyon"),
    ("31000", "Toulouse", "Toulouse"), ("35000", "Rennes", "RENNES"), ("34500", "Béziers", "Beziers"),
    ("49000", "Angers", "Angers"), ("29200", "Brest", "BREST"), ("54000", "Nancy", "Nancy"), ("57000", "Metz", "METZ"),
    ("76000", "Rouen", "Rouen"), ("14000", "Caen", "CAEN"), ("37000", "Tours", "TOURS"),
    ("92200", "Neuilly-sur-Seine", "NEUILLY SUR SEINE"), ("59650", "Villeneuve-d'Ascq", "VILLENEUVE D ASCQ"),
)  # fmt: skip
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
    at = f"strftime('%Y-%m-%d %H:%M:%S', :now, '-' || CAST({minutes} AS INTEGER) || ' minutes')"
    return f"{at} || '.' || printf('%06d', i % 1000000)"


def _luhn(digits: str, length: int, doubled: int) -> str:
    """The digit that completes a number of `length` digits; every other one from the place `doubled` counts twice."""
    terms = [
        f"substr({digits}, {place}, 1) * 2 - 9 * (substr({digits}, {place}, 1) > '4')"
        if place % 2 == doubled % 2
        else f"substr({digits}, {place}, 1)"
        for place in range(1, length + 1)
    ]
    return f"((10 - ({' + '.join(terms)}) % 10) % 10)"


def _from(listed: str, salt: int, outcomes: int, place: int) -> str:
    return f"json_extract({listed}, '$[' || {_chance(salt, outcomes)} || '][{place}]')"


_LISTED_COMMUNES = "'" + json.dumps(_COMMUNES, ensure_ascii=False).replace("'", "''") + "'"
_LISTED_BANKS = "'" + json.dumps(BANKS, ensure_ascii=False).replace("'", "''") + "'"
_SIREN = "printf('%08d', 30000000 + (:shift + i) * 347 % 60000000)"
PROVIDERS = f"""
{_NUMBERS}, base AS (SELECT i, {_ago(1)} AS at, {_SIREN} AS eight,
  {_one_of(_FORMS, 2)} || ' ' || {_one_of(_TRADES, 3)} || ' ' || i AS name FROM n),
nine AS (SELECT *, eight || {_luhn("eight", 8, 2)} || '0001' AS thirteen FROM base),
rows AS (SELECT *, thirteen || {_luhn("thirteen", 13, 1)} AS siret FROM nine)
INSERT INTO provider (id, row_version, created_at, updated_at, siret, legal_name, registry_name, trade_name, building,
  street_number, street_extension, street_type_id, street_name, post_code, city, registry_outcome,
  registry_checked_at)
SELECT :shift + i, {_STAMP.format(at="at")}, siret, name, CASE WHEN {_chance(4, 10)} = 0 THEN name END,
  {_one_of(_FORMS, 5)} || ' ' || i,
  CASE WHEN {_chance(6, 8)} = 0 THEN 'Bâtiment ' || (i % 9) END,
  CASE WHEN {_chance(7, 3)} > 0 THEN '' || (1 + i % 180) END,
  CASE WHEN {_chance(8, 20)} = 0 THEN 'B' END, (SELECT min(id) FROM street_type) + i % 5,
  'des ' || {_one_of(_FAMILIES, 9)},
  {_from(_LISTED_COMMUNES, 10, len(_COMMUNES), 0)},
  CASE WHEN {_chance(13, 6)} = 0 THEN {_from(_LISTED_COMMUNES, 10, len(_COMMUNES), 2)}
    ELSE {_from(_LISTED_COMMUNES, 10, len(_COMMUNES), 1)} END,
  CASE {_chance(11, 40)} WHEN 0 THEN 'unknown' WHEN 1 THEN 'unavailable' ELSE 'found' END,
  CASE WHEN {_chance(12, 5)} > 0 THEN at END
FROM rows
"""
_REGISTRY = f"""
WITH rows AS (SELECT id - :shift AS i, created_at AS at, siret, siren, legal_name FROM provider WHERE id > :shift)
INSERT INTO registry_entry (row_version, created_at, updated_at, siret, siren, legal_name, post_code, city, is_open,
  is_diffusible)
SELECT {_STAMP.format(at="at")}, siret, siren,
  CASE WHEN {_chance(90, 200)} = 0 THEN {_one_of(_FORMS, 91)} || ' ' || {_one_of(_TRADES, 3)} || ' ' || i
    ELSE upper(legal_name) END,
  {_from(_LISTED_COMMUNES, 10, len(_COMMUNES), 0)}, {_from(_LISTED_COMMUNES, 10, len(_COMMUNES), 1)},
  {_chance(92, 300)} > 0, 1 FROM rows WHERE i % 2 = 0
"""
_PEOPLE = f"""
WITH rows AS (SELECT id AS i, created_at AS at FROM provider WHERE id > :shift)
INSERT INTO person (row_version, created_at, updated_at, provider_id, role, last_name, first_name, email, phone)
SELECT {_STAMP.format(at="at")}, i, 'representative', {_one_of(_FAMILIES, 20)}, {_one_of(_FIRST_NAMES, 21)},
  'contact' || i || '@editeur' || (i % 977) || '.example', CASE WHEN {_chance(26, 80)} = 0
  THEN printf('04.78.%02d.%02d.%02d', i / 10000 % 100, i / 100 % 100, i % 100)
  ELSE printf('+33478%06d', i % 1000000) END
FROM rows
"""
_DEPOSITARIES = f"""
WITH rows AS (SELECT id AS i, created_at AS at FROM provider WHERE id > :shift AND id % 3 = 0)
INSERT INTO person (row_version, created_at, updated_at, provider_id, role, last_name, first_name, email, phone,
  quality)
SELECT {_STAMP.format(at="at")}, i, 'depositary', {_one_of(_FAMILIES, 24)}, {_one_of(_FIRST_NAMES, 25)},
  'depot' || i || '@editeur' || (i % 977) || '.example', printf('+33478%06d', i % 1000000),
  CASE WHEN {_chance(22, 4)} THEN 'employee' ELSE 'management_centre' END FROM rows
"""
# The key of a French account, then that of the whole IBAN: remainders by 97, in pieces that fit SQLite's integers.
_BANKS = f"""
WITH rows AS (SELECT id AS i, created_at AS at, legal_name FROM provider WHERE id > :shift),
chosen AS (SELECT *, {_from(_LISTED_BANKS, 24, len(BANKS), 0)} AS code, 1000 + i * 7 % 8999 AS branch,
  10000000000 + i * 7919 % 89999999999 AS number FROM rows),
keyed AS (SELECT *, 97 - (89 * (code % 97) + 15 * branch + 3 * number) % 97 AS rib FROM chosen),
weighed AS (SELECT *, ((code % 97) * {10**18 % 97} + branch * {10**13 % 97} + (number % 97) * {100 % 97} + rib) % 97
  AS national FROM keyed)
INSERT INTO bank_account (row_version, created_at, updated_at, provider_id, iban, bic, holder, domiciliation,
  bank_check)
SELECT {_STAMP.format(at="at")}, i,
  printf('FR%02d%s%05d%011d%02d', 98 - (national * {10**6 % 97} + {152700 % 97}) % 97, code, branch, number, rib),
  CASE WHEN {_chance(25, 60)} = 0 THEN {_from(_LISTED_BANKS, 27, len(BANKS), 1)}
    ELSE {_from(_LISTED_BANKS, 24, len(BANKS), 1)} END, legal_name,
  {_from(_LISTED_BANKS, 24, len(BANKS), 2)},
  CASE WHEN {_chance(23, 50)} = 0 THEN 'unknown_bank' ELSE 'coherent' END FROM weighed
"""
_REFERENCINGS = f"""
{_NUMBERS}, rows AS (SELECT i, {_ago(30)} AS at FROM n)
INSERT INTO referencing (id, row_version, created_at, updated_at, ans_number, software_name, software_version,
  publisher_name, dsr_id, status, validated_on)
SELECT :shift + i, {_STAMP.format(at="at")}, 'ANS-B-' || (:shift + i),
  {_one_of(_FORMS, 31)} || ' ' || {_one_of(_TRADES, 32)} || ' ' || (i % 5000), 'v' || (i % 12),
  CASE WHEN {_chance(33, 3)} THEN {_one_of(_FORMS, 34)} || ' Éditions' END,
  (SELECT min(id) FROM dsr) + {_chance(35, 1000)} % (SELECT count(*) FROM dsr),
  CASE WHEN i % 4 = 0 THEN 'pending' WHEN {_chance(36, 200)} = 0 THEN 'withdrawn' ELSE 'validated' END,
  CASE WHEN i % 4 THEN substr(at, 1, 10) END FROM rows
"""
_ACCOUNTS = f"""
WITH rows AS (SELECT id AS i, created_at AS at FROM provider WHERE id > :shift)
INSERT INTO account (id, row_version, created_at, updated_at, login, email, last_name, first_name, phone, state,
  from_wave_1)
SELECT i, {_STAMP.format(at="at")}, 'compte' || i, 'compte' || i || '@editeur.example', {_one_of(_FAMILIES, 40)},
  {_one_of(_FIRST_NAMES, 41)},
  CASE WHEN {_chance(42, 2)} THEN '+33478001234' END,
  CASE {_chance(43, 30)} WHEN 0 THEN 'disabled' WHEN 1 THEN 'invited' ELSE 'active' END,
  {_chance(44, 4)} = 0 FROM rows
"""
_LINKS = f"""
INSERT INTO account_provider (row_version, created_at, updated_at, account_id, provider_id)
SELECT {_STAMP.format(at="created_at")}, id, id FROM provider WHERE id > :shift
"""
_REQUESTS = f"""
{_NUMBERS}, base AS (SELECT i, {_ago(50)} AS at, i % 4 = 0 AS early,
  {_chance(51, 1000)} AS m, 1 + {_chance(52, 1000000)} % :providers AS p FROM n),
rows AS (SELECT *, {_STATUSES} AS s FROM base)
INSERT INTO request (id, row_version, created_at, updated_at, number, public_id, submission_key, kind, is_early, status,
  status_since, clock_from, clock_spent, asked_from, submitted_at, decided_at, referencing_id, provider_id,
  account_id,
  assigned_to_id, hosts_health_data, is_distributor, is_representative, vat_liable, legal_name_changed, to_verify)
SELECT :shift + i, {_STAMP.format(at="at")}, printf('ENR-%d-%06d', substr(at, 1, 4), :shift + i),
  'volume-' || (:shift + i), 'volume-key-' || (:shift + i),
  CASE WHEN {_chance(53, 3)} THEN 'initial' ELSE 'complementary' END, early, s, at, at, {_chance(54, 900000)},
  CASE WHEN s IN ('awaiting_documents', 'awaiting_correction') THEN 'in_review' END, at,
  CASE WHEN s IN ('validated', 'rejected') THEN at END, :shift + i, :shift + p,
  :shift + p, NULL,
  CASE {_chance(55, 3)} WHEN 0 THEN 0 WHEN 1 THEN 1 END, {_chance(56, 9)} = 0, {_chance(57, 4)} > 0,
  {_chance(58, 25)} > 0,
  {_chance(59, 60)} = 0, CASE WHEN {_chance(60, 50)} = 0 THEN 'IBAN non contrôlé lors du dépôt.' END FROM rows
"""
_EVENTS = f"""
WITH rows AS (SELECT id AS i, created_at AS at, status, part FROM request CROSS JOIN (SELECT 1 AS part UNION SELECT 2)
  WHERE id > :shift AND (part = 1 OR status IN ('validated', 'rejected')))
INSERT INTO request_event (row_version, created_at, updated_at, request_id, at, verb, source, target, actor_kind,
  actor_label, message)
SELECT {_STAMP.format(at="at")}, i, at,
  CASE WHEN part = 1 THEN 'submit' WHEN status = 'validated' THEN 'validate' ELSE 'reject' END,
  CASE part WHEN 2 THEN 'in_review' END, CASE part WHEN 1 THEN 'in_review' ELSE status END,
  CASE part WHEN 1 THEN 'vendor' ELSE 'staff' END,
  CASE part WHEN 1 THEN 'Fournisseur' ELSE {_one_of(_FIRST_NAMES, 61)} || ' ' || {_one_of(_FAMILIES, 62)} END,
  CASE WHEN part = 2 AND status = 'rejected' THEN 'Pièce illisible.' END FROM rows
"""
# What is asked of those who wait: a certificate, the bank details again, or a typing mistake.
_DEMANDS = f"""
WITH rows AS (SELECT id AS i, status_since AS at, status FROM request WHERE id > :shift
  AND status IN ('awaiting_documents', 'awaiting_correction', 'awaiting_certificates'))
INSERT INTO demand (row_version, created_at, updated_at, public_id, request_id, kind, asked_at, state)
SELECT {_STAMP.format(at="at")}, 'volume-demand-' || i, i, CASE status WHEN 'awaiting_documents' THEN 'documents'
  WHEN 'awaiting_correction' THEN 'correction' ELSE 'certificates' END, at, 'open' FROM rows
"""
_DEMANDED = f"""
INSERT INTO demand_item (row_version, created_at, updated_at, demand_id, document_kind_id, field, reason)
SELECT {_STAMP.format(at="asked_at")}, id, CASE kind WHEN 'documents' THEN (SELECT id FROM document_kind WHERE
  code = 'rib') WHEN 'certificates' THEN (SELECT id FROM document_kind WHERE code = 'reference_certificate') END,
  CASE kind WHEN 'correction' THEN 'bank.holder' END,
  CASE kind WHEN 'correction' THEN 'Le titulaire doit être la société.' WHEN 'documents' THEN 'Document illisible.' END
FROM demand WHERE request_id > :shift
"""
_PIECES = f"""
WITH rows AS (SELECT id AS i, created_at AS at, part
  FROM request CROSS JOIN (SELECT 1 AS part UNION SELECT 2) WHERE id > :shift AND id % 3 = 0)
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
WITH rows AS (SELECT id AS i, created_at AS at, number, provider_id FROM request WHERE id > :shift)
INSERT INTO outgoing_mail (row_version, created_at, updated_at, public_id, event_key, template, recipient, subject,
  text_body, html_body,
  request_id, state, send_after, attempts, last_reply, sent_at)
SELECT {_STAMP.format(at="at")}, 'volume-mail-' || i, 'volume-event-' || i,
  CASE WHEN {_chance(70, 3)} THEN 'acknowledgement' ELSE 'validation' END,
  'contact' || provider_id || '@editeur' || (provider_id % 977) || '.example', 'Votre demande ' || number,
  'Bonjour,', '<p>Bonjour,</p>', i,
  CASE {_chance(71, 200)} WHEN 0 THEN 'parked' WHEN 1 THEN 'cancelled' ELSE 'sent' END, at,
  1 + {_chance(72, 20)} / 19,
  CASE WHEN {_chance(71, 200)} = 0 THEN '550 boîte inconnue' ELSE '250 ok' END,
  CASE WHEN {_chance(71, 200)} > 1 THEN at END FROM rows
"""
_HISTORY = f"""
WITH rows AS (SELECT id AS i, created_at AS at, part
  FROM request CROSS JOIN (SELECT 1 AS part UNION SELECT 2 UNION SELECT 3) WHERE id > :shift)
INSERT INTO history (row_version, created_at, updated_at, at, table_name, row_id, operation, changes, actor_kind,
  actor_id, actor_label, reason)
SELECT {_STAMP.format(at="at")}, at, CASE part WHEN 3 THEN 'referencing' ELSE 'request' END, i,
  CASE part WHEN 1 THEN 'insert' ELSE 'update' END, '{{"row_version": [1, 2]}}',
  CASE WHEN {_chance(80, 3)} THEN 'vendor' ELSE 'staff' END, CASE WHEN {_chance(80, 3)} = 0 THEN 1 + i % 5 END,
  CASE WHEN {_chance(80, 3)} THEN 'Fournisseur' ELSE {_one_of(_FAMILIES, 81)} END,
  CASE WHEN {_chance(82, 30)} = 0 THEN 'Correction demandée' END FROM rows
"""
# The job that seals the history would otherwise begin with all of it, in the middle of what is measured.
_SEAL = """
INSERT INTO history_seal (row_version, created_at, updated_at, first_id, last_id, rows, digest)
SELECT 1, :now, :now, min(id), max(id), count(*), printf('%064x', 1) FROM history
"""
# The next number of each year follows those that were given out.
_COUNTERS = f"""
INSERT INTO request_counter (row_version, created_at, updated_at, series, year, last)
SELECT {_STAMP.format(at=":now")}, 'ENR', CAST(substr(number, 5, 4) AS INTEGER) AS y,
  max(CAST(substr(number, 10) AS INTEGER))
FROM request GROUP BY y
ON CONFLICT (series, year) DO UPDATE SET last = max(last, excluded.last)
"""

OFFICE = (
    PROVIDERS,
    _REGISTRY,
    _PEOPLE,
    _DEPOSITARIES,
    _BANKS,
    _REFERENCINGS,
    _ACCOUNTS,
    _LINKS,
    _REQUESTS,
    _EVENTS,
    _DEMANDS,
    _DEMANDED,
    _MAILS,
    _COUNTERS,
)
"""What a portal that people visit may hold: nothing that needs a file of its own."""

MEASURES = (
    *OFFICE[:-2],
    _PIECES,
    _READINGS,
    *OFFICE[-2:],
    _HISTORY,
    _SEAL,
)
"""What measures also need: pieces whose files are not there, and a history that is sealed in one line."""

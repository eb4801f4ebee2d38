"""The simulator's checker: whatever follows the format passes, whatever breaks it once is found where it is."""

from __future__ import annotations

import copy
import io
import json
import random
import re
from dataclasses import replace
from typing import Any

import fastjsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrolment.financing.checking import Report, check
from enrolment.financing.example import example
from enrolment.financing.format import HEADER_FIELDS, LINE_FIELDS, SITE_FIELDS, json_schema
from enrolment.financing.problems import SHOWN, STOPS_AFTER
from enrolment.financing.rules import Enrolled, Kind
from tests.enrolment.financing.files import (
    KINDS,
    NUMBER,
    RATES,
    RULES,
    VENDOR,
    WAVE,
    a_file,
    a_finess,
    a_line,
    a_siret,
    changed,
    totalled,
    written,
)

_follows_schema = fastjsonschema.compile(
    {key: value for key, value in json_schema("urn:x", KINDS, RATES).items() if not key.startswith("$")}
)


def checked(content: Any, rules: Any = RULES, indent: int | None = 2) -> Report:
    """The report on a file."""
    raw = content if isinstance(content, bytes) else written(content, indent)
    return check(io.BytesIO(raw), rules)


def line_with(raw: bytes, text: str) -> int:
    """The number of the first line of a file that holds a text."""
    return 1 + raw.decode()[: raw.decode().index(text)].count("\n")


@st.composite
def valid_files(draw: st.DrawFn) -> dict[str, Any]:
    """Any valid file."""
    sirets = [a_siret(place) for place in range(draw(st.integers(1, 5)))]
    lines = [
        a_line(
            place,
            draw(st.sampled_from(sirets)),
            net=draw(st.integers(1, 400_000)),
            rate=draw(st.sampled_from(RATES)),
            kind=draw(st.sampled_from(sorted(KINDS))),
        )
        | {"reference": f"R{place}"}
        for place in range(draw(st.integers(1, 12)))
    ]
    return totalled(lines, sirets)


@settings(max_examples=60, deadline=None)
@given(valid_files(), st.sampled_from([None, 1, 4]))
def test_any_valid_file_passes_and_its_totals_are_told(content: dict[str, Any], indent: int | None) -> None:
    _follows_schema(content)
    report = checked(content, indent=indent)
    assert report.problems == ()
    assert report.conforms
    assert report.lines == len(content["prestations"])
    assert report.totals[2] == int(content["entete"]["total_ttc"].replace(".", ""))


def mutations() -> list[tuple[str, list[Any], Any]]:
    """(what one reads, path of the value, wrong value), one rule at a time."""
    line = ["prestations", 1]
    return [
        ("version", ["entete", "version"], "2.0"),
        ("futur", ["entete", "date"], "2025-10-11"),
        ("n'est pas enrôlé par votre compte", ["entete", "numero_ans"], "ANS-V2-XXX-1"),
        ("clé de contrôle", ["entete", "siret_fournisseur"], "99992192700012"),
        ("n'est pas le SIRET enrôlé", ["entete", "siret_fournisseur"], a_siret(9)),
        ("n'existe pas", ["entete", "vague"], "V9"),
        ("enrôlé dans la vague", ["entete", "vague"], "V1"),
        ("commencer", ["entete", "periode_fin"], "2025-06-30"),
        ("après la date du fichier", ["entete", "periode_fin"], "2025-10-04"),
        ("annonce 4", ["entete", "nombre_prestations"], 4),
        ("somme des lignes", ["entete", "total_ht"], "1.00"),
        ("somme des lignes", ["entete", "total_tva"], "1.00"),
        ("somme des lignes", ["entete", "total_ttc"], "1.00"),
        ("n'est pas un SIRET", ["etablissements", 0, "siret"], "123"),
        ("clé de contrôle", ["etablissements", 0, "siret"], "00000000000000"),
        ("clé de contrôle", ["etablissements", 0, "finess"], "750712185"),
        ("n'est pas un numéro FINESS", ["etablissements", 0, "finess"], "75071218"),
        ("est déjà etablissements[0]", ["etablissements", 1, "siret"], a_siret(0)),
        ("est déjà celle de prestations[0]", [*line, "reference"], "FAC-2025-000000"),
        ("n'est pas une référence", [*line, "reference"], "été"),
        ("n'est pas dans la partie", [*line, "siret_etablissement"], a_siret(7)),
        ("n'est pas dans la liste", [*line, "type"], "VOYAGE"),
        ("n'est pas une date", [*line, "date_commande"], "12/01/2026"),
        ("n'est pas une date du calendrier", [*line, "date_commande"], "2026-02-30"),
        ("ouverture de la vague", [*line, "date_commande"], "2024-06-19"),
        ("précède la commande", [*line, "date_realisation"], "2025-05-03"),
        ("hors de la période", [*line, "date_facture"], "2025-10-01"),
        ("n'est pas un montant", [*line, "montant_ht"], 1000.5),
        ("n'est pas un montant", [*line, "montant_ht"], "1 000,50"),
        ("n'est pas un montant", [*line, "montant_ht"], "-5.00"),
        ("n'est pas admis", [*line, "taux_tva"], "19.60"),
        ("de TVA, pas", [*line, "montant_tva"], "300.00"),
        ("la somme du montant hors taxes", [*line, "montant_ttc"], "1200.00"),
        ("une liste", [*line, "montant_ttc"], [1]),
        ("null", [*line, "montant_ttc"], None),
    ]


# One value may be wrong in two ways at once: what else is found must follow from it.
@pytest.mark.parametrize(("words", "path", "value"), mutations(), ids=lambda value: str(value)[:40])
def test_one_wrong_value_is_found_at_its_line_and_path(words: str, path: list[Any], value: Any) -> None:
    raw = written(changed(a_file(), *path, value="@@here@@"))
    here = line_with(raw, "@@here@@")
    report = checked(changed(a_file(), *path, value=value))
    said_path = re.sub(r"\.(\d+)", r"[\1]", ".".join(map(str, path)))
    told = [problem for problem in report.problems if problem.path == said_path and problem.line == here]
    assert any(words in problem.message for problem in told), [str(problem) for problem in report.problems]
    assert not report.conforms


def _leaves(content: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(content, dict):
        return [leaf for key, value in content.items() for leaf in _leaves(value, (*path, key))]
    if isinstance(content, list):
        return [leaf for index, value in enumerate(content) for leaf in _leaves(value, (*path, index))]
    return [path]


@settings(max_examples=150, deadline=None)
@given(valid_files(), st.randoms(use_true_random=False), st.sampled_from([3.5, True, [], {}, "", "@", [[{}]]]))
def test_any_value_of_another_kind_is_found_where_it_is(content: dict[str, Any], chance: Any, value: Any) -> None:
    path = chance.choice(_leaves(content))
    here = line_with(written(changed(content, *path, value="@@here@@")), "@@here@@")
    report = checked(changed(content, *path, value=value))
    said_path = re.sub(r"\.(\d+)", r"[\1]", ".".join(map(str, path)))
    # A text of one sign is a good name and nothing else.
    assert path[-1] in {"denomination", "numero_ans"} or not report.conforms
    if not report.conforms:
        assert (here, said_path) in [(problem.line, problem.path) for problem in report.problems]


def _objects() -> list[tuple[list[Any], Any]]:
    return [(["entete"], HEADER_FIELDS), (["etablissements", 1], SITE_FIELDS), (["prestations", 2], LINE_FIELDS)]


@pytest.mark.parametrize(("path", "fields"), _objects(), ids=["header", "site", "line"])
def test_a_field_missing_unknown_or_repeated_is_named(path: list[Any], fields: Any) -> None:
    base = "".join(f"[{step}]" if isinstance(step, int) else step for step in path)
    content = a_file()
    place: Any = content
    for step in path:
        place = place[step]
    for field in fields:
        without = copy.deepcopy(content)
        target: Any = without
        for step in path:
            target = target[step]
        del target[field.name]
        paths = [problem.path for problem in checked(without).problems]
        assert (f"{base}.{field.name}" in paths) is field.required
    assert f"{base}.remise" in [one.path for one in checked(changed(content, *path, "remise", value=1)).problems]
    first = fields[0].name
    raw = written(changed(content, *path, first, value="@@here@@"))
    twice = raw.replace(b'"@@here@@"', json.dumps(place[first]).encode() + f', "{first}": 1'.encode(), 1)
    assert any("deux fois" in one.message and one.path == f"{base}.{first}" for one in checked(twice).problems)


def test_a_line_said_twice_under_two_references_is_found() -> None:
    content = a_file()
    copied = {**content["prestations"][0], "reference": "AUTRE"}
    report = checked(totalled([*content["prestations"], copied], [a_siret(0), a_siret(1)]))
    assert [one.path for one in report.problems] == ["prestations[3]"]


def test_a_ceiling_of_the_table_is_held() -> None:
    line = a_line(0, a_siret(0), net=5_000_00, kind="FORMATION")
    report = checked(totalled([line], [a_siret(0)]))
    assert [one.path for one in report.problems] == ["prestations[0].montant_ttc"]
    assert "plafond" in report.problems[0].message


def test_parts_missing_repeated_or_out_of_order_are_named() -> None:
    content = a_file()
    for part in content:
        without = {key: value for key, value in content.items() if key != part}
        assert part in [problem.path for problem in checked(without).problems]
    late = {
        "prestations": content["prestations"],
        "entete": content["entete"],
        "etablissements": content["etablissements"],
    }
    assert {"entete", "etablissements"} <= {one.path for one in checked(late).problems}
    twice = written(content)[:-2] + b', "entete": {}}'
    assert any("deux fois" in one.message for one in checked(twice).problems)


# rule: E3
def test_a_partial_enrolment_is_a_remark_and_no_error() -> None:
    partial = replace(RULES, enrolments={NUMBER: Enrolled(VENDOR, WAVE, is_validated=False)})
    report = checked(a_file(), partial)
    assert report.conforms
    assert "pas encore entièrement validé" in report.remarks[0]


def test_errors_are_counted_beyond_those_shown_and_reading_stops_at_last() -> None:
    lines = [a_line(place, a_siret(0)) | {"montant_ht": "x"} for place in range(SHOWN + 50)]
    content = {**a_file(), "prestations": lines}
    report = checked(content)
    assert len(report.problems) == SHOWN
    assert report.count > SHOWN + 50
    assert not report.stopped
    endless = checked(b'{"prestations": [' + b",".join([b"1"] * 2_000_000) + b"]}")
    assert endless.stopped
    assert endless.count == STOPS_AFTER


# Each hostile file gets one clear sentence, with its place. (bytes, words)
HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "est vide"),
    "blank": (b" \n ", "est vide"),
    "zip": (b"PK\x03\x04....", "archive ZIP"),
    "gzip": (b"\x1f\x8b\x08\x00", "gzip"),
    "pdf": (b"%PDF-1.7", "PDF"),
    "utf-16": ('{"entete": {}}'.encode("utf-16"), "UTF-16"),
    "utf-16 without mark": ('{"entete": {}}'.encode("utf-16-le"), "UTF-16"),
    "latin-1": ('{"entete": {"numero_ans": "é"}}'.encode("latin-1"), "UTF-8"),
    "array": (b"[]", "accolade"),
    "deep lists": (b'{"entete": ' + b"[" * 60_000, "imbriqués"),
    "deep and long": (b'{"prestations": [' + b"[" * 5_000_000, "imbriqués"),
    "deep objects": (b'{"entete": ' + b'{"a":' * 12_000, "imbriqués"),
    "one string": (b'{"entete": "' + b"a" * 10_000_000 + b'"}', "plus de 65536 caractères"),
    "one key": (b'{"' + b"a" * 10_000_000 + b'": 1}', "plus de 65536 caractères"),
    "one number": (b'{"entete": ' + b"1" * 10_000_000 + b"}", "65536"),
    "truncated": (written(a_file())[:-40], "fin manque"),
    "truncated string": (b'{"entete": {"version": "1', "jamais fermé"),
    "trailing": (written(a_file()) + b"}", "après la fin"),
    "comma": (b'{"entete": {"version": "1.0",}}', "virgule"),
    "quotes": (b"{'entete': 1}", "guillemets"),
    "control": (b'{"entete": "a\nb"}', "contrôle"),
    "escape": (b'{"entete": "C:\\dossier"}', "oblique"),
    "blanks": (b"{" + b" " * 10_000_000, "fin manque"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_gets_a_clear_answer(name: str) -> None:
    raw, words = HOSTILE[name]
    report = checked(raw)
    assert not report.conforms
    assert words in str(report.problems[-1]), str(report.problems[-1])
    assert report.problems[-1].line >= 1


def test_strange_values_are_said_and_never_echoed_raw() -> None:
    content = written(a_file()).replace(b'"nombre_prestations": 3', b'"nombre_prestations": NaN')
    assert "le nombre NaN" in str(checked(content).problems[0])
    huge = written(a_file()).replace(b'"nombre_prestations": 3', b'"nombre_prestations": ' + b"9" * 5000)
    assert len(str(checked(huge).problems[0])) < 400
    lone = written(a_file()).replace(b"FAC-2025-000001", b"\\ud800\\u202e")
    assert str(checked(lone).problems[0]).encode()
    marked = b"\xef\xbb\xbf" + written(a_file())
    assert ["BOM" in one.message for one in checked(marked).problems] == [True]


def test_a_syntax_error_says_line_and_column() -> None:
    raw = written(a_file()).replace(b'"type": "INSTALLATION",', b'"type": "INSTALLATION"', 1)
    problem = checked(raw).problems[-1]
    assert problem.line == line_with(raw, '"date_commande"')
    assert problem.column == 7
    assert str(problem).startswith(f"Ligne {problem.line}, colonne 7 :")
    flat = written(a_file(3000), None)
    broken = flat[:-900] + b"@" + flat[-900:]
    assert checked(broken).problems[-1].column in range(len(flat) - 901, len(flat) - 700)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**9))
def test_no_bytes_make_the_checker_fail(seed: int) -> None:
    chance = random.Random(seed)
    raw = bytearray(written(a_file(), chance.choice([None, 2])))
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(raw))
        raw[place : place + chance.choice([0, 1, 1, 9])] = bytes(
            chance.choice([b"{", b"}", b"[", b'"', b",", b"\\", b"\xff", b"\x00", b"1e400", b"null", b""])
        )
    report = checked(bytes(raw))
    assert report.count >= len(report.problems)
    assert all(str(problem).encode() for problem in report.problems)


def test_places_are_right_far_into_a_file_of_many_pieces() -> None:
    content = a_file(4000)
    raw = written(changed(content, "prestations", 3500, "montant_ht", value="@@here@@"))
    problem = next(one for one in checked(raw).problems if one.path.startswith("prestations"))
    assert (problem.line, problem.path) == (line_with(raw, "@@here@@"), "prestations[3500].montant_ht")


def test_a_corsican_finess_is_taken_by_its_form() -> None:
    assert checked(changed(a_file(), "etablissements", 0, "finess", value="2A0000014")).conforms
    assert checked(changed(a_file(), "etablissements", 0, "finess", value=None)).conforms
    assert a_finess(1) != a_finess(2)


def test_the_published_example_conforms() -> None:
    kinds = {"INSTALLATION": Kind("Installation"), "FORMATION": Kind("Formation")}
    assert [str(one) for one in checked(example(), replace(RULES, kinds=kinds)).problems] == []
    _follows_schema(example())

"""French typography: what changes, what must not."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.templating import environment
from web.typography import NARROW, NO_BREAK, day, euros, file_size, french, french_template, moment, number

PIECES = st.lists(
    st.sampled_from(
        [" ", "\n", NO_BREAK, NARROW, ":", ";", "?", "!", "«", "»", "a", "é", "10", "234", "h", "€", "Mo", "n°"]
    ),
    max_size=14,
).map("".join)
ADDRESSES = st.from_regex(r"https?://[a-z]{1,8}\.fr(:[0-9]{2,4})?/[a-z0-9?!;:=&-]{0,20}", fullmatch=True)


@given(PIECES)
def test_typography_applied_twice_changes_nothing_more(text: str) -> None:
    assert french(french(text)) == french(text)


@given(PIECES)
def test_typography_only_touches_spaces(text: str) -> None:
    spaces = str.maketrans("", "", f" \t\r\n{NO_BREAK}{NARROW}")
    assert french(text).translate(spaces) == text.translate(spaces)


@given(ADDRESSES)
def test_addresses_are_untouched(address: str) -> None:
    assert french(address) == address
    assert french(f"Voir {address} ?") == f"Voir {address}{NO_BREAK}?"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Êtes-vous distributeur ?", "Êtes-vous distributeur_?"),
        ("dit « oui » ; non !", "dit «_oui_»_; non_!"),
        ("dit «oui»", "dit «_oui_»"),
        ("«", "«"),
        ("à 10:30, le 5", "à 10:30, le 5"),
        ("4 Mo au plus", "4_Mo au plus"),
        ("à 14 h 05", "à 14_h_05"),
        ("15 000 €", "15_000_€"),
        ("entre 5 et 100", "entre 5 et 100"),
        ("a\n  : b", "a_: b"),
    ],
)
def test_no_break_spaces_go_where_french_wants_them(typed: str, expected: str) -> None:
    assert french(typed) == expected.replace("_", NO_BREAK)


def test_templates_get_typography_in_text_and_readable_attributes_only() -> None:
    source = (
        '<a class="a :b" title="Quoi ?" href="/x ?" aria-label="{{ a ? }} : {{ b }} !">Oui !</a>{{ f("Non ?") }} : '
        "{# a ? #}<code>a ? b : c</code>{% if a ? %}"
    )
    expected = (
        '<a class="a :b" title="Quoi_?" href="/x ?" aria-label="{{ a ? }}_: {{ b }}_!">Oui_!</a>{{ f("Non_?") }}_: '
        "{# a ? #}<code>a ? b : c</code>{% if a ? %}"
    )
    assert french_template(source) == expected.replace("_", NO_BREAK)


def test_values_keep_what_was_typed() -> None:
    template = environment([]).from_string("Nom : {{ name }}")
    assert template.render(name="ACME : SANTE") == f"Nom{NO_BREAK}: ACME : SANTE"


def test_times_are_shown_in_paris_across_clock_changes() -> None:  # std: REL-11
    before, after = datetime(2026, 3, 29, 0, 59, tzinfo=UTC), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert moment(before) == "29 mars 2026 à 1 h 59".replace("9 m", f"9{NO_BREAK}m").replace(
        " h ", f"{NO_BREAK}h{NO_BREAK}"
    )
    assert moment(after).endswith(f"3{NO_BREAK}h{NO_BREAK}00")
    assert day(datetime(2026, 7, 31, 22, 30, tzinfo=UTC)) == f"1er{NO_BREAK}août 2026"
    assert day(date(2026, 3, 3)) == f"3{NO_BREAK}mars 2026"
    with pytest.raises(ValueError, match="naive"):
        moment(datetime(2026, 3, 3))  # noqa: DTZ001 -- the point of the test.


def test_numbers_are_written_the_french_way() -> None:
    assert euros(Decimal("1234.56")) == f"1{NARROW}234,56{NO_BREAK}€"
    assert number(1000000) == f"1{NARROW}000{NARROW}000"
    assert number(-3.5) == "-3,5"
    sizes = {0: "0 octet", 2: "2 octets", 1024: "1 Ko", 4 * 1024 * 1024: "4 Mo", 1_300_000: "1,2 Mo"}
    assert {size: file_size(size).replace(NO_BREAK, " ") for size in sizes} == sizes

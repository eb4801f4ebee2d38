"""Every type of the field: what holds for all of them, whatever is typed."""

import re
import unicodedata
from typing import Annotated

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

import schema.types
from schema.types import (
    FieldType,
    InvalidValue,
    Line,
    LongText,
    PersonName,
    Siret,
    field_type_of,
    parse_as,
    text,
)

ALL_TYPES: dict[str, FieldType] = {
    name: found for name in schema.types.__all__ if (found := field_type_of(getattr(schema.types, name))) is not None
}
# One good value of each type whose rule is strict: mutations of it reach deeper than chance does.
GOOD_VALUES = {
    "AddressLine": "12 rue de l'Église",
    "AnsNumber": "ans 2024-0001 a",
    "Bic": "AGRIFRPPXXX",
    "City": "L'Haÿ-les-Roses",
    "Code": "DSR-HOP",
    "CompanyName": "Société d'Exemple & Cie (SAS)",
    "Email": "Jeanne.Martin@Exemple.FR",
    "Iban": "FR76 3000 6000 0112 3456 7890 189",
    "Phone": "0690 00 12 34",
    "PersonName": "Éléonore d'Aubigné-Le Goff",
    "PostCode": "20 000",
    "PrintedCode": "DSR-HOP-PFI-Va1",
    "RequestNumber": "enr-2026-000123",
    "Sha256": "A" * 64,
    "Siren": "732 829 320",
    "Siret": "732 829 320 00074",
    "Slug": "Vague-2",
    "StreetExtension": "BIS",
    "StreetNumber": "012",
    "Url": "HTTPS://Exemple.fr:8443/a?b=c#d",
}
hostile = st.one_of(
    st.text(max_size=60),
    st.text(st.sampled_from("0123456789+-. ()/FR"), max_size=40),
    st.text(st.characters(categories=["Lu", "Ll", "Mn", "Zs", "Nd", "Cf", "Pd"]), max_size=40),
    st.builds(
        lambda good, extra, at: good[:at] + extra + good[at:],
        st.sampled_from(sorted(GOOD_VALUES.values())),
        st.text(max_size=3),
        st.integers(0, 30),
    ),
)


def read(kind: FieldType, raw: str) -> tuple[str | None, str]:
    try:
        return kind.parse(raw), ""
    except InvalidValue as error:
        return None, error.message


@pytest.mark.parametrize("name", sorted(ALL_TYPES))
@given(raw=hostile)
@example(raw="\ud800")
@example(raw="\x00")
@example(raw="9" * 100_000)
@example(raw="ŉ")
@example(raw="+33 596 59 12 34")
def test_any_text_is_refused_in_french_or_read_for_good(name: str, raw: str) -> None:
    # std: SEC-9
    kind = ALL_TYPES[name]
    value, refusal = read(kind, raw)
    if value is None:
        assert refusal.endswith(".")
        return
    assert value
    assert len(value) <= kind.max_length
    assert unicodedata.is_normalized("NFC", value)
    assert not any(unicodedata.category(char) in {"Cf", "Cs", "Co"} for char in value)
    assert kind.parse(value) == value
    assert kind.parse(kind.show(value)) == value


@pytest.mark.parametrize("name", sorted(GOOD_VALUES))
def test_a_good_value_is_taken_and_fits_what_an_input_lets_through(name: str) -> None:
    kind = ALL_TYPES[name]
    value = kind.parse(GOOD_VALUES[name])
    assert kind.parse(kind.show(value)) == value
    assert len(kind.show(value)) <= (kind.typed_length or kind.max_length)


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        ("  Jean\u00a0\u2003 Marie ", "Jean Marie"),
        ("Jean\u200b\ufeff\u202aMarie\u202c", "JeanMarie"),
        ("Hélène", "Hélène"),
        ("D\u2019Artagnan\u2011Dupont", "D'Artagnan-Dupont"),
    ],
)
def test_what_a_paste_brings_along_is_taken_out_of_a_name(raw: str, stored: str) -> None:
    assert parse_as(PersonName, raw) == stored


@pytest.mark.parametrize("raw", ["Jean\x07", "Jean\ue000", "Jean \ud83d", "Jean\x00Martin"])
def test_a_damaged_text_is_refused_rather_than_guessed(raw: str) -> None:
    with pytest.raises(InvalidValue, match="retapez"):
        parse_as(Line, raw)


def test_a_long_text_keeps_its_lines_and_a_line_has_none() -> None:
    typed = " un\u00a0:\t\r\n\r\n\r\n\r\ndeux \u2028trois\n"
    assert parse_as(LongText, typed) == "un\u00a0:\n\ndeux\ntrois"
    assert parse_as(Line, typed) == "un : deux trois"


@pytest.mark.parametrize("raw", ["Иванов", "Ｄｕｐｏｎｔ", "R2D2", "--", "李"])
def test_a_name_out_of_latin_letters_is_refused(raw: str) -> None:
    with pytest.raises(InvalidValue):
        parse_as(PersonName, raw)


class Sample(BaseModel):
    """A model with a type of the field in both places where pydantic may keep it."""

    siret: Siret
    other: Siret | None = None


def test_the_type_is_found_in_every_place_where_pydantic_keeps_it() -> None:
    for info in Sample.model_fields.values():
        found = field_type_of(info.annotation, info.metadata)
        assert found is not None
        assert found.name == "siret"
    assert field_type_of(str) is None
    assert field_type_of(int | None) is None


def test_pydantic_says_the_french_sentence_even_with_braces() -> None:
    def refuse(_typed: str) -> str:
        raise InvalidValue("Retirez {message} et {0}.")

    class Strict(BaseModel):
        value: Annotated[str, text("refused", refuse, max_length=10)] | None

    with pytest.raises(ValidationError) as caught:
        Strict(value="x")
    assert caught.value.errors()[0]["msg"] == "Retirez {message} et {0}."
    assert Sample(siret="732 829 320 00074").siret == "73282932000074"
    with pytest.raises(ValidationError, match="14 chiffres"):
        Sample(siret="12")
    with pytest.raises(ValidationError, match="doit être un texte"):
        Sample.model_validate({"siret": 73282932000074})


@pytest.mark.parametrize("name", sorted(GOOD_VALUES))
def test_refusal_is_said_to_whoever_reads_it_vendor_or_staff(name: str) -> None:
    good = GOOD_VALUES[name]
    wrong = ["0" * len(good), "0" * 14, f"{good}1", good[:-1], f"{good[:-1]}1", "GF" + good[2:], "@"]
    said = []
    for typed in [*wrong, "FRNKFRPPXXX", "ZEROFRP0XXX"]:
        try:
            parse_as(getattr(schema.types, name), typed)
        except InvalidValue as error:
            said.append(error.message)
    assert not [message for message in said if re.search(r"\b(vous|votre|vos)\b", message)]

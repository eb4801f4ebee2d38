"""From a described column to the field of a page."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from hypothesis import given
from hypothesis import strategies as st

from tests.web.gallery import GALLERY_PAGES, Gallery
from web.fields import CurrentFile, FieldView, typed

GALLERY = Gallery()


@dataclass(frozen=True)
class Spec:
    """The least that a described column says."""

    name: str = "siret"
    label: str = "Êtes-vous là ?"
    help: str = "14 chiffres : rien d'autre."
    example: str | None = "356"
    kind: str = "text"
    required: bool = False
    max_length: int | None = 14
    choices: tuple[tuple[str, str], ...] = ()
    autocomplete: str | None = "off"
    input_mode: str | None = "numeric"
    unset: str | None = None


class Colour(StrEnum):
    red = "red"


def test_described_column_becomes_a_field() -> None:
    view = FieldView.of(Spec(), value=None, error="Trop court : 14 chiffres.", required=True)
    assert (view.name, view.value, view.kind, view.max_length, view.input_mode) == ("siret", "", "text", 14, "numeric")
    assert view.label == "Êtes-vous là\u00a0?"
    assert view.error == "Trop court\u00a0: 14 chiffres."
    assert view.required
    assert view.described_by == "field-siret-help field-siret-error"


def test_kinds_of_the_schema_have_their_control() -> None:
    kinds = {
        "boolean": "yes_no",
        "choice": "select",
        "date": "date",
        "integer": "number",
        "long_text": "textarea",
        "structure": "text",
    }
    assert {kind: FieldView.of(Spec(kind=kind)).kind for kind in kinds} == kinds


def test_stored_values_are_written_as_one_types_them() -> None:
    values = {None: "", True: "oui", False: "non", Colour.red: "red", date(2026, 3, 3): "2026-03-03"}
    assert {value: typed(value) for value in values} == values
    assert typed(7) == "7"


@given(st.sampled_from(["text", "textarea", "select", "radios", "checkbox", "file", "date"]), st.text(max_size=30))
def test_hostile_values_are_only_text(kind: str, text: str) -> None:  # std: SEC-9
    hostile = f'"><script>x</script>{text}'
    view = FieldView("a", hostile, help=hostile, value=hostile, error=hostile, kind=kind, choices=((hostile, hostile),),
                     current=CurrentFile(hostile), example=hostile)  # fmt: skip
    html = GALLERY.templates.environment.from_string('{% from "ui/forms.html" import field %}{{ field(view) }}').render(
        view=view
    )
    assert "<script" not in html


def test_every_macro_is_shown_in_the_gallery() -> None:
    environment = GALLERY.templates.environment
    pages = [path.read_text() for path in GALLERY_PAGES.glob("*.html")]
    for name in ("forms", "feedback", "navigation", "data", "dialogs"):
        source = environment.loader.get_source(environment, f"ui/{name}.html")[0]
        for macro in re.findall(r"{% macro ([a-z]\w*)", source):
            used = any(re.search(rf"\b{macro}\b", page) for page in (*pages, source.replace(f"macro {macro}", "")))
            assert used, f"{macro} of {name}.html is shown nowhere"

"""An operator's accent colour: always readable, in both schemes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.theme import READABLE, UnreadableAccent, contrast, mix, stylesheet, theme

COLOURS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")
DARK_PAPER = (23, 34, 42)


def tokens(css: str) -> dict[str, tuple[int, int, int]]:
    found = re.findall(r"--([a-z-]+): #(..)(..)(..);", css)
    return {name: (int(red, 16), int(green, 16), int(blue, 16)) for name, red, green, blue in found}


@given(COLOURS)
def test_any_accepted_accent_is_readable_in_both_schemes(colour: str) -> None:  # std: UX-1
    try:
        css = stylesheet(colour)
    except UnreadableAccent:
        return
    light, dark = (tokens(part) for part in css.split("@media"))
    assert contrast(light["accent"], (255, 255, 255)) >= READABLE
    assert contrast(light["accent-strong"], light["accent-soft"]) >= READABLE
    assert contrast(dark["accent"], DARK_PAPER) >= READABLE
    assert contrast(dark["on-accent"], dark["accent"]) >= READABLE
    assert contrast(dark["accent-strong"], dark["accent-soft"]) >= READABLE


def test_light_accent_is_refused_with_a_sentence() -> None:
    with pytest.raises(UnreadableAccent, match="trop claire"):
        stylesheet("#ffcc00")


def test_no_accent_adds_no_file() -> None:
    assert theme("") == {}
    assert list(theme("#0b5563")) == ["theme.css"]


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)
    assert mix((0, 0, 0), (255, 255, 255), 0.5) == (128, 128, 128)

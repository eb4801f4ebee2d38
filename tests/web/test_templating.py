"""What a template writes: the same as `markupsafe.escape`, wherever the value comes from (SEC-9)."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from markupsafe import Markup, escape

from schema.enums import RequestStatus
from web.templating import environment

ENVIRONMENT = environment([])
WAYS = {
    "written": "{{ value }}",
    "in an attribute": '<a title="{{ value }}">',
    "by a macro": "{% macro said(it) %}<b>{{ it }}</b>{% endmacro %}{{ said(value) }}",
    "in a block": "{% set it %}<i>{{ value }}</i>{% endset %}{{ it }}",
    "joined": "{{ [value, '<b>'] | join('<') }}",
    "concatenated": "{{ '<' ~ value }}",
    "through a filter": "{{ value | string | upper }}",
    "in a loop": "{% for it in [value] %}{{ it }}{% endfor %}",
}


@given(st.text())
def test_sec9_text_is_escaped_as_the_library_does(text: str) -> None:
    # std: SEC-9
    assert ENVIRONMENT.from_string("{{ value }}").render(value=text) == escape(text)


@pytest.mark.parametrize("way", WAYS)
def test_sec9_no_tag_gets_through_in_any_way(way: str) -> None:
    # std: SEC-9
    written = ENVIRONMENT.from_string(WAYS[way]).render(value="\"'<script>&")
    assert "<script" not in written.lower()
    assert "&lt;script&gt;&amp;" in written.lower()


@pytest.mark.parametrize(
    "value", [3, 1.5, Decimal("2.50"), None, RequestStatus.in_review, Markup("<b>é</b>"), Path("<")]
)
def test_other_values_are_written_as_the_library_does(value: object) -> None:
    assert ENVIRONMENT.from_string("{{ value }}").render(value=value) == escape(value)


def test_missing_variable_is_still_an_error() -> None:
    with pytest.raises(UndefinedError):
        ENVIRONMENT.from_string("{{ value }}").render()

"""French typography of pages: the rules of `enrolment.typography`, applied when a template is compiled.

Sources (templates, labels) are written with ordinary spaces; the no-break ones are put in once, or through the `fr`
filter for texts that come from elsewhere. What a person typed is never touched.
"""

import re
from typing import Any

from jinja2.ext import Extension
from markupsafe import Markup

from enrolment.typography import (
    NARROW,
    NO_BREAK,
    clock_time,
    day,
    euros,
    file_size,
    french,
    moment,
    number,
    short_day,
)

__all__ = [
    "FILTERS",
    "NARROW",
    "NO_BREAK",
    "FrenchTypography",
    "clock_time",
    "day",
    "euros",
    "file_size",
    "french",
    "french_template",
    "moment",
    "number",
    "plain",
    "short_day",
]


def plain(markup: Markup) -> Markup:
    """Markup without its tags, still escaped, with French typography: the heading of a page as its title."""
    return Markup(french(" ".join(_TAG.sub("", markup).split())))  # noqa: S704  What is left was escaped already.


FILTERS: dict[str, Any] = {
    "fr": french,
    "plain": plain,
    "date": moment,
    "day": day,
    "short_day": short_day,
    "clock_time": clock_time,
    "number": number,
    "euros": euros,
    "file_size": file_size,
}

_TAG = re.compile(r"<[^>]*>")
_TOKEN = re.compile(
    r"""
      (?P<comment>\{\#.*?\#\}|<!--.*?-->)
    | (?P<code>\{\{.*?\}\}|\{%.*?%\})
    | (?P<raw><(?:script|style|pre|code|textarea)\b.*?</(?:script|style|pre|code|textarea)>)
    | (?P<tag><[a-zA-Z/!](?:"[^"]*"|'[^']*'|\{\{.*?\}\}|\{%.*?%\}|[^>"'])*>)
    """,
    re.DOTALL | re.VERBOSE,
)
_CODE_STRING = re.compile(r'"[^"\\<]*"|\'[^\'\\<]*\'')
_READ_ATTRIBUTE = re.compile(
    r'(?<=\s)(?:title|alt|placeholder|aria-label|data-text-[a-z-]+)="(?:\{\{.*?\}\}|\{%.*?%\}|[^"])*"', re.DOTALL
)
_CODE_OR_TEXT = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|(?P<text>[^{]+|\{)", re.DOTALL)


def french_template(source: str) -> str:
    """A Jinja source whose visible text, readable attributes and string literals follow French typography."""
    pieces: list[str] = []
    position = 0
    for token in _TOKEN.finditer(source):
        pieces.append(french(source[position : token.start()]))
        position = token.end()
        text = token.group()
        if token.lastgroup == "code":
            text = _CODE_STRING.sub(lambda match: french(match.group()), text)
        elif token.lastgroup == "tag":
            text = _READ_ATTRIBUTE.sub(_french_attribute, text)
        pieces.append(text)
    pieces.append(french(source[position:]))
    return "".join(pieces)


def _french_attribute(attribute: re.Match[str]) -> str:
    """The text of an attribute; the expressions between its words stay as they are."""
    return _CODE_OR_TEXT.sub(lambda part: french(part["text"]) if part["text"] else part[0], attribute[0])


class FrenchTypography(Extension):
    """Applies `french_template` once, when a template is compiled: it costs nothing when a page is served."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """The source with no-break spaces; text templates (mails) are treated alike."""
        del name, filename
        return french_template(source)

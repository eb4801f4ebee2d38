"""What no page may say: English words, codes of the program, values as Python or SQL writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from schema.base import table_of
from schema.describe import fields
from schema.tables import ALL
from tests.elements import squeeze, text_of
from tests.pages import Page

# Words that French has too, such as « date », « mail » or « note », are left out.
ENGLISH = frozenset(
    """
    the and of is are was has have this that with from into your you not no yes by at it its their they
    add edit delete remove save cancel create created update updated list lists search filter filters submit next
    previous forward login logout sign signed password user users username row rows record records value values
    field fields required optional invalid error errors warning success failed unknown missing loading
    open new old all any none empty select selected choose upload download files name names title
    time day days week month year true false null undefined request requests draft drafts staff vendor account
    accounts event events history change changes changed before after reason settings
    rule rules wave waves attachment attachments kind state pending approved rejected validated
    please click here show hide more less view details item items count ascending descending apply
    reset confirm sure denied forbidden allowed allow must should cannot could would
    attempt attempts token key keys stored dashboard welcome hello thanks sorry something went wrong retry
    """.split()  # noqa: SIM905  A word per string would fill four pages.
)
_LEAKS = (
    re.compile(r"\b(?:None|True|False|NaN|NULL|null|undefined)\b"),
    re.compile(r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d)?\b"),
    re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+\b"),
    re.compile(r"<[\w.]+ (?:object|at) |\b\w+Error\b|Traceback"),
    re.compile(r"datetime\.|\bUTC\b|\+00:00"),
)
# Variables of templates, addresses of mail and of the web, names of files: nobody translates them.
_NAMES = re.compile(r"\{[{%#].*?[}%#]\}|\{\{[^}]*…|\S+@\S+|https?://\S+|\b[\w-]+\.(?:pdf|json|zip|docx)\b")
_WORD = re.compile(r"(?<!\w)[A-Za-zÀ-ÿœŒ']+(?!\w)")


def raw_values() -> frozenset[str]:
    """Values of closed lists that are no French words: there is a « file d'attente »."""
    found = set()
    for model in ALL:
        for spec in fields(model):
            found |= {value for value, label in spec.choices if value not in label.lower().split()}
    return frozenset(found) - {"active", "documents", "file"}


def table_names() -> frozenset[str]:
    """Names of tables that are no French words."""
    return frozenset(table_of(model).name for model in ALL) - {
        "correction",
        "corridor",
        "figure",
        "parameter",
        "provider",
    }


def problems(page: Page, known: frozenset[str] = frozenset()) -> Iterator[str]:
    """What is not French in a page. `known` are texts of the rows themselves, typed by somebody."""
    text = _seen(page)
    for words in sorted(known, key=len, reverse=True):
        text = text.replace(words, " ")
    for leak in _LEAKS:
        found = leak.search(text)
        if found:
            yield f"{found[0]!r} in « {text[max(0, found.start() - 40) : found.end() + 40]} »"
    forbidden = ENGLISH | raw_values()
    for found in _WORD.finditer(text):
        if found[0].lower() in forbidden or found[0] in table_names():
            yield f"{found[0]!r} in « {text[max(0, found.start() - 40) : found.end() + 40]} »"


def _seen(page: Page) -> str:
    """All that is read or heard: texts, and the attributes that stand for texts."""
    parts = [page.title, text_of(page.document)]
    for element in page.elements:
        if element.tag == "textarea":
            continue
        parts += [element.get(name, "") for name in ("aria-label", "placeholder", "alt", "title")]
    text = squeeze(_without_typed(page, " ".join(parts)))
    return _NAMES.sub(" ", text)


def _without_typed(page: Page, text: str) -> str:
    """What stands in text areas is being edited, templates among it."""
    for area in page.all("textarea"):
        text = text.replace(_content(area), " ")
    # A name that one types into a template is the same in every language.
    for code in page.all("code"):
        text = text.replace(_content(code), " ")
    return text


def _content(area: Element) -> str:
    return area.text or "\x00"

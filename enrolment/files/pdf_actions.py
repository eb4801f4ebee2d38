"""What a PDF object may do by itself: run code, start a program, carry a file, call a server.

One object at a time, indirect children left to their own turn. Two harmless things look like active
content and are taken: an /OpenAction that only goes to a page (word processors write one in each export)
and a link to a web page that a reader has to click.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pikepdf

SCRIPT = "du code JavaScript"
PROGRAM = "une commande qui lance un programme"
ATTACHMENT = "un fichier joint"
MEDIA = "un contenu multimédia"
FORM = "un formulaire dynamique (XFA)"
SENDING = "un envoi ou un import de données"
OTHER_FILE = "l'ouverture d'un autre fichier"
AUTOMATIC = "une action automatique"

_ACTIONS = {
    "/JavaScript": SCRIPT,
    "/Launch": PROGRAM,
    "/GoToE": ATTACHMENT,
    "/GoToR": OTHER_FILE,
    "/SubmitForm": SENDING,
    "/ImportData": SENDING,
    "/Movie": MEDIA,
    "/Sound": MEDIA,
    "/Rendition": MEDIA,
    "/RichMediaExecute": MEDIA,
}
_KINDS = {
    "/EmbeddedFile": ATTACHMENT,
    "/FileAttachment": ATTACHMENT,
    "/RichMedia": MEDIA,
    "/Movie": MEDIA,
    "/Sound": MEDIA,
    "/Screen": MEDIA,
}
_KEYS = {"/JavaScript": SCRIPT, "/XFA": FORM, "/RichMediaContent": MEDIA, "/RichMediaSettings": MEDIA}
_TRIGGERS = ("/OpenAction", "/AA", "/PA")
_FILE_KEYS = {"/F", "/UF", "/DOS", "/Mac", "/Unix"}
_HARMLESS_WHEN_AUTOMATIC = {"/GoTo", "/Named", "/SetOCGState", "/Hide", "/ResetForm", "/Trans", "/GoTo3DView"}
_WEB = re.compile(r"\s*(https?:|mailto:|tel:|www\.|#|[\w./?=&%-]*$)", re.IGNORECASE)

# qpdf writes names with their escapes resolved (/J#61vaScript comes out as /JavaScript), so one search
# over the written form tells in native code that most objects need no closer look.
_NAMES = [*_ACTIONS, *_KINDS, *_KEYS, *_TRIGGERS, "/JS", "/EF", "/URI"]
_SUSPECT = re.compile(
    rb"(?:" + b"|".join(re.escape(name.encode()) for name in sorted(set(_NAMES))) + rb")(?![^\s/<>\[\]()])"
)
_MAX_CHAIN = 100


class TooMuchWork(Exception):
    """The file asks for more work than any real document does."""


@dataclass
class Budget:
    """What checking one file may cost at most, spent as the check goes on."""

    stream_bytes: int
    objects: int = 30_000
    values: int = 50_000

    def spend(self, *, stream_bytes: int = 0, objects: int = 0, values: int = 0) -> None:
        self.stream_bytes -= stream_bytes
        self.objects -= objects
        self.values -= values
        if min(self.stream_bytes, self.objects, self.values) < 0:
            raise TooMuchWork


def dangers(item: pikepdf.Object, budget: Budget) -> set[str]:
    """The French names of what this object would do, empty when it is passive."""
    top = item.stream_dict if isinstance(item, pikepdf.Stream) else item
    if not _SUSPECT.search(top.unparse(resolved=True)):
        return set()
    return {danger for dictionary in _dictionaries(top, budget) for danger in _dangers_of(dictionary)}


def _dictionaries(top: Any, budget: Budget) -> Iterator[Any]:
    """The dictionary itself and those written inside it; indirect ones have their own turn."""
    pending: list[Any] = [top]
    while pending:
        current = pending.pop()
        budget.spend(values=1)
        if isinstance(current, pikepdf.Dictionary):
            yield current
            children: Iterator[Any] = (value for _, value in current.items())
        elif isinstance(current, pikepdf.Array):
            # Counted before they are read: reading a long array costs more than refusing it.
            budget.spend(values=len(current))
            children = iter(current)
        else:
            continue
        pending.extend(child for child in children if not getattr(child, "is_indirect", False))


def _dangers_of(dictionary: Any) -> Iterator[str]:
    yield from _named(dictionary.get("/S"), _ACTIONS)
    yield from _named(dictionary.get("/Type"), _KINDS)
    yield from _named(dictionary.get("/Subtype"), _KINDS)
    for key, danger in _KEYS.items():
        if key in dictionary and not _is_empty(dictionary[key]):
            yield danger
    if isinstance(dictionary.get("/JS"), (pikepdf.String, pikepdf.Stream)):
        yield SCRIPT
    files = dictionary.get("/EF")
    if isinstance(files, pikepdf.Dictionary) and _FILE_KEYS & set(files.keys()):
        yield ATTACHMENT
    target = dictionary.get("/URI")
    if isinstance(target, pikepdf.String) and not _WEB.match(str(target)):
        yield OTHER_FILE
    for trigger in _TRIGGERS:
        if trigger in dictionary and _acts(dictionary[trigger]):
            yield AUTOMATIC


def _named(value: Any, table: dict[str, str]) -> Iterator[str]:
    if isinstance(value, pikepdf.Name) and str(value) in table:
        yield table[str(value)]


def _is_empty(value: Any) -> bool:
    """A dictionary or array without content: some producers write an empty tree of names."""
    if isinstance(value, pikepdf.Dictionary):
        return all(_is_empty(value[key]) for key in value.keys())  # noqa: SIM118 - not a Python mapping.
    return isinstance(value, pikepdf.Array) and len(value) == 0


def _acts(value: Any) -> bool:
    """Whether what starts without a click does more than move inside the document."""
    pending = [value]
    for _ in range(_MAX_CHAIN):
        if not pending:
            return False
        current = pending.pop()
        if isinstance(current, pikepdf.Array):
            # A destination is an array too: its page has no /S and is not an action.
            pending.extend(islice(current, _MAX_CHAIN))
        elif isinstance(current, pikepdf.Dictionary):
            kind = current.get("/S")
            if isinstance(kind, pikepdf.Name) and str(kind) not in _HARMLESS_WHEN_AUTOMATIC:
                return True
            if isinstance(kind, pikepdf.Name):
                pending.extend(current[key] for key in ("/Next",) if key in current)
            elif "/Type" not in current:
                pending.extend(current[key] for key in current.keys())  # noqa: SIM118 - not a Python mapping.
    return True

"""French addresses as registries write them, cut into the parts of our form as far as that is certain.

A part that is not certain stays None and the vendor fills it in: an address that is wrong is worse than one
to complete. The street types are a table of the caller's: nothing is known of them here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from schema.types import STREET_EXTENSIONS

_EXTENSIONS = {word: code for code, label in STREET_EXTENSIONS.items() for word in (code, label.upper())}
_DISTRIBUTION = re.compile(r"\s*\b((?:BP|CS|TSA)\s*\d+)\s*$")

_ARTICLE = re.compile(r"\b(?:D|DE|DES|DU|L|LA|LE|LES|A|AU|AUX) $")


@dataclass(frozen=True)
class Street:
    """The parts of a delivery line, and what stood before it (`complement`) and after it (`distribution`)."""

    number: str | None = None
    extension: str | None = None
    street_type: str | None = None
    street_name: str | None = None
    complement: str | None = None
    distribution: str | None = None


def plain(words: str) -> str:
    """Upper case, no accent, one space between words: the form in which labels are compared."""
    decomposed = unicodedata.normalize("NFKD", words.replace("-", " "))
    return " ".join("".join(char for char in decomposed if not unicodedata.combining(char)).upper().split())


class StreetTypes:
    """Recognises a street type by its code or its label (`AV` or `Avenue`), however it is written."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        """`labels` is the reference table: code → French label."""
        self._by_code = {plain(code): code for code in labels}
        self._by_label = {plain(label): code for code, label in labels.items()}
        words = sorted({*self._by_code, *self._by_label}, key=len, reverse=True)
        a_type = "|".join(map(re.escape, words)) or r"(?!)"
        extensions = "|".join(sorted(_EXTENSIONS, key=len, reverse=True))
        self._numbered = re.compile(
            rf"\b(?P<number>\d{{1,5}}) ?(?:(?P<extension>{extensions}) )?(?P<type>{a_type})(?: |$)"
        )
        labels_only = "|".join(map(re.escape, sorted(self._by_label, key=len, reverse=True))) or r"(?!)"
        self._label = re.compile(rf"\b({labels_only})\b")

    def code_of(self, words: str) -> str | None:
        """The code of a street type given as code or label; None when it is not in the table."""
        wanted = plain(words)
        return self._by_label.get(wanted) or self._by_code.get(wanted)

    def street(self, number: str | None, extension: str | None, kind: str | None, name: str | None) -> Street:
        """Parts that the registry already cut.

        An unknown street type goes back to the head of the name. A number with an extension that our form has
        not (« 12 A ») is left out whole: without its letter it would be another house.
        """
        code = self.code_of(kind) if kind else None
        if kind and code is None:
            name = f"{kind} {name}" if name else kind
        known_extension = _EXTENSIONS.get(plain(extension or ""))
        if extension and known_extension is None:
            number = None
        return Street(number=number, extension=known_extension, street_type=code, street_name=name)

    def read(self, line: str, post_code: str | None, city: str | None) -> Street:
        """Cut a whole address on one line, such as « BAT A 12 B RUE DES LILAS 75012 PARIS ».

        Certain only if the end is the postcode and city also given apart, and if one place alone looks like
        the head of a delivery line.
        """
        head = _before_city(plain(line), post_code, city)
        if not head:
            return Street()
        distribution = None
        if found := _DISTRIBUTION.search(head):
            distribution, head = found[1], head[: found.start()]
        numbered = list(self._numbered.finditer(head))
        start = numbered[0].start("type") if len(numbered) == 1 else 0
        if len(numbered) > 1 or not self._is_sole_head(head, start):
            return Street(distribution=distribution)
        if numbered:
            found = numbered[0]
            return Street(
                number=found["number"],
                extension=_EXTENSIONS.get(found["extension"] or ""),
                street_type=self.code_of(found["type"]),
                street_name=head[found.end() :].strip() or None,
                complement=head[: found.start()].strip() or None,
                distribution=distribution,
            )
        kind = self._label.match(head)
        if kind is None or re.search(r"\d", head):
            return Street(distribution=distribution)
        return Street(
            street_type=self.code_of(kind[1]),
            street_name=head[kind.end() :].strip() or None,
            distribution=distribution,
        )

    def _is_sole_head(self, head: str, start: int) -> bool:
        """Whether any other street type stands after an article: « rue de la Place » is one street."""
        others = (found for found in self._label.finditer(head) if found.start() != start)
        return all(_ARTICLE.search(head[: found.start()]) for found in others)


def _before_city(line: str, post_code: str | None, city: str | None) -> str | None:
    if not post_code or not city:
        return None
    end = f" {post_code} {plain(city)}"
    return line.removesuffix(end) if line.endswith(end) else None

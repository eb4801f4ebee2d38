"""What is checked of every page that a test opens (UX-4, UX-7, SEC-3, SEC-8)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from tests.elements import squeeze, text_of

if TYPE_CHECKING:
    from tests.pages import Page

_UNREAD = frozenset({"script", "style", "pre", "code", "textarea", "template", "svg"})
_LABELLED = frozenset({"input", "select", "textarea"})
_ID_REFERENCES = ("aria-describedby", "aria-labelledby", "aria-controls", "for", "form", "list", "headers")
_READ_ATTRIBUTES = ("title", "alt", "placeholder", "aria-label")
_PLAIN_SPACE = re.compile(r"[ \t\r\n][:;?!»]|«[ \t\r\n]")
_LEAKS = (
    re.compile(r"\{\{|\{%|%\}|\}\}"),
    re.compile(r"\bNone\b"),
    re.compile(r"\bTraceback\b|\bFile \"/"),
    re.compile(r"\bundefined\b|\[object Object\]"),
    re.compile(r"<[\w.]+ object at 0x"),
)


def check_page(page: Page) -> Iterator[str]:
    """Everything that is wrong with a page, as sentences."""
    yield from (f"invalid HTML: {error}" for error in page.errors)
    yield from _check_heading(page)
    yield from _check_ids(page)
    yield from _check_labels(page)
    yield from _check_forms(page)
    yield from _check_words(page)


def _check_heading(page: Page) -> Iterator[str]:
    if page.document.get("lang") != "fr":
        yield "the language is not said to be French"
    headings = page.all("h1")
    if len(headings) != 1:
        yield f"{len(headings)} h1"
    elif not page.h1 or not page.title.startswith(page.h1):
        yield f"the title « {page.title} » does not start with the heading « {page.h1} »"
    if any("style" in element.attrib for element in page.elements) or page.all("style"):
        yield "a style written in the page, which the policy forbids"
    if any("src" not in element.attrib for element in page.all("script")):
        yield "a script written in the page, which the policy forbids"
    if any(name.startswith("on") for element in page.elements for name in element.attrib):
        yield "an event handler written in the page, which the policy forbids"


def _check_ids(page: Page) -> Iterator[str]:
    ids = [element.attrib["id"] for element in page.elements if "id" in element.attrib]
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        yield f"the id {name} is used twice"
    known = set(ids)
    for element in page.elements:
        for attribute in _ID_REFERENCES:
            for name in element.get(attribute, "").split():
                if name not in known:
                    yield f"{attribute} of {element.tag} refers to {name}, which is nowhere"
        if element.get("href", "").startswith("#") and element.attrib["href"][1:] not in known:
            yield f"a link goes to {element.attrib['href']}, which is nowhere"


def _check_labels(page: Page) -> Iterator[str]:
    labelled = {element.get("for") for element in page.all("label")}
    for element in page.elements:
        hidden = element.get("type") in {"hidden", "submit", "button"}
        named = element.get("aria-label") or element.get("aria-labelledby") or element.get("id") in labelled
        if element.tag in _LABELLED and not hidden and not named:
            yield f"the field {element.get('name')} has no label"
        if element.tag in {"a", "button"} and not squeeze(text_of(element)) and not element.get("aria-label"):
            yield f"a {element.tag} says nothing"
        if element.tag == "img" and "alt" not in element.attrib:
            yield f"the image {element.get('src')} has no alternative"


def _check_forms(page: Page) -> Iterator[str]:
    for form in page.forms:
        if urlsplit(form.action).netloc:
            yield f"a form goes to {form.action}"
        if form.method not in {"get", "post"}:
            yield f"a form has the method {form.method}"
        if form.method == "post" and "csrf_token" not in form.names:
            yield f"the form {form.action or page.path} has no token"
        if form.method == "get" and "csrf_token" in form.names:
            yield f"the form {form.action} shows its token in an address"
        has_file = any(control.get("type") == "file" for control in form.controls)
        if has_file and form.element.get("enctype") != "multipart/form-data":
            yield "a form with a file does not send it"


def _check_words(page: Page) -> Iterator[str]:
    for words in _read(page.document):
        found = _PLAIN_SPACE.search(words)
        if found:
            yield f"typography: « {squeeze(words[max(0, found.start() - 30) : found.end() + 10])} »"
    text = page.text + " " + page.title
    for area in page.all("textarea"):
        # What is being edited may be a template.
        text = text.replace(squeeze(area.text or ""), "")
    for leak in _LEAKS:
        found = leak.search(text)
        if found:
            yield f"leak: {text[max(0, found.start() - 30) : found.end() + 30]}"


def _read(element: Element) -> Iterator[str]:
    """Texts and readable attributes that we wrote; what a person typed is marked translate=no."""
    if not isinstance(element.tag, str) or element.tag in _UNREAD or element.get("translate") == "no":
        return
    for attribute in _READ_ATTRIBUTES:
        yield element.get(attribute, "")
    yield element.text or ""
    for child in element:
        yield from _read(child)
        yield child.tail or ""

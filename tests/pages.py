"""The page client: what tests use to browse, and which checks every page it fetches.

Checks (UX-4, UX-7, SEC-3, SEC-8): valid HTML, one h1 that starts the title, no duplicate id, every reference
to an id resolves, every control is labelled, forms have an address and a token, security headers, French
typography, nothing that leaked from the program, weight of the first load.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

import html5lib

with warnings.catch_warnings():
    # The library asks for a successor of httpx that nothing here needs.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

from tests.elements import matches, squeeze, text_of, values_of
from tests.page_checks import check_page

FIRST_LOAD_BYTES = 150_000
Fields = Mapping[str, Any]
GivenFile = tuple[str, bytes, str]
_LABELLED = frozenset({"input", "select", "textarea"})


class Page:
    """One fetched page, parsed once."""

    def __init__(self, response: Any, document: Element, errors: list[str]) -> None:
        self.response = response
        self.status: int = response.status_code
        self.url: str = str(response.url)
        self.path: str = urlsplit(self.url).path
        self.html: str = response.text
        self.document = document
        self.errors = errors

    @cached_property
    def elements(self) -> list[Element]:
        return [element for element in self.document.iter() if isinstance(element.tag, str)]

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Elements of this name that carry these attributes (`class_` holds one class among others)."""
        return [element for element in self.elements if element.tag == tag and matches(element, attributes)]

    @property
    def title(self) -> str:
        return squeeze("".join(text_of(element) for element in self.all("title")[:1]))

    @property
    def h1(self) -> str:
        return squeeze("".join(text_of(element) for element in self.all("h1")[:1]))

    @cached_property
    def text(self) -> str:
        """What one reads in the main part of the page."""
        parts = self.all("main") or self.all("body")
        return squeeze(" ".join(text_of(part) for part in parts))

    @property
    def links(self) -> dict[str, str]:
        """Addresses by visible text; the first of each text."""
        found: dict[str, str] = {}
        for element in self.all("a"):
            if "href" in element.attrib:
                found.setdefault(squeeze(text_of(element)), element.attrib["href"])
        return found

    @property
    def forms(self) -> list[Form]:
        return [Form(self, element) for element in self.all("form")]

    @property
    def form(self) -> Form:
        """The only form of the main part that changes something."""
        main = {id(element) for part in self.all("main") for element in part.iter()}
        found = [form for form in self.forms if id(form.element) in main and form.method == "post"]
        assert len(found) == 1, f"{len(found)} forms on {self.path}: name one by its id"
        return found[0]

    def form_named(self, name: str) -> Form:
        """The form with this id, this address, or a button that says this."""
        for form in self.forms:
            if name in {form.element.get("id"), form.action} or name in form.buttons:
                return form
        raise AssertionError(f"no form {name!r} on {self.path}")

    @property
    def error_messages(self) -> list[str]:
        """What the error summary says."""
        return [
            squeeze(text_of(item)) for summary in self.all("div", class_="error-summary") for item in summary.iter("li")
        ]

    def control_labelled(self, label: str) -> Element:
        """The control that a label with these very words names."""
        for element in self.all("label"):
            if squeeze(text_of(element)) == label:
                return next(other for other in self.elements if other.get("id") == element.get("for"))
        for element in self.all("legend"):
            if squeeze(text_of(element)) == label:
                group = next(other for other in self.all("fieldset") if element in list(other))
                return next(group.iter("input"))
        raise AssertionError(f"no field « {label} » on {self.path}")

    def __contains__(self, words: str) -> bool:
        return squeeze(words) in self.text


@dataclass
class Form:
    """A form of a page, with the values it would send."""

    page: Page
    element: Element

    @property
    def method(self) -> str:
        return self.element.get("method", "get").lower()

    @property
    def action(self) -> str:
        return self.element.get("action", "")

    @property
    def controls(self) -> list[Element]:
        inside = [element for element in self.element.iter() if element.tag in (*_LABELLED, "button")]
        form_id = self.element.get("id")
        outside = [element for element in self.page.elements if form_id and element.get("form") == form_id]
        return [*inside, *(element for element in outside if element not in inside)]

    @property
    def names(self) -> set[str]:
        return {name for control in self.controls if (name := control.get("name"))}

    @property
    def buttons(self) -> dict[str, Element]:
        """Buttons that send the form, by what they say."""
        return {
            squeeze(text_of(control)): control
            for control in self.controls
            if control.tag == "button" and control.get("type", "submit") == "submit"
        }

    def values(self) -> dict[str, list[str]]:
        """What a browser would send if one pressed Enter now, files aside."""
        sent: dict[str, list[str]] = {}
        for control in self.controls:
            name = control.get("name")
            if name and "disabled" not in control.attrib:
                for value in values_of(control):
                    sent.setdefault(name, []).append(value)
        return sent


_WEIGHTS: dict[str, int] = {}
"""Bytes of a file by its address, which says its version: it is asked for once in a run."""


class PageClient:
    """Browses an application as a person would, checking every page. Keeps cookies; follows redirections."""

    def __init__(self, app: Any, base_url: str = "http://testserver", *, check: bool = True) -> None:
        self.http = TestClient(app, base_url=base_url, raise_server_exceptions=False)
        self.check = check

    def get(self, path: str, *, status: int = 200, **options: Any) -> Page:
        """Open a page; the answer must have this status."""
        return self._page(self.http.get(path, **options), status)

    def post(self, path: str, data: Fields | None = None, *, status: int = 200, **options: Any) -> Page:
        """Send fields as they are, without any form: for what no page offers."""
        headers = {"sec-fetch-site": "same-origin", **options.pop("headers", {})}
        return self._page(self.http.post(path, data=dict(data or {}), headers=headers, **options), status)

    def submit(
        self,
        form: Form,
        *,
        button: str | None = None,
        files: Mapping[str, GivenFile | list[GivenFile]] | None = None,
        status: int = 200,
        **fields: Any,
    ) -> Page:
        """Fill in and send a form of a page; a field that the form does not have is a mistake of the test.

        A value None leaves the field out. `button` names the one pressed.
        """
        unknown = (set(fields) | set(files or {})) - form.names
        assert not unknown, f"the form on {form.page.path} has no {sorted(unknown)}"
        values: dict[str, Any] = dict(form.values())
        for name, value in fields.items():
            values.pop(name, None)
            if value is not None:
                values[name] = value
        target = form.action
        if button is not None:
            pressed = form.buttons[button]
            target = pressed.get("formaction", target)
            if pressed.get("name"):
                values[pressed.attrib["name"]] = pressed.get("value", "")
        address = urljoin(form.page.url, target or form.page.url)
        if form.method == "get":
            return self._page(self.http.get(address, params=values), status)
        is_multipart = form.element.get("enctype") == "multipart/form-data"
        assert is_multipart or not files, f"the form on {form.page.path} cannot send files"
        headers = {"sec-fetch-site": "same-origin"}
        if is_multipart:
            parts: list[tuple[str, Any]] = [
                (name, (None, one)) for name, value in values.items() for one in _each(value)
            ]
            for name, given in (files or {}).items():
                parts += [(name, one) for one in (given if isinstance(given, list) else [given])]
            response = self.http.post(address, files=parts, headers=headers)
        else:
            response = self.http.post(address, data=values, headers=headers)
        return self._page(response, status)

    def click(self, page: Page, text: str, *, status: int = 200) -> Page:
        """Follow the link that says this."""
        assert text in page.links, f"no link « {text} » on {page.path}, only {sorted(page.links)}"
        return self.get(urljoin(page.url, page.links[text]), status=status)

    def _page(self, response: Any, status: int) -> Page:
        assert response.status_code == status, f"{response.url}: {response.status_code}, not {status}"
        for answer in (*response.history, response):
            self._check_headers(answer)
        parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False)
        is_html = response.headers.get("content-type", "").startswith("text/html")
        document = parser.parse(response.text if is_html else "<!doctype html><title></title>")
        errors = [f"{code} at {place}" for place, code, _ in parser.errors]
        page = Page(response, document, errors)
        if is_html and self.check:
            problems = list(check_page(page)) or list(self._check_weight(page))
            assert not problems, f"{page.url}:\n- " + "\n- ".join(problems)
        return page

    @staticmethod
    def _check_headers(response: Any) -> None:
        headers = response.headers
        policy = headers.get("content-security-policy", "")
        assert "unsafe-" not in policy, policy
        for needed in (
            "script-src 'self'",
            "frame-ancestors 'none'",
            "object-src 'none'",
            "form-action 'self'",
        ):
            is_file = "sandbox" in policy
            assert needed in policy or is_file, f"{response.url}: {needed} is missing"
        assert headers.get("x-content-type-options") == "nosniff", response.url
        assert headers.get("referrer-policy") == "same-origin", response.url
        assert headers.get("cache-control"), response.url
        for name in ("permissions-policy", "cross-origin-opener-policy", "cross-origin-resource-policy"):
            assert headers.get(name), f"{response.url}: {name} is missing"

    def weight(self, page: Page) -> int:
        """Bytes that a first visit of a page brings."""
        own = int(page.response.headers.get("content-length", len(page.response.content)))
        return own + sum(self._weight(urljoin(page.url, address)) for address in _first_load(page))

    def _check_weight(self, page: Page) -> Iterator[str]:
        total = self.weight(page)
        if total > FIRST_LOAD_BYTES:
            yield f"weighs {total} bytes at first load"

    def _weight(self, url: str) -> int:
        """Bytes over the wire of a file and of the modules it imports."""
        if url not in _WEIGHTS:
            assert urlsplit(url).netloc == self.http.base_url.host, f"{url} is someone else's"
            with self.http.stream("GET", url, headers={"accept-encoding": "br"}) as response:
                assert response.status_code == 200, f"{url}: {response.status_code}"
                _WEIGHTS[url] = int(response.headers["content-length"])
                response.read()
            if url.endswith(".js"):
                imports = re.findall(r"""^import\b[^"']*["']([^"']+)["']""", response.text, re.MULTILINE)
                _WEIGHTS[url] += sum(self._weight(urljoin(url, name)) for name in imports)
        return _WEIGHTS[url]


def _each(value: Any) -> list[str]:
    """The values of a field, which may be one or several."""
    return [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]


def _first_load(page: Page) -> list[str]:
    addresses = [
        element.attrib["href"]
        for element in page.all("link")
        if element.get("rel") in {"stylesheet", "icon", "modulepreload", "preload"}
    ]
    addresses += [element.attrib["src"] for element in page.all("script") if "src" in element.attrib]
    addresses += [
        element.attrib["src"]
        for element in page.all("img")
        if element.get("loading") != "lazy" and not element.attrib["src"].startswith("data:")
    ]
    return addresses

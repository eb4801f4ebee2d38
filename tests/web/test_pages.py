"""The page client itself: it must see what is wrong, or every other test sees nothing."""

import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from tests.pages import PageClient
from tests.web.gallery import Gallery
from web.headers import SecurityHeaders
from web.routing import Access, Face, application, page

GALLERY = Gallery()
GOOD = (
    '<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Titre – Portail</title></head>'
    "<body><main><h1>Titre</h1>BODY</main></body></html>"
)
WRONG = {
    "invalid HTML": "<p>a<div>b</div></p>",
    "2 h1": "<h1>Autre</h1>",
    "used twice": '<p id="a"></p><p id="a"></p>',
    "nowhere": '<label for="b">B</label>',
    "refers to": '<p aria-describedby="b"></p>',
    "a link goes to #b": '<a href="#b">B</a>',
    "has no label": '<input name="a">',
    "says nothing": '<a href="/"></a>',
    "no alternative": '<img src="/x.png">',
    "has no token": '<form method="post"><button>A</button></form>',
    "shows its token": '<form><input type="hidden" name="csrf_token"><button>A</button></form>',
    "a form goes to": '<form action="https://evil.example/"><button>A</button></form>',
    "does not send it": '<form><label for="f">F</label><input id="f" type="file" name="f"></form>',
    "typography": "<p>Quoi ?</p>",
    "typography: « «": "<p>« a\u00a0»</p>",
    "typography: « Quoi": '<p title="Quoi !">a</p>',
    "leak: Titre {{": "<p>{{ name }}</p>",
    "leak: Titre None": "<p>None</p>",
    "a style written": '<p style="color: red">a</p>',
    "a script written": "<script>one()</script>",
    "an event handler": '<p onclick="a()">a</p>',
    "bytes at first load": "<p>" + "x" * 160_000 + "</p>",
}


def browser(body: str, headers: dict[str, str] | None = None) -> PageClient:
    async def endpoint(request: Request) -> Response:
        return HTMLResponse(body, headers=headers)

    return PageClient(
        SecurityHeaders(application([page("/", endpoint, access=Access.PUBLIC)], Face(GALLERY.templates, GALLERY.csrf)))
    )


def test_good_page_passes() -> None:
    words = '<p>Oui\u00a0! <code>a ? b</code> <span translate="no">A : B</span></p>'
    assert browser(GOOD.replace("BODY", words)).get("/").h1 == "Titre"


@pytest.mark.parametrize("problem", WRONG)
def test_wrong_page_is_seen(problem: str) -> None:
    with pytest.raises(AssertionError) as seen:
        browser(GOOD.replace("BODY", WRONG[problem])).get("/")
    assert problem in str(seen.value)


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ('lang="fr"', 'lang="en"', "language"),
        ("<title>Titre", "<title>Autre", "does not start"),
        ("<!doctype html>", "", "invalid HTML"),
    ],
)
def test_wrong_frame_is_seen(before: str, after: str, problem: str) -> None:
    with pytest.raises(AssertionError, match=problem):
        browser(GOOD.replace(before, after)).get("/")


@pytest.mark.parametrize("header", ["content-security-policy", "x-content-type-options", "referrer-policy"])
def test_missing_or_weak_header_is_seen(header: str) -> None:
    with pytest.raises(AssertionError):
        browser(GOOD, {header: "script-src 'unsafe-inline'"}).get("/")


def test_client_fills_in_sends_and_follows() -> None:
    client = PageClient(GALLERY.asgi())
    start = client.get("/")
    form = start.form_named("Continuer")
    assert form.values()["voie"] == ["AV"]
    assert start.control_labelled("Êtes-vous distributeur ?").attrib["name"] == "distributeur"
    assert "Répondez par oui ou par non." in start.error_messages
    files = {"rib": ("rib.pdf", b"%PDF", "application/pdf")}
    done = client.submit(form, commerce="ACME", files=files, button="Continuer")
    assert done.h1 == "Demande ENR-2026-000123"
    with pytest.raises(AssertionError, match="inconnu"):
        client.submit(form, inconnu="1")
    assert client.click(done, "Mes demandes").h1 == "Demandeur"
    with pytest.raises(AssertionError, match="no link"):
        client.click(done, "Rien")


def test_first_load_of_our_pages_is_light() -> None:  # std: UX-7
    client = PageClient(GALLERY.asgi())
    assert client.weight(client.get("/", headers={"accept-encoding": "br"})) < 90_000

"""Requests from elsewhere are refused, by origin and by token, on our routes and in front of others' routes."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.pages import PageClient, TestClient
from tests.web.gallery import Gallery
from web.csrf import Csrf, comes_from_us, make_token, token_is_valid
from web.csrf_guard import CSRF_KEY, CsrfGuard
from web.forms import Limits
from web.headers import SecurityHeaders

SECRET = b"k" * 32
US = "https://portail.example"


@given(st.text(max_size=30), st.text(max_size=30))
def test_token_is_good_for_its_browser_only(one: str, other: str) -> None:  # std: SEC-3
    token = make_token(SECRET, one)
    assert token_is_valid(SECRET, one, token)
    assert token_is_valid(SECRET, other, token) == (one == other)
    assert not token_is_valid(b"another key", one, token)


@given(st.integers(0, 87), st.sampled_from("abcXYZ019-_=+ é\x00"))
def test_altered_token_is_wrong(position: int, letter: str) -> None:  # std: SEC-3
    token = make_token(SECRET, "a")
    altered = token[:position] + letter + token[position + 1 :]
    assert altered == token or not token_is_valid(SECRET, "a", altered)


@given(st.text(max_size=120))
def test_garbage_is_never_a_token(text: str) -> None:
    assert not token_is_valid(SECRET, "a", text)


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "cross-site", "origin": US}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "whatever"}, False),
        ({"origin": US}, True),
        ({"origin": "null"}, False),
        ({"origin": US + ".evil.example"}, False),
        ({"origin": "http://portail.example"}, False),
        ({"origin": "https://evil.example", "referer": US + "/"}, False),
        ({"referer": US + "/connexion"}, True),
        ({"referer": US + ".evil.example/"}, False),
        ({}, True),
    ],
)
def test_origin_of_a_request_is_judged(headers: dict[str, str], ours: bool) -> None:  # std: SEC-3
    assert comes_from_us(Headers(headers), [US]) == ours


def test_secret_key_is_required() -> None:  # std: SEC-13
    with pytest.raises(ValueError, match="secret"):
        Csrf.from_key("")


REFUSED = {"no token": {}, "wrong token": {"csrf_token": "A" * 88}}


@pytest.mark.parametrize(("fields", "path"), list(product(REFUSED.values(), ["/", "/iban", "/depot"])))
def test_our_routes_refuse_without_a_good_token(fields: dict[str, str], path: str) -> None:  # std: SEC-3
    client = PageClient(Gallery().asgi())
    client.get("/")
    page = client.post(path, fields, status=403)
    assert "Par sécurité, cet envoi a été refusé" in page


def test_token_of_another_browser_is_refused() -> None:  # std: SEC-3
    gallery = Gallery().asgi()
    stranger, victim = PageClient(gallery), PageClient(gallery)
    stolen = stranger.get("/").form_named("demandeur").values()["csrf_token"]
    victim.get("/")
    victim.post("/", {"csrf_token": stolen}, status=403)
    PageClient(gallery).post("/", {"csrf_token": stolen}, status=403)
    stranger.post("/", {"csrf_token": stolen})


def test_good_token_from_another_site_is_refused() -> None:  # std: SEC-3
    client = PageClient(Gallery().asgi())
    token = client.get("/").form_named("demandeur").values()["csrf_token"]
    client.post("/", {"csrf_token": token}, headers={"sec-fetch-site": "cross-site"}, status=403)
    client.post("/", {"csrf_token": token})


def test_script_sends_the_token_in_a_header_and_gets_json() -> None:
    client = PageClient(Gallery().asgi())
    (token,) = client.get("/").form_named("demandeur").values()["csrf_token"]
    headers = {"accept": "application/json", "sec-fetch-site": "same-origin"}
    good = client.http.post("/iban", data={"iban": "FR76"}, headers={**headers, "x-csrf-token": token})
    assert (good.status_code, good.json()["ok"]) == (200, True)
    bad = client.http.post("/iban", data={"csrf_token": token}, headers={**headers, "x-csrf-token": "no"})
    assert bad.status_code == 403
    assert "refusé" in bad.json()["message"]


@pytest.mark.parametrize(("scheme", "name", "secure"), [("http", "visitor", False), ("https", "__Host-visitor", True)])
def test_visitor_cookie_is_out_of_reach_of_scripts_and_sibling_sites(
    scheme: str, name: str, secure: bool
) -> None:  # std: SEC-4
    client = TestClient(Gallery().asgi(), base_url=f"{scheme}://testserver")
    first = client.get("/").headers["set-cookie"]
    assert first.startswith(name + "=")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(first.split("; "))
    assert ("Secure" in first.split("; ")) == secure
    assert "Domain" not in first
    assert "set-cookie" not in client.get("/").headers
    assert "set-cookie" not in TestClient(Gallery().asgi()).get("/conflit").headers


# In front of an application whose routes are not ours.


async def show(request: Request) -> Response:
    return PlainTextResponse(request.scope[CSRF_KEY].token(request))


async def change(request: Request) -> Response:
    async with request.form() as form:
        upload = form.get("file")
        size = len(await upload.read()) if upload is not None and not isinstance(upload, str) else 0
        return PlainTextResponse(f"{form.get('name')} {size}")


async def socket(websocket: WebSocket) -> None:
    await websocket.accept()


def guarded() -> TestClient:
    routes = [
        Route("/", show),
        Route("/change", change, methods=["POST", "PUT", "PATCH", "DELETE"]),
        WebSocketRoute("/socket", socket),
    ]
    gallery = Gallery()
    face = gallery.app.state.face
    limits = Limits(file_bytes=100_000, total_bytes=200_000)
    guard = CsrfGuard(Starlette(routes=routes), csrf=gallery.csrf, error_page=face.error, limits=limits)
    return TestClient(SecurityHeaders(guard))


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_guard_refuses_every_unsafe_method_without_token(method: str) -> None:  # std: SEC-3
    client = guarded()
    client.get("/")
    answer = client.request(method, "/change", headers={"sec-fetch-site": "same-origin"})
    assert answer.status_code == 403
    assert "Accès refusé" in answer.text


@pytest.mark.parametrize("multipart", [True, False])
def test_guard_replays_the_whole_body(multipart: bool) -> None:
    client = guarded()
    token = client.get("/").text
    data = {"name": "Éloïse", "csrf_token": token}
    files = {"file": ("a.pdf", b"x" * 90_000, "application/pdf")} if multipart else None
    answer = client.post("/change", data=data, files=files)
    assert answer.text == f"Éloïse {90_000 if multipart else 0}"


def test_guard_takes_the_token_from_a_header_and_checks_it() -> None:
    client = guarded()
    token = client.get("/").text
    assert client.post("/change", data={"name": "a"}, headers={"x-csrf-token": token}).text == "a 0"
    assert client.post("/change", data={"csrf_token": token}, headers={"x-csrf-token": "no"}).status_code == 403
    assert client.post("/change", headers={"x-csrf-token": token, "sec-fetch-site": "cross-site"}).status_code == 403


def test_guard_fails_closed_on_what_it_cannot_read() -> None:  # std: SEC-19
    client = guarded()
    token = client.get("/").text
    assert client.post("/change", json={"csrf_token": token}).status_code == 415
    assert (
        client.post("/change", content=b"x", headers={"content-type": "multipart/form-data; boundary=a"}).status_code
        == 400
    )
    large = client.post("/change", data={"csrf_token": token}, files={"file": ("a", b"x" * 300_000)})
    assert large.status_code == 413
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/socket"):
        pass

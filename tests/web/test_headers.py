"""Security headers: all of them, on every answer, and none that a page must not have."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.pages import TestClient
from web.headers import POLICY_KEY, Policy, SecurityHeaders


async def plain(request: Request) -> Response:
    return PlainTextResponse("x")


async def viewer(request: Request) -> Response:
    request.scope[POLICY_KEY] = Policy.VIEWER
    return PlainTextResponse("x", headers={"cache-control": "private"})


ROUTES = [Route("/", plain), Route("/piece", viewer)]


def client(base_url: str = "http://testserver") -> TestClient:
    return TestClient(SecurityHeaders(Starlette(routes=ROUTES)), base_url=base_url)


@pytest.mark.parametrize("policy", Policy)
def test_no_policy_allows_anything_unsafe(policy: Policy) -> None:  # std: SEC-8
    directives = dict(part.split(" ", 1) if " " in part else (part, "") for part in policy.value.decode().split("; "))
    assert "unsafe" not in policy.value.decode()
    assert directives["default-src"] == directives["base-uri"] == directives["object-src"] == "'none'"
    assert not any(sources == "*" or "http" in sources for sources in directives.values())


@pytest.mark.parametrize("path", ["/", "/nowhere"])
def test_every_answer_has_every_header(path: str) -> None:  # std: SEC-8 SEC-18
    headers = client().get(path).headers
    assert headers["content-security-policy"] == Policy.PAGE.value.decode()
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert headers["cache-control"] == "no-store"


def test_strict_transport_is_asked_on_https_only() -> None:  # std: SEC-8
    assert "strict-transport-security" not in client().get("/").headers
    assert "max-age=63072000" in client("https://testserver").get("/").headers["strict-transport-security"]


def test_viewer_is_sandboxed_and_framed_by_us_only() -> None:  # std: SEC-8
    headers = client().get("/piece").headers
    policy = headers["content-security-policy"].split("; ")
    assert "sandbox" in policy
    assert "frame-ancestors 'self'" in policy
    assert not any(part.startswith("script-src") for part in policy)
    assert headers.get_list("cache-control") == ["private"]

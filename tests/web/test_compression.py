"""Compression of pages: right bytes, only where it is worth it, and no secret that repeats."""

import brotli
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.pages import TestClient
from tests.web.gallery import Gallery
from web.compression import Compression

LONG = "<p>é</p>" * 500


async def long_page(request: Request) -> Response:
    return HTMLResponse(LONG)


async def short_page(request: Request) -> Response:
    return HTMLResponse("x")


async def picture(request: Request) -> Response:
    return Response(LONG, media_type="image/png")


async def packed(request: Request) -> Response:
    return HTMLResponse(brotli.compress(LONG.encode()), headers={"content-encoding": "br"})


async def stream(request: Request) -> Response:
    return StreamingResponse((LONG for _ in range(2)), media_type="text/html")


APP = Compression(
    Starlette(
        routes=[
            Route(f"/{endpoint.__name__}", endpoint) for endpoint in (long_page, short_page, picture, packed, stream)
        ]
    )
)


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_long_page_arrives_whole_and_smaller(encoding: str) -> None:
    answer = TestClient(APP).get("/long_page", headers={"accept-encoding": encoding})
    assert answer.text == LONG
    assert answer.headers["content-encoding"] == encoding
    assert int(answer.headers["content-length"]) < len(LONG) // 4
    assert answer.headers["vary"] == "accept-encoding"


@pytest.mark.parametrize("path", ["/short_page", "/picture", "/stream"])
def test_what_is_not_worth_it_is_left_alone(path: str) -> None:
    answer = TestClient(APP).get(path, headers={"accept-encoding": "br"})
    assert "content-encoding" not in answer.headers
    assert answer.status_code == 200


def test_what_is_already_compressed_is_left_alone() -> None:
    assert TestClient(APP).get("/packed", headers={"accept-encoding": "br"}).text == LONG


def test_head_and_refused_encodings_are_left_alone() -> None:
    assert "content-encoding" not in TestClient(APP).head("/long_page", headers={"accept-encoding": "br"}).headers
    answer = TestClient(APP).get("/long_page", headers={"accept-encoding": "br;q=0"})
    assert "content-encoding" not in answer.headers


def test_the_token_of_a_page_never_repeats() -> None:  # std: SEC-3
    http = TestClient(Gallery().asgi())
    tokens = {http.get("/").text.split('name="csrf_token" value="')[1].split('"')[0] for _ in range(5)}
    assert len(tokens) == 5
    # Nothing shows through the mask: no piece of one token is found in another.
    pieces = [token[start : start + 6] for token in tokens for start in range(len(token) - 5)]
    assert len(pieces) == len(set(pieces))

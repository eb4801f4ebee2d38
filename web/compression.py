"""Compression of pages: complete answers of text, fast level, nothing streamed.

Secrets in a compressed page can be guessed from its size when they stay the same: the only one we write, the
CSRF token, is masked anew each time (`web.csrf`). Static files are compressed once, elsewhere (`web.assets`).
"""

import zlib

import brotli  # type: ignore[import-untyped]  # The package ships no types.
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MINIMUM_BYTES = 1024
_TEXT = (b"text/html", b"application/json", b"text/plain", b"text/css", b"image/svg+xml", b"text/csv")
_BROTLI_QUALITY = 1
_GZIP_LEVEL = 1
_GZIP_WINDOW = 31


class Compression:
    """Compresses an answer sent in one piece, when the browser takes it and it is worth the time."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve; the start of the answer waits for its first piece."""
        encoding = _encoding(scope) if scope["type"] == "http" else None
        if encoding is None:
            await self.app(scope, receive, send)
            return
        start: Message | None = None

        async def send_compressed(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            if start is not None:
                held, start = start, None
                message = _compress(held, message, encoding)
                await send(held)
            await send(message)

        await self.app(scope, receive, send_compressed)


def _encoding(scope: Scope) -> bytes | None:
    if scope["method"] == "HEAD":
        return None
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            if b"br" in value and b"br;q=0" not in value:
                return b"br"
            if b"gzip" in value and b"gzip;q=0" not in value:
                return b"gzip"
            return None
    return None


def _compress(start: Message, message: Message, encoding: bytes) -> Message:
    """Change the headers in `start` and give the message to send, compressed or as it was."""
    body = message.get("body", b"")
    if message["type"] != "http.response.body" or message.get("more_body") or len(body) < MINIMUM_BYTES:
        return message
    headers = dict(start["headers"])
    if b"content-encoding" in headers or not headers.get(b"content-type", b"").startswith(_TEXT):
        return message
    smaller = _shrink(body, encoding)
    start["headers"] = [
        *((name, value) for name, value in start["headers"] if name != b"content-length"),
        (b"content-length", str(len(smaller)).encode()),
        (b"content-encoding", encoding),
        (b"vary", b"accept-encoding"),
    ]
    return {"type": "http.response.body", "body": smaller}


def smallest(body: bytes, encoding: str) -> bytes:
    """The smallest form of a body, whatever the time it takes: for what is compressed once."""
    if encoding == "br":
        compressed: bytes = brotli.compress(body, quality=11)
        return compressed
    compressor = zlib.compressobj(9, zlib.DEFLATED, _GZIP_WINDOW)
    return compressor.compress(body) + compressor.flush()


def _shrink(body: bytes, encoding: bytes) -> bytes:
    if encoding == b"br":
        compressed: bytes = brotli.compress(body, mode=brotli.MODE_TEXT, quality=_BROTLI_QUALITY)
        return compressed
    compressor = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
    return compressor.compress(body) + compressor.flush()

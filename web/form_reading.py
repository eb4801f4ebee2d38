"""Reads the body of a request into a form: bounded in size and time, urlencoded or in parts.

What a form is, and what may be wrong with one, is in `web.forms`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import anyio
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from web.forms import (
    DEFAULT_LIMITS,
    Form,
    FormMalformed,
    FormTooLarge,
    FormTooSlow,
    FormUnsupported,
    Limits,
    Upload,
)

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks


async def read_form(request: Request, limits: Limits = DEFAULT_LIMITS) -> Form:
    """Read the whole body as a form.

    Raises `FormTooLarge`, `FormTooSlow`, `FormMalformed` or `FormUnsupported`. The caller closes the form.
    """
    kind, options = parse_options_header(request.headers.get("content-type"))
    async with aclosing(_bounded(request, limits)) as stream:
        if kind == b"multipart/form-data":
            return await _Multipart(options, limits).read(stream)
        if kind == b"application/x-www-form-urlencoded":
            return await _read_urlencoded(stream, limits)
        async for _ in stream:
            raise FormUnsupported
    return Form()


async def _bounded(request: Request, limits: Limits) -> AsyncGenerator[bytes, None]:
    """The body in pieces, under the bounds on size and time.

    Over the size, as much again is read and thrown away before refusing: a browser that is still sending
    would otherwise show a broken connection and not our page.
    """
    received = 0
    stream = request.stream()
    deadline = anyio.current_time() + limits.total_seconds
    too_large = _announced(request) > limits.total_bytes
    try:
        while True:
            with anyio.fail_after(min(limits.read_seconds, deadline - anyio.current_time())):
                piece = await anext(stream, b"")
            if not piece:
                break
            received += len(piece)
            too_large = too_large or received > limits.total_bytes
            if received > 2 * limits.total_bytes:
                break
            if not too_large:
                yield piece
    except TimeoutError as error:
        raise FormTooSlow from error
    except ClientDisconnect as error:
        raise FormMalformed from error
    if too_large:
        raise FormTooLarge


def _announced(request: Request) -> int:
    length = request.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else 0


async def _read_urlencoded(stream: AsyncIterator[bytes], limits: Limits) -> Form:
    body = bytearray()
    bound = limits.field_bytes * 16
    async for piece in stream:
        body += piece
        if len(body) > bound:
            raise FormTooLarge
    try:
        pairs = parse_qsl(
            body.decode("ascii", "replace"),
            keep_blank_values=True,
            errors="replace",
            max_num_fields=limits.fields,
        )
    except ValueError as error:
        raise FormTooLarge from error
    if any(len(name) + len(value) > limits.field_bytes for name, value in pairs):
        raise FormTooLarge
    return Form([(_clean(name), _clean(value)) for name, value in pairs])


class _Multipart:
    """Turns the events of the multipart parser into a `Form`."""

    def __init__(self, options: dict[bytes, bytes], limits: Limits) -> None:
        self.limits = limits
        self.form = Form()
        self.finished = False
        self._header_name = bytearray()
        self._header_value = bytearray()
        self._headers: dict[bytes, bytes] = {}
        self._name = ""
        self._text = bytearray()
        self._upload: Upload | None = None
        self._parts = 0
        events: MultipartCallbacks = {
            "on_part_begin": self._begin_part,
            "on_header_field": partial(self._collect, self._header_name),
            "on_header_value": partial(self._collect, self._header_value),
            "on_header_end": self._end_header,
            "on_headers_finished": self._end_headers,
            "on_part_data": self._data,
            "on_part_end": self._end_part,
            "on_end": self._end,
        }
        try:
            self._parser = MultipartParser(
                options.get(b"boundary") or b"",
                events,
                max_header_count=limits.headers,
                max_header_size=limits.header_bytes,
            )
        except FormParserError as error:
            raise FormMalformed from error
        if not options.get(b"boundary"):
            raise FormMalformed

    async def read(self, stream: AsyncIterator[bytes]) -> Form:
        """Feed the parser; on any failure every file is freed."""
        try:
            async for piece in stream:
                self._parser.write(piece)
                for upload in self.form.uploads:
                    await upload.settle()
            if not self.finished:
                raise FormMalformed
            for upload in self.form.uploads:
                await upload.settle(finished=True)
        except FormParserError as error:
            self.form.close()
            raise FormMalformed from error
        except BaseException:
            self.form.close()
            raise
        self._drop_empty_files()
        return self.form

    def _drop_empty_files(self) -> None:
        kept = []
        for upload in self.form.uploads:
            if upload.name or upload.size:
                kept.append(upload)
            else:
                upload.close()
        self.form.uploads = kept

    @staticmethod
    def _collect(target: bytearray, data: bytes, start: int, end: int) -> None:
        target += data[start:end]

    def _begin_part(self) -> None:
        self._headers = {}
        self._text = bytearray()
        self._upload = None

    def _end_header(self) -> None:
        self._headers[bytes(self._header_name).lower()] = bytes(self._header_value)
        self._header_name.clear()
        self._header_value.clear()

    def _end_headers(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        if b"name" not in options:
            raise FormMalformed
        self._name = _clean(options[b"name"].decode("utf-8", "replace"))
        if b"filename" not in options:
            if len(self.form.texts) >= self.limits.fields:
                raise FormTooLarge
            return
        if len(self.form.uploads) >= self.limits.files:
            raise FormTooLarge
        declared_type = self._headers.get(b"content-type", b"").decode("latin-1")
        name = safe_file_name(options[b"filename"].decode("utf-8", "replace"))
        self._upload = Upload(self._name, name, declared_type, self.limits)
        self.form.uploads.append(self._upload)

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._upload is not None:
            self._upload.receive(data[start:end])
            return
        if len(self._text) + end - start > self.limits.field_bytes:
            raise FormTooLarge
        self._text += data[start:end]

    def _end_part(self) -> None:
        if self._upload is None:
            self.form.texts.append((self._name, _clean(self._text.decode("utf-8", "replace"))))

    def _end(self) -> None:
        self.finished = True


def safe_file_name(name: str) -> str:
    """The bare name of a file: no folder, no control character, at most 150 characters."""
    bare = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    readable = "".join(" " if unicodedata.category(letter).startswith("C") else letter for letter in bare)
    readable = " ".join(readable.split())
    if len(readable) <= 150:
        return readable
    stem, dot, extension = readable.rpartition(".")
    if dot and len(extension) <= 10:
        return stem[: 149 - len(extension)] + dot + extension
    return readable[:150]


def _clean(text: str) -> str:
    """Composed, without NUL (which PostgreSQL refuses), with line feeds alone."""
    text = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", text)

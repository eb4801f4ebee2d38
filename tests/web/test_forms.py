"""The form reader against honest, clumsy and hostile bodies."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import quote_plus

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from web.form_reading import read_form, safe_file_name
from web.forms import (
    Form,
    FormError,
    FormMalformed,
    FormTooLarge,
    FormTooSlow,
    FormUnsupported,
    Limits,
)

BOUNDARY = b"----limit"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY.decode()}"
URLENCODED = "application/x-www-form-urlencoded"
SMALL = Limits(
    file_bytes=1000,
    total_bytes=20_000,
    field_bytes=500,
    fields=5,
    files=3,
    header_bytes=300,
    headers=4,
    memory_bytes=100,
    read_seconds=0.2,
    total_seconds=0.4,
)
Receive = Callable[[], Awaitable[dict[str, object]]]


def request(body: bytes, kind: str | None, size: int = 997, announced: int | None = None) -> Request:
    pieces = [body[start : start + size] for start in range(0, len(body), size)] or [b""]
    remaining = iter(pieces)
    left = [len(pieces)]

    async def receive() -> dict[str, object]:
        left[0] -= 1
        return {"type": "http.request", "body": next(remaining), "more_body": left[0] > 0}

    headers = [(b"content-type", kind.encode())] if kind else []
    headers.append((b"content-length", str(len(body) if announced is None else announced).encode()))
    return Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive)


def read(body: bytes, kind: str | None = MULTIPART, limits: Limits = SMALL, size: int = 997, **options: int) -> Form:
    return anyio.run(read_form, request(body, kind, size, **options), limits)


def part(name: str, content: bytes, filename: str | None = None, extra: bytes = b"") -> bytes:
    disposition = f'form-data; name="{name}"' + (f'; filename="{filename}"' if filename is not None else "")
    return (
        b"--"
        + BOUNDARY
        + b"\r\nContent-Disposition: "
        + disposition.encode()
        + b"\r\n"
        + extra
        + b"\r\n"
        + content
        + b"\r\n"
    )


def whole(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--" + BOUNDARY + b"--\r\n"


@pytest.mark.parametrize("size", [1, 7, 64, 100_000])
def test_too_large_file_is_cut_and_nothing_else_is_lost(size: int) -> None:  # rule: F2 # std: SEC-10
    body = whole(
        part("nom", "Éloïse".encode()),
        part("gros", b"x" * 5000, "photo.jpg"),
        part("bon", b"y" * 900, "kbis.pdf"),
        part("suite", b"oui"),
    )
    form = read(body, size=size)
    large, good = form.file("gros"), form.file("bon")
    assert large is not None
    assert good is not None
    assert (large.too_large, large.size, large.content(), large.name) == (True, 5000, b"", "photo.jpg")
    assert (good.too_large, good.size, good.content()) == (False, 900, b"y" * 900)
    assert (form.get("nom"), form.get("suite")) == ("Éloïse", "oui")
    form.close()


def test_file_of_exactly_the_limit_is_kept() -> None:  # rule: F1
    form = read(whole(part("a", b"x" * 1000, "a.pdf"), part("b", b"x" * 1001, "b.pdf")))
    assert [upload.too_large for upload in form.uploads] == [False, True]
    form.close()


def test_empty_file_field_gives_no_upload_but_an_empty_file_does() -> None:
    form = read(whole(part("rien", b"", ""), part("vide", b"", "vide.pdf")))
    assert form.file("rien") is None
    empty = form.file("vide")
    assert empty is not None
    assert empty.size == 0
    form.close()


def test_large_parts_go_to_disk_and_small_ones_do_not() -> None:  # std: SEC-10
    form = read(whole(part("petit", b"x" * 99, "a"), part("grand", b"x" * 999, "b")))
    rolled = [getattr(upload._file, "_rolled") for upload in form.uploads]  # noqa: B009 -- not in the type stubs.
    assert rolled == [False, True]
    form.close()


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


HOSTILE = {
    "total": (whole(*[part("f", b"x" * 9000, "a")] * 3), FormTooLarge),
    "field": (whole(part("a", b"x" * 501)), FormTooLarge),
    "fields": (whole(*[part(f"a{n}", b"x") for n in range(6)]), FormTooLarge),
    "files": (whole(*[part("f", b"x", "a")] * 4), FormTooLarge),
    "header": (whole(part("a", b"x", extra=b"X-Long: " + b"y" * 400 + b"\r\n")), FormMalformed),
    "headers": (whole(part("a", b"x", extra=b"".join(b"X-%d: y\r\n" % n for n in range(5)))), FormMalformed),
    "cut": (whole(part("a", b"x"))[:-8], FormMalformed),
    "cut in a file": (part("a", b"x" * 300, "a.pdf")[:-100], FormMalformed),
    "no name": (
        b"--" + BOUNDARY + b"\r\nContent-Disposition: form-data\r\n\r\nx\r\n--" + BOUNDARY + b"--\r\n",
        FormMalformed,
    ),
    "not multipart": (b"\x00\xff" * 50, FormMalformed),
    "empty": (b"", FormMalformed),
}


@pytest.mark.parametrize("case", HOSTILE)
@pytest.mark.parametrize("size", [1, 997])
def test_hostile_multipart_is_refused_and_leaves_no_open_file(case: str, size: int) -> None:  # std: SEC-10
    body, expected = HOSTILE[case]
    before = _open_files()
    with pytest.raises(expected) as refused:
        read(body, size=size)
    assert refused.value.message.endswith(".")
    assert _open_files() <= before + 1


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", f"multipart/form-data; boundary={'x' * 300}", "multipart/form-data; boundary="]
)
def test_bad_boundary_is_refused(kind: str) -> None:
    with pytest.raises(FormMalformed):
        read(whole(part("a", b"x")), kind)


def test_announced_size_is_believed_when_too_large() -> None:
    with pytest.raises(FormTooLarge):
        read(whole(part("a", b"x")), announced=10**9)


@pytest.mark.parametrize("kind", ["application/json", "text/plain", None])
def test_anything_but_a_form_is_refused(kind: str | None) -> None:
    with pytest.raises(FormUnsupported):
        read(b'{"a": 1}', kind)
    assert list(read(b"", kind)) == []


@pytest.mark.parametrize(
    "body",
    [b"a=" + b"x" * 600, b"&".join(b"a%d=1" % n for n in range(7)), b"a=" + b"x" * 9000],
    ids=["field", "fields", "body"],
)
def test_hostile_urlencoded_is_refused(body: bytes) -> None:  # std: SEC-10
    with pytest.raises(FormTooLarge):
        read(body, URLENCODED)


def drip(seconds: float, piece: bytes) -> Receive:
    async def receive() -> dict[str, object]:
        await anyio.sleep(seconds)
        return {"type": "http.request", "body": piece, "more_body": True}

    return receive


@pytest.mark.parametrize("seconds", [5, 0.05], ids=["silent", "drop by drop"])
def test_slow_sender_is_not_waited_for(seconds: float) -> None:  # std: SEC-10
    scope = {"type": "http", "method": "POST", "path": "/", "headers": [(b"content-type", URLENCODED.encode())]}
    with pytest.raises(FormTooSlow):
        anyio.run(read_form, Request(scope, drip(seconds, b"a")), SMALL)


def test_vanished_sender_is_an_error() -> None:
    async def gone() -> dict[str, object]:
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "POST", "path": "/", "headers": [(b"content-type", URLENCODED.encode())]}
    with pytest.raises(FormMalformed):
        anyio.run(read_form, Request(scope, gone), SMALL)


@given(st.binary(max_size=400), st.integers(1, 50), st.sampled_from([MULTIPART, URLENCODED]))
def test_any_bytes_give_a_form_or_a_form_error(body: bytes, size: int, kind: str) -> None:
    for sent in (body, part("a", body, "x") + body, whole(part("a", body))):
        try:
            read(sent, kind, size=size).close()
        except FormError:
            continue


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(TEXTS)
def test_texts_arrive_the_same_by_both_encodings(text: str) -> None:
    by_parts = read(whole(part("a", text.encode())))
    by_url = read(f"a={quote_plus(text)}".encode(), URLENCODED)
    assert by_parts.get("a") == by_url.get("a")
    assert "\x00" not in by_url.get("a")
    assert "\r" not in by_url.get("a")


def test_form_answers_about_its_fields() -> None:
    form = read(b"a=1&a=2&b=&evil=x", URLENCODED)
    assert (form.get("a"), form.getlist("a"), form.get("c", "rien")) == ("1", ["1", "2"], "rien")
    assert "b" in form
    assert form.unexpected({"a", "b"}) == ["evil"]  # std: SEC-19


@given(st.text(max_size=300))
def test_file_names_are_bare_and_printable(name: str) -> None:  # std: SEC-9
    safe = safe_file_name(name)
    assert len(safe) <= 150
    assert not re.search(r"[/\\\x00-\x1f\x7f\u202e\u2028]", safe)
    assert safe_file_name(safe) == safe


def test_file_name_keeps_its_extension_and_loses_its_folder() -> None:
    assert safe_file_name("C:\\fakepath\\Kbis\r\n 2026.pdf") == "Kbis 2026.pdf"
    assert safe_file_name("../../" + "é" * 300 + ".pdf").endswith("é.pdf")

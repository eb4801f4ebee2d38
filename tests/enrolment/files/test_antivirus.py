"""The verdict of clamd: « clean » only when clamd said so in full, and each failure told apart."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from enrolment.files.antivirus import Outcome, Verdict, scan
from tests.enrolment.files import corpus
from tests.enrolment.files.daemons import clamd, clamd_missing

Answer = Callable[[socket.socket, bytes], None]


def _says(reply: bytes) -> Answer:
    return lambda connection, content: connection.sendall(reply)


def _looks(connection: socket.socket, content: bytes) -> None:
    connection.sendall(b"stream: Local.Marker FOUND\0" if corpus.MARKER in content else b"stream: OK\0")


@contextmanager
def _fake_clamd(
    answer: Answer,
    *,
    limit: int = 1 << 30,
    path: Path | None = None,
    over: bytes = b"INSTREAM size limit exceeded. ERROR\0",
) -> Iterator[str]:
    """A server of one connection that reads the protocol strictly and answers as told.

    Over `limit` bytes it does what clamd does: says `over` and closes with the rest of the stream unread.
    """
    server = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
    server.bind(str(path) if path else ("127.0.0.1", 0))
    server.listen()

    def serve() -> None:
        connection, _ = server.accept()
        with connection, connection.makefile("rb") as stream:
            assert stream.read(10) == b"zINSTREAM\0"
            content = b""
            while size := struct.unpack("!I", stream.read(4))[0]:
                content += stream.read(size)
                if len(content) > limit:
                    connection.sendall(over)
                    return
            answer(connection, content)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield str(path) if path else f"127.0.0.1:{server.getsockname()[1]}"
    finally:
        thread.join(10)
        server.close()


@pytest.mark.parametrize("by_path", [True, False])
def test_f2_verdict_follows_the_content(tmp_path: Path, by_path: bool) -> None:
    # rule: F2
    for content, verdict in {
        corpus.good_pdf(): Verdict(Outcome.clean),
        b"x" * 100_000 + corpus.MARKER: Verdict(Outcome.infected, "Local.Marker"),
        b"": Verdict(Outcome.clean),
    }.items():
        path = tmp_path / f"{len(content)}.sock" if by_path else None
        with _fake_clamd(_looks, path=path) as address:
            assert scan(content, address) == verdict


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"stream: OK",
        b"stream: O\0",
        b"\0",
        b"INSTREAM: Can't allocate memory ERROR\0",
        b"HTTP/1.1 200 OK\r\n\0",
    ],
)
def test_sec19_anything_but_a_whole_ok_is_unavailable(reply: bytes) -> None:
    # std: SEC-19
    with _fake_clamd(_says(reply)) as address:
        assert scan(b"content", address).outcome is Outcome.unavailable


@pytest.mark.parametrize("over", [b"INSTREAM size limit exceeded. ERROR\0", b""])
def test_sec19_stream_cut_by_clamd_is_a_refusal(over: bytes) -> None:
    # std: SEC-19
    with _fake_clamd(_looks, limit=100_000, over=over) as address:
        verdict = scan(b"x" * (32 << 20), address)
    assert verdict.outcome is Outcome.refused
    assert not verdict.clean


def test_rel6_silent_clamd_is_given_up() -> None:
    # std: REL-6
    released = threading.Event()
    with _fake_clamd(lambda connection, content: released.wait(10) and None) as address:
        assert scan(b"content", address, timeout=0.2).outcome is Outcome.unavailable
        released.set()


@pytest.mark.parametrize("address", ["127.0.0.1:9", "/nowhere/clamd.sock", "no port", "host:"])
def test_rel6_absent_clamd_is_unavailable(address: str) -> None:
    # std: REL-6
    assert scan(b"content", address, timeout=2).outcome is Outcome.unavailable


@pytest.mark.slow
@pytest.mark.skipif(bool(clamd_missing()), reason=clamd_missing())
def test_f2_real_clamd_finds_what_a_pdf_hides(tmp_path: Path) -> None:
    # rule: F2

    def infect(document: corpus.Pdf) -> None:
        document.pages[0].Contents = document.make_stream(b"BT (" + corpus.MARKER + b") Tj ET")

    protected = corpus.altered_pdf(infect, encryption=corpus.pikepdf.Encryption(owner="secret"))
    with clamd(tmp_path, stream_max="5M", marker=corpus.MARKER) as address:
        assert scan(corpus.good_pdf(), address).clean
        assert scan(corpus.altered_pdf(infect), address).outcome is Outcome.infected
        # A protection against changes hides nothing from clamd: such files may be taken as they are.
        assert scan(protected, address).outcome is Outcome.infected
        assert scan(b"\0" * (60 << 20), address).outcome is Outcome.refused
        assert scan(corpus.good_jpeg(), address).clean
    assert scan(corpus.good_pdf(), address).outcome is Outcome.unavailable

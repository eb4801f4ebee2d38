"""Asking clamd about some bytes, over its INSTREAM command: the whole client.

A verdict and nothing more. What happens to a file that waits for its verdict is decided elsewhere; this
module only guarantees that « clean » is said when clamd said so, in full, and never otherwise.
"""

from __future__ import annotations

import socket
import struct
import time
from dataclasses import dataclass
from enum import StrEnum

_CHUNK = 64 * 1024
_MAX_REPLY = 4096


class Outcome(StrEnum):
    """`refused`: clamd does not take the file (over its StreamMaxLength) and never will: do not retry."""

    clean = "clean"
    infected = "infected"
    refused = "refused"
    unavailable = "unavailable"


@dataclass(frozen=True)
class Verdict:
    """`detail` is the signature's name when infected, a reason in English for the log otherwise."""

    outcome: Outcome
    detail: str = ""

    @property
    def clean(self) -> bool:
        return self.outcome is Outcome.clean


def scan(content: bytes, address: str, *, timeout: float = 20.0) -> Verdict:
    """Ask the clamd at `address` (path of its socket, or host:port); never raises for what the network does.

    `timeout` (seconds) covers the whole exchange.
    """
    deadline = time.monotonic() + timeout
    try:
        connection = _connect(address, timeout)
    except (OSError, ValueError) as error:
        return Verdict(Outcome.unavailable, f"cannot reach clamd: {error}")
    with connection:
        cut = False
        try:
            _send(connection, content, deadline)
        except (BrokenPipeError, ConnectionResetError):
            # This is how clamd cuts a stream that is too long for it; its reason may still be readable.
            cut = True
        except OSError as error:
            return Verdict(Outcome.unavailable, f"sending: {error}")
        try:
            reply = _receive(connection, deadline)
        except OSError as error:
            reply, problem = "", f"waiting for the verdict: {error}"
        else:
            problem = "no verdict"
    if cut or "size limit exceeded" in reply.lower():
        return Verdict(Outcome.refused, reply or "clamd cut the stream")
    return _verdict(reply) if reply else Verdict(Outcome.unavailable, problem)


def _connect(address: str, timeout: float) -> socket.socket:
    if "/" in address:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(timeout)
        try:
            connection.connect(address)
        except OSError:
            connection.close()
            raise
        return connection
    host, _, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=timeout)


def _send(connection: socket.socket, content: bytes, deadline: float) -> None:
    """The command, then chunks each preceded by its length, then a length of zero."""
    _allow(connection, deadline)
    connection.sendall(b"zINSTREAM\0")
    for start in range(0, len(content), _CHUNK):
        chunk = content[start : start + _CHUNK]
        _allow(connection, deadline)
        connection.sendall(struct.pack("!I", len(chunk)) + chunk)
    connection.sendall(struct.pack("!I", 0))


def _receive(connection: socket.socket, deadline: float) -> str:
    """The reply up to its zero byte; a reply that stops before it is not a reply."""
    reply = b""
    while b"\0" not in reply:
        _allow(connection, deadline)
        part = connection.recv(_MAX_REPLY)
        if not part or len(reply) > _MAX_REPLY:
            return ""
        reply += part
    return reply.split(b"\0")[0].decode("utf-8", "replace").strip()


def _allow(connection: socket.socket, deadline: float) -> None:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    connection.settimeout(left)


def _verdict(reply: str) -> Verdict:
    text = reply.removeprefix("stream: ")
    if text == "OK":
        return Verdict(Outcome.clean)
    if text.endswith(" FOUND"):
        return Verdict(Outcome.infected, text.removesuffix(" FOUND"))
    return Verdict(Outcome.unavailable, text)

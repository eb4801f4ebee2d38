"""Starts servers of its own on loopback and loads them with `wrk` for a few seconds."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
_BAD = re.compile(r"Non-2xx or 3xx responses: (\d+)")


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def serving(command: list[str], port: int, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """A server process, once it answers; stopped at the end. Gives its address."""
    process = subprocess.Popen(command, env={**os.environ, **(environment or {})})
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_for(address: str, process: subprocess.Popen[bytes], path: str = "/", seconds: float = 30) -> float:
    """Seconds until a server answers with anything but a refused connection."""
    begin = time.perf_counter()
    while time.perf_counter() - begin < seconds:
        if process.poll() is not None:
            message = f"The server ended with code {process.returncode}."
            raise RuntimeError(message)
        try:
            with urllib.request.urlopen(address + path, timeout=5):
                return time.perf_counter() - begin
        except urllib.error.HTTPError:
            return time.perf_counter() - begin
        except OSError:
            time.sleep(0.01)
    message = f"{address} does not answer."
    raise RuntimeError(message)


def rate(url: str, seconds: int = 5, connections: int = 16) -> float:
    """Requests per second that a server answers, all of them well."""
    wrk = shutil.which("wrk")
    if wrk is None:
        sys.exit("`wrk` is needed to load the servers: apt-get install wrk")
    options = ["-t1", f"-c{connections}", f"-d{seconds}s"]
    result = subprocess.run([wrk, *options, url], capture_output=True, text=True, check=True)
    if _BAD.search(result.stdout):
        message = f"{url} answered with errors: {result.stdout}"
        raise RuntimeError(message)
    found = _RATE.search(result.stdout)
    if found is None:
        raise RuntimeError(result.stdout)
    return float(found[1])

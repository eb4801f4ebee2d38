"""Real servers that tests start for themselves: clamd, and Swift with its S3 API.

Loopback only, and ended with the test.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

SWIFT_USER, SWIFT_SECRET = "test:tester", "testing"
_SWIFT = [
    "swift-ring-builder",
    *(f"swift-{part}-server" for part in ("proxy", "account", "container", "object")),
]


def clamd_missing() -> str:
    """Why the real clamd cannot run here, empty when it can."""
    return "" if shutil.which("clamd") else "the program clamd is not installed (Debian: clamav-daemon)"


def swift_missing() -> str:
    """Why Swift cannot run here, empty when it can."""
    missing = [name for name in [*_SWIFT, "memcached"] if not shutil.which(name)]
    return f"not installed: {', '.join(missing)} (Debian: swift-proxy and kin, memcached)" if missing else ""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(command: list[str], log: Path, ready: Callable[[], bool]) -> Iterator[None]:
    """One program, waited for, and ended by its own process whatever the test does."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        for _ in range(300):
            if process.poll() is not None or ready():
                break
            time.sleep(0.1)
        assert process.poll() is None, log.read_text()
        assert ready(), log.read_text()
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def clamd(folder: Path, *, stream_max: str, marker: bytes) -> Iterator[str]:
    """A clamd whose only signature is `marker`, found anywhere, also inside PDFs; gives the path of its socket."""
    (folder / "db").mkdir()
    (folder / "tmp").mkdir()
    (folder / "db" / "local.ndb").write_text(f"Local.Marker:0:*:{marker.hex()}\n")
    path = folder / "clamd.sock"
    lines = [
        "Foreground yes",
        f"DatabaseDirectory {folder / 'db'}",
        f"TemporaryDirectory {folder / 'tmp'}",
        f"LocalSocket {path}",
        f"StreamMaxLength {stream_max}",
        "OfficialDatabaseOnly no",
        *(["User root"] if os.getuid() == 0 else []),
    ]
    (folder / "clamd.conf").write_text("\n".join(lines) + "\n")
    program = shutil.which("clamd") or "clamd"
    with _running([program, "-c", str(folder / "clamd.conf")], folder / "log", path.exists):
        yield str(path)


@contextmanager
def swift(folder: Path, bucket: str) -> Iterator[str]:
    """Swift on one device with an empty bucket; gives the endpoint of its S3 API."""
    ports = {part: _free_port() for part in ("proxy", "account", "container", "object", "memcached")}
    (folder / "devices" / "d1").mkdir(parents=True)
    (folder / "swift.conf").write_text(
        "[swift-hash]\nswift_hash_path_suffix = a1\nswift_hash_path_prefix = b2\n"
        "[storage-policy:0]\nname = one\ndefault = yes\n"
    )
    common = f"[DEFAULT]\nbind_ip = 127.0.0.1\nworkers = 0\nuser = root\nswift_dir = {folder}\nlog_level = WARNING\n"
    for part in ("account", "container", "object"):
        builder = str(folder / f"{part}.builder")
        for arguments in (
            ["create", "4", "1", "0"],
            ["add", f"r1z1-127.0.0.1:{ports[part]}/d1", "1"],
            ["rebalance"],
        ):
            # The builder answers 1 for « rebalanced, with a remark »: only a missing ring is a failure.
            subprocess.run([_SWIFT[0], builder, *arguments], check=False, capture_output=True)
        (folder / f"{part}-server.conf").write_text(
            f"{common}bind_port = {ports[part]}\ndevices = {folder / 'devices'}\nmount_check = false\n"
            f"recon_cache_path = {folder}\n[pipeline:main]\npipeline = {part}-server\n"
            f"[app:{part}-server]\nuse = egg:swift#{part}\n"
        )
    filters = {
        name: f"egg:swift#{name}"
        for name in ("catch_errors", "gatekeeper", "listing_formats", "s3api", "tempauth", "copy")
    } | {"cache": "egg:swift#memcache"}
    settings = {
        "tempauth": f"user_{SWIFT_USER.replace(':', '_')} = {SWIFT_SECRET} .admin\n",
        "cache": f"memcache_servers = 127.0.0.1:{ports['memcached']}\n",
    }
    (folder / "proxy-server.conf").write_text(
        f"{common}bind_port = {ports['proxy']}\n[pipeline:main]\n"
        "pipeline = catch_errors gatekeeper cache listing_formats s3api tempauth copy proxy-server\n"
        "[app:proxy-server]\nuse = egg:swift#proxy\naccount_autocreate = true\n"
        + "".join(f"[filter:{name}]\nuse = {use}\n{settings.get(name, '')}" for name, use in filters.items())
    )
    commands = {"memcached": ["memcached", "-u", "root", "-l", "127.0.0.1", "-p", str(ports["memcached"])]} | {
        part: [f"swift-{part}-server", str(folder / f"{part}-server.conf")]
        for part in ("object", "container", "account", "proxy")
    }
    with ExitStack() as running:
        for name, command in commands.items():
            port = ports[name]
            running.enter_context(_running(command, folder / f"{name}.log", lambda port=port: _listens(port)))  # type: ignore[misc]
        endpoint = f"http://127.0.0.1:{ports['proxy']}"
        signed_in = httpx.get(f"{endpoint}/auth/v1.0", headers={"X-Auth-User": SWIFT_USER, "X-Auth-Key": SWIFT_SECRET})
        token = {"X-Auth-Token": signed_in.headers["x-auth-token"]}
        httpx.put(f"{signed_in.headers['x-storage-url']}/{bucket}", headers=token).raise_for_status()
        yield endpoint

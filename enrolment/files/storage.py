"""Where files are kept: a local folder or an S3 bucket, under random keys, checked each time they are read.

A put that returned is on the disk: file and folders are synced, because the row that names the file is
committed next. Which file belongs to whom, and which are orphans, is known to the database and not here.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from enrolment.errors import DomainError, Unavailable
from enrolment.files.encryption import CannotDecrypt, FileKeys

_KEY = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{32}")
_S3_OPTIONS = {"endpoint", "region", "virtual_hosted_style_request"}


class StorageUnavailable(Unavailable):
    """The store does not answer, refuses us, or has no room left."""

    def __init__(self) -> None:
        super().__init__(
            "L'espace de stockage des fichiers ne répond pas. Ce que vous avez saisi est conservé ; "
            "réessayez dans quelques minutes."
        )


class FileDamaged(DomainError):
    """The stored bytes are not those that were put: altered, swapped, or without their key."""

    status = 500

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(
            "Ce fichier n'a pas été retrouvé tel qu'il a été déposé : il ne peut pas être affiché. "
            "Signalez-le à l'assistance, ou déposez-le de nouveau si cela vous est proposé."
        )
        self.key = key
        self.reason = reason


class FileMissing(FileDamaged):
    """A row names a file that the store does not have."""


@dataclass(frozen=True)
class StoredFile:
    """What the database must keep to read a file again.

    `sha256` (hexadecimal) and `size` (bytes) are those of the content before encryption; `key_id` names
    the key of an encrypted file and is None for a plain one.
    """

    key: str
    sha256: str
    size: int
    key_id: str | None


class Storage:
    """`url` is a folder (path or file://) or `s3://bucket/prefix?endpoint=…&region=…`.

    S3 credentials come from the environment only (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, or what the
    machine's role gives); AWS_ENDPOINT_URL and AWS_REGION stand in for the two parameters.
    """

    def __init__(self, url: str, keys: FileKeys) -> None:
        self._keys = keys
        self._folder: Path | None = None
        self._store: Any
        if url.startswith("s3://"):
            self._store = _s3_store(url)
        elif "://" in url and not url.startswith("file://"):
            raise ValueError("ENROLMENT_STORAGE_URL is a folder or an s3:// address.")
        else:
            self._folder = Path(url.removeprefix("file://")).absolute()
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._store = LocalStore(self._folder)

    def put(self, content: bytes, *, sensitive: bool) -> StoredFile:
        """Keep `content` under a new random key, encrypted when `sensitive`; raises `StorageUnavailable`."""
        name = secrets.token_hex(16)
        key = f"{name[:2]}/{name[2:4]}/{name}"
        stored = StoredFile(
            key=key,
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
            key_id=self._keys.newest if sensitive else None,
        )
        written = self._keys.encrypt(content, key) if sensitive else content
        with _unavailable_on_error():
            if self._folder is None:
                obstore.put(self._store, key, written, use_multipart=False)
            else:
                _write_durably(self._folder, key, written)
        return stored

    def get(self, stored: StoredFile) -> bytes:
        """The content as it was put; raises `FileMissing`, `FileDamaged` or `StorageUnavailable`."""
        _check_key(stored.key)
        with _unavailable_on_error():
            try:
                content = obstore.get(self._store, stored.key).bytes().to_bytes()
            except FileNotFoundError as error:
                self._require_store(error)
                raise FileMissing(stored.key, "missing") from error
        if stored.key_id is not None:
            try:
                content = self._keys.decrypt(content, stored.key)
            except CannotDecrypt as error:
                raise FileDamaged(stored.key, str(error)) from error
        if not secrets.compare_digest(hashlib.sha256(content).hexdigest(), stored.sha256):
            raise FileDamaged(stored.key, "checksum differs")
        return content

    def delete(self, key: str) -> None:
        """Remove a file; one that is already gone is no error, so that a purge can be run again."""
        _check_key(key)
        with _unavailable_on_error():
            try:
                obstore.delete(self._store, key)
            except FileNotFoundError as error:
                self._require_store(error)
                return
            if self._folder is not None:
                _sync_folder((self._folder / key).parent)

    def _require_store(self, error: FileNotFoundError) -> None:
        """Tell a missing file from a missing store (disk not mounted, bucket gone)."""
        if "NoSuchBucket" in str(error) or (self._folder is not None and not self._folder.is_dir()):
            raise error

    def list_keys(self, *, before: datetime | None = None) -> Iterator[str]:
        """Every stored key, or those last written before a moment (aware).

        Who sweeps orphans must give a moment well in the past: a file is stored before its row is committed.
        """
        with _unavailable_on_error():
            for batch in obstore.list(self._store):
                for entry in batch:
                    if _KEY.fullmatch(entry["path"]) and (before is None or entry["last_modified"] < before):
                        yield entry["path"]

    def has(self, key: str) -> bool:
        """Whether a file is there, without reading it. What is no key of ours is not."""
        if not _KEY.fullmatch(key):
            return False
        with _unavailable_on_error():
            try:
                obstore.head(self._store, key)
            except FileNotFoundError:
                return False
            return True

    def check(self) -> None:
        """Raise `StorageUnavailable` when a file could not be kept now; cheap enough for `/readyz`."""
        with _unavailable_on_error():
            if self._folder is None:
                next(iter(obstore.list(self._store, chunk_size=1)), None)
                return
            probe = self._folder / f".probe-{secrets.token_hex(8)}"
            try:
                probe.write_bytes(b"probe")
            finally:
                probe.unlink(missing_ok=True)


def _s3_store(url: str) -> Any:
    parts = urlsplit(url)
    if parts.username or parts.password or not parts.hostname:
        raise ValueError("The S3 address names a bucket and holds no credentials: those come from the environment.")
    options = dict(parse_qsl(parts.query))
    if unknown := set(options) - _S3_OPTIONS:
        raise ValueError(f"Unknown parameter of the S3 address: {', '.join(sorted(unknown))}.")
    return S3Store(
        parts.netloc,
        prefix=parts.path.strip("/") or None,
        config=options,  # type: ignore[arg-type]  # The keys were checked above.
        # Plain http is taken only where the operator wrote it, for a server on the same machine or network.
        client_options={
            "connect_timeout": "3s",
            "timeout": "20s",
            "allow_http": options.get("endpoint", os.environ.get("AWS_ENDPOINT_URL", "")).startswith("http://"),
        },
        retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=20)},
    )


def _check_key(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise FileMissing(key, "not a storage key")


@contextmanager
def _unavailable_on_error() -> Iterator[None]:
    try:
        yield
    except (OSError, BaseError) as error:
        raise StorageUnavailable from error


def _write_durably(folder: Path, key: str, content: bytes) -> None:
    """Write a file that survives a power cut after the return: its bytes, its name, and its folders' names.

    The key is new and no row names it yet, so it is written in place: a crash leaves an orphan, which is
    swept.
    """
    path = folder / key
    # Level by level: each must be private, and the root must not be made again over a disk that is not mounted.
    for parent in (path.parent.parent, path.parent):
        parent.mkdir(mode=0o700, exist_ok=True)
    try:
        with path.open("xb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        for parent in (path.parent, path.parent.parent, folder):
            _sync_folder(parent)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

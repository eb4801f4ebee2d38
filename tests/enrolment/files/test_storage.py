"""Files kept in a folder: private, durable, checked on reading, and honest when the disk fails."""

from __future__ import annotations

import dataclasses
import errno
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from enrolment.files.encryption import FileKeys
from enrolment.files.storage import FileDamaged, FileMissing, Storage, StorageUnavailable, StoredFile

CONTENT = b"IBAN FR76 3000 6000 0112 3456 7890 189 " * 20
KEYS = FileKeys({"2026": b"k" * 32})


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path / "files"), KEYS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "files"


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("sensitive", [True, False])
def test_rel5_file_is_read_back_listed_and_deleted(storage: Storage, folder: Path, sensitive: bool) -> None:
    # std: REL-5
    stored = storage.put(CONTENT, sensitive=sensitive)
    assert stored.size == len(CONTENT)
    assert stored.key_id == ("2026" if sensitive else None)
    assert storage.get(stored) == CONTENT
    assert list(storage.list_keys()) == [stored.key]
    assert list(storage.list_keys(before=datetime.now(UTC) - timedelta(hours=1))) == []
    assert list(storage.list_keys(before=datetime.now(UTC) + timedelta(hours=1))) == [stored.key]
    storage.delete(stored.key)
    storage.delete(stored.key)
    assert _files(folder) == []
    with pytest.raises(FileMissing):
        storage.get(stored)


def test_sec15_disk_holds_no_plaintext_of_a_sensitive_file(storage: Storage, folder: Path) -> None:
    # std: SEC-15
    plain = storage.put(CONTENT, sensitive=False)
    assert CONTENT in _files(folder)[0].read_bytes()
    storage.delete(plain.key)
    stored = storage.put(CONTENT, sensitive=True)
    raw = _files(folder)[0].read_bytes()
    for start in range(len(CONTENT) - 12):
        assert CONTENT[start : start + 12] not in raw
    assert stored.sha256 not in str(_files(folder)[0])


def test_sec10_keys_are_random_and_files_private(storage: Storage, folder: Path) -> None:
    # std: SEC-10
    keys = {storage.put(CONTENT, sensitive=False).key for _ in range(20)}
    assert len(keys) == 20
    assert all(key[:5] == f"{key[6:8]}/{key[8:10]}" for key in keys)
    for path in folder.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("sensitive", [True, False])
def test_rel5_altered_file_is_never_returned(storage: Storage, folder: Path, sensitive: bool) -> None:
    # std: REL-5
    stored = storage.put(CONTENT, sensitive=sensitive)
    path = folder / stored.key
    raw = path.read_bytes()
    for damaged in (raw[:-1], raw + b"x", raw[:40] + bytes([raw[40] ^ 1]) + raw[41:], b""):
        path.write_bytes(damaged)
        with pytest.raises(FileDamaged):
            storage.get(stored)


def test_sec15_swapped_files_are_noticed(storage: Storage, folder: Path) -> None:
    # std: SEC-15
    mine, theirs = (storage.put(content, sensitive=True) for content in (CONTENT, b"other"))
    (folder / mine.key).write_bytes((folder / theirs.key).read_bytes())
    # Even a row that was altered to match the content does not open it in another's place.
    forged = dataclasses.replace(theirs, key=mine.key)
    with pytest.raises(FileDamaged, match="n'a pas été retrouvé"):
        storage.get(forged)
    assert storage.get(theirs) == b"other"


@pytest.mark.parametrize("key", ["../../etc/passwd", "/etc/passwd", "aa/bb/../../secret", "", "aa/bb/" + "A" * 32])
def test_sec10_only_storage_keys_are_read_or_deleted(storage: Storage, key: str) -> None:
    # std: SEC-10
    with pytest.raises(FileMissing):
        storage.get(StoredFile(key, "", 0, None))
    with pytest.raises(FileMissing):
        storage.delete(key)


@pytest.mark.parametrize("failing_call", [1, 2, 3, 4])
def test_rel7_failed_sync_is_an_error_and_leaves_no_file(
    storage: Storage, folder: Path, monkeypatch: pytest.MonkeyPatch, failing_call: int
) -> None:
    # std: REL-1, REL-7
    calls = iter(range(1, 100))

    def sync(descriptor: int) -> None:
        if next(calls) == failing_call:
            raise OSError(errno.EIO, "input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", sync)
        with pytest.raises(StorageUnavailable):
            storage.put(CONTENT, sensitive=False)
    assert _files(folder) == []
    assert storage.get(storage.put(CONTENT, sensitive=False)) == CONTENT


def test_rel1_file_and_its_folders_are_synced_before_put_returns(
    storage: Storage, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # std: REL-1
    synced: list[str] = []
    monkeypatch.setattr(
        os, "fsync", lambda descriptor: synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
    )
    key = storage.put(CONTENT, sensitive=True).key
    path = folder.resolve() / key
    assert synced == [str(place) for place in (path, path.parent, path.parent.parent, folder.resolve())]


def test_rel6_missing_disk_is_unavailable_and_not_a_missing_file(storage: Storage, folder: Path) -> None:
    # std: REL-6
    stored = storage.put(CONTENT, sensitive=False)
    storage.check()
    away = folder.rename(folder.with_name("unmounted"))
    for attempt in (lambda: storage.get(stored), lambda: storage.delete(stored.key), storage.check):
        with pytest.raises(StorageUnavailable) as refused:
            attempt()
        assert refused.value.http_status == 503
    away.rename(folder)
    assert storage.get(stored) == CONTENT
    storage.check()
    assert list(storage.list_keys()) == [stored.key]


@pytest.mark.parametrize(
    "url",
    ["ftp://host/files", "s3://key:secret@bucket", "s3://bucket?secret_access_key=x", "s3://"],
)
def test_sec13_address_with_credentials_or_of_another_kind_is_refused(url: str) -> None:
    # std: SEC-13
    with pytest.raises(ValueError, match="address"):
        Storage(url, KEYS)


@pytest.fixture
def no_aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    return


def test_rel6_bucket_that_does_not_answer_is_unavailable(no_aws: None) -> None:
    # std: REL-6
    storage = Storage("s3://bucket?endpoint=http://127.0.0.1:9&region=us-east-1", KEYS)
    with pytest.raises(StorageUnavailable):
        storage.put(CONTENT, sensitive=True)
    with pytest.raises(StorageUnavailable):
        storage.check()

"""Files kept in a bucket, against a real S3 server.

ENROLMENT_TEST_S3 names a bucket of your own (`s3://bucket/prefix?endpoint=…`, credentials in AWS_*);
without it, the test starts Swift when it is installed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import obstore
import pytest

from enrolment.files.encryption import FileKeys
from enrolment.files.storage import FileDamaged, FileMissing, Storage, StorageUnavailable
from tests.enrolment.files.daemons import SWIFT_SECRET, SWIFT_USER, swift, swift_missing

KEYS = FileKeys({"2026": b"k" * 32})
CONTENT = b"IBAN FR76 3000 6000 0112 3456 7890 189 " * 20
GIVEN = os.environ.get("ENROLMENT_TEST_S3", "")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not GIVEN and bool(swift_missing()), reason=f"no ENROLMENT_TEST_S3, and {swift_missing()}"),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if GIVEN:
        yield GIVEN
        return
    folder: Path = tmp_path_factory.mktemp("swift")
    with pytest.MonkeyPatch.context() as environment, swift(folder, "pieces") as endpoint:
        environment.setenv("AWS_ACCESS_KEY_ID", SWIFT_USER)
        environment.setenv("AWS_SECRET_ACCESS_KEY", SWIFT_SECRET)
        yield f"s3://pieces/depot?endpoint={endpoint}&region=us-east-1"


@pytest.mark.parametrize("sensitive", [True, False])
def test_rel5_bucket_keeps_lists_checks_and_deletes(address: str, sensitive: bool) -> None:
    # std: REL-5, SEC-15
    storage = Storage(address, KEYS)
    storage.check()
    stored = storage.put(CONTENT, sensitive=sensitive)
    assert storage.get(stored) == CONTENT
    assert stored.key in list(storage.list_keys())
    assert stored.key not in list(storage.list_keys(before=datetime.now(UTC) - timedelta(hours=1)))
    raw = obstore.get(storage._store, stored.key).bytes().to_bytes()
    assert (CONTENT[:20] in raw) is not sensitive
    obstore.put(storage._store, stored.key, raw[:-1] + bytes([raw[-1] ^ 1]))
    with pytest.raises(FileDamaged):
        storage.get(stored)
    storage.delete(stored.key)
    storage.delete(stored.key)
    with pytest.raises(FileMissing):
        storage.get(stored)


def test_rel6_missing_bucket_is_unavailable_and_not_a_missing_file(address: str) -> None:
    # std: REL-6
    stored = Storage(address, KEYS).put(CONTENT, sensitive=False)
    elsewhere = Storage(address.replace("s3://", "s3://absent-", 1), KEYS)
    for attempt in (
        lambda: elsewhere.get(stored),
        lambda: elsewhere.put(b"x", sensitive=False),
        elsewhere.check,
    ):
        with pytest.raises(StorageUnavailable):
            attempt()
    Storage(address, KEYS).delete(stored.key)


def test_sec13_wrong_secret_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # std: SEC-13
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(StorageUnavailable):
        Storage(address, KEYS).put(b"x", sensitive=False)

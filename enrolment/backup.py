"""Back-up and restore of an embedded portal: one archive with the database and the files, made while it runs (REL-10).

SQLite and a local folder only: PostgreSQL and S3 have tools of their own, which keep more than one copy. The keys of
the encrypted files are never in the archive: without ENROLMENT_SECRET_KEY or ENROLMENT_FILE_KEYS it opens nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from enrolment import clock
from enrolment.errors import Refused
from enrolment.settings import Settings
from schema.database import Database

_DATABASE = "database.sqlite3"
_FILES = "files"
_MANIFEST = "manifest.json"
_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Copied:
    """How many files an archive holds, beside the database."""

    files: int


def backup(settings: Settings, archive: Path, progress: Callable[[str], None] | None = None) -> Copied:
    """Write an archive that `restore` takes. The portal may go on: the copy is that of one moment.

    The database comes first: a file is stored before its row, so every row of the copy finds its file. Raises Refused.
    """
    database, folder = _places(settings)
    if archive.exists():
        raise Refused(f"Le fichier « {archive} » existe déjà : choisissez un autre nom.")
    unfinished = archive.with_name(f".{archive.name}.part")
    sums: dict[str, str] = {}
    with tempfile.TemporaryDirectory(dir=archive.absolute().parent) as scratch, tarfile.open(unfinished, "w") as tar:
        copy = Path(scratch) / _DATABASE
        _copy_database(database, copy)
        sums[_DATABASE] = _add(tar, copy, _DATABASE)
        for path in _stored(folder):
            if progress is not None:
                progress(path.name)
            name = f"{_FILES}/{path.relative_to(folder).as_posix()}"
            with contextlib.suppress(FileNotFoundError):  # Purged meanwhile.
                sums[name] = _add(tar, path, name)
        manifest = json.dumps({"made_at": clock.now().isoformat(), "sha256": sums}, indent=1).encode()
        info = tarfile.TarInfo(_MANIFEST)
        info.size = len(manifest)
        tar.addfile(info, io.BytesIO(manifest))
    unfinished.chmod(0o600)
    unfinished.replace(archive)
    return Copied(len(sums) - 1)


def restore(settings: Settings, archive: Path, *, force: bool = False) -> Copied:
    """Put an archive in the place of the database and the files. Stop the portal first.

    Everything is verified before anything is replaced. Raises Refused for a damaged archive, and for a database that
    exists unless `force`; what was there is kept beside, with a name that ends in `.before-restore`.
    """
    database, folder = _places(settings)
    if database.exists() and not force:
        raise Refused(
            "Une base existe déjà à cet endroit. Arrêtez le portail, puis ajoutez « --force » pour la remplacer."
        )
    database.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=database.absolute().parent) as scratch:
        root = Path(scratch)
        _extract(archive, root)
        count = _verify(root)
        (root / _FILES).mkdir(exist_ok=True)
        for suffix in ("-wal", "-shm"):
            database.with_name(database.name + suffix).unlink(missing_ok=True)
        _put_in_place(root / _DATABASE, database)
        _put_in_place(root / _FILES, folder)
    return Copied(count)


def _places(settings: Settings) -> tuple[Path, Path]:
    url = Database(settings.database_url).url
    if url.get_backend_name() != "sqlite" or not url.database:
        raise Refused("Cette commande ne sauvegarde que SQLite : pour PostgreSQL, utilisez pg_dump et pg_restore.")
    if "://" in settings.storage_url and not settings.storage_url.startswith("file://"):
        raise Refused("Cette commande ne sauvegarde qu'un dossier : pour S3, utilisez les versions du compartiment.")
    return Path(url.database), Path(settings.storage_url.removeprefix("file://"))


def _copy_database(source: Path, target: Path) -> None:
    if not source.exists():
        raise Refused(f"La base « {source} » n'existe pas encore.")
    with contextlib.closing(sqlite3.connect(source)) as live, contextlib.closing(sqlite3.connect(target)) as copy:
        live.backup(copy)


def _stored(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.glob("*/*/*")) if path.is_file() and not path.name.startswith("."))


def _add(tar: tarfile.TarFile, path: Path, name: str) -> str:
    with path.open("rb") as file:
        digest = _digest(file)
    tar.add(path, arcname=name, recursive=False)
    return digest


def _extract(archive: Path, root: Path) -> None:
    try:
        with tarfile.open(archive) as tar:
            # The filter refuses links, devices and names that lead out of the folder.
            tar.extractall(root, filter="data")
    except (tarfile.TarError, EOFError) as error:
        raise Refused(f"« {archive} » n'est pas une sauvegarde lisible.") from error


def _verify(root: Path) -> int:
    """Compare what was extracted with the manifest, and let SQLite check itself; the number of files."""
    try:
        sums: dict[str, str] = json.loads((root / _MANIFEST).read_text())["sha256"]
        for name, expected in sums.items():
            with (root / name).open("rb") as file:
                if _digest(file) != expected:
                    raise Refused(f"La sauvegarde est abîmée : « {name} » n'a plus son contenu d'origine.")
    except (FileNotFoundError, KeyError, ValueError) as error:
        raise Refused("La sauvegarde est incomplète : un de ses fichiers manque.") from error
    with contextlib.closing(sqlite3.connect(root / _DATABASE)) as copy:
        if copy.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            raise Refused("La base de la sauvegarde est abîmée.")
    return len(sums) - 1


def _digest(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _put_in_place(source: Path, target: Path) -> None:
    if target.exists():
        kept = target.with_name(f"{target.name}.before-restore")
        if kept.is_dir():
            shutil.rmtree(kept)
        else:
            kept.unlink(missing_ok=True)
        target.replace(kept)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(source, target)

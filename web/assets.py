"""Static files: style, scripts and images, from several folders, addressed by the hash of their content.

`/assets/<hash>/<name>` may be cached for ever. Files that refer to each other (our scripts import one
another) share the hash of their whole set, so a relative import inside it always finds the right version.
Everything is kept in memory, compressed once. Nothing that a person uploaded ever comes here.
"""

import hashlib
import importlib.resources
import mimetypes
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import anyio
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from web.compression import smallest

PREFIX = "/assets"
FOREVER = b"public, max-age=31536000, immutable"
STALE_ADDRESS = b"no-cache"
TABLER_STYLE = "sqladmin/css/tabler.min.css"
TABLER_SCRIPT = "sqladmin/js/tabler.min.js"
_COMPRESSIBLE = (".css", ".js", ".mjs", ".svg", ".json", ".txt", ".webmanifest")
_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".woff2": "font/woff2",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True)
class Root:
    """A folder of files that are served under `prefix`, which is empty or ends with a slash."""

    folder: Path
    prefix: str = ""

    @classmethod
    def of_package(cls, package: str, folder: str = "static", prefix: str = "") -> "Root":
        """The data folder of an installed package."""
        return cls(Path(str(importlib.resources.files(package))) / folder, prefix)

    def files(self) -> dict[str, bytes]:
        """Every file under the folder, by served name."""
        return {
            self.prefix + path.relative_to(self.folder).as_posix(): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and not path.name.startswith(".")
        }


def sqladmin_root() -> Root:
    """Tabler and the few scripts that the installed `sqladmin` ships, under `sqladmin/`."""
    return Root.of_package("sqladmin", "statics", "sqladmin/")


@dataclass(frozen=True)
class Asset:
    """One file, ready to be sent."""

    name: str
    url: str
    kind: bytes
    etag: str
    raw: bytes

    @property
    def compressible(self) -> bool:
        """Whether compressing it is worth anything."""
        return self.name.endswith(_COMPRESSIBLE)


class Assets:
    """All static files of one face, and the application that serves them."""

    def __init__(self, *sets: Iterable[Root], made: Mapping[str, bytes] | None = None) -> None:
        """Each set is a group of roots whose files may refer to each other; `made` joins the first set."""
        self._by_name: dict[str, Asset] = {}
        self._current_hashes: set[str] = set()
        for position, roots in enumerate(sets):
            files = {name: raw for root in roots for name, raw in root.files().items()}
            if position == 0:
                files.update(made or {})
            self._add(files)

    def _add(self, files: dict[str, bytes]) -> None:
        digest = hashlib.sha256()
        for name, raw in sorted(files.items()):
            digest.update(name.encode() + b"\0" + hashlib.sha256(raw).digest())
        version = digest.hexdigest()[:12]
        self._current_hashes.add(version)
        for name, raw in files.items():
            if name in self._by_name:
                message = f"Two static files are named {name}."
                raise ValueError(message)
            etag = '"' + hashlib.sha256(raw).hexdigest()[:20] + '"'
            self._by_name[name] = Asset(name, f"{PREFIX}/{version}/{name}", _kind(name), etag, raw)

    def url(self, name: str) -> str:
        """The address of a file; a name that does not exist is a mistake in a template, hence `KeyError`."""
        return self._by_name[name].url

    def names(self) -> list[str]:
        """Every served name."""
        return sorted(self._by_name)

    def raw(self, name: str) -> bytes:
        """The content of a file."""
        return self._by_name[name].raw

    def has(self, name: str) -> bool:
        """Whether such a file exists."""
        return name in self._by_name

    def mount(self) -> Mount:
        """The route that serves everything."""
        return Mount(PREFIX, app=self, name="assets")

    def warm(self) -> None:
        """Compress everything now, so that no visitor waits; takes a few seconds of one processor."""
        for asset in self._by_name.values():
            if asset.compressible:
                _compressed(asset.raw, "br")
                _compressed(asset.raw, "gzip")

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Serve one file, at `/<hash>/<name>` below the mount.

        An address with the hash of another release gets today's file, to be checked again each time: a page
        loaded just before an update keeps its look.
        """
        if scope["type"] != "http":
            raise HTTPException(404)
        if scope["method"] not in {"GET", "HEAD"}:
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        version, _, name = path.removeprefix(PREFIX).lstrip("/").partition("/")
        asset = self._by_name.get(name)
        if asset is None:
            raise HTTPException(404)
        request_headers = Headers(scope=scope)
        encoding = _encoding(request_headers.get("accept-encoding", "")) if asset.compressible else None
        headers = [
            (b"content-type", asset.kind),
            (b"cache-control", FOREVER if version in self._current_hashes else STALE_ADDRESS),
            (b"etag", asset.etag.encode()),
        ]
        if asset.compressible:
            headers.append((b"vary", b"accept-encoding"))
        if asset.etag in request_headers.get("if-none-match", ""):
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body"})
            return
        body = asset.raw
        if encoding is not None:
            body = await anyio.to_thread.run_sync(_compressed, asset.raw, encoding)
            headers.append((b"content-encoding", encoding.encode()))
        headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _kind(name: str) -> bytes:
    suffix = Path(name).suffix
    kind = _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return (kind + "; charset=utf-8" if kind.startswith("text/") else kind).encode()


def _encoding(accepted: str) -> str | None:
    names = {part.split(";")[0].strip() for part in accepted.split(",") if not part.replace(" ", "").endswith(";q=0")}
    return next((name for name in ("br", "gzip") if name in names), None)


@lru_cache(maxsize=256)
def _compressed(raw: bytes, encoding: str) -> bytes:
    """The smallest form of a file; made once per process, whatever the number of applications."""
    return smallest(raw, encoding)

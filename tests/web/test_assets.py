"""Static files: addresses that change with content, caching, compression, and where Tabler comes from."""

import re
import zlib
from pathlib import Path

import brotli
import pytest
from starlette.applications import Starlette

from tests.pages import TestClient
from web.assets import TABLER_SCRIPT, TABLER_STYLE, Assets, Root, sqladmin_root
from web.headers import SecurityHeaders


def client(assets: Assets) -> TestClient:
    return TestClient(SecurityHeaders(Starlette(routes=[assets.mount()])))


@pytest.fixture
def root(tmp_path: Path) -> Root:
    (tmp_path / "deep").mkdir()
    (tmp_path / "a.js").write_text('import { b } from "./deep/b.js";\n' + "// padding\n" * 200)
    (tmp_path / "deep" / "b.js").write_text("export const b = 1;")
    (tmp_path / "logo.png").write_bytes(b"\x89PNG")
    (tmp_path / ".secret").write_text("no")
    return Root(tmp_path)


def test_relative_imports_resolve_within_one_version(root: Root) -> None:
    assets = Assets([root])
    http = client(assets)
    address = assets.url("a.js")
    imported = address.rsplit("/", 1)[0] + "/deep/b.js"
    assert imported == assets.url("deep/b.js")
    assert http.get(imported).text == "export const b = 1;"


def test_address_changes_with_any_content_of_the_set(root: Root) -> None:
    before = Assets([root]).url("a.js")
    (root.folder / "deep" / "b.js").write_text("export const b = 2;")
    assert Assets([root]).url("a.js") != before


def test_files_are_cached_for_ever_under_their_hash_and_never_under_another(root: Root) -> None:
    assets = Assets([root])
    http = client(assets)
    current = http.get(assets.url("a.js"))
    assert current.headers["cache-control"] == "public, max-age=31536000, immutable"
    old = http.get("/assets/000000000000/a.js")
    assert (old.status_code, old.headers["cache-control"]) == (200, "no-cache")
    again = http.get(assets.url("a.js"), headers={"if-none-match": current.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(("accepted", "encoding"), [("gzip, br", "br"), ("gzip", "gzip"), ("", None), ("br;q=0", None)])
def test_text_is_sent_in_the_encoding_asked_for(root: Root, accepted: str, encoding: str | None) -> None:
    assets = Assets([root])
    with client(assets).stream("GET", assets.url("a.js"), headers={"accept-encoding": accepted}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers.get("content-encoding") == encoding
    unpack = {"br": brotli.decompress, "gzip": lambda body: zlib.decompress(body, 31), None: bytes}
    assert unpack[encoding](raw) == assets.raw("a.js")
    assert "accept-encoding" in answer.headers["vary"]


def test_head_says_the_same_without_the_body(root: Root) -> None:
    assets = Assets([root])
    answer = client(assets).head(assets.url("logo.png"))
    assert (answer.content, answer.headers["content-length"]) == (b"", "4")
    assert answer.headers["content-type"] == "image/png"


@pytest.mark.parametrize("path", ["nothing.js", "../routing.py", "%2e%2e/routing.py", ".secret", "", "deep"])
def test_anything_else_is_not_found(root: Root, path: str) -> None:
    http = client(Assets([root]))
    assert http.get(f"/assets/{'0' * 12}/{path}").status_code == 404
    assert http.post(Assets([root]).url("a.js")).status_code == 405


def test_two_files_of_one_name_are_refused(root: Root) -> None:
    with pytest.raises(ValueError, match=r"a\.js"):
        Assets([root], [root])


def test_tabler_is_where_sqladmin_is_known_to_ship_it() -> None:
    assets = Assets([sqladmin_root()])
    assert b"Tabler v1." in assets.raw(TABLER_STYLE)[:400]
    assert assets.has(TABLER_SCRIPT)
    for used in (b".form-control", b".form-select", b".form-check-input", b".btn", b".visually-hidden"):
        assert used in assets.raw(TABLER_STYLE)
    # No third party is called by it: fonts and images are in the package.
    assert not re.search(rb"url\(['\"]?https?:|@import", assets.raw(TABLER_STYLE))


def test_our_scripts_import_only_each_other() -> None:
    assets = Assets([Root.of_package("web")], [sqladmin_root()])
    for name in assets.names():
        if name.endswith(".js") and not name.startswith("sqladmin/"):
            source = assets.raw(name).decode()
            for imported in re.findall(r'from "\./([^"]+)"', source):
                assert assets.has(imported), f"{name} imports {imported}"
            assert "innerHTML" not in source
            assert "eval(" not in source

"""The archive of proofs: what is taken is written anew, what is hostile is refused with its reason."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from enrolment.financing.proofs import Bounds, Proofs, ProofsRefused, inspect
from tests.enrolment.files import corpus
from tests.enrolment.financing.giving import archive
from tests.stories import a_pdf

BOUNDS = Bounds(20 * 1024 * 1024, 60)


def taken(content: bytes, bounds: Bounds = BOUNDS) -> Proofs:
    return inspect(io.BytesIO(content), len(content), bounds)


def refused(content: bytes, bounds: Bounds = BOUNDS) -> str:
    with pytest.raises(ProofsRefused) as caught:
        taken(content, bounds)
    return " ".join(caught.value.problems)


def test_archive_is_written_anew_without_folders_or_what_systems_add() -> None:
    found = taken(
        archive({"2025/a.pdf": a_pdf(), "2026/a.pdf": a_pdf(), "__MACOSX/._a.pdf": b"x", "2025/.DS_Store": b"x"})
    )
    assert found.names == ("a.pdf", "a (2).pdf")
    with zipfile.ZipFile(io.BytesIO(found.content)) as kept:
        assert kept.namelist() == list(found.names)
        assert kept.read("a.pdf") == a_pdf()


def _encrypted() -> bytes:
    raw = bytearray(archive({"a.pdf": a_pdf()}))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.index(signature) + place
        raw[at : at + 2] = struct.pack("<H", struct.unpack("<H", raw[at : at + 2])[0] | 1)
    return bytes(raw)


def _link() -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as writer:
        entry = zipfile.ZipInfo("lien.pdf")
        entry.external_attr = 0o120777 << 16
        writer.writestr(entry, "/etc/passwd")
    return kept.getvalue()


def _lying() -> bytes:
    """A bomb whose directory declares one byte."""
    raw = bytearray(archive({"a.pdf": b"\0" * 50_000_000}))
    at = raw.rindex(b"PK\x01\x02") + 24
    raw[at : at + 4] = struct.pack("<I", 1)
    return bytes(raw)


HOSTILE = {
    "empty file": (b"", "vide"),
    "no archive": (b"%PDF-1.7 not a zip", "n'est pas une archive ZIP"),
    "cut": (archive()[:200], "n'est pas une archive ZIP"),
    "no document": (archive({"__MACOSX/a": b"x"}), "aucun document"),
    "traversal": (archive({"../../etc/a.pdf": a_pdf()}), "sort de l'archive"),
    "windows traversal": (archive({"..\\a.pdf": a_pdf()}), "sort de l'archive"),
    "absolute": (archive({"/etc/a.pdf": a_pdf()}), "sort de l'archive"),
    "drive": (archive({"C:/a.pdf": a_pdf()}), "sort de l'archive"),
    "encrypted": (_encrypted(), "mot de passe"),
    "link": (_link(), "raccourci"),
    "nested": (archive({"a.zip": archive()}), "archive dans l'archive"),
    "bomb": (archive({"a.pdf": b"\0" * 50_000_000}), "dépassent 20 Mo"),
    "lying bomb": (_lying(), "abîmée"),
    "program": (archive({"a.pdf": b"MZ" + b"\0" * 200}), "seuls les fichiers PDF, JPEG ou PNG"),
    "script": (archive({"a.pdf": corpus.good_pdf()[:300]}), "incomplet"),
    "empty document": (archive({"a.pdf": b""}), "vide"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_archive_is_refused_with_its_reason(name: str) -> None:  # std: SEC-10
    content, words = HOSTILE[name]
    assert words in refused(content)


def test_archive_over_its_limits_is_refused() -> None:
    many = archive({f"{place}.pdf": a_pdf() for place in range(4)})
    assert "4 documents ; le maximum est de 3" in refused(many, Bounds(BOUNDS.total_bytes, 3))
    assert "taille maximale" in refused(many, Bounds(1000, 60))


def test_every_document_refused_is_named() -> None:
    content = archive({"a.pdf": a_pdf(), "b.doc": b"x" * 500, "c.txt": b"y" * 500})
    with pytest.raises(ProofsRefused) as caught:
        taken(content)
    assert [problem.split(" : ")[0] for problem in caught.value.problems] == ["« b.doc »", "« c.txt »"]

"""The display name: harmless whatever was sent, and still recognisable in French."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrolment.files.names import MAX_STEM, safe_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Pièce d'identité – Hélène.PDF", "Pièce d'identité – Hélène.pdf"),
        ("Cœur & Santé (v1.2).pdf", "Cœur & Santé (v1.2).pdf"),
        (unicodedata.normalize("NFD", "été.pdf"), "été.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        (r"C:\Users\Zoé\kbis.pdf", "kbis.pdf"),
        ("facture.pdf.pdf", "facture.pdf"),
        ("facture.exe", "facture.exe.pdf"),
        ("annexe\u202efdp.exe", "annexefdp.exe.pdf"),
        ("a\r\nContent-Type: html.pdf", "a Content-Type_ html.pdf"),
        ("con.pdf", "_con.pdf"),
        ("NUL.txt", "_NUL.txt.pdf"),
        (".pdf", "document.pdf"),
        ("...", "document.pdf"),
        ("", "document.pdf"),
        ("\u200b\u2066\x00", "document.pdf"),
        ('a<b>"c"|?*.pdf', "a_b__c____.pdf"),
    ],
)
def test_sec9_name_is_cleaned_for_display(name: str, expected: str) -> None:
    # std: SEC-9
    assert safe_name(name, "pdf") == expected


@given(name=st.text(max_size=400))
def test_sec9_any_name_becomes_short_visible_and_stable(name: str) -> None:
    # std: SEC-9
    cleaned = safe_name(name, "pdf")
    assert cleaned.endswith(".pdf")
    assert 5 <= len(cleaned) <= MAX_STEM + 5
    assert not any(unicodedata.category(character).startswith("C") for character in cleaned)
    assert not set(cleaned) & set('/\\<>:"|?*')
    assert not cleaned.startswith((".", " "))
    assert safe_name(cleaned, "pdf") == cleaned

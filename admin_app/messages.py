"""What a page says after an act, by the word that the redirection carries: nothing of the address reaches the page."""

from __future__ import annotations

DONE = "fait"
_SAID = {
    "cree": "La ligne est créée.",
    "modifie": "Les modifications sont enregistrées.",
    "supprime": "La ligne est supprimée.",
    "supprimes": "Les lignes sont supprimées.",
}


def said(word: str) -> str | None:
    """The sentence behind a word; None for any other word."""
    return _SAID.get(word)

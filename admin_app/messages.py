"""What a page says after an act, by the word that the redirection carries: nothing of the address reaches the page."""

from __future__ import annotations

DONE = "fait"
_SAID = {
    "cree": "La ligne est créée.",
    "modifie": "Les modifications sont enregistrées.",
    "restaure": "L'ancienne valeur est restaurée.",
    "desactive": "La ligne est désactivée : elle reste dans l'historique et dans les dossiers, et ne sert plus.",
    "supprime": "La ligne est supprimée.",
    "supprimes": "Les lignes sont supprimées.",
    "pris": "Ce dossier est à vous.",
    "rendu": "Le dossier est rendu à la file d'attente.",
    "file-vide": "Aucun dossier n'attend de gestionnaire.",
    "examine": "Votre avis sur la pièce est enregistré.",
    "decide": "La décision est prise et son mail est en route.",
}


def said(word: str) -> str | None:
    """The sentence behind a word; None for any other word."""
    return _SAID.get(word)

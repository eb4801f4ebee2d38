"""What a page says after an act, by the word that the redirection carries: nothing of the address reaches the page."""

from __future__ import annotations

DONE = "fait"
_SAID = {
    "cree": "La ligne est créée.",
    "modifie": "Les modifications sont enregistrées.",
    "supprime": "La ligne est supprimée.",
    "supprimes": "Les lignes sont supprimées.",
    "pris": "Ce dossier est à vous.",
    "rendu": "Le dossier est rendu à la file d'attente.",
    "file-vide": "Aucun dossier n'attend de gestionnaire.",
    "examine": "Votre avis sur la pièce est enregistré.",
    "modele-en-place": "Le modèle est en place : les fournisseurs le téléchargent dès maintenant.",
    "modele-retire": "Ce modèle n'est plus proposé.",
    "action-lancee": "L'action est lancée.",
    "action-pause": "L'action est en pause : les demandes restantes attendent.",
    "action-reprise": "L'action reprend.",
    "action-annulee": "L'action est annulée : ce qui restait ne sera pas fait.",
    "decide": "La décision est prise et son mail est en route.",
}


def said(word: str) -> str | None:
    """The sentence behind a word; None for any other word."""
    return _SAID.get(word)

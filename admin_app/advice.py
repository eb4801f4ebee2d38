"""What to do instead of deleting a row that the process needs: one sentence and one link by table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from admin_app import addresses
from admin_app.permissions import Right
from admin_app.staff import Staff
from schema.base import Table, table_of


@dataclass(frozen=True)
class Advice:
    """What to do instead, and where."""

    text: str
    label: str
    url: str | None


_INSTEAD: Mapping[str, tuple[str, str]] = {
    "wave": (
        "Des données s'y rapportent : cette vague reste. Pour la clore, donnez-lui une date de fermeture.",
        "Fixer la date de fermeture",
    ),
    "dsr": (
        "Des données s'y rapportent : ce DSR reste. Pour qu'on n'y enrôle plus, donnez-lui une date de fermeture.",
        "Fixer la date de fermeture",
    ),
    "referencing": (
        "Des demandes portent ce référencement : il reste. Si l'ANS l'a retiré, passez son statut à « Retiré ».",
        "Changer le statut",
    ),
    "corridor": (
        "Des DSR appartiennent à ce couloir : il reste. Rattachez-les d'abord à un autre, ou renommez celui-ci.",
        "Modifier le couloir",
    ),
    "profile": (
        "Des référencements portent ce profil : il reste. Rattachez-les d'abord à un autre profil, ou renommez-le.",
        "Modifier le profil",
    ),
    "legal_text": (
        "Des fournisseurs ont accepté ce texte : il reste. Créez plutôt une nouvelle version avec sa date.",
        "Voir le texte",
    ),
    "parameter": ("Changez sa valeur : elle vaut dès qu'elle est enregistrée.", "Modifier le paramètre"),
    "message_template": (
        "Changez son objet et son texte. « Prévisualiser » les montre sur une vraie demande.",
        "Modifier le modèle",
    ),
    "deadline": ("Changez son nombre de jours ou ses relances.", "Modifier le délai"),
    "retention": ("Changez son nombre de jours. « Prévisualiser » dit ce qui partirait.", "Modifier la durée"),
    "provider": (
        "Un fournisseur reste tant que ses demandes existent. Si ses informations sont fausses, corrigez-les.",
        "Corriger les informations",
    ),
    "street_type": (
        "Des adresses utilisent ce type de voie : il reste. Corrigez son libellé s'il est faux.",
        "Modifier le type de voie",
    ),
}


def instead(staff: Staff, row: Table) -> Advice | None:
    """The advice for a row that stays, with the form that does it for those who may use it."""
    table = table_of(type(row)).name
    found = _INSTEAD.get(table)
    if found is None:
        return None
    return Advice(*found, addresses.edit(table, row.id) if staff.may(table, Right.edit) else None)

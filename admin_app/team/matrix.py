"""The permissions as administrators read them: what each role may do, in French, table by table and page by page.

Every right and every permission has its words here; `admin_app.permissions` alone decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from admin_app.menu import CATEGORIES
from admin_app.permissions import PAGES, Right, may_open, rights
from schema.describe import model_named
from schema.enums import StaffRole

RIGHTS: Mapping[Right, str] = MappingProxyType(
    {
        Right.list: "voir la liste",
        Right.details: "ouvrir",
        Right.export: "exporter",
        Right.edit: "modifier",
        Right.create: "créer",
        Right.delete: "supprimer",
    }
)
_READ = frozenset({Right.list, Right.details})

PERMISSIONS: Mapping[str, str] = MappingProxyType(
    {
        "home": "Ouvrir l'accueil",
        "account": "Gérer son propre compte",
        "queue": "Voir la file d'attente",
        "dossier": "Ouvrir un dossier",
        "instruct": "Prendre, rendre et confier un dossier, examiner les pièces, demander un complément",
        "decide": "Décider, annuler une décision avant son envoi",
        "write_notes": "Écrire des notes internes",
        "financing": "Voir les demandes de financement",
        "mail_log": "Voir les courriels",
        "mail_act": "Renvoyer ou retenir un courriel",
        "document_models": "Gérer les documents utiles",
        "team": "Gérer l'équipe et les sessions",
        "consultations": "Voir qui a consulté une pièce sensible",
        "consultations_export": "Exporter les consultations",
        "roles": "Voir les rôles et les droits",
        "view_pieces": "Consulter les pièces déposées",
        "export_pieces": "Télécharger les pièces d'une sélection",
    }
)
"""What holding the permission of a page lets one do. A test keeps it complete."""


@dataclass(frozen=True)
class Cell:
    """What one role may do: in words, and whether it is nothing."""

    role: StaffRole
    said: str
    is_nothing: bool = False


@dataclass(frozen=True)
class Row:
    """A table or an act, role by role."""

    label: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Group:
    """Rows that belong together."""

    label: str
    rows: Sequence[Row]


def acts() -> Group:
    """The pages that are not generated, and the acts on them."""
    rows = [
        Row(PERMISSIONS[name], [_yes_or_no(role, may=may_open(role, name)) for role in StaffRole])
        for name in PAGES
        if name in PERMISSIONS
    ]
    return Group("Pages et actes", rows)


def tables() -> list[Group]:
    """Every table, by the categories of the menu."""
    return [
        Group(
            category,
            [Row(model_named(name).label_plural, [_of_table(role, name) for role in StaffRole]) for name in names],
        )
        for category, names in CATEGORIES.items()
    ]


def _yes_or_no(role: StaffRole, *, may: bool) -> Cell:
    return Cell(role, "oui" if may else "non", is_nothing=not may)


def _of_table(role: StaffRole, table: str) -> Cell:
    held = rights(role, table)
    if not held:
        return Cell(role, "aucun droit", is_nothing=True)
    if held == frozenset(Right):
        return Cell(role, "tous les droits")
    said = ["lire"] if held >= _READ else [RIGHTS[right] for right in _READ if right in held]
    said += [words for right, words in RIGHTS.items() if right in held - _READ]
    return Cell(role, ", ".join(said))

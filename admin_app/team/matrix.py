"""The permissions as administrators read them: what each role may do, in French, table by table and page by page.

Every right and every permission has its words here; `admin_app.permissions` alone decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from admin_app.menu import CATEGORIES
from admin_app.permissions import KEPT, OPEN, PAGES, Right, Withdrawn, ceiling, rights
from enrolment.errors import Refused
from enrolment.records import codes
from enrolment.services import choices
from enrolment.services import rights as judging
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
_ACTS = "Pages et actes"
_DECISIONS = "Décisions"
_READ = frozenset({Right.list, Right.details})

PERMISSIONS: Mapping[str, str] = MappingProxyType(
    {
        "home": "Ouvrir l'accueil",
        "account": "Gérer son propre compte",
        "queue": "Voir la file d'attente",
        "dossier": "Ouvrir un dossier",
        "instruct": "Prendre, rendre et confier un dossier, examiner les pièces, demander un complément",
        "decide": "Décider d'une demande d'enrôlement, annuler une décision avant son envoi",
        **{name: choices.TITLES[verb] for verb, name in judging.BY_VERB.items()},
        judging.FINANCING: "Décider d'une demande de financement",
        "write_notes": "Écrire des notes internes",
        "bulk": "Lancer une action groupée",
        "bulk_results": "Lire les résultats des actions groupées",
        "corrections_read": "Lire les corrections et leurs résultats",
        "corrections": "Préparer, appliquer et annuler une correction",
        "approve_corrections": "Approuver la correction d'une autre personne",
        "financing": "Voir les demandes de financement",
        "saved_views": "Enregistrer des vues des listes",
        "mail_log": "Voir les courriels",
        "mail_act": "Renvoyer ou retenir un courriel",
        "dashboard": "Voir le tableau de bord",
        "data_checks": "Voir le contrôle des données",
        "data_repairs": "Réparer ce que le contrôle a trouvé",
        "rules": "Voir les règles et les changements programmés",
        "change_rules": "Appliquer ou annuler un changement programmé",
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


_OF_DECISIONS = (judging.DECIDE, *judging.BY_VERB.values(), judging.FINANCING, judging.BULK)
"""The acts that stand together under « Décisions »; each may be taken from a role by itself."""

Taken = Mapping[StaffRole, Withdrawn]
"""What was taken from each role."""


@dataclass(frozen=True)
class Cell:
    """What one role may do, in words; whether it is nothing; what was taken from it."""

    role: StaffRole
    said: str
    is_nothing: bool = False
    taken: str = ""


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


@dataclass(frozen=True)
class Box:
    """One right of one role, which an administrator may take away unless `is_kept`."""

    value: str
    label: str
    is_held: bool
    is_kept: bool

    @property
    def id(self) -> str:
        """The id of its control."""
        return f"right-{self.value.replace('/', '-')}"


@dataclass(frozen=True)
class Boxes:
    """The rights of a role on a table, or its acts."""

    label: str
    boxes: Sequence[Box]


def acts(taken: Taken) -> list[Group]:
    """The pages that are not generated, and the acts on them."""
    return [
        Group(
            label, [Row(PERMISSIONS[name], [_of_act(role, name, taken[role]) for role in StaffRole]) for name in names]
        )
        for label, names in _acts().items()
    ]


def count_of_acts(role: StaffRole | None = None) -> int:
    """How many groups of acts stand before those of tables, for everybody or on the page of one role."""
    return sum(role is None or any((name, OPEN) in ceiling(role) for name in names) for names in _acts().values())


def _acts() -> Mapping[str, Sequence[str]]:
    return {_ACTS: [name for name in PAGES if name not in _OF_DECISIONS], _DECISIONS: _OF_DECISIONS}


def tables(taken: Taken) -> list[Group]:
    """Every table, by the categories of the menu."""
    return [
        Group(
            category,
            [
                Row(model_named(name).label_plural, [_of_table(role, name, taken[role]) for role in StaffRole])
                for name in names
            ],
        )
        for category, names in CATEGORIES.items()
    ]


def boxes(role: StaffRole, withdrawn: Withdrawn) -> list[Boxes]:
    """Every right that the program grants a role, to be kept or taken away."""

    def box(subject: str, right: str, label: str) -> Box:
        is_kept = (role, subject, right) in KEPT
        return Box(f"{subject}/{right}", label, is_kept or (subject, right) not in withdrawn, is_kept)

    held = ceiling(role)
    found = [
        Boxes(label, own)
        for label, names in _acts().items()
        if (own := [box(name, OPEN, PERMISSIONS[name]) for name in names if (name, OPEN) in held])
    ]
    for names in CATEGORIES.values():
        for name in names:
            own = [box(name, right.value, words) for right, words in RIGHTS.items() if right in rights(role, name)]
            if own:
                found.append(Boxes(model_named(name).label_plural, own))
    return found


def taken_by(role: StaffRole, ticked: Sequence[str]) -> set[tuple[str, str]]:
    """What remains unticked of a role's rights, and can be taken. Raises Refused for a right that it cannot have."""
    given = ceiling(role)
    kept = {(subject, right) for held_by, subject, right in KEPT if held_by is role}
    wanted: set[tuple[str, str]] = set()
    for value in ticked:
        subject, _, right = value.partition("/")
        if (subject, right) not in given:
            raise Refused("Ce rôle ne peut pas recevoir ce droit. Rechargez la page, puis recommencez.")
        wanted.add((subject, right))
    return given - wanted - kept


def _of_act(role: StaffRole, name: str, withdrawn: Withdrawn) -> Cell:
    may = (name, OPEN) in ceiling(role)
    is_taken = may and (name, OPEN) in withdrawn
    return Cell(role, "oui" if may and not is_taken else "non", not may or is_taken, "retiré" if is_taken else "")


def _of_table(role: StaffRole, table: str, withdrawn: Withdrawn) -> Cell:
    taken = {right for right in rights(role, table) if (table, right.value) in withdrawn}
    held = rights(role, table) - taken
    lost = ", ".join(words for right, words in RIGHTS.items() if right in taken)
    lost = f"retiré : {lost}" if lost else ""
    if not held:
        return Cell(role, "aucun droit", is_nothing=True, taken=lost)
    if held == frozenset(Right):
        return Cell(role, "tous les droits")
    said = ["lire"] if held >= _READ else [words for right, words in RIGHTS.items() if right in held & _READ]
    said += [words for right, words in RIGHTS.items() if right in held - _READ]
    return Cell(role, ", ".join(said), taken=lost)


def _subject(value: str) -> str:
    return PERMISSIONS[value] if value in PERMISSIONS else model_named(value).label_plural


def _right(value: str) -> str:
    return "Ouvrir la page, faire l'acte" if value == OPEN else RIGHTS[Right(value)]


codes.say("role_withdrawal", "subject", _subject)
codes.say("role_withdrawal", "right_name", _right)

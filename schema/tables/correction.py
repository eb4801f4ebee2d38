"""One correction of many rows: what was asked, by whom, where it stands; and the rules that ask for more care.

The lines of a correction, of which there may be a million, are in `schema.staging`.
"""

from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa

from schema.base import Table, new_public_id
from schema.columns import Personal, column
from schema.enums import CorrectionSource, CorrectionState
from schema.types import Line, LongText, PrintedCode, Secret


class Correction(Table, table=True):
    """A change of many rows of one table: frozen line by line, previewed, applied, and undone if need be."""

    __tablename__ = "correction"
    __table_args__ = (sa.Index("ix_correction_state_id", "state", "id"),)
    label: ClassVar[str] = "Correction en masse"
    label_plural: ClassVar[str] = "Corrections en masse"
    about: ClassVar[str] = "Correction ou import de nombreuses lignes d'une table, avec son aperçu et son annulation."
    title_columns: ClassVar[tuple[str, ...]] = ("title",)

    public_id: Secret = column(
        "Identifiant public",
        help="Identifiant imprévisible utilisé dans les adresses ; c'est aussi le lot inscrit dans l'historique.",
        source="standards SEC-2",
        default_factory=new_public_id,
        unique=True,
        editable=False,
    )
    title: Line = column(
        "Titre",
        help="Ce que fait la correction, en quelques mots.",
        source="process",
        example="Saint-Denis : commune mal écrite",
        editable=False,
        listed=True,
        searchable=True,
    )
    reason: Line = column(
        "Motif",
        help="Pourquoi ; inscrit dans l'historique de chaque ligne.",
        source="process",
        example="Courriel de la préfecture du 3 mars 2026",
        editable=False,
    )
    table_name: PrintedCode = column("Table", help="Table corrigée.", source="process", editable=False, listed=True)
    source: CorrectionSource = column(
        "Origine", help="D'où viennent les changements.", source="process", editable=False, listed=True
    )
    selection: LongText = column(
        "Sélection", help="Lignes visées et changements, en français.", source="process", editable=False, long=True
    )
    recipe: dict[str, Any] = column(
        "Recette",
        help="Filtre et changements, ou fichier et clé, sous la forme que le portail relit.",
        source="technique",
        sa_type=sa.JSON,
        editable=False,
        personal=Personal.content,
    )
    file_key: Line | None = column(
        "Fichier",
        help="Clé du fichier dans le stockage.",
        source="technique",
        default=None,
        editable=False,
        secret=True,
    )
    author_id: int | None = column(
        "Auteur",
        help="Qui l'a préparée. Vide : ligne de commande.",
        source="process",
        foreign_key="staff_user.id",
        default=None,
        editable=False,
    )
    author_label: Line = column(
        "Nom de l'auteur",
        help="Nom inscrit dans l'historique.",
        source="process",
        editable=False,
        listed=True,
        personal=Personal.identity,
    )
    state: CorrectionState = column(
        "État",
        help="Où en est la correction.",
        source="process",
        default=CorrectionState.draft,
        editable=False,
        listed=True,
    )
    problem: LongText | None = column(
        "Empêchement",
        help="Ce qui a arrêté la préparation ou l'application.",
        source="process",
        default=None,
        editable=False,
        long=True,
    )
    total: int = column("Lignes", help="Lignes lues.", source="process", default=0, editable=False, listed=True, ge=0)
    planned: int = column(
        "À appliquer", help="Lignes à changer.", source="process", default=0, editable=False, listed=True, ge=0
    )
    unchanged: int = column(
        "Déjà à jour", help="Lignes qui ne changent pas.", source="process", default=0, editable=False, ge=0
    )
    set_aside: int = column(
        "Écartées",
        help="Lignes invalides, introuvables, en double ou refusées.",
        source="process",
        default=0,
        editable=False,
        ge=0,
    )
    applied: int = column(
        "Appliquées", help="Lignes changées.", source="process", default=0, editable=False, listed=True, ge=0
    )
    conflicts: int = column(
        "Conflits",
        help="Lignes modifiées par ailleurs depuis l'aperçu, laissées telles quelles.",
        source="process",
        default=0,
        editable=False,
        listed=True,
        ge=0,
    )
    done_upto: int = column(
        "Avancement",
        help="Dernier rang traité par le travail en cours.",
        source="technique",
        default=0,
        editable=False,
        ge=0,
    )
    seconds_to_prepare: int = column(
        "Durée de la préparation (secondes)",
        help="Temps passé à préparer l'aperçu.",
        source="process",
        default=0,
        editable=False,
        ge=0,
    )
    seconds_to_apply: int = column(
        "Durée de l'application (secondes)",
        help="Temps passé à appliquer.",
        source="process",
        default=0,
        editable=False,
        ge=0,
    )
    frozen_at: datetime | None = column(
        "Prête le", help="Fin de la préparation.", source="process", default=None, editable=False
    )
    approved_by_id: int | None = column(
        "Approuvée par",
        help="Seconde personne, quand une règle la demande.",
        source="process",
        foreign_key="staff_user.id",
        default=None,
        editable=False,
    )
    approved_at: datetime | None = column(
        "Approuvée le", help="Moment de l'approbation.", source="process", default=None, editable=False
    )
    started_at: datetime | None = column(
        "Lancée le", help="Début de l'application.", source="process", default=None, editable=False
    )
    ended_at: datetime | None = column(
        "Terminée le", help="Fin de l'application.", source="process", default=None, editable=False, listed=True
    )
    undoes_id: int | None = column(
        "Annule",
        help="Correction dont celle-ci annule les changements.",
        source="process",
        foreign_key="correction.id",
        default=None,
        editable=False,
    )
    notified_at: datetime | None = column(
        "Fournisseurs prévenus le",
        help="Moment où les mails aux fournisseurs ont été mis en file.",
        source="process",
        default=None,
        editable=False,
    )


class CorrectionRule(Table, table=True):
    """When a correction needs a second person, and when vendors are told of it."""

    __tablename__ = "correction_rule"
    label: ClassVar[str] = "Règle de correction"
    label_plural: ClassVar[str] = "Règles de correction"
    about: ClassVar[str] = "Corrections qui demandent une seconde personne, ou dont les fournisseurs sont prévenus."
    title_columns: ClassVar[tuple[str, ...]] = ("name",)

    name: Line = column(
        "Nom",
        help="Ce que demande la règle.",
        source="process",
        example="Coordonnées bancaires",
        unique=True,
        listed=True,
        searchable=True,
    )
    table_name: PrintedCode | None = column(
        "Table",
        help="Table concernée. Vide : toutes.",
        source="process",
        example="bank_account",
        default=None,
        listed=True,
    )
    column_name: PrintedCode | None = column(
        "Colonne",
        help="Colonne concernée. Vide : toutes.",
        source="process",
        example="iban",
        default=None,
        listed=True,
    )
    above: int = column(
        "Au-delà de (lignes)",
        help="La règle s'applique à partir d'une ligne de plus. Zéro : toujours.",
        source="process R4",
        default=0,
        listed=True,
        ge=0,
    )
    asks_approval: bool = column(
        "Seconde personne",
        help="Une autre personne doit approuver la correction avant son application.",
        source="process R4",
        default=True,
        listed=True,
    )
    tells_vendors: bool = column(
        "Fournisseurs prévenus",
        help="Chaque fournisseur concerné reçoit un mail qui dit ce qui a changé.",
        source="process R4",
        default=False,
        listed=True,
    )
    active: bool = column(
        "Active", help="Non : la règle ne s'applique plus.", source="process R4", default=True, listed=True
    )

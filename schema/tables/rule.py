"""Delays, retention and message texts: rules that an ASP team changes without a developer."""

from typing import ClassVar

import sqlalchemy as sa

from schema.base import Table
from schema.columns import column
from schema.enums import RequestStatus, Verb
from schema.types import Line, LongText, PrintedCode


class Deadline(Table, table=True):
    """How long a party has in a status, and when it is reminded."""

    __tablename__ = "deadline"
    label: ClassVar[str] = "Délai"
    label_plural: ClassVar[str] = "Délais"
    about: ClassVar[str] = "Délai d'un statut et jours de relance."
    title_columns: ClassVar[tuple[str, ...]] = ("status",)

    status: RequestStatus = column(
        "Statut", help="Statut auquel s'applique le délai.", source="process R4", unique=True, listed=True
    )
    days: int = column("Délai (jours)", help="Jours pour agir.", source="process R4", ge=1, le=3650, listed=True)
    remind_before: int | None = column(
        "Relance avant (jours)",
        help="Jours avant l'échéance. Vide : pas de relance.",
        source="process",
        default=None,
        ge=0,
    )
    remind_after: int | None = column(
        "Relance après (jours)",
        help="Jours après l'échéance. Vide : pas de relance.",
        source="process",
        default=None,
        ge=0,
    )


class Retention(Table, table=True):
    """How long a kind of data is kept."""

    __tablename__ = "retention"
    label: ClassVar[str] = "Durée de conservation"
    label_plural: ClassVar[str] = "Durées de conservation"
    about: ClassVar[str] = "Durée au bout de laquelle des données sont effacées ou rendues anonymes."
    title_columns: ClassVar[tuple[str, ...]] = ("subject",)

    subject: PrintedCode = column(
        "Données",
        help="Code de la famille de données.",
        source="standards SEC-14",
        example="draft",
        unique=True,
        listed=True,
    )
    days: int = column(
        "Durée (jours)", help="Après le dernier événement.", source="standards SEC-14", ge=1, listed=True
    )
    note: Line = column("Base", help="Justification de la durée.", source="standards SEC-14", listed=True)


class Parameter(Table, table=True):
    """A number or a phrase of the process that changes without code: delays of links, contact details, silence rule."""

    __tablename__ = "parameter"
    label: ClassVar[str] = "Paramètre"
    label_plural: ClassVar[str] = "Paramètres"
    about: ClassVar[str] = "Valeur que l'ASP règle elle-même."
    title_columns: ClassVar[tuple[str, ...]] = ("about_fr",)

    code: PrintedCode = column(
        "Code", help="Nom stable du paramètre.", source="process R4", unique=True, listed=True, searchable=True
    )
    value: LongText = column("Valeur", help="Valeur en vigueur.", source="process R4", listed=True, long=True)
    about_fr: Line = column("Signification", help="À quoi sert la valeur.", source="process R4", listed=True)


class MessageTemplate(Table, table=True):
    """The text of a mail. Variables are listed with each mail; the HTML part is made from the same text."""

    __tablename__ = "message_template"
    label: ClassVar[str] = "Modèle de message"
    label_plural: ClassVar[str] = "Modèles de messages"
    about: ClassVar[str] = "Objet et texte d'un courriel envoyé par le portail."
    title_columns: ClassVar[tuple[str, ...]] = ("name",)

    code: PrintedCode = column(
        "Code", help="Nom du courriel.", source="process", example="acknowledgement", unique=True, listed=True
    )
    name: Line = column("Nom", help="Nom français du courriel.", source="process", listed=True, searchable=True)
    subject: Line = column(
        "Objet", help="Objet du courriel. Variables entre accolades.", source="process M2", listed=True
    )
    body: LongText = column(
        "Texte",
        help="Paragraphes séparés par une ligne vide ; listes avec des tirets ; variables entre accolades.",
        source="process M2",
        long=True,
    )


class ReasonTemplate(Table, table=True):
    """A ready-made reason that a case manager picks, then edits."""

    __tablename__ = "reason_template"
    __table_args__ = (sa.UniqueConstraint("verb", "title", name="uq_reason_template_verb_title"),)
    label: ClassVar[str] = "Motif type"
    label_plural: ClassVar[str] = "Motifs types"
    about: ClassVar[str] = "Motif prêt à l'emploi pour une décision."
    title_columns: ClassVar[tuple[str, ...]] = ("title",)

    verb: Verb = column("Décision", help="Décision à laquelle sert ce motif.", source="process", listed=True)
    title: Line = column("Titre", help="Titre dans la liste.", source="process", listed=True, searchable=True)
    body: LongText = column("Texte", help="Texte proposé au gestionnaire.", source="process", long=True)
    document_kind_id: int | None = column(
        "Pièce", help="Pièce visée, le cas échéant.", source="process", foreign_key="document_kind.id", default=None
    )
    active: bool = column(
        "Actif", help="Non : le motif n'est plus proposé.", source="process R4", default=True, listed=True
    )

"""Waves, corridors, DSRs and profiles: what the ANS references, and when each may be enrolled.

Opening a wave or adding a DSR is a row here, never a line of code (rule R4).
"""

from datetime import date, datetime
from typing import ClassVar

import sqlalchemy as sa

from schema.base import Table
from schema.columns import column
from schema.enums import ReferencingStatus, Step
from schema.types import AnsNumber, Code, Line, LongText, PrintedCode


class Wave(Table, table=True):
    """A wave of the programme: DSRs belong to one."""

    __tablename__ = "wave"
    label: ClassVar[str] = "Vague"
    label_plural: ClassVar[str] = "Vagues"
    about: ClassVar[str] = "Vague du programme Ségur numérique, avec ses dates d'ouverture et de fermeture."
    title_columns: ClassVar[tuple[str, ...]] = ("name",)

    code: Code = column(
        "Code", help="Code court et stable.", source="process R4", example="V2", unique=True, listed=True
    )
    name: Line = column(
        "Nom",
        help="Nom donné à la vague.",
        source="process R4",
        example="Vague 2",
        vendor=True,
        listed=True,
        searchable=True,
    )
    opens_at: datetime = column("Ouverture", help="Début des dépôts, heure de Paris.", source="process R4", listed=True)
    closes_at: datetime | None = column(
        "Fermeture",
        help="Fin des dépôts, heure de Paris. Vide : pas de fermeture prévue.",
        source="process R4",
        default=None,
        listed=True,
    )


class Corridor(Table, table=True):
    """A field of health care, with its own DSRs."""

    __tablename__ = "corridor"
    label: ClassVar[str] = "Couloir"
    label_plural: ClassVar[str] = "Couloirs"
    about: ClassVar[str] = "Secteur de soins auquel s'adresse une famille de logiciels."
    title_columns: ClassVar[tuple[str, ...]] = ("name",)

    code: Code = column("Code", help="Code court et stable.", source="facts", example="HOP", unique=True, listed=True)
    name: Line = column(
        "Nom", help="Nom du couloir.", source="facts", example="Hôpital", vendor=True, listed=True, searchable=True
    )


class Dsr(Table, table=True):
    """Dossier de spécification et de référencement: what a kind of software must do to be referenced."""

    __tablename__ = "dsr"
    label: ClassVar[str] = "DSR"
    label_plural: ClassVar[str] = "DSR"
    about: ClassVar[str] = "Dossier de spécification de référencement, avec ses dates et son exigence HDS."
    title_columns: ClassVar[tuple[str, ...]] = ("name",)

    code: Code = column(
        "Code",
        help="Code du DSR.",
        source="facts",
        example="SONS-HOP-DPI-VA2",
        unique=True,
        listed=True,
        searchable=True,
    )
    name: Line = column(
        "Nom du DSR",
        help="Nom montré au fournisseur.",
        source="guide p. 10",
        example="SONS DPI",
        vendor=True,
        listed=True,
        searchable=True,
    )
    wave_id: int = column("Vague", help="Vague du DSR.", source="process R4", foreign_key="wave.id", listed=True)
    corridor_id: int = column("Couloir", help="Couloir du DSR.", source="facts", foreign_key="corridor.id", listed=True)
    needs_hds: bool = column(
        "Exige le document HDS",
        help="Le fournisseur doit joindre le certificat HDS ou l'attestation de non-hébergement.",
        source="process E2",
        default=False,
        listed=True,
    )
    enrolment_opens_at: datetime = column(
        "Ouverture de l'enrôlement", help="Début des enrôlements, heure de Paris.", source="facts"
    )
    advance_opens_at: datetime | None = column(
        "Ouverture des avances",
        help="Début des demandes d'avance, heure de Paris.",
        source="facts",
        default=None,
    )
    closes_at: datetime | None = column(
        "Fermeture",
        help="Fin des enrôlements, heure de Paris. Vide : pas de fermeture prévue.",
        source="facts",
        default=None,
    )


class Profile(Table, table=True):
    """A profile of a DSR, with which a software is referenced."""

    __tablename__ = "profile"
    label: ClassVar[str] = "Profil"
    label_plural: ClassVar[str] = "Profils"
    about: ClassVar[str] = "Profil d'un DSR avec lequel une solution logicielle est référencée."
    title_columns: ClassVar[tuple[str, ...]] = ("name", "dsr_id")

    code: Code = column(
        "Code", help="Code court et stable.", source="guide p. 46", example="GENERAL", unique=True, listed=True
    )
    name: Line = column(
        "Profil référencé",
        help="Nom montré au fournisseur.",
        source="guide p. 46",
        example="Général",
        vendor=True,
        listed=True,
        searchable=True,
    )
    dsr_id: int = column("DSR", help="DSR du profil.", source="guide p. 46", foreign_key="dsr.id", listed=True)


class Referencing(Table, table=True):
    """A software that the ANS lists, known by its number. Loaded from the ANS list."""

    __tablename__ = "referencing"
    label: ClassVar[str] = "Référencement"
    label_plural: ClassVar[str] = "Référencements"
    about: ClassVar[str] = "Solution logicielle inscrite sur la liste de l'ANS, validée ou en cours d'instruction."
    title_columns: ClassVar[tuple[str, ...]] = ("ans_number", "software_name")

    ans_number: AnsNumber = column(
        "Numéro unique de référencement ANS",
        help="Numéro reçu de l'ANS après le dépôt de la demande de référencement.",
        source="guide p. 9",
        example="ANS-V2-HOP-00412",
        step=Step.referencing,
        each_request=True,
        unique=True,
        listed=True,
        searchable=True,
    )
    software_name: Line = column(
        "Nom du logiciel",
        help="Nom commercial de la solution.",
        source="guide p. 10",
        example="Dossier Patient Alizé",
        vendor=True,
        correctable=True,
        listed=True,
        searchable=True,
    )
    software_version: Line = column(
        "Version du logiciel",
        help="Version référencée.",
        source="guide p. 10",
        example="4.2",
        vendor=True,
        correctable=True,
        listed=True,
    )
    publisher_name: Line | None = column(
        "Éditeur",
        help="Éditeur déclaré à l'ANS.",
        source="process R3",
        example="Alizé Santé",
        default=None,
        correctable=True,
        listed=True,
        searchable=True,
    )
    dsr_id: int = column(
        "DSR concerné",
        help="DSR au titre duquel la solution est référencée.",
        source="guide p. 10",
        foreign_key="dsr.id",
        vendor=True,
        correctable=True,
        listed=True,
    )
    profile_id: int | None = column(
        "Profil référencé",
        help="Profil avec lequel la solution est référencée.",
        source="guide p. 46",
        foreign_key="profile.id",
        default=None,
        vendor=True,
        correctable=True,
    )
    status: ReferencingStatus = column(
        "État du référencement",
        help="Tant que l'ANS n'a pas validé, seul un enrôlement anticipé est possible.",
        source="process E1",
        default=ReferencingStatus.pending,
        vendor=True,
        correctable=True,
        listed=True,
    )
    validated_on: date | None = column(
        "Validé le",
        help="Date de validation par l'ANS.",
        source="process E5",
        default=None,
        correctable=True,
    )


class StreetType(Table, table=True):
    """A kind of street, as the registry codes it."""

    __tablename__ = "street_type"
    label: ClassVar[str] = "Type de voie"
    label_plural: ClassVar[str] = "Types de voie"
    about: ClassVar[str] = "Code et libellé des types de voie du répertoire des entreprises."
    title_columns: ClassVar[tuple[str, ...]] = ("name",)

    code: Code = column("Code", help="Code du répertoire.", source="facts", example="AV", unique=True, listed=True)
    name: Line = column(
        "Libellé",
        help="Libellé du type de voie.",
        source="facts",
        example="Avenue",
        vendor=True,
        listed=True,
        searchable=True,
    )


class LegalText(Table, table=True):
    """A version of a legal text. The one in force is the newest whose date is past; old ones are never changed."""

    __tablename__ = "legal_text"
    label: ClassVar[str] = "Texte légal"
    label_plural: ClassVar[str] = "Textes légaux"
    about: ClassVar[str] = "Texte accepté ou affiché sur le site public, avec sa version et sa date d'effet."
    __table_args__ = (sa.UniqueConstraint("kind", "version", name="uq_legal_text_kind_version"),)
    title_columns: ClassVar[tuple[str, ...]] = ("kind", "version")

    kind: PrintedCode = column(
        "Nature du texte",
        help="Code du texte : cgu, penal, authenticity…",
        source="process S2",
        example="cgu",
        index=True,
        listed=True,
    )
    version: Line = column(
        "Version", help="Numéro de version.", source="process S2", example="2026-01", vendor=True, listed=True
    )
    title: Line = column("Titre", help="Titre affiché.", source="process S2", vendor=True, listed=True, searchable=True)
    body: LongText = column(
        "Texte",
        help="Paragraphes séparés par une ligne vide ; listes avec des tirets.",
        source="process S2",
        vendor=True,
        long=True,
    )
    effective_from: datetime = column(
        "En vigueur à partir du", help="Date d'effet, heure de Paris.", source="process S2", vendor=True, listed=True
    )

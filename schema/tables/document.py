"""Kinds of document and the rules that say which one a request needs: rows that the ASP changes by itself."""

from typing import ClassVar

from schema.base import Table
from schema.columns import column
from schema.enums import DepositaryQuality, RequestKind, Step
from schema.types import Line, LongText, PrintedCode, Secret, Sha256

_EITHER = "Sans choix, la règle vaut dans tous les cas."
_ANY = "Indifférent"


class DocumentKind(Table, table=True):
    """A kind of document (type de pièce) that the portal takes."""

    __tablename__ = "document_kind"
    label: ClassVar[str] = "Type de pièce"
    label_plural: ClassVar[str] = "Types de pièce"
    about: ClassVar[str] = "Pièce que le portail peut demander, avec son aide et son modèle à télécharger."
    title_columns: ClassVar[tuple[str, ...]] = ("name",)

    code: PrintedCode = column(
        "Code", help="Code court et stable.", source="process", example="kbis", unique=True, listed=True
    )
    name: Line = column(
        "Libellé",
        help="Nom montré au fournisseur.",
        source="guide p. 10-18",
        example="RIB",
        vendor=True,
        listed=True,
        searchable=True,
    )
    help: Line = column("Aide", help="Phrase affichée sous le champ.", source="process F1", vendor=True)
    step: Step = column(
        "Étape",
        help="Étape du formulaire qui demande la pièce.",
        source="process",
        listed=True,
    )
    position: int = column("Ordre", help="Rang dans l'étape.", source="technique", default=0, ge=0)
    sensitive: bool = column(
        "Sensible",
        help="Chiffrée au repos, consultations tracées, copies filigranées.",
        source="standards SEC-15",
        default=False,
        listed=True,
    )
    max_bytes: int = column(
        "Taille maximale (octets)",
        help="Taille maximale d'un fichier.",
        source="process F1",
        example="4194304",
        default=4 * 1024 * 1024,
        ge=1,
    )
    template_file: Line | None = column(
        "Modèle à télécharger",
        help="Nom du fichier de la rubrique « Documents utiles », où il se dépose et se remplace.",
        source="guide p. 11",
        default=None,
        vendor=True,
    )
    active: bool = column(
        "Actif", help="Non : la pièce n'est plus proposée.", source="process R4", default=True, listed=True
    )


class DocumentRule(Table, table=True):
    """One line of the table « which piece, when »: a request that matches every filled condition owes the piece."""

    __tablename__ = "document_rule"
    label: ClassVar[str] = "Règle de pièce"
    label_plural: ClassVar[str] = "Règles de pièces"
    about: ClassVar[str] = (
        "Condition sous laquelle une pièce est due. Toutes les conditions remplies doivent être vraies."
    )
    title_columns: ClassVar[tuple[str, ...]] = ("document_kind_id",)

    code: PrintedCode = column("Code", help="Code court et stable.", source="process R4", unique=True, listed=True)
    document_kind_id: int = column(
        "Pièce", help="Pièce due.", source="process D1-D4", foreign_key="document_kind.id", listed=True
    )
    reason: Line = column(
        "Explication",
        help="Pourquoi la pièce est due, en une phrase montrée au fournisseur.",
        source="process UX-5",
        vendor=True,
    )
    wave_id: int | None = column(
        "Vague", help=_EITHER, unset=_ANY, source="process R4", foreign_key="wave.id", default=None, listed=True
    )
    dsr_id: int | None = column(
        "DSR", help=_EITHER, unset=_ANY, source="process R4", foreign_key="dsr.id", default=None, listed=True
    )
    request_kind: RequestKind | None = column(
        "Nature de la demande", help=_EITHER, unset=_ANY, source="process", default=None, listed=True
    )
    referencing_validated: bool | None = column(
        "Référencement validé", help=_EITHER, unset=_ANY, source="process E1", default=None, listed=True
    )
    needs_hds: bool | None = column("DSR exigeant le HDS", help=_EITHER, unset=_ANY, source="process E2", default=None)
    hosts_health_data: bool | None = column(
        "Hébergeur de données de santé", help=_EITHER, unset=_ANY, source="guide p. 11", default=None
    )
    legal_name_changed: bool | None = column(
        "Dénomination modifiée", help=_EITHER, unset=_ANY, source="process D1", default=None
    )
    is_distributor: bool | None = column("Distributeur", help=_EITHER, unset=_ANY, source="process D2", default=None)
    is_representative: bool | None = column(
        "Représentant légal", help=_EITHER, unset=_ANY, source="process D3", default=None
    )
    quality: DepositaryQuality | None = column(
        "Qualité du dépositaire", help=_EITHER, unset=_ANY, source="process D4", default=None
    )
    vat_liable: bool | None = column("Assujetti à la TVA", help=_EITHER, unset=_ANY, source="guide p. 18", default=None)
    first_of_wave: bool | None = column(
        "Première demande de la vague", help=_EITHER, unset=_ANY, source="process C1", default=None
    )
    required: bool = column(
        "Obligatoire", help="Non : la pièce est proposée sans être exigée.", source="process", default=True
    )
    active: bool = column(
        "Active", help="Non : la règle ne s'applique plus.", source="process R4", default=True, listed=True
    )
    note: LongText | None = column("Note", help="Note interne.", source="technique", default=None, long=True)


class DocumentModel(Table, table=True):
    """A model that an administrator uploaded for a kind of document; it takes the place of the shipped one."""

    __tablename__ = "document_model"
    label: ClassVar[str] = "Modèle de document"
    label_plural: ClassVar[str] = "Modèles de documents"
    about: ClassVar[str] = "Fichier déposé par l'ASP dans « Documents utiles », à remplir par les fournisseurs."
    title_columns: ClassVar[tuple[str, ...]] = ("file_name",)

    document_kind_id: int = column(
        "Type de pièce",
        help="Pièce dont c'est le modèle.",
        source="guide p. 11",
        foreign_key="document_kind.id",
        unique=True,
        editable=False,
        listed=True,
    )
    file_name: Line = column(
        "Nom du fichier",
        help="Nom sous lequel le modèle se télécharge.",
        source="guide p. 11",
        example="mandat-de-l-editeur.pdf",
        unique=True,
        editable=False,
        listed=True,
        searchable=True,
    )
    content_type: Line = column(
        "Format", help="Format reconnu d'après le contenu.", source="process F1", editable=False, listed=True
    )
    size: int = column("Taille", help="En octets.", source="process F1", editable=False, listed=True, ge=1)
    sha256: Sha256 = column("Empreinte", help="SHA-256 du contenu.", source="standards REL-5", editable=False)
    storage_key: Secret = column(
        "Clé de stockage",
        help="Emplacement du fichier dans le stockage.",
        source="standards SEC-10",
        unique=True,
        editable=False,
        secret=True,
    )

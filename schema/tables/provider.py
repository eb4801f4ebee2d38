"""The vendor as it declared itself: company, people, bank account.

Each initial request writes rows of its own, so that an anonymous visitor can never change what a known vendor
declared; complementary requests reuse those of the account (docs/decisions).
"""

from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa

from schema.base import Table
from schema.columns import Personal, column
from schema.enums import BankCheck, DepositaryQuality, PersonRole, RegistryOutcome, Step, StreetExtension
from schema.types import (
    AddressLine,
    Bic,
    City,
    CompanyName,
    Email,
    Iban,
    Line,
    PersonName,
    Phone,
    PostCode,
    Siren,
    Siret,
    StreetNumber,
)

_APPLICANT = Step.applicant
_BANK = Step.bank


class Provider(Table, table=True):
    """A company (personne morale), éditeur or distributeur of a referenced software."""

    __tablename__ = "provider"
    label: ClassVar[str] = "Fournisseur"
    label_plural: ClassVar[str] = "Fournisseurs"
    about: ClassVar[str] = "Personne morale telle que déclarée dans sa demande initiale."
    title_columns: ClassVar[tuple[str, ...]] = ("legal_name", "siret")

    siret: Siret = column(
        "Numéro SIRET",
        help="14 chiffres, ceux de l'établissement qui demande l'enrôlement.",
        source="guide p. 12",
        example="732 829 320 00074",
        step=_APPLICANT,
        index=True,
        correctable=True,
        listed=True,
        searchable=True,
    )
    siren: Siren = column(
        "Numéro SIREN",
        help="Neuf premiers chiffres du SIRET, tenus par la base.",
        source="process R2",
        vendor=True,
        computed="substr(siret, 1, 9)",
        index=True,
        editable=False,
        searchable=True,
    )
    legal_name: CompanyName = column(
        "Dénomination sociale",
        help="Celle du répertoire des entreprises. Si vous la changez, un extrait Kbis vous sera demandé.",
        staff_help="Celle du répertoire des entreprises, ou celle que prouve un extrait Kbis.",
        source="guide p. 13",
        example="Alizé Santé",
        step=_APPLICANT,
        correctable=True,
        listed=True,
        searchable=True,
        autocomplete="organization",
    )
    registry_name: CompanyName | None = column(
        "Dénomination au répertoire",
        help="Dénomination trouvée au répertoire lors du dépôt.",
        source="process D1",
        default=None,
        editable=False,
    )
    trade_name: CompanyName = column(
        "Nom commercial",
        help="Nom sous lequel vos clients vous connaissent.",
        staff_help="Nom sous lequel les clients connaissent le fournisseur.",
        source="guide p. 13",
        example="Alizé",
        step=_APPLICANT,
        correctable=True,
        searchable=True,
    )
    recipient: AddressLine | None = column(
        "Identité du destinataire/service",
        help="Personne ou service qui doit recevoir le courrier.",
        source="guide p. 13",
        example="Service comptabilité",
        step=_APPLICANT,
        default=None,
        correctable=True,
    )
    building: AddressLine | None = column(
        "Entrée/Bat/Immeuble",
        help="Pour trouver l'entrée : bâtiment, résidence, étage.",
        source="guide p. 13",
        example="Bâtiment C",
        step=_APPLICANT,
        default=None,
        correctable=True,
    )
    street_number: StreetNumber | None = column(
        "Numéro de voie",
        help="Laissez vide si l'adresse n'a pas de numéro.",
        source="facts (NF Z10-011)",
        example="12",
        step=_APPLICANT,
        default=None,
        correctable=True,
    )
    street_extension: StreetExtension | None = column(
        "Extension",
        help="bis, ter, quater…",
        source="guide p. 13",
        step=_APPLICANT,
        default=None,
        correctable=True,
    )
    street_type_id: int = column(
        "Type de voie",
        help="Rue, avenue, place…",
        source="guide p. 13",
        step=_APPLICANT,
        foreign_key="street_type.id",
        correctable=True,
    )
    street_name: AddressLine = column(
        "Nom de la voie",
        help="Sans le type de voie.",
        source="facts (NF Z10-011)",
        example="des Lilas",
        step=_APPLICANT,
        correctable=True,
        autocomplete="address-line1",
    )
    address_complement: AddressLine | None = column(
        "Complément d'adresse",
        help="Boîte postale, lieu-dit, zone d'activité.",
        source="guide p. 13",
        example="BP 40012",
        step=_APPLICANT,
        default=None,
        correctable=True,
    )
    post_code: PostCode = column(
        "Code postal",
        help="Cinq chiffres.",
        source="facts (NF Z10-011)",
        example="69003",
        step=_APPLICANT,
        correctable=True,
        autocomplete="postal-code",
    )
    city: City = column(
        "Commune",
        help="Commune de l'adresse, sans le code postal.",
        source="guide p. 13",
        example="Lyon",
        step=_APPLICANT,
        correctable=True,
        listed=True,
        autocomplete="address-level2",
    )
    registry_outcome: RegistryOutcome = column(
        "Réponse du répertoire",
        help="Ce que le répertoire des entreprises a répondu lors du dépôt. « Non consulté » s'il était indisponible, "
        "ou si la fiche vient d'un fichier de l'ASP.",
        source="process D6",
        # Whoever asked the registry says what it answered.
        default=RegistryOutcome.unavailable,
        editable=False,
        listed=True,
    )
    registry_checked_at: datetime | None = column(
        "Répertoire consulté le",
        help="Date de la consultation du répertoire.",
        source="process D6",
        default=None,
        editable=False,
    )


class Person(Table, table=True):
    """A natural person of a vendor: its legal representative, or the depositary who files for it."""

    __tablename__ = "person"
    __table_args__ = (
        sa.UniqueConstraint("provider_id", "role", name="uq_person_provider_id_role"),
        sa.CheckConstraint("(role = 'depositary') = (quality IS NOT NULL)", name="quality_of_depositary"),
    )
    label: ClassVar[str] = "Personne physique"
    label_plural: ClassVar[str] = "Personnes physiques"
    about: ClassVar[str] = "Représentant légal ou dépositaire d'un fournisseur."
    title_columns: ClassVar[tuple[str, ...]] = ("first_name", "last_name")

    provider_id: int = column(
        "Fournisseur", help="Fournisseur de la personne.", source="process D3", foreign_key="provider.id", listed=True
    )
    role: PersonRole = column(
        "Rôle", help="Représentant légal ou dépositaire.", source="process D3", vendor=True, listed=True
    )
    last_name: PersonName = column(
        "Nom",
        help="Tel qu'il figure sur la pièce d'identité.",
        source="guide p. 14",
        example="Lefèvre",
        step=_APPLICANT,
        personal=Personal.identity,
        correctable=True,
        listed=True,
        searchable=True,
        autocomplete="family-name",
    )
    first_name: PersonName = column(
        "Prénom",
        help="Prénom usuel.",
        source="guide p. 14",
        example="Claire",
        step=_APPLICANT,
        personal=Personal.identity,
        correctable=True,
        listed=True,
        autocomplete="given-name",
    )
    email: Email = column(
        "Email",
        help="Adresse lue régulièrement : tous nos messages y sont envoyés.",
        source="guide p. 14",
        example="claire.lefevre@alize-sante.fr",
        step=_APPLICANT,
        personal=Personal.contact,
        index=True,
        correctable=True,
        listed=True,
        searchable=True,
        autocomplete="email",
    )
    phone: Phone = column(
        "Téléphone",
        help="Numéro où vous joindre en journée.",
        staff_help="Numéro où joindre cette personne en journée.",
        source="guide p. 14",
        example="04 78 00 12 34",
        step=_APPLICANT,
        personal=Personal.contact,
        correctable=True,
        autocomplete="tel",
    )
    quality: DepositaryQuality | None = column(
        "Qualité de tiers déclarant",
        help="Lien du dépositaire avec le fournisseur.",
        source="guide p. 16",
        step=_APPLICANT,
        default=None,
        show_when="request.is_representative=false",
    )


class BankAccount(Table, table=True):
    """Where the money goes."""

    __tablename__ = "bank_account"
    label: ClassVar[str] = "Coordonnées bancaires"
    label_plural: ClassVar[str] = "Coordonnées bancaires"
    about: ClassVar[str] = "Compte bancaire déclaré par un fournisseur."
    title_columns: ClassVar[tuple[str, ...]] = ("holder", "iban")

    provider_id: int = column(
        "Fournisseur",
        help="Fournisseur titulaire.",
        source="guide p. 17",
        foreign_key="provider.id",
        unique=True,
        listed=True,
    )
    iban: Iban = column(
        "IBAN",
        help="Copiez-le depuis votre RIB : les espaces sont acceptés.",
        staff_help="Celui du RIB : les espaces sont acceptés.",
        source="guide p. 17",
        example="FR76 3000 6000 0112 3456 7890 189",
        step=_BANK,
        personal=Personal.bank,
        index=True,
        correctable=True,
        listed=True,
        searchable=True,
    )
    bic: Bic = column(
        "BIC",
        help="8 ou 11 caractères, inscrits sur votre RIB.",
        staff_help="8 ou 11 caractères, inscrits sur le RIB.",
        source="guide p. 17",
        example="AGRIFRPPXXX",
        step=_BANK,
        personal=Personal.bank,
        correctable=True,
        listed=True,
    )
    holder: Line = column(
        "Titulaire",
        help="Nom du titulaire du compte, tel qu'il figure sur le RIB.",
        source="guide p. 17",
        example="Alizé Santé",
        step=_BANK,
        personal=Personal.bank,
        correctable=True,
        searchable=True,
    )
    domiciliation: Line = column(
        "Domiciliation",
        help="Remplie d'après l'IBAN. Si votre banque est inconnue, saisissez son nom.",
        staff_help="Remplie d'après l'IBAN. Si la banque est inconnue, saisissez son nom.",
        source="guide p. 17",
        example="Crédit Agricole",
        step=_BANK,
        correctable=True,
    )
    bank_check: BankCheck = column(
        "Contrôle",
        help="Résultat du contrôle de cohérence entre IBAN et BIC.",
        source="facts",
        default=BankCheck.coherent,
        editable=False,
        listed=True,
    )

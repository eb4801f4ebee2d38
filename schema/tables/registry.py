"""What the portal knows of companies and banks without asking anyone: an extract and some corrections."""

from typing import ClassVar

import sqlalchemy as sa

from schema.base import Table
from schema.columns import column
from schema.types import AddressLine, Bic, City, Code, CompanyName, Line, PostCode, Siren, Siret


class RegistryEntry(Table, table=True):
    """An establishment of the company registry (SIRENE), from a CSV extract."""

    __tablename__ = "registry_entry"
    recorded: ClassVar[bool] = False
    label: ClassVar[str] = "Établissement du répertoire"
    label_plural: ClassVar[str] = "Établissements du répertoire"
    about: ClassVar[str] = "Extrait du répertoire des entreprises, consulté quand aucun service en ligne n'est réglé."
    title_columns: ClassVar[tuple[str, ...]] = ("legal_name", "siret")

    siret: Siret = column(
        "SIRET", help="SIRET de l'établissement.", source="facts", unique=True, listed=True, searchable=True
    )
    siren: Siren = column("SIREN", help="SIREN de l'entreprise.", source="facts", index=True, listed=True)
    legal_name: CompanyName = column(
        "Dénomination sociale", help="Dénomination de l'unité légale.", source="facts", listed=True, searchable=True
    )
    trade_name: CompanyName | None = column(
        "Nom commercial", help="Nom commercial ou enseigne.", source="facts", default=None
    )
    building: AddressLine | None = column("Complément", help="Complément d'adresse.", source="facts", default=None)
    street_number: Line | None = column("Numéro", help="Numéro dans la voie.", source="facts", default=None)
    street_extension: Line | None = column("Extension", help="B, T, Q ou C.", source="facts", default=None)
    street_type: Code | None = column("Type de voie", help="Code du type de voie.", source="facts", default=None)
    street_name: AddressLine | None = column("Voie", help="Libellé de la voie.", source="facts", default=None)
    post_code: PostCode | None = column("Code postal", help="Code postal.", source="facts", default=None)
    city: City | None = column("Commune", help="Libellé de la commune.", source="facts", default=None)
    is_open: bool = column("Ouvert", help="État administratif : ouvert.", source="facts", default=True, listed=True)
    is_diffusible: bool = column(
        "Diffusible", help="L'établissement accepte la diffusion de ses données.", source="facts", default=True
    )


class BankOverride(Table, table=True):
    """Corrects the bank list that the IBAN library ships: a bank's name and BIC by its code."""

    __tablename__ = "bank_override"
    __table_args__ = (sa.UniqueConstraint("country", "bank_code", name="uq_bank_override_country_bank_code"),)
    label: ClassVar[str] = "Banque corrigée"
    label_plural: ClassVar[str] = "Banques corrigées"
    about: ClassVar[str] = "Nom et BIC d'une banque, quand la liste internationale est fausse ou muette."
    title_columns: ClassVar[tuple[str, ...]] = ("name",)

    country: Code = column("Pays", help="Code ISO du pays.", source="facts", example="FR", listed=True)
    bank_code: Code = column(
        "Code banque", help="Cinq chiffres en France.", source="facts", example="30003", listed=True, searchable=True
    )
    name: Line = column(
        "Nom de la banque", help="Domiciliation affichée.", source="facts", listed=True, searchable=True
    )
    bic: Bic = column("BIC", help="BIC du siège.", source="facts", example="SOGEFRPP", listed=True)

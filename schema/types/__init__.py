"""The types of the field: what a SIRET, an IBAN or a line of address may be, once for every form, import and
table.

A column is annotated with one of these names; `field_type_of` finds the rule behind it. No label and no table
here.
"""

from schema.types.address import (
    STREET_EXTENSIONS,
    AddressLine,
    City,
    PostCode,
    StreetExtension,
    StreetNumber,
)
from schema.types.bank import (
    BankCoherence,
    BankOverrides,
    Bic,
    Iban,
    KnownBank,
    Level,
    bank_coherence,
    bank_names,
    bank_of,
)
from schema.types.base import FieldType, InvalidValue, field_type_of, parse_as, show_as, text
from schema.types.identifiers import (
    AnsNumber,
    Code,
    FieldName,
    Login,
    PrintedCode,
    RequestNumber,
    Secret,
    Sha256,
    Siren,
    Siret,
    Slug,
    Url,
    siren_of,
)
from schema.types.people import CompanyName, Email, Line, LongText, PersonName, Phone

__all__ = [
    "STREET_EXTENSIONS",
    "AddressLine",
    "AnsNumber",
    "BankCoherence",
    "BankOverrides",
    "Bic",
    "City",
    "Code",
    "CompanyName",
    "Email",
    "FieldName",
    "FieldType",
    "Iban",
    "InvalidValue",
    "KnownBank",
    "Level",
    "Line",
    "Login",
    "LongText",
    "PersonName",
    "Phone",
    "PostCode",
    "PrintedCode",
    "RequestNumber",
    "Secret",
    "Sha256",
    "Siren",
    "Siret",
    "Slug",
    "StreetExtension",
    "StreetNumber",
    "Url",
    "bank_coherence",
    "bank_names",
    "bank_of",
    "field_type_of",
    "parse_as",
    "show_as",
    "siren_of",
    "text",
]

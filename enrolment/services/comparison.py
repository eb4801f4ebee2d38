"""What a vendor declared, section by section, beside what the company registry says of it.

For a case manager's eyes: nothing here judges, a difference may be right.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, select

from enrolment.application.questions import SECTIONS, Question, Section, questions
from enrolment.services import reference
from enrolment.services.recaps import declared_values, stored_values
from schema.enums import RequestKind
from schema.tables import (
    Corridor,
    Dsr,
    EnrolmentRequest,
    Profile,
    Provider,
    Referencing,
    RegistryEntry,
    StreetType,
    Wave,
)


@dataclass(frozen=True)
class Declared:
    """One answer. `registry` is what the registry has there, None when it says nothing of it.

    `name` is the question's, empty for what nobody typed.
    """

    label: str
    value: str
    registry: str | None = None
    name: str = ""

    @property
    def differs(self) -> bool:
        """Whether the registry says something else, case, accents and punctuation aside."""
        return self.registry is not None and plain(self.registry) != plain(self.value)


@dataclass(frozen=True)
class DeclaredSection:
    """The answers about one person or thing."""

    prefix: str
    title: str
    lines: tuple[Declared, ...]

    @property
    def differences(self) -> int:
        """How many answers are not the registry's."""
        return sum(line.differs for line in self.lines)


_TITLES = {"request": "Réponses du fournisseur"}
_KNOWN = " – déjà connu, non redemandé"
"""Of what a complementary request uses without asking it again (rule A2)."""


def sections(session: Session, request: EnrolmentRequest) -> tuple[DeclaredSection, ...]:
    """Everything that the vendor declared, and the referencing that it is about."""
    asked = declared_values(session, request)
    values = {
        name: value
        for name, value in stored_values(session, request).items()
        if name in asked or not name.startswith("request.")
    }
    street_types = reference.street_types(session)
    provider = session.get_one(Provider, request.provider_id)
    registry = _registry(session, provider)
    found = [DeclaredSection("referencing", "Référencement", tuple(_referencing(session, request)))]
    for section in SECTIONS:
        lines = tuple(_lines(section, values, street_types, registry)) if section.prefix != "referencing" else ()
        if lines:
            title = _TITLES.get(section.prefix, section.title)
            is_asked = request.kind is RequestKind.initial or section.prefix == "request"
            found.append(DeclaredSection(section.prefix, title if is_asked else f"{title}{_KNOWN}", lines))
    return tuple(found)


def plain(text: str) -> str:
    """Letters and digits alone: the registry writes in capitals, often without accents."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


def _referencing(session: Session, request: EnrolmentRequest) -> Iterator[Declared]:
    row = session.get_one(Referencing, request.referencing_id)
    dsr = session.get_one(Dsr, row.dsr_id)
    profile = session.get(Profile, row.profile_id) if row.profile_id is not None else None
    yield Declared("Numéro de référencement ANS", row.ans_number)
    yield Declared("Logiciel", f"{row.software_name} {row.software_version}")
    if row.publisher_name:
        yield Declared("Éditeur", row.publisher_name)
    yield Declared("DSR", f"{dsr.name} ({dsr.code})")
    if profile is not None:
        yield Declared("Profil", profile.name)
    wave = session.get_one(Wave, dsr.wave_id)
    yield Declared("Vague, couloir", f"{wave.name}, {session.get_one(Corridor, dsr.corridor_id).name}")
    yield Declared("Avis de l'ANS", row.status.label)


def _lines(
    section: Section, values: Mapping[str, Any], street_types: Mapping[str, str], registry: Mapping[str, str]
) -> Iterator[Declared]:
    for item in questions():
        value = values.get(item.name)
        if item.section is not section or (value is None and item.name not in registry):
            continue
        yield Declared(_label(item), item.shown(value, street_types), registry.get(item.name), item.name)


def _label(item: Question) -> str:
    """The column's own name: the section already says whose it is."""
    return item.spec.label


def _registry(session: Session, provider: Provider) -> dict[str, str]:
    """What is known of the establishment, by question name: the name that was found at the deposit, and the extract."""
    entry = session.exec(select(RegistryEntry).where(RegistryEntry.siret == provider.siret)).first()
    known: dict[str, str | None] = {"provider.legal_name": provider.registry_name}
    if entry is not None and entry.is_diffusible:
        street = session.exec(select(StreetType.name).where(StreetType.code == entry.street_type)).first()
        known = {
            "provider.legal_name": entry.legal_name,
            "provider.trade_name": entry.trade_name,
            "provider.building": entry.building,
            "provider.street_number": entry.street_number,
            "provider.street_type_id": street,
            "provider.street_name": entry.street_name,
            "provider.post_code": entry.post_code,
            "provider.city": entry.city,
        }
    return {name: value for name, value in known.items() if value}

"""A request being typed, with all that is known about it: what the rules judge and the pages show.

Built by `services.applications`; nothing here reads the database.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from enrolment.application.questions import Question, question, questions
from enrolment.documents import Due, Facts
from enrolment.registries.company import Company
from schema.enums import DepositaryQuality, ReferencingStatus, RegistryOutcome, RequestKind, Step
from schema.types import BankOverrides, InvalidValue


@dataclass(frozen=True)
class Problem:
    """Something wrong: the field to mend and a French sentence that says how."""

    field: str
    message: str


@dataclass(frozen=True)
class Software:
    """The referencing that the vendor found, and what its DSR asks."""

    referencing_id: int
    ans_number: str
    name: str
    version: str
    publisher: str | None
    dsr_id: int
    dsr_name: str
    profile_name: str | None
    wave_id: int
    wave_name: str
    needs_hds: bool
    status: ReferencingStatus
    opens_at: datetime
    closes_at: datetime | None
    held_by: str | None = None

    @property
    def is_validated(self) -> bool:
        """Whether the ANS validated it: otherwise only an early enrolment is possible (E1)."""
        return self.status is ReferencingStatus.validated


@dataclass(frozen=True)
class StoredFile:
    """A file that the draft holds."""

    attachment_id: int
    public_id: str
    kind_code: str
    name: str
    size: int
    content_type: str


@dataclass(frozen=True)
class Lookup:
    """What the registry answered for the SIRET that was searched."""

    siret: str
    outcome: RegistryOutcome
    company: Company | None = None


@dataclass(frozen=True)
class Application:
    """The whole state of a draft. `answers` is raw text as typed; `values` holds what could be read of it."""

    kind: RequestKind
    answers: Mapping[str, str]
    software: Software | None = None
    lookup: Lookup | None = None
    vendor_is_known: bool = False
    vendor_has_request: bool = False
    files: Mapping[str, StoredFile] = field(default_factory=dict)
    bank_overrides: BankOverrides = field(default_factory=dict)
    street_types: Mapping[str, str] = field(default_factory=dict)
    due: tuple[Due, ...] = ()
    known: Mapping[str, Any] = field(default_factory=dict)
    """What is known already and not asked again, by question: a complementary request uses the rows of its account."""
    unknown: frozenset[str] = frozenset()
    """What is asked although a complementary request need not ask it: the rows of the account do not say it."""
    first_of_wave: bool | None = None
    waits_for: str | None = None
    """Number of the first request of the wave that must be validated before another is filed (rule C2); empty when it
    is that of another account of the same company."""

    @property
    def is_early(self) -> bool:
        """Whether this is an early request (anticipée)."""
        return self.software is not None and not self.software.is_validated

    @property
    def legal_name_changed(self) -> bool | None:
        """Rule D1: the name typed is not the registry's. None while either is missing."""
        typed = self.value("provider.legal_name")
        company = self.lookup.company if self.lookup else None
        if typed is None or company is None or not company.legal_name:
            return None
        return _plain(typed) != _plain(company.legal_name)

    def value(self, name: str) -> Any:
        """The value of a question, None when it is empty or cannot be read."""
        if name in self.known:
            return self.known[name]
        try:
            return question(name).spec.clean(self.answers.get(name))
        except InvalidValue:
            return None

    def may_ask(self, item: Question) -> bool:
        """Whether a request of this kind asks the question at all: a complementary one asks little again."""
        return self.kind is RequestKind.initial or item.spec.meta.each_request or item.name in self.unknown

    def applies(self, item: Question) -> bool:
        """Whether a question is asked, given the other answers."""
        if not self.may_ask(item):
            return False
        if item.name == "request.hosts_health_data":
            return self.software is not None and self.software.is_validated and self.software.needs_hds
        if item.section.prefix == "depositary":
            return self.value("request.is_representative") is False
        return True

    def asked(self, step: Step) -> tuple[Question, ...]:
        """The questions of a step that apply."""
        return tuple(item for item in questions(step) if self.applies(item))

    def due_in(self, step: Step) -> tuple[Due, ...]:
        """The documents that a step takes now."""
        return tuple(item for item in self.due if item.kind.step is step)

    def facts(self) -> Facts:
        """What the document rules look at."""
        software = self.software
        quality = self.value("depositary.quality")
        early = software is not None and not software.is_validated
        return Facts(
            wave_id=software.wave_id if software else None,
            dsr_id=software.dsr_id if software else None,
            request_kind=self.kind,
            referencing_validated=software.is_validated if software else None,
            needs_hds=software.needs_hds if software else None,
            hosts_health_data=None if early else self.value("request.hosts_health_data"),
            legal_name_changed=self.legal_name_changed,
            is_distributor=self.value("request.is_distributor"),
            is_representative=self.value("request.is_representative"),
            quality=DepositaryQuality(quality) if quality is not None else None,
            vat_liable=self.value("request.vat_liable"),
            first_of_wave=self.first_of_wave,
        )


def _plain(name: str) -> str:
    """Letters and digits alone: the registry writes in capitals, often without accents."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if letter.isalnum())

"""Chooses the registry of companies: the one far away when its address is set, else the extract in the database.

Neither the form nor the services know which one answers.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from sqlmodel import Session, select

from enrolment.registries.company import Company, Found, Lookup, Unavailable, Unknown
from enrolment.registries.embedded import Registry
from enrolment.settings import Settings
from schema.database import Database
from schema.tables import RegistryEntry, StreetType
from schema.types import InvalidValue, Siret, parse_as

if TYPE_CHECKING:
    from enrolment.registries.sirene import SearchRegistry


def registry_for(settings: Settings, database: Database) -> Registry:
    """The registry that the settings name. Nothing is read yet: the database may still be empty."""
    if settings.sirene_url:
        return OnlineRegistry(settings.sirene_url, database, settings.base_url)
    return ExtractRegistry(database)


class ExtractRegistry:
    """The extract kept in the table `registry_entry`, for a portal that asks nobody."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, siret: str) -> Lookup:
        """The company of a SIRET. Never raises."""
        try:
            wanted = parse_as(Siret, siret)
        except InvalidValue:
            return Unknown()
        with self._database.reading() as session:
            entry = session.exec(select(RegistryEntry).where(RegistryEntry.siret == wanted)).first()
            if entry is not None:
                return Found(_company(entry))
            return Unknown() if _holds_anything(session) else Unavailable("Aucun répertoire n'est chargé ni réglé.")


class OnlineRegistry:
    """The service « recherche d'entreprises », which writes street types that our table must translate."""

    def __init__(self, base_url: str, database: Database, portal_url: str) -> None:
        self._base_url = base_url
        self._database = database
        self._portal_url = portal_url
        self._service: SearchRegistry | None = None
        self._lock = Lock()

    def find(self, siret: str) -> Lookup:
        """The company of a SIRET. Never raises."""
        return self._opened().find(siret)

    def _opened(self) -> SearchRegistry:
        """One service for the process, since it counts the requests of all its callers."""
        from enrolment.registries.sirene import USER_AGENT, SearchRegistry  # noqa: PLC0415  Slow to load: nobody waits for it at start-up.

        with self._lock:
            if self._service is None:
                with self._database.reading() as session:
                    street_types = {row.code: row.name for row in session.exec(select(StreetType))}
                agent = f"{USER_AGENT} (+{self._portal_url})"
                self._service = SearchRegistry(self._base_url, street_types, user_agent=agent)
            return self._service


def _holds_anything(session: Session) -> bool:
    return session.exec(select(RegistryEntry.id).limit(1)).first() is not None


def _company(entry: RegistryEntry) -> Company:
    """What is public of an establishment: one that asked for discretion shows its number and its state, no more."""
    if not entry.is_diffusible:
        return Company(
            siret=entry.siret, siren=entry.siren, legal_name=None, is_open=entry.is_open, is_diffusible=False
        )
    return Company(
        siret=entry.siret,
        siren=entry.siren,
        legal_name=entry.legal_name,
        is_open=entry.is_open,
        trade_name=entry.trade_name,
        number=entry.street_number,
        extension=entry.street_extension,
        street_type=entry.street_type,
        street_name=entry.street_name,
        complement=entry.building,
        post_code=entry.post_code,
        city=entry.city,
    )

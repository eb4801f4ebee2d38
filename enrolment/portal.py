"""The parts of a running portal, opened once from the settings and handed to both faces, the worker and the CLI."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from enrolment.addresses import Addresses
from enrolment.captcha import Captcha
from enrolment.files.encryption import FileKeys
from enrolment.files.storage import Storage
from enrolment.links import Links
from enrolment.registries.embedded import Registry
from enrolment.registries.lookup import registry_for
from enrolment.services import tokens
from enrolment.settings import Settings
from schema.database import Database
from schema.history import Actor


@dataclass(frozen=True)
class Portal:
    """Everything a page or a job needs beside its own arguments."""

    settings: Settings
    database: Database
    storage: Storage
    links: Links
    addresses: Addresses
    registry: Registry
    captcha: Captcha


class DatabaseTokens:
    """Remembers used captchas in the database, each in a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def spend(self, key: str, expires_at: datetime) -> bool:
        """Note that a key is used; True the first time only."""
        with self._database.writing(Actor.system()) as session:
            return tokens.spend(session, key, expires_at)


def open_portal(settings: Settings, database: Database | None = None) -> Portal:
    """Open the database and the storage that the settings name. Nothing is migrated or written."""
    secret = settings.secret_key.get_secret_value()
    database = database or Database(settings.database_url)
    links = Links(secret)
    return Portal(
        settings=settings,
        database=database,
        storage=Storage(settings.storage_url, FileKeys.from_settings(settings.file_keys.get_secret_value(), secret)),
        links=links,
        addresses=Addresses(links, settings.base_url),
        registry=registry_for(settings, database),
        captcha=Captcha(secret, DatabaseTokens(database), settings.captcha),
    )

"""What every part of the command line opens and says: its database, and who types. No command is defined here."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from enrolment import cli_words
from enrolment.settings import Settings
from schema.database import Database
from schema.history import Actor

MODULE: dict[str, Any] = {
    "rich_markup_mode": None,
    "no_args_is_help": True,
    "add_completion": False,
    "cls": cli_words.Group,
}
"""How a group of commands is built."""


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """The database of the settings, closed at the end."""
    database = Database(settings.database_url)
    try:
        yield database
    finally:
        database.dispose()


def operator() -> Actor:
    """Who types: the name of the system's user, since the command line has no sign-in."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "inconnu"
    return Actor.system(f"Ligne de commande ({name})")

"""What every part of the command line opens and says: database and storage, who types, bars on a terminal.

No command is defined here, and no rule of the domain.
"""

from __future__ import annotations

import getpass
import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import typer

from enrolment import cli_words
from enrolment.errors import Refused
from enrolment.files.encryption import FileKeys
from enrolment.files.storage import Storage
from enrolment.settings import Settings
from schema.base import Table, table_of
from schema.database import Database
from schema.describe import model_named
from schema.history import Actor
from schema.tables import ALL

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


def other_room(name: str) -> Callable[..., Any]:
    """The function behind `module:function`: of a room that this package may not import, or slow to import."""
    module, _, function = name.partition(":")
    return cast("Callable[..., Any]", getattr(importlib.import_module(module), function))


def storage_of(settings: Settings) -> Storage:
    """Where files are kept."""
    keys = FileKeys.from_settings(settings.file_keys.get_secret_value(), settings.secret_key.get_secret_value())
    return Storage(settings.storage_url, keys)


def table_named(table: str) -> type[Table]:
    """A table by its name. Raises Refused."""
    try:
        return model_named(table)
    except KeyError as error:
        names = ", ".join(sorted(table_of(model).name for model in ALL))
        raise Refused(f"La table « {table} » n'existe pas. Tables : {names}.") from error


def is_somebody_there() -> bool:
    """Whether a terminal is there to answer a question."""
    return sys.stdin.isatty()


def confirm(question: str) -> None:
    """Ask on a terminal. Raises Refused where nobody can answer, Abort when the answer is no."""
    if not is_somebody_there():
        raise Refused("Personne ne peut répondre ici : ajoutez « --yes » pour confirmer.")
    if typer.prompt(f"{question} (oui/non)", default="non", err=True).strip().lower() not in {"o", "oui", "y"}:
        raise typer.Abort


def screen() -> Any:
    """The terminal, apart from what a command answers."""
    return other_room("rich.console:Console")(stderr=True, highlight=False)


@contextmanager
def bar(title: str) -> Iterator[Callable[[], None]]:
    """A progress bar on a terminal, nothing elsewhere."""
    with measured_bar(title) as (advance, _):
        yield advance


@contextmanager
def measured_bar(title: str) -> Iterator[tuple[Callable[[], None], Callable[[int, int | None], None]]]:
    """The same, told one step at a time by the first function, or by how much is done, of how much, by the second."""
    from rich.progress import Progress  # noqa: PLC0415  Slow to load: nobody waits for it at start-up.

    console = screen()
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, total=None)
        yield (
            lambda: progress.advance(task),
            lambda done, total: progress.update(task, completed=done, total=total),
        )


def each(rows: Iterator[Any], step: Callable[[], None]) -> Iterator[Any]:
    """The rows, each told to a bar."""
    for row in rows:
        step()
        yield row

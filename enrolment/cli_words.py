"""The command line in French: help pages and errors of the command parser, which the library writes in English.

No command is defined here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

from enrolment.errors import DomainError

_HELP_WORDS = (
    ("Usage:", "Utilisation :"),
    ("[OPTIONS] COMMAND [ARGS]...", "[OPTIONS] COMMANDE [ARGUMENTS]…"),
    ("Options:", "Options :"),
    ("Commands:", "Commandes :"),
    ("Arguments:", "Arguments :"),
    ("Show this message and exit.", "Affiche cette aide."),
    ("[required]", "[obligatoire]"),
    ("[default: ", "[par défaut : "),
    ("(dynamic)", "selon les réglages"),
)
_PARSER_ERRORS = (
    (r"No such command '(.+?)'\.?.*", "La commande « {} » n'existe pas."),
    (r"No such option:? '?([^'\s]+?)'?\.?(?:\s.*)?", "L'option « {} » n'existe pas."),
    (r"Missing command\.", "Il manque la commande."),
    (r"Missing (?:argument|option|parameter):? '?(.+?)'?\.?", "Il manque « {} »."),
    (r"Option '(.+)' requires an? .*argument.*", "L'option « {} » attend une valeur."),
    (r"Got unexpected extra arguments? \((.+)\)", "Il y a un argument de trop : « {} »."),
    (r"Invalid value for '?(.+?)'?: .*", "La valeur donnée à « {} » n'est pas valable."),
)


class Command(TyperCommand):
    """A command whose help is in French."""

    def get_help(self, ctx: Any) -> str:
        """The help page."""
        return _french_help(super().get_help(ctx))


class Group(TyperGroup):
    """A group of commands whose help is in French."""

    def get_help(self, ctx: Any) -> str:
        """The help page."""
        return _french_help(super().get_help(ctx))


def _french_help(text: str) -> str:
    for english, french in _HELP_WORDS:
        text = text.replace(english, french)
    return text


def sentence_of(error: BaseException) -> str | None:
    """What to tell the operator about an error, None for one that nobody foresaw."""
    if is_misuse(error):
        return f"{_parser_error(str(error))} Essayez « enrolment --help »."
    return next((say(error) for kind, say in _SENTENCES if isinstance(error, kind)), None)


def is_misuse(error: BaseException) -> bool:
    """Whether the error is the parser's: the command was not understood, and nothing was done."""
    return isinstance(error, TyperException)


def is_help(error: BaseException) -> bool:
    """Whether the error is the help page, which the parser raises when nothing was asked."""
    return type(error).__name__ == "NoArgsIsHelpError"


_SENTENCES: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], Callable[[Any], str]], ...] = (
    (DomainError, lambda error: error.message),
    (ValidationError, lambda error: f"Réglages refusés : {' '.join(map(_setting_problem, error.errors()))}"),
    (DBAPIError, lambda error: f"La base de données a refusé ou ne répond pas : {_first_line(error.orig)}"),
    (
        SQLAlchemyError,
        lambda error: f"La base de données est mal réglée (ENROLMENT_DATABASE_URL) : {_first_line(error)}",
    ),
    (
        (FileNotFoundError, IsADirectoryError, PermissionError),
        lambda error: f"Le fichier « {error.filename} » est introuvable ou illisible.",
    ),
)


def _setting_problem(item: Any) -> str:
    name = "_".join(("ENROLMENT", *(str(part).upper() for part in item["loc"]))) if item["loc"] else ""
    message = str(item["msg"]).removeprefix("Value error, ")
    return f"{name} : {message}." if name else f"{message}."


def _parser_error(message: str) -> str:
    for pattern, french in _PARSER_ERRORS:
        if found := re.fullmatch(pattern, message.strip(), re.DOTALL):
            return french.format(*found.groups())
    return "La commande est mal écrite."


def _first_line(error: object) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__

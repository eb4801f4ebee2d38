"""The command line in French: help pages and errors of the command parser, which the library writes in English.

No command is defined here.
"""

from __future__ import annotations

import re
from typing import Any

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from typer.core import TyperCommand, TyperGroup

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
    if isinstance(error, DomainError):
        return error.message
    if isinstance(error, ValidationError):
        return "Réglages refusés : " + " ".join(_setting_problem(item) for item in error.errors())
    if isinstance(error, DBAPIError):
        return f"La base de données a refusé ou ne répond pas : {_first_line(error.orig)}"
    if isinstance(error, SQLAlchemyError):
        return f"La base de données est mal réglée (ENROLMENT_DATABASE_URL) : {_first_line(error)}"
    if isinstance(error, FileNotFoundError | IsADirectoryError | PermissionError):
        return f"Le fichier « {error.filename} » est introuvable ou illisible."
    if hasattr(error, "format_message") and isinstance(error, Exception):
        return f"{_parser_error(error.format_message())} Essayez « enrolment --help »."
    return None


def _setting_problem(item: Any) -> str:
    name = "_".join(("ENROLMENT", *(str(part).upper() for part in item["loc"]))) if item["loc"] else ""
    message = str(item["msg"]).removeprefix("Value error, ")
    return f"{name} : {message}." if name else message


def _parser_error(message: str) -> str:
    for pattern, french in _PARSER_ERRORS:
        if found := re.fullmatch(pattern, message.strip(), re.DOTALL):
            return french.format(*found.groups())
    return "La commande est mal écrite."


def _first_line(error: object) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


def is_help(error: BaseException) -> bool:
    """Whether the error is the help page, which the parser raises when nothing was asked."""
    return type(error).__name__ == "NoArgsIsHelpError"

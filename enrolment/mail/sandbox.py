"""Runs the text templates that staff may edit, and lets them do nothing but write text (SEC-12).

What is not on the lists below is refused before anything runs: no attribute, no call, no arithmetic, no import. Jinja's
own sandbox stands behind that. Which variables exist and what they hold is the caller's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from enrolment.mail import mistakes
from enrolment.mail.variables import Kind
from enrolment.typography import french

MAX_SOURCE = 10_000
MAX_OUTPUT = 60_000
_MAX_DEPTH = 2
_FILTERS = ("join", "length", "lower", "upper")
_LOOP = frozenset({"first", "last", "index"})
_PLAIN = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.If,
    nodes.CondExpr,
    nodes.Tuple,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
)
_CODE = re.compile(r"(\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\})", re.DOTALL)


class TemplateFailed(Exception):
    """A template that cannot be used; the text says why, in French."""


@dataclass(frozen=True)
class Problem:
    """What is wrong in a template, and where. `line` is 0 when it concerns the whole."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"Ligne {self.line} : {self.message}" if self.line else self.message


class _Sandbox(ImmutableSandboxedEnvironment):
    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:  # noqa: ARG002  Fixed by Jinja.
        """Only what a loop knows of itself; values are texts and tuples, whose attributes nobody needs."""
        return attr in _LOOP and type(obj).__name__ == "LoopContext"

    def is_safe_callable(self, obj: Any) -> bool:  # noqa: ARG002  Fixed by Jinja.
        """Nothing is called."""
        return False


def _environment() -> _Sandbox:
    # Values are made harmless for the mail's own markup when they are handed over; the output is no HTML.
    # Jinja's optimizer would compute constants while compiling, however large, outside of the sandbox.
    env = _Sandbox(undefined=StrictUndefined, autoescape=False, optimized=False, trim_blocks=True, lstrip_blocks=True)
    env.globals.clear()
    env.tests.clear()
    env.filters = {name: env.filters[name] for name in _FILTERS}
    return env


_ENVIRONMENT = _environment()


def render(source: str, values: Mapping[str, Any]) -> str:
    """What the template writes. Raises TemplateFailed, whatever goes wrong."""
    pieces: list[str] = []
    written = 0
    try:
        for piece in _compiled(source).generate(values):
            pieces.append(piece)
            written += len(piece)
            if written > MAX_OUTPUT:
                raise TemplateFailed(f"Le texte obtenu dépasse {MAX_OUTPUT} caractères.")
    except TemplateFailed:
        raise
    except Exception as error:  # A template may fail in as many ways as Python code.
        raise TemplateFailed(f"Le modèle ne peut pas être rempli : {mistakes.unfilled(error)}") from error
    return "".join(pieces)


def problems_of(source: str, kinds: Mapping[str, Kind]) -> tuple[Problem, ...]:
    """Everything that forbids this template, given the variables that it may use."""
    if len(source) > MAX_SOURCE:
        return (Problem(0, f"Le modèle dépasse {MAX_SOURCE} caractères : raccourcissez-le."),)
    try:
        return _problems_of_tree(_ENVIRONMENT.parse(source), kinds)
    except TemplateSyntaxError as error:
        return (Problem(error.lineno, mistakes.unreadable(error.message or "")),)
    except RecursionError:
        # Jinja reads and compiles by recursion: a thousand parentheses exhaust it, which is no failure of ours.
        return (Problem(0, mistakes.TOO_DEEP),)


def _problems_of_tree(tree: nodes.Template, kinds: Mapping[str, Kind]) -> tuple[Problem, ...]:
    forbidden = tuple(dict.fromkeys(_forbidden(tree, kinds, depth=0)))
    if forbidden:
        # Looking for variables compiles, and what is forbidden must not even be compiled.
        return forbidden
    unknown = meta.find_undeclared_variables(tree) - set(kinds)
    return tuple(
        Problem(_line_of(tree, name), f"la variable « {name} » n'existe pas pour ce message.")
        for name in sorted(unknown)
    )


def _line_of(tree: nodes.Template, name: str) -> int:
    return min((node.lineno for node in tree.find_all(nodes.Name) if node.name == name), default=0)


def _forbidden(node: nodes.Node, kinds: Mapping[str, Kind], depth: int) -> Iterator[Problem]:
    """Lists say what is allowed, so that what a next version of Jinja adds is refused."""
    if isinstance(node, nodes.For):
        depth += 1
        reason = _reason_against_loop(node, kinds, depth)
    elif isinstance(node, nodes.Getattr):
        in_loop = isinstance(node.node, nodes.Name) and node.node.name == "loop" and node.attr in _LOOP
        if in_loop:
            return
        reason = f"« .{node.attr} » n'est pas permis."
    elif isinstance(node, nodes.Name) and node.name in {"loop", "self"}:
        reason = f"« {node.name} » n'est pas une variable."
    elif isinstance(node, nodes.Filter):
        plain = not (node.kwargs or node.dyn_args or node.dyn_kwargs) and node.name in _FILTERS
        plain = plain and all(isinstance(argument, nodes.Const) for argument in node.args)
        reason = "" if plain else f"le filtre « {node.name} » n'est pas permis ainsi."
    else:
        reason = "" if type(node) in _PLAIN else mistakes.forbidden(node)
    if reason:
        yield Problem(node.lineno, reason)
        return
    for child in node.iter_child_nodes():
        yield from _forbidden(child, kinds, depth)


def _reason_against_loop(loop: nodes.For, kinds: Mapping[str, Kind], depth: int) -> str:
    if depth > _MAX_DEPTH or loop.recursive:
        return f"pas plus de {_MAX_DEPTH} boucles l'une dans l'autre."
    if not isinstance(loop.iter, nodes.Name):
        return "une boucle parcourt une variable."
    if kinds.get(loop.iter.name, Kind.lines) not in {Kind.lines, Kind.pairs, Kind.recap}:
        return f"la variable « {loop.iter.name} » n'est pas une liste."
    return ""


def _with_french_spaces(source: str) -> str:
    """The template with the no-break spaces of its own words; the code between them is left alone."""
    return "".join(
        part if _CODE.fullmatch(part) else "\n".join(french(line) for line in part.split("\n"))
        for part in _CODE.split(source)
    )


@lru_cache(maxsize=256)
def _compiled(source: str) -> Template:
    return _ENVIRONMENT.from_string(_with_french_spaces(source))

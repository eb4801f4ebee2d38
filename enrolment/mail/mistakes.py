"""Says in French what Jinja says in English of a template that it cannot read or fill.

Staff who write templates are no developers: no name of a class, no word of the library. What is not known here is told
in general words, since the line is what helps.
"""

from __future__ import annotations

import re

from jinja2 import UndefinedError, nodes
from jinja2.exceptions import SecurityError

_ENDS = {
    "end of print statement": "}}",
    "end of statement block": "%}",
    "rparen": ")",
    "rbracket": "]",
    "rbrace": "}",
}
_OPENS = {"endif": "if", "else": "if", "elif": "if", "endfor": "for", "endblock": "block", "endmacro": "macro"}
_KNOWN_TAGS = "if, elif, else, endif, for, endfor"
_FORBIDDEN = {
    nodes.Assign: "donner une valeur à une variable",
    nodes.AssignBlock: "donner une valeur à une variable",
    nodes.Block: "la balise « block »",
    nodes.Call: "un appel avec des parenthèses",
    nodes.CallBlock: "la balise « call »",
    nodes.Concat: "coller des textes avec « ~ »",
    nodes.Dict: "un dictionnaire",
    nodes.Extends: "la balise « extends »",
    nodes.FilterBlock: "la balise « filter »",
    nodes.FromImport: "la balise « import »",
    nodes.Getitem: "prendre une partie d'une valeur avec des crochets",
    nodes.Import: "la balise « import »",
    nodes.Include: "la balise « include »",
    nodes.List: "une liste écrite sur place",
    nodes.Macro: "la balise « macro »",
    nodes.Scope: "la balise « autoescape »",
    nodes.Slice: "prendre une partie d'une valeur avec des crochets",
    nodes.Test: "un test avec « is »",
    nodes.With: "la balise « with »",
}

TOO_DEEP = "le modèle imbrique trop de choses les unes dans les autres : simplifiez-le."
_UNEXPECTED_END = re.compile(r"(?i)^unexpected end of template\. .*block that needs to be closed is '(\w+)'")
_UNCLOSED = re.compile(r"^unexpected end of template, expected '(.+)'")
_UNKNOWN_TAG = re.compile(r"^Encountered unknown tag '(\w+)'\.(?:.*block that needs to be closed is '(\w+)')?")
_EXPECTED = re.compile(r"^expected token '(.+)', got '(.+)'$")
_WRONG_PAIR = re.compile(r"^unexpected '(.+)', expected '(.+)'$")
_UNEXPECTED = re.compile(r"^unexpected (?:char )?(?P<quote>['\"])(.+)(?P=quote)(?: at \d+)?$")
_NO_EXPRESSION = re.compile(r"^Expected an expression, got")
_NOT_ENDED = {
    "Missing end of comment tag": "un commentaire ouvert par « {# » n'est pas fermé par « #} ».",
    "Missing end of raw directive": "la balise « raw » n'est pas permise dans un modèle.",
    "tag name expected": "« {% » attend une balise : if, elif, else, endif, for ou endfor.",
}


def unreadable(message: str) -> str:
    """Why a template cannot be read, from what Jinja says of it."""
    if message in _NOT_ENDED:
        return _NOT_ENDED[message]
    if found := _UNEXPECTED_END.match(message):
        return f"« {{% {found[1]} %}} » n'est pas fermé par « {{% end{found[1]} %}} »."
    if found := _UNCLOSED.match(message):
        return f"il manque « {_ENDS.get(found[1], found[1])} » avant la fin."
    if found := _UNKNOWN_TAG.match(message):
        return _tag(found[1], found[2])
    return _word(message) or "cette écriture n'est pas comprise."


def _tag(name: str, innermost: str | None) -> str:
    if innermost:
        return f"« {{% {name} %}} » est de trop : « {{% {innermost} %}} » attend « {{% end{innermost} %}} »."
    if name in _OPENS:
        return f"« {{% {name} %}} » n'a pas de « {{% {_OPENS[name]} … %}} » avant lui."
    return f"la balise « {name} » n'existe pas. Balises permises : {_KNOWN_TAGS}."


def _word(message: str) -> str:
    if _NO_EXPRESSION.match(message):
        return "il manque une variable ou une condition."
    if found := _EXPECTED.match(message):
        wanted, got = (_ENDS.get(item, item) for item in found.groups())
        return f"« {wanted} » est attendu, « {got} » est écrit."
    if found := _WRONG_PAIR.match(message):
        return f"« {found[2]} » est attendu, « {found[1]} » est écrit."
    if found := _UNEXPECTED.match(message):
        return f"« {_ENDS.get(found[2], found[2])} » n'est pas attendu ici."
    return ""


def forbidden(node: nodes.Node) -> str:
    """Why a construct that Jinja knows is refused."""
    return f"ce n'est pas permis dans un modèle : {_named(node)}."


def _named(node: nodes.Node) -> str:
    if isinstance(node, nodes.BinExpr | nodes.UnaryExpr):
        return f"un calcul avec « {node.operator} »" if node.operator else "un calcul"
    return next((said for kind, said in _FORBIDDEN.items() if isinstance(node, kind)), "cette écriture")


def unfilled(error: Exception) -> str:
    """Why a template that reads well could not be filled."""
    if isinstance(error, SecurityError):
        return "il demande plus que du texte."
    if isinstance(error, UndefinedError):
        return "il parle d'une valeur qui n'existe pas."
    if isinstance(error, ValueError | TypeError):
        return "une boucle ou une comparaison ne convient pas à la valeur de sa variable."
    return "une de ses écritures n'est pas comprise."

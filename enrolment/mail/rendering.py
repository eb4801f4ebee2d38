"""From a typed message and its template to a letter, and from a letter to the two parts of a mail.

The template of the database wins over the shipped file; reading it is the outbox's business.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from enrolment.mail import markup
from enrolment.mail.context import for_body, for_subject, french_lines, one_line
from enrolment.mail.french_names import letter_in_french, template_in_french
from enrolment.mail.messages import message_named
from enrolment.mail.sandbox import Problem, TemplateFailed, problems_of, render
from enrolment.mail.variables import Kind, Message, example, variables
from enrolment.settings import Settings
from enrolment.typography import french, shortened

FOLDER = Path(__file__).parent / "templates"
MAX_SUBJECT = 255
_AUTOMATIC = "Ce message est envoyé automatiquement."
_NO_ANSWER = "Merci de ne pas y répondre : personne ne lirait votre réponse."


@dataclass(frozen=True)
class Letter:
    """A mail before it leaves: what a case manager may read and edit. `body` is light markup, links are `lien:name`."""

    subject: str
    body: str


@dataclass(frozen=True)
class Source:
    """The template of a mail."""

    subject: str
    body: str

    @property
    def in_french(self) -> Source:
        """The same with the French names of variables: one that was written before them goes on working."""
        return Source(template_in_french(self.subject), template_in_french(self.body))


@dataclass(frozen=True)
class Sender:
    """Who sends: the name that people read, the address, and where answers go."""

    name: str
    address: str
    reply_to: str | None = None

    @classmethod
    def of(cls, settings: Settings) -> Sender:
        """The sender that the settings describe."""
        return cls(settings.operator_name, settings.mail_from, settings.mail_reply_to)

    @property
    def note(self) -> str:
        """The last words of every mail."""
        return french(_AUTOMATIC if self.reply_to else f"{_AUTOMATIC} {_NO_ANSWER}")


@cache
def shipped(name: str) -> Source:
    """The template that comes with the program. Raises FileNotFoundError."""
    folder = FOLDER / name
    return Source(
        (folder / "subject.txt").read_text(encoding="utf-8").strip(),
        (folder / "body.txt").read_text(encoding="utf-8").strip() + "\n",
    )


def write(message: Message, source: Source) -> Letter:
    """The letter that a template makes of a message. Raises TemplateFailed."""
    problems = check_syntax(message.name, source)
    if problems:
        raise TemplateFailed(str(problems[0]))
    source = source.in_french
    subject = one_line(render(source.subject, for_subject(message)))
    body = tidy(render(source.body, for_body(message)))
    if not subject or not body:
        raise TemplateFailed("L'objet ou le texte obtenu est vide.")
    return Letter(shortened(subject, MAX_SUBJECT), body)


def tidy(body: str) -> str:
    """The body with French typography, one empty line at most between paragraphs, none around."""
    kept: list[str] = []
    for line in body.strip().splitlines():
        if line.strip() or (kept and kept[-1]):
            kept.append(line.rstrip())
    return "\n".join(kept)


def edited(subject: str, body: str) -> Letter:
    """The letter that a case manager changed: same care as for a template's."""
    return Letter(shortened(french(one_line(subject)), MAX_SUBJECT), tidy(french_lines(letter_in_french(body))))


def text_part(content: str, sender: Sender) -> str:
    """The text part as it leaves."""
    return f"{sender.name}\n\n{content.strip()}\n\n-- \n{sender.note}\n"


def html_part(subject: str, fragment: str, sender: Sender) -> str:
    """The HTML part as it leaves: the same words as the text part, in our layout."""
    # The fragment comes from markup.to_fragment, which escapes every value.
    return _LAYOUT.render(subject=subject, content=Markup(fragment), sender=sender)  # noqa: S704


def check_template(name: str, subject: str, body: str) -> list[Problem]:
    """What forbids the template of this mail, for the back office to show before it saves. Empty: it can be used."""
    kind = message_named(name)
    source = Source(subject, body)
    problems = list(check_syntax(name, source))
    if not problems:
        try:
            for message in (example(kind), _bare_example(kind)):
                write(message, source)
        except TemplateFailed as error:
            problems.append(Problem(0, str(error)))
    return problems


def check_letter(message: type[Message], letter: Letter) -> list[Problem]:
    """What forbids sending an edited letter."""
    links = {variable.name for variable in variables(message) if variable.kind is Kind.link}
    problems = [
        Problem(0, f"Le lien « lien:{name} » n'existe pas pour ce message.")
        for name in sorted(markup.placeholders(letter_in_french(letter.body)) - links)
    ]
    if not letter.subject or not letter.body:
        problems.append(Problem(0, "L'objet et le texte du message doivent être remplis."))
    return problems


@lru_cache(maxsize=256)
def check_syntax(name: str, source: Source) -> tuple[Problem, ...]:
    """What forbids a template before it is even tried."""
    kinds = {variable.name: variable.kind for variable in variables(message_named(name))}
    in_subject = {name: kind for name, kind in kinds.items() if kind is not Kind.link}
    read = source.in_french
    found = [Problem(item.line, f"Objet : {item.message}") for item in problems_of(read.subject, in_subject)]
    if len(source.subject) > MAX_SUBJECT or "\n" in source.subject.strip():
        found.append(Problem(0, f"L'objet tient sur une ligne de {MAX_SUBJECT} caractères au plus."))
    return (*found, *problems_of(read.body, kinds))


def _bare_example(kind: type[Message]) -> Message:
    """An example with nothing that may be absent: a template must stand that too."""
    bare: dict[Kind, Any] = {Kind.data: "", Kind.prose: "", Kind.lines: (), Kind.pairs: (), Kind.recap: ()}
    values: dict[str, Any] = {item.field: bare[item.kind] for item in variables(kind) if item.kind in bare}
    values |= {item.field: not item.example for item in variables(kind) if item.kind is Kind.flag}
    return dataclasses.replace(example(kind), **values)


_LAYOUT = Environment(
    loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
).get_template("layout.html")

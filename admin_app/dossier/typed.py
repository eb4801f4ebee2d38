"""What a manager typed of a decision: read from any of its forms, carried from page to page, never lost.

A plain value: what it means and whether it can be done is in `enrolment.services`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from enrolment.errors import Refused
from enrolment.mail.outbox import Letter
from enrolment.services.decisions import DECISIONS, Decision
from schema.enums import Verb
from web.forms import Form

VERB = "decision"
MESSAGE = "message"
DOCUMENT = "piece"
NOTE = "precision_"
FIELD = "champ"
REASON = "motif_"
SEEN = "vu_"
VERSION = "version"
SUBJECT = "objet"
BODY = "corps"
KEEP_LETTER = "reprendre"
TEMPLATE = "motif_type"
STAGE = "etape"

_NAMES = frozenset({VERB, MESSAGE, DOCUMENT, FIELD, VERSION, SUBJECT, BODY, KEEP_LETTER, TEMPLATE, STAGE})


@dataclass(frozen=True)
class Typed:
    """One decision being prepared. `letter` is the mail as the manager left it, None while it is still ours."""

    verb: Verb
    message: str = ""
    documents: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    flagged: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    version: int = 0
    letter: Letter | None = None
    template: str = ""

    @property
    def decision(self) -> Decision:
        """As the service takes it."""
        return Decision(self.verb, self.message, tuple(self.documents.items()), tuple(self.flagged.items()))

    @property
    def fields(self) -> list[tuple[str, str]]:
        """What a form must hold to carry the decision on, its letter and version aside."""
        asked = [(DOCUMENT, code) for code in self.documents]
        noted = [(f"{NOTE}{code}", note) for code, note in self.notes.items() if note]
        flagged = [(FIELD, name) for name in self.flagged]
        reasons = [(f"{REASON}{name}", reason) for name, reason in self.reasons.items() if reason]
        return [(VERB, self.verb.value), (MESSAGE, self.message), *asked, *noted, *flagged, *reasons]


def read(form: Form) -> Typed:
    """What a form sent. Raises Refused for a field or a decision that no page of ours offers."""
    strangers = [name for name in form if name not in _NAMES and not name.startswith((NOTE, REASON, SEEN))]
    verb = form.get(VERB)
    if strangers or verb not in {one.value for one in DECISIONS}:
        raise Refused("Ce formulaire contient un champ ou une décision inconnus. Rechargez la page et recommencez.")
    notes = {name.removeprefix(NOTE): _text(form.get(name)) for name in form if name.startswith(NOTE)}
    # `motif_type` is the ready-made reason, not the reason of a field.
    reasons = {
        name.removeprefix(REASON): _text(form.get(name))
        for name in form
        if name.startswith(REASON) and name != TEMPLATE
    }
    has_letter = SUBJECT in form and form.get(KEEP_LETTER, "1") == "1"
    version = form.get(VERSION)
    return Typed(
        verb=Verb(verb),
        message=_text(form.get(MESSAGE)),
        documents={code: notes.get(code, "") for code in form.getlist(DOCUMENT)},
        notes=notes,
        # A reason whose box is not ticked is out of sight on the page: it is kept, and asks nothing.
        flagged={name: reasons.get(name, "") for name in form.getlist(FIELD)},
        reasons=reasons,
        version=int(version) if version.isascii() and version.isdecimal() and len(version) < 10 else 0,
        letter=Letter(form.get(SUBJECT), _text(form.get(BODY))) if has_letter else None,
        template=form.get(TEMPLATE),
    )


def flags(form: Form) -> tuple[dict[str, str], dict[str, str]]:
    """What a form says of the declared data: what is ticked with its reason, and the flags that its page showed."""
    ticked = {name: _text(form.get(f"{REASON}{name}")) for name in form.getlist(FIELD)}
    seen = {name.removeprefix(SEEN): _text(form.get(name)) for name in form if name.startswith(SEEN)}
    return ticked, seen


def of(decision: Decision, letter: Letter | None, version: int) -> Typed:
    """What the form held of a decision that was taken."""
    documents, fields = dict(decision.documents), dict(decision.fields)
    return Typed(
        verb=decision.verb,
        message=decision.message,
        documents=documents,
        notes=documents,
        flagged=fields,
        reasons=fields,
        version=version,
        letter=letter,
    )


def _text(typed: str) -> str:
    """Browsers send the line ends of the old teletypes."""
    return typed.replace("\r\n", "\n")

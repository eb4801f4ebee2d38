"""Codes that the program is looked up by, said in French: a reader of the back office meets none of them bare.

The codes themselves stay what they are, in the database, in exports and in forms.
"""

from __future__ import annotations

from collections.abc import Callable

from enrolment.application.questions import question
from enrolment.figures.charts import Chart
from enrolment.mail.french_names import template_in_french
from enrolment.mail.messages import ALL_MESSAGES
from enrolment.parameters import DEFAULTS
from enrolment.workflow import FINAL
from schema.base import table_of
from schema.describe import FieldSpec, field, fields, model_named
from schema.enums import LegalTextKind, MailState, RequestStatus, Step, Verb
from schema.tables import (
    ALL,
    CorrectionRule,
    DemandItem,
    Draft,
    FieldFlag,
    Figure,
    LegalText,
    MessageTemplate,
    OutgoingMail,
    Parameter,
    Retention,
    SavedView,
)

_MAILS = {str(message.name): message.label for message in ALL_MESSAGES}
_PARAMETERS = {code: about.rstrip(".") for code, (_, about) in DEFAULTS.items()}
_CHARTS = {chart.code: chart.title for chart in Chart}
_COUNTED = {one.value: one.label for kind in (RequestStatus, Verb, Step, MailState) for one in kind}


def is_name_for_program(spec: FieldSpec) -> bool:
    """Whether a column only names its row to the program: the row has a title in French words of its own."""
    titles = [field(spec.model, name) for name in spec.model.title_columns]
    kind = spec.field_type.name if spec.field_type else ""
    return (
        spec.name == "code" and kind == "printed_code" and spec not in titles and not any(t.references for t in titles)
    )


def in_french(spec: FieldSpec, value: str) -> str | None:
    """What a code stands for; None for a column that holds none, and for a code that is not known any more."""
    if spec.name == "table_name":
        return table_label(value)
    say = _SAYS.get((spec.table, spec.name))
    try:
        return say(value) if say else None
    except (KeyError, ValueError):
        return None


def choices(spec: FieldSpec) -> tuple[tuple[str, str], ...]:
    """The codes of a column that the program knows all of, with their words; none for any other column."""
    return tuple(_KNOWN.get((spec.table, spec.name), {}).items())


def text_in_french(spec: FieldSpec, text: str) -> str:
    """A stored text as it is read and edited: a template written before variables had French names has them here."""
    is_template = spec.table == table_of(MessageTemplate).name and spec.name in {"subject", "body"}
    return template_in_french(text) if is_template else text


def say(table: str, column: str, words: Callable[[str], str]) -> None:
    """Tell what the codes of a column stand for, when only a face of the portal knows. `words` raises KeyError for a
    code that is not known."""
    _SAYS[table, column] = words


def table_label(table: str) -> str:
    """The French name of a table; its own name when it no longer exists."""
    try:
        return model_named(table).label
    except KeyError:
        return table


def _retained(subject: str) -> str:
    """What a retention rule is about: requests of a status, identity documents, or the rows of a table."""
    if subject == "identity_document":
        return "Pièce d'identité"
    status = subject.removeprefix("request_")
    if status != subject:
        return f"Demande : {RequestStatus(status).label.lower()}"
    return model_named(subject).label


def _column_label(name: str) -> str:
    """The French name of a column, of those that are corrected first; several tables may call it differently."""
    same = [spec for model in ALL for spec in fields(model) if spec.name == name and not spec.meta.secret]
    labels = [spec.label for spec in same if spec.meta.correctable] or [spec.label for spec in same]
    if not labels:
        raise KeyError(name)
    return " / ".join(dict.fromkeys(labels))


_RETAINED = (
    "identity_document",
    *(f"request_{status.value}" for status in RequestStatus if status in FINAL),
    *("account", "attachment_access", "attempt", "bulk_action", "correction", "draft", "history", "outgoing_mail"),
    *("pending_decision", "ticket", "web_session"),
)
"""What retention rules are about."""

_KNOWN = {
    (table_of(Retention).name, "subject"): {subject: _retained(subject) for subject in _RETAINED},
    (table_of(MessageTemplate).name, "code"): _MAILS,
    (table_of(Parameter).name, "code"): _PARAMETERS,
}
_SAYS: dict[tuple[str, str], Callable[[str], str]] = {
    **{column: words.__getitem__ for column, words in _KNOWN.items()},
    (table_of(Retention).name, "subject"): _retained,
    (table_of(Figure).name, "chart"): _CHARTS.__getitem__,
    (table_of(Figure).name, "key"): _COUNTED.__getitem__,
    (table_of(OutgoingMail).name, "template"): _MAILS.__getitem__,
    (table_of(LegalText).name, "kind"): lambda value: LegalTextKind(value).label,
    (table_of(Draft).name, "step"): lambda value: Step(value).label,
    (table_of(DemandItem).name, "field"): lambda value: question(value).label,
    (table_of(FieldFlag).name, "field"): lambda value: question(value).label,
    (table_of(CorrectionRule).name, "column_name"): _column_label,
    (table_of(SavedView).name, "page"): lambda value: model_named(value).label_plural,
}

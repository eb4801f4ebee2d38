"""A form field as a page shows it: everything a macro needs, and nothing about where it is stored.

Built from the description of a column (`FieldView.of`) or by hand for a field that is not stored (a search
box, a confirmation). Cleaning and checking what was typed belongs to the schema.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, Self

from web.typography import french

Choice = tuple[str, str]
FILE_TYPES = (".pdf", ".jpg", ".jpeg", ".png")
FILE_TYPES_SAID = "PDF, JPEG ou PNG"
MIB = 1024 * 1024
YES_NO: tuple[Choice, ...] = (("oui", "Oui"), ("non", "Non"))

# How the kind of a column is shown; a kind not named here is a line of text.
WIDGETS = {
    "bool": "yes_no",
    "boolean": "yes_no",
    "yes_no": "yes_no",
    "enum": "select",
    "choice": "select",
    "select": "select",
    "radios": "radios",
    "date": "date",
    "moment": "datetime-local",
    "int": "number",
    "integer": "number",
    "long_text": "textarea",
    "textarea": "textarea",
    "email": "email",
    "phone": "tel",
    "tel": "tel",
    "password": "password",
    "file": "file",
    "checkbox": "checkbox",
    "search": "search",
}


class DescribedField(Protocol):
    """The part of `schema.describe.FieldSpec` that a page needs."""

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def help(self) -> str: ...
    @property
    def example(self) -> Any: ...
    @property
    def kind(self) -> str: ...
    @property
    def required(self) -> bool: ...
    @property
    def max_length(self) -> int | None: ...
    @property
    def choices(self) -> Sequence[Choice]: ...
    @property
    def autocomplete(self) -> str | None: ...
    @property
    def input_mode(self) -> str | None: ...
    @property
    def unset(self) -> str | None: ...


@dataclass(frozen=True)
class CurrentFile:
    """A file already given: said with its name and size, and removable. Without a name, none is given yet.

    `url` is where the file is, or will be, shown.
    """

    name: str
    size: int | None = None
    url: str | None = None
    note: str = ""


@dataclass(frozen=True)
class FieldView:
    """One field of one page.

    `kind` is one of text, email, tel, number, search, password, date, datetime-local, textarea, select,
    radios, yes_no, checkbox, file. `show_when` is a condition on another field, such as `est_distributeur=oui`: with
    scripts the field is hidden and left out while it does not hold; without scripts it is shown, with
    `show_when_said` saying when it applies. `unset` is what a select offers for no choice, `remark` what the ASP
    wrote about the field. A select that is `read_only` offers only the choice that stands. `check_url`, `upload_url`
    are called by scripts.
    """

    name: str
    label: str
    help: str = ""
    value: Any = ""
    error: str | None = None
    remark: str = ""
    required: bool = True
    kind: str = "text"
    input_mode: str | None = None
    autocomplete: str | None = None
    unset: str = "Choisir"
    choices: Sequence[Choice] = ()
    show_when: str | None = None
    show_when_said: str | None = None
    example: str | None = None
    max_length: int | None = None
    width: str = ""
    rows: int = 5
    read_only: bool = False
    hidden_label: bool = False
    current: CurrentFile | None = None
    template_url: str | None = None
    accept: Sequence[str] = FILE_TYPES
    accept_said: str = FILE_TYPES_SAID
    max_bytes: int = 4 * MIB
    upload_url: str | None = None
    check_url: str | None = None
    fills: str | None = None
    inline: bool = False
    attributes: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, spec: DescribedField, value: Any = None, error: str | None = None, **changes: Any) -> Self:
        """The view of a described column; `changes` override any attribute (name, required, show_when)."""
        view = cls(
            name=spec.name,
            label=french(spec.label),
            help=french(spec.help or ""),
            value=typed(value),
            error=french(error) if error else None,
            required=spec.required,
            kind=WIDGETS.get(str(spec.kind), "text"),
            input_mode=spec.input_mode,
            unset=spec.unset or cls.unset,
            autocomplete=spec.autocomplete,
            choices=tuple(spec.choices or ()),
            example=str(spec.example) if spec.example is not None else None,
            max_length=spec.max_length,
        )
        return replace(view, **changes) if changes else view

    def with_(self, **changes: Any) -> Self:
        """The same field with some attributes changed: its value and error after a submission."""
        return replace(self, **changes)

    @property
    def id(self) -> str:
        """The id of the control; the error summary links to it."""
        return f"field-{self.name}"

    @property
    def focus_id(self) -> str:
        """The id a link to this field goes to: of a group, its first choice."""
        return f"{self.id}-1" if self.kind in {"radios", "yes_no"} else self.id

    @property
    def described_by(self) -> str:
        """The ids of the help and error texts, for `aria-describedby`."""
        ids = [f"{self.id}-help"] if self.has_help else []
        if self.remark:
            ids.append(f"{self.id}-remark")
        if self.error:
            ids.append(f"{self.id}-error")
        return " ".join(ids)

    @property
    def has_help(self) -> bool:
        """Whether anything is said under the label."""
        return bool(self.help or self.example or not self.required or self.kind == "file" or self.show_when_said)

    @property
    def given(self) -> bool:
        """Whether a file is already there."""
        return self.current is not None and bool(self.current.name)

    @property
    def options(self) -> Sequence[Choice]:
        """The choices to show: a yes/no question has its own."""
        return self.choices or (YES_NO if self.kind == "yes_no" else ())


def typed(value: Any) -> str:
    """A stored value as one would type it in a form field."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    return str(getattr(value, "value", value))

"""Writes the reference pages of `docs/reference/` from the code, and says which are stale.

Only what code knows for sure is written here: tables, personal data, workflow, settings, mails. Guides are written by
people.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from enrolment.mail.messages import ALL_MESSAGES
from enrolment.mail.variables import variables
from enrolment.settings import Settings
from enrolment.workflow import TRANSITIONS, targets
from schema.base import table_of
from schema.describe import fields
from schema.enums import RequestStatus
from schema.tables import ALL

_NOTICE = "<!-- Written by `enrolment docs` from the code: change the code, not this page. -->"


def pages() -> dict[str, str]:
    """Every generated page by file name."""
    return {
        "schema.md": _schema(),
        "personal-data.md": _personal_data(),
        "workflow.md": _workflow(),
        "settings.md": _settings(),
        "mails.md": _mails(),
    }


def write(folder: Path) -> None:
    """Write every page."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


def stale(folder: Path) -> list[str]:
    """Names of the pages that are missing or differ from what the code says."""
    return [
        name
        for name, text in pages().items()
        if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != text
    ]


def _page(title: str, intro: str, body: Iterable[str]) -> str:
    return "\n".join([f"# {title}", "", _NOTICE, "", intro, "", *body, ""])


def _table(headers: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = ["| " + " | ".join(headers) + " |", "|" + "---|" * len(headers)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows]
    return lines


def _schema() -> str:
    body: list[str] = ["```mermaid", "erDiagram"]
    for model in ALL:
        for spec in fields(model):
            if spec.references:
                many = "}o--||" if spec.required else "}o--o|"
                body.append(f"  {spec.table} {many} {spec.references} : {spec.relation}")
    body += ["```", ""]
    for model in ALL:
        body += [f"## `{table_of(model).name}`: {model.label}", "", model.about, ""]
        body += _table(
            ("Column", "Label", "Kind", "Required", "Help", "Source"),
            (
                (
                    f"`{spec.name}`",
                    spec.label,
                    f"→ `{spec.references}`" if spec.references else spec.kind.value,
                    "yes" if spec.required and not spec.has_default else "",
                    spec.help,
                    spec.source,
                )
                for spec in fields(model)
            ),
        )
        body.append("")
    return _page("Data dictionary", "Every table and column, as `schema/tables/` describes them.", body)


def _personal_data() -> str:
    rows = (
        (model.label, f"`{spec.table}.{spec.name}`", spec.label, spec.personal.value, "yes" if spec.meta.secret else "")
        for model in ALL
        for spec in fields(model)
        if spec.personal is not None
    )
    return _page(
        "Register of personal data",
        "Every column that holds personal data, by category. Uploaded documents are described in `document_kind`.",
        _table(("Record", "Column", "Label", "Category", "Hidden from screens and exports"), rows),
    )


def _workflow() -> str:
    body = ["```mermaid", "stateDiagram-v2"]
    for line in TRANSITIONS:
        source = line.source.value if line.source else "[*]"
        body += [f"  {source} --> {target.value}: {line.verb.value}" for target in targets(line)]
    body += ["```", ""]
    body += _table(("Status", "Label"), ((f"`{status.value}`", status.label) for status in RequestStatus))
    body.append("")
    body += _table(
        ("From", "Verb", "To", "By", "Condition", "Mail"),
        (
            (
                f"`{line.source.value}`" if line.source else "–",
                f"`{line.verb.value}`",
                " or ".join(f"`{target.value}`" for target in targets(line)),
                line.by.value,
                ("a reason is required" if line.needs_reason else "")
                or ("" if line.guard is None else line.guard.refusal),
                line.mail.value if line.mail else "–",
            )
            for line in TRANSITIONS
        ),
    )
    return _page("Workflow", "States and transitions of a request, as `enrolment/workflow.py` declares them.", body)


def _settings() -> str:
    rows = (
        (f"`ENROLMENT_{name.upper()}`", info.description or "", f"`{info.default}`" if _is_plain(info.default) else "–")
        for name, info in Settings.model_fields.items()
    )
    return _page(
        "Settings",
        "Read from the environment. What the ASP changes by itself is a row of the table `parameter`, not a setting.",
        _table(("Name", "Meaning", "Default"), rows),
    )


def _is_plain(default: object) -> bool:
    return isinstance(default, str | int | bool | Path) and default != ""


def _mails() -> str:
    body: list[str] = []
    for message in ALL_MESSAGES:
        body += [f"## `{message.name}`: {message.label}", ""]
        body += _table(
            ("Variable", "Meaning"),
            ((f"`{item.name}`", item.description) for item in variables(message)),
        )
        body.append("")
    return _page("Mails", "Every mail and the variables that its template may use.", body)

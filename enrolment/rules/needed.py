"""The rows of the rules that the program looks up by name, each with the value that it is shipped with.

A new installation is filled with them, they are never deleted, and the doctor puts back one that is missing. What a
row may become is in `checks`.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from enrolment.errors import Refused
from enrolment.mail.messages import ALL_MESSAGES
from enrolment.mail.rendering import shipped
from enrolment.parameters import DEFAULTS
from enrolment.records import presentation
from schema.base import Table, table_of
from schema.describe import FieldSpec, field
from schema.tables import Deadline, MessageTemplate, Parameter, Retention
from schema.tabular import read

FOLDER = Path(__file__).parent / "shipped"

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Needed:
    """The rows that the program needs of one table. `column` names them, `refusal` says what to do but delete one."""

    model: type[Table]
    column: str
    refusal: str
    rows: Callable[[], Sequence[Values]]

    def missing(self, session: Session) -> dict[str, Values]:
        """What the table lacks: French title of each row → the values that it is shipped with."""
        present = set(session.execute(sa.select(table_of(self.model).c[self.column])).scalars())
        return {_title(self.model, row): row for row in self.rows() if row[self.column] not in present}


def keep(row: Table) -> None:
    """Refuse to delete a row that the program needs. Raises Refused."""
    one = NEEDED.get(table_of(type(row)).name)
    if one is not None and getattr(row, one.column) in {needed[one.column] for needed in one.rows()}:
        raise Refused(one.refusal)


def _title(model: type[Table], values: Values) -> str:
    return presentation.title([field(model, name) for name in model.title_columns], model(**values), {})


@cache
def _parameters() -> tuple[Values, ...]:
    return tuple({"code": code, "value": value, "about_fr": about} for code, (value, about) in DEFAULTS.items())


@cache
def _templates() -> tuple[Values, ...]:
    found = []
    for message in ALL_MESSAGES:
        source = shipped(message.name)
        found.append(
            {
                "code": str(message.name),
                "name": message.label,
                "subject": source.subject,
                "body": source.body.strip(),
            }
        )
    return tuple(found)


@cache
def _from_file(model: type[Table]) -> tuple[Values, ...]:
    content = (FOLDER / f"{table_of(model).name}.csv").read_bytes()
    return tuple(dict(row.values) for row in read(model, io.BytesIO(content), _no_reference).rows)


def _no_reference(spec: FieldSpec, text: str) -> int:
    raise LookupError(spec.name, text)


NEEDED: Mapping[str, Needed] = MappingProxyType(
    {
        "parameter": Needed(
            Parameter,
            "code",
            "Le portail lit ce paramètre : il reste. Changez plutôt sa valeur.",
            _parameters,
        ),
        "message_template": Needed(
            MessageTemplate,
            "code",
            "Le portail envoie ce message : son modèle reste. Changez plutôt son texte.",
            _templates,
        ),
        "deadline": Needed(
            Deadline,
            "status",
            "Les retards et les relances de ce statut se comptent avec ce délai : il reste. Changez plutôt ses jours.",
            lambda: _from_file(Deadline),
        ),
        "retention": Needed(
            Retention,
            "subject",
            "Ce que le portail efface se compte avec cette durée : elle reste. Changez plutôt ses jours.",
            lambda: _from_file(Retention),
        ),
    }
)
"""By table."""

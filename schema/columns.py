"""One column, described once.

`column()` is the only way to declare a stored column. What it is told here reaches the forms, the back office, the
imports and exports, the CHECK constraints, the data dictionary and the register of personal data. What a value must
look like belongs to its type (`schema.types`); what happens to it belongs to `enrolment`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from schema.enums import Step


class Personal(StrEnum):
    """Category of personal data, as the register of processing activities names them."""

    identity = "identité"
    contact = "coordonnées"
    bank = "données bancaires"
    login = "connexion"
    content = "contenu libre"


@dataclass(frozen=True)
class ColumnMeta:
    """What is known of a column beyond its type. Frozen, since SQLModel shares it between inheriting tables."""

    label: str
    help: str
    source: str
    example: str | None = None
    staff_help: str | None = None
    step: Step | None = None
    each_request: bool = False
    vendor: bool = False
    personal: Personal | None = None
    correctable: bool = False
    editable: bool = True
    secret: bool = False
    listed: bool = False
    searchable: bool = False
    long: bool = False
    ge: int | None = None
    le: int | None = None
    duration: bool = False
    unset: str | None = None
    show_when: str | None = None
    autocomplete: str | None = None
    input_mode: str | None = None


UNSET: Any = object()


def column(
    label: str,
    *,
    help: str,  # noqa: A002  "help" is the word every form library uses for this text.
    source: str,
    example: str | None = None,
    staff_help: str | None = None,
    step: Step | None = None,
    each_request: bool = False,
    vendor: bool = False,
    personal: Personal | None = None,
    correctable: bool = False,
    editable: bool = True,
    secret: bool = False,
    listed: bool = False,
    searchable: bool = False,
    long: bool = False,
    ge: int | None = None,
    le: int | None = None,
    duration: bool = False,
    unset: str | None = None,
    show_when: str | None = None,
    autocomplete: str | None = None,
    input_mode: str | None = None,
    default: Any = UNSET,
    default_factory: Callable[[], Any] | None = None,
    primary_key: bool = False,
    unique: bool = False,
    index: bool = False,
    foreign_key: str | None = None,
    sa_type: Any = UNSET,
    onupdate: Callable[[], Any] | None = None,
    computed: str | None = None,
) -> Any:
    """Declare a stored column.

    `label` and `help` are French and shown to users. `source` says where the column comes from: a page of the user
    guide ("guide p. 13"), a rule ("process R1") or "technique". `staff_help` is what staff read instead of a help that
    speaks to the vendor. `step` puts it in the public form, `each_request` also
    in the short form of those who have enrolled before (complementary requests); `vendor` lets its vendor see it;
    `correctable` lets data stewards correct it in bulk; `editable` lets staff type it in the back office; `secret`
    keeps it out of every screen, export and history; `long` asks for a text area; `listed` and `searchable` put it in
    the lists of the back office and in their search; `duration` says that the number is one of seconds, shown as days
    and hours; `unset` is what a list of choices offers for an empty value, where that means something; `show_when`
    ("request.vat_liable=false") names the answer that makes the field apply. `computed` is an SQL expression over the
    same row that the database keeps up to date by itself.
    """
    meta = ColumnMeta(
        label=label,
        help=help,
        source=source,
        example=example,
        staff_help=staff_help,
        step=step,
        each_request=each_request,
        vendor=vendor or step is not None,
        personal=personal,
        correctable=correctable,
        editable=editable,
        secret=secret,
        listed=listed,
        searchable=searchable,
        long=long,
        ge=ge,
        le=le,
        duration=duration,
        unset=unset,
        show_when=show_when,
        autocomplete=autocomplete,
        input_mode=input_mode,
    )
    settings: dict[str, Any] = {"sa_column_kwargs": {"info": {"meta": meta}, "comment": label}}
    if onupdate is not None:
        settings["sa_column_kwargs"]["onupdate"] = onupdate
    settings |= {name: value for name, value in (("default", default), ("sa_type", sa_type)) if value is not UNSET}
    if computed is not None:
        settings |= {"sa_column_args": [sa.Computed(computed, persisted=True)], "default": None}
    if default_factory is not None:
        settings["default_factory"] = default_factory
    if foreign_key is not None:
        settings["foreign_key"] = foreign_key
    return Field(primary_key=primary_key, unique=unique, index=index or foreign_key is not None, **settings)


def meta_of(col: sa.Column[Any]) -> ColumnMeta:
    """The description of a mapped column. Raises KeyError for one not declared by `column()`."""
    meta: ColumnMeta = col.info["meta"]
    return meta

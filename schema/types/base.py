"""What a field type is: how a value is read, stored and shown, in one object that every face shares.

A column says `siret: Siret`; forms, imports and the database learn the rest from the `FieldType` found in
that annotation. No rule of a particular field belongs here, and no label: those are the column's.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from schema.types.cleaning import clean_line, clean_text


class InvalidValue(ValueError):
    """A value that cannot be taken. `message` is French: it says what is wrong and what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class FieldType:
    """One type of the field.

    `parse` takes what was typed and returns what is stored, or raises InvalidValue and nothing else; parsing
    twice changes nothing. `show` gives the French display of a stored value, which `parse` takes back
    unchanged. `max_length` is that of the stored value; `typed_length` is what an input must let through,
    spaces and dots of a pasted value included (None: no limit while typing).
    """

    name: str
    parse: Callable[[str], str]
    max_length: int
    show: Callable[[str], str] = str
    typed_length: int | None = None
    input_mode: str | None = None
    autocomplete: str | None = None
    multiline: bool = False

    def validate(self, value: object) -> str:
        """`parse` for pydantic: the same French sentence, in the error that pydantic expects."""
        if not isinstance(value, str):
            raise PydanticCustomError("invalid_value", "Cette valeur doit être un texte.")
        try:
            return self.parse(value)
        except InvalidValue as error:
            # The sentence travels in the context, since the template must be a literal.
            raise PydanticCustomError("invalid_value", "{message}", {"message": error.message}) from error

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.validate, handler(source))


def text(
    name: str,
    rule: Callable[[str], str],
    *,
    max_length: int,
    show: Callable[[str], str] = str,
    typed_length: int | None = None,
    input_mode: str | None = None,
    autocomplete: str | None = None,
    multiline: bool = False,
    too_long: str | None = None,
) -> FieldType:
    """Build a FieldType from the one rule that is its own.

    What every text shares comes here, around `rule`: the cleaning of `schema.types.cleaning`, the refusal of
    an empty value and the limit of `max_length` characters. `too_long` is the advice that follows the limit
    in its error.
    """
    clean = clean_text if multiline else clean_line
    # Nobody types ten times what is stored: past that, the value is refused before any library reads it.
    most_read = 10 * max_length + 100

    def parse(raw: str) -> str:
        if len(raw) > most_read:
            raise InvalidValue(_too_long(len(raw), max_length, too_long))
        cleaned = clean(raw)
        if cleaned.refusal is not None:
            raise InvalidValue(cleaned.refusal)
        if not cleaned.text:
            raise InvalidValue("Cette valeur est vide : remplissez-la.")
        value = rule(cleaned.text)
        if len(value) > max_length:
            raise InvalidValue(_too_long(len(value), max_length, too_long))
        return value

    return FieldType(
        name=name,
        parse=parse,
        max_length=max_length,
        show=show,
        typed_length=typed_length,
        input_mode=input_mode,
        autocomplete=autocomplete,
        multiline=multiline,
    )


def _too_long(length: int, limit: int, advice: str | None) -> str:
    sentence = f"Ce texte est trop long : {length} caractères, pour {limit} au plus."
    return f"{sentence} {advice or 'Raccourcissez-le.'}"


def field_type_of(annotation: Any, metadata: Sequence[object] = ()) -> FieldType | None:
    """The FieldType of an annotation, also through `X | None`; None when it has none.

    pydantic moves what stands in `Annotated` to the metadata of its field, except under `| None`: hand over
    both `info.annotation` and `info.metadata` and either place is looked into.
    """
    found = next((item for item in metadata if isinstance(item, FieldType)), None)
    if found is not None:
        return found
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *extra = get_args(annotation)
        return field_type_of(inner, extra)
    if origin is Union or origin is types.UnionType:
        return next(filter(None, map(field_type_of, get_args(annotation))), None)
    return None


def parse_as(annotation: Any, raw: str) -> str:
    """`raw` read as a type of the field, where there is no column: `parse_as(AnsNumber, typed)`."""
    return _known_type(annotation).parse(raw)


def show_as(annotation: Any, value: str) -> str:
    """The French display of a stored value of a type of the field."""
    return _known_type(annotation).show(value)


def _known_type(annotation: Any) -> FieldType:
    found = field_type_of(annotation)
    if found is None:
        raise TypeError(f"{annotation} is no type of the field")
    return found

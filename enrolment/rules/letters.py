"""A message template as one real request would have it: the preview of the back office. Nothing is queued from here."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass

from sqlmodel import Session, col, select

from enrolment.addresses import Addresses
from enrolment.errors import Impossible
from enrolment.mail import markup
from enrolment.mail.context import links_of
from enrolment.mail.messages import message_named
from enrolment.mail.rendering import Source, write
from enrolment.mail.sandbox import TemplateFailed
from enrolment.mail.variables import Message, Variable, example, variables
from enrolment.rules import letter_samples
from enrolment.services import notices
from schema.tables import EnrolmentRequest, FinancingRequest, MessageTemplate

_STYLE = re.compile(r' style="[^"]*"')


@dataclass(frozen=True)
class Sample:
    """A mail as it would be read. `number` is the request it speaks of, empty when only examples fill it.

    `examples` are the variables that the request does not tell: all of them for a mail about an account, a draft or a
    question; what a person types, for a mail about a request.
    """

    subject: str
    text: str
    html: str
    number: str
    examples: tuple[str, ...] = ()


def variables_of(code: str) -> tuple[Variable, ...]:
    """What a template may say; nothing for a code that no mail has."""
    try:
        return variables(message_named(code))
    except KeyError:
        return ()


def sample(session: Session, row: MessageTemplate, addresses: Addresses, number: str) -> Sample:
    """The mail of a template for a request, the newest when no number is given. Raises Impossible."""
    request = _request(session, row.code, number)
    message, examples = _message(session, row.code, request, addresses)
    try:
        letter = write(message, Source(row.subject, row.body))
    except TemplateFailed as error:
        raise Impossible({"body": str(error)}) from error
    content = markup.with_links(letter.body, links_of(message))
    # The policy of the back office forbids styles in a page: what is previewed is the structure.
    html = _STYLE.sub("", markup.to_fragment(content))
    labels = {variable.field: variable.description for variable in variables(type(message))}
    # What follows the first words of a description tells how to write the variable in a template.
    told = tuple(labels[name].partition(" : ")[0].partition(" ; ")[0] for name in examples)
    return Sample(letter.subject, markup.to_text(content), html, request.number if request else "", told)


def _request(session: Session, code: str, number: str) -> EnrolmentRequest | None:
    statement = select(EnrolmentRequest).order_by(col(EnrolmentRequest.id).desc()).limit(1)
    if letter_samples.is_of_financing(code):
        financed = select(FinancingRequest.request_id)
        statement = statement.where(col(EnrolmentRequest.id).in_(financed))
    if number:
        statement = statement.where(EnrolmentRequest.number == number.upper())
    found = session.exec(statement).first()
    if found is None and number:
        of = " avec une demande de financement" if letter_samples.is_of_financing(code) else ""
        raise Impossible({}, (f"Aucune demande{of} n'a le numéro « {number} ».",))
    return found


def _message(
    session: Session, code: str, request: EnrolmentRequest | None, addresses: Addresses
) -> tuple[Message, tuple[str, ...]]:
    """What the mail says of this request, and the variables that are examples."""
    kind = message_named(code)
    filled = example(kind)
    every = tuple(variable.field for variable in variables(kind))
    if request is None:
        return filled, every
    whole = letter_samples.of_request(session, code, request, addresses) or letter_samples.of_financing(
        session, code, request, addresses
    )
    if whole is not None:
        return whole, letter_samples.by_hand(whole)
    values = {name: value for name, value in notices.about(session, request, addresses).items() if name in every}
    return dataclasses.replace(filled, **values), tuple(name for name in every if name not in values)

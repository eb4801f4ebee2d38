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
from enrolment.services import notices
from schema.tables import EnrolmentRequest, MessageTemplate

_STYLE = re.compile(r' style="[^"]*"')


@dataclass(frozen=True)
class Sample:
    """A mail as it would be read. `number` is the request it speaks of, empty when only examples fill it."""

    subject: str
    text: str
    html: str
    number: str


def variables_of(code: str) -> tuple[Variable, ...]:
    """What a template may say; nothing for a code that no mail has."""
    try:
        return variables(message_named(code))
    except KeyError:
        return ()


def sample(session: Session, row: MessageTemplate, addresses: Addresses, number: str) -> Sample:
    """The mail of a template for a request, the newest when no number is given. Raises Impossible."""
    request = _request(session, number)
    message = _message(session, row.code, request, addresses)
    try:
        letter = write(message, Source(row.subject, row.body))
    except TemplateFailed as error:
        raise Impossible({"body": str(error)}) from error
    content = markup.with_links(letter.body, links_of(message))
    # The policy of the back office forbids styles in a page: what is previewed is the structure.
    html = _STYLE.sub("", markup.to_fragment(content))
    return Sample(letter.subject, markup.to_text(content), html, request.number if request else "")


def _request(session: Session, number: str) -> EnrolmentRequest | None:
    statement = select(EnrolmentRequest).order_by(col(EnrolmentRequest.id).desc()).limit(1)
    if number:
        statement = statement.where(EnrolmentRequest.number == number.upper())
    found = session.exec(statement).first()
    if found is None and number:
        raise Impossible({}, (f"Aucune demande n'a le numéro « {number} ».",))
    return found


def _message(session: Session, code: str, request: EnrolmentRequest | None, addresses: Addresses) -> Message:
    """What the mail says of this request; what only its event would tell is an example."""
    kind = message_named(code)
    filled = example(kind)
    if request is None:
        return filled
    if code == "acknowledgement":
        return notices.acknowledgement(session, request, addresses)
    known = {variable.name for variable in variables(kind)}
    values = {name: value for name, value in notices.about(session, request, addresses).items() if name in known}
    if "status_label" in known:
        values["status_label"] = request.status.label
    return dataclasses.replace(filled, **values)

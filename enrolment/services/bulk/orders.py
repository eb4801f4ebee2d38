"""What a bulk action says: its verb and content, checked before anything is kept. No request is looked at here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, select

from enrolment.errors import Refused
from enrolment.mail.messages import SameMessage
from enrolment.mail.rendering import check_template
from enrolment.services import reference
from enrolment.services.decisions import Decision
from schema.enums import BulkVerb, StaffRole, Verb
from schema.tables import BulkAction, StaffUser
from schema.types import InvalidValue, LongText
from schema.types.base import parse_as

LONGEST_SUBJECT = 255


@dataclass(frozen=True)
class Order:
    """What is done to each request. Only what the verb needs is filled; `documents` are (kind code, note) pairs."""

    verb: BulkVerb
    holder_id: int | None = None
    message: str = ""
    documents: tuple[tuple[str, str], ...] = ()
    subject: str = ""
    body: str = ""

    @property
    def content(self) -> dict[str, Any]:
        """As the table keeps it."""
        kept = {
            "holder_id": self.holder_id,
            "message": self.message,
            "documents": [list(pair) for pair in self.documents],
            "subject": self.subject,
            "body": self.body,
        }
        return {name: value for name, value in kept.items() if value}

    @classmethod
    def of(cls, action: BulkAction) -> Order:
        """The order of a stored action."""
        content = dict(action.content)
        content["documents"] = tuple((code, note) for code, note in content.get("documents", ()))
        return cls(action.verb, **content)

    @property
    def sends_mail(self) -> bool:
        """Whether each request done sends a mail."""
        return self.verb is not BulkVerb.assign

    def decision(self, verb: Verb) -> Decision:
        """The decision that is taken on a request."""
        return Decision(verb, self.message, self.documents)


def checked(session: Session, order: Order) -> Order:
    """The order with clean texts. Raises Refused for one that could be carried out on no request."""
    if order.verb is BulkVerb.assign:
        return Order(order.verb, holder_id=holder(session, order.holder_id).id)
    if order.verb is BulkVerb.send_message:
        return _mail(order)
    message = _text(order.message)
    if order.verb is BulkVerb.reject and not message:
        raise Refused("Indiquez le motif : il est envoyé à chaque fournisseur et conservé dans l'historique.")
    if order.verb is not BulkVerb.ask_documents:
        return Order(order.verb, message=message)
    known = {kind.code for kind in reference.document_kinds(session)}
    documents = {code: _text(note) for code, note in order.documents if code in known}
    if not documents or len(documents) != len(order.documents):
        raise Refused("Choisissez au moins une pièce à demander.")
    return Order(order.verb, message=message, documents=tuple(documents.items()))


def holder(session: Session, key: int | None) -> StaffUser:
    """The case manager to whom requests are given. Raises Refused for anybody else."""
    found = session.exec(
        select(StaffUser).where(
            StaffUser.id == key,
            StaffUser.role == StaffRole.manager,
            StaffUser.active == True,  # noqa: E712  SQL.
        )
    ).first()
    if found is None:
        raise Refused("Choisissez le gestionnaire à qui confier ces demandes.")
    return found


def _mail(order: Order) -> Order:
    subject, body = order.subject.strip(), _text(order.body)
    if not subject or not body:
        raise Refused("L'objet et le texte du mail doivent être remplis.")
    problems = check_template(SameMessage.name, subject, body)
    if problems:
        raise Refused(f"Ce mail ne peut pas partir. {' '.join(str(item) for item in problems)}")
    return Order(order.verb, subject=subject, body=body)


def _text(typed: str) -> str:
    try:
        return parse_as(LongText, typed) if typed.strip() else ""
    except InvalidValue as error:
        raise Refused(error.message) from error

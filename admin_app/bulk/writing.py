"""What the form of a new bulk action holds while it is typed, and the order that it makes."""

from __future__ import annotations

from dataclasses import dataclass, field

from enrolment.errors import Refused
from enrolment.services.bulk.orders import Order
from schema.enums import BulkVerb
from web.forms import Form

ACTION, HOLDER, MESSAGE, SUBJECT, BODY, TEMPLATE, STAGE = (
    "action",
    "gestionnaire",
    "message",
    "objet",
    "texte",
    "motif_type",
    "etape",
)
INSERT = "inserer"
DOCUMENT, NOTE = "piece", "precision-"


@dataclass(frozen=True)
class Writing:
    """What is typed. `subject` and `body` None: nothing yet, the ready-made text is offered."""

    verb: BulkVerb
    holder_id: int | None = None
    message: str = ""
    subject: str | None = None
    body: str | None = None
    template: str = ""
    wants_template: bool = False
    documents: tuple[str, ...] = ()
    notes: dict[str, str] = field(default_factory=dict)

    @classmethod
    def start(cls, verb: str) -> Writing:
        """An empty one. Raises Refused for an action that does not exist."""
        if verb not in {one.value for one in BulkVerb}:
            raise Refused("Choisissez ce qu'il faut faire des demandes choisies.")
        return cls(BulkVerb(verb))

    @classmethod
    def read(cls, form: Form) -> Writing:
        """From a submitted form."""
        verb = cls.start(form.get(ACTION)).verb
        holder = form.get(HOLDER)
        is_mail = verb is BulkVerb.send_message
        return cls(
            verb=verb,
            holder_id=int(holder) if holder.isascii() and holder.isdecimal() and len(holder) < 10 else None,
            message=form.get(MESSAGE),
            subject=form.get(SUBJECT) if is_mail else None,
            body=form.get(BODY) if is_mail else None,
            template=form.get(TEMPLATE),
            wants_template=form.get(STAGE) == INSERT,
            documents=tuple(form.getlist(DOCUMENT)),
            notes={name.removeprefix(NOTE): value for name, value in form.texts if name.startswith(NOTE)},
        )

    @property
    def order(self) -> Order:
        """What it asks for, unchecked."""
        return Order(
            self.verb,
            holder_id=self.holder_id,
            message=self.message,
            documents=tuple((code, self.notes.get(code, "")) for code in self.documents),
            subject=self.subject or "",
            body=self.body or "",
        )

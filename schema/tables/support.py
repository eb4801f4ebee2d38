"""Questions to the assistance: what stands beside the enrolment."""

from typing import ClassVar

from schema.base import Table
from schema.columns import Personal, column
from schema.enums import TicketState
from schema.types import Email, Line, LongText, RequestNumber


class Ticket(Table, table=True):
    """A question sent through « Contacter l'assistance »."""

    __tablename__ = "ticket"
    label: ClassVar[str] = "Question à l'assistance"
    label_plural: ClassVar[str] = "Questions à l'assistance"
    about: ClassVar[str] = "Message reçu par le formulaire d'assistance."
    title_columns: ClassVar[tuple[str, ...]] = ("number", "subject")

    number: RequestNumber = column(
        "Numéro",
        help="Numéro de la question.",
        source="process",
        example="AST-2026-000012",
        unique=True,
        vendor=True,
        editable=False,
        listed=True,
        searchable=True,
    )
    email: Email = column(
        "Email",
        help="Adresse à laquelle répondre.",
        source="process",
        personal=Personal.contact,
        vendor=True,
        listed=True,
        searchable=True,
        autocomplete="email",
    )
    name: Line = column(
        "Nom et prénom",
        help="Qui pose la question.",
        source="process",
        personal=Personal.identity,
        vendor=True,
        autocomplete="name",
    )
    subject: Line = column(
        "Objet",
        help="Ce dont il s'agit, en quelques mots.",
        source="process",
        vendor=True,
        listed=True,
        searchable=True,
        personal=Personal.content,
    )
    body: LongText = column(
        "Message",
        help="Votre question.",
        staff_help="Question posée.",
        source="process",
        vendor=True,
        long=True,
        personal=Personal.content,
    )
    ans_number: Line | None = column(
        "Numéro de référencement ANS",
        help="Si la question porte sur un référencement.",
        source="process",
        default=None,
        vendor=True,
        listed=True,
        searchable=True,
    )
    request_number: Line | None = column(
        "Numéro demande", help="Si la question porte sur une demande.", source="process", default=None, vendor=True
    )
    state: TicketState = column(
        "État", help="Où en est la réponse.", source="process", default=TicketState.open, listed=True
    )

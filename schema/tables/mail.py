"""Outgoing mails: queued with the event that causes them, sent after it (rule M3)."""

from datetime import datetime
from typing import Annotated, ClassVar

import sqlalchemy as sa

from schema.base import Table, new_public_id, utc_now
from schema.columns import Personal, column
from schema.enums import MailState
from schema.types import Email, Line, LongText, PrintedCode, Secret, text

# A mail holds a recap of everything that was typed, or a reason of full length, and its HTML part holds tags besides.
MailPart = Annotated[str, text("mail_part", str, max_length=200_000, multiline=True)]


class OutgoingMail(Table, table=True):
    """A mail, as it leaves."""

    __tablename__ = "outgoing_mail"
    __table_args__ = (sa.Index("ix_outgoing_mail_due", "state", "send_after", "id"),)
    recorded: ClassVar[bool] = False
    label: ClassVar[str] = "Courriel"
    label_plural: ClassVar[str] = "Courriels"
    about: ClassVar[str] = "Courriel envoyé ou à envoyer par le portail."
    title_columns: ClassVar[tuple[str, ...]] = ("subject",)

    public_id: Secret = column(
        "Identifiant public",
        help="Partie stable du Message-ID.",
        source="process M2",
        default_factory=new_public_id,
        unique=True,
        editable=False,
    )
    event_key: Secret = column(
        "Clé d'événement",
        help="Un événement, un courriel : la clé est unique.",
        source="process M3",
        unique=True,
        editable=False,
        secret=True,
    )
    template: PrintedCode = column("Modèle", help="Nom du courriel.", source="process", editable=False, index=True)
    recipient: Email = column(
        "Destinataire",
        help="Adresse du destinataire.",
        source="process D5",
        personal=Personal.contact,
        editable=False,
        listed=True,
        searchable=True,
    )
    subject: Line = column(
        "Objet", help="Objet envoyé.", source="process M2", editable=False, listed=True, personal=Personal.content
    )
    text_body: MailPart = column(
        "Texte",
        help="Partie texte.",
        source="process M2",
        editable=False,
        long=True,
        personal=Personal.content,
        secret=True,
    )
    html_body: MailPart = column(
        "HTML",
        help="Partie HTML.",
        source="process M2",
        editable=False,
        long=True,
        personal=Personal.content,
        secret=True,
    )
    request_id: int | None = column(
        "Demande",
        help="Demande concernée.",
        source="process",
        foreign_key="request.id",
        default=None,
        editable=False,
        listed=True,
    )
    account_id: int | None = column(
        "Compte", help="Compte concerné.", source="process", foreign_key="account.id", default=None, editable=False
    )
    state: MailState = column(
        "État",
        help="Où en est l'envoi.",
        source="standards REL-2",
        default=MailState.queued,
        editable=False,
        listed=True,
    )
    send_after: datetime = column(
        "À envoyer à partir de",
        help="Date du prochain essai.",
        source="standards REL-2",
        default_factory=utc_now,
        editable=False,
    )
    claimed_until: datetime | None = column(
        "Réservé jusqu'à",
        help="Fin de la réservation par un processus d'envoi.",
        source="standards REL-2",
        default=None,
        editable=False,
    )
    attempts: int = column(
        "Essais", help="Nombre d'essais.", source="standards REL-2", default=0, editable=False, listed=True, ge=0
    )
    last_reply: LongText | None = column(
        "Dernière réponse",
        help="Réponse du serveur de messagerie.",
        source="standards REL-2",
        default=None,
        editable=False,
        long=True,
    )
    sent_at: datetime | None = column(
        "Envoyé le", help="Moment de l'envoi.", source="standards REL-2", default=None, editable=False, listed=True
    )

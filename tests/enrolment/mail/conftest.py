"""What the mail tests share: a mail server on this machine that behaves as it is told, and mails to send to it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlmodel import col, select

from enrolment.mail import outbox
from enrolment.mail.access import LoginForgotten
from enrolment.mail.claims import Pace
from enrolment.mail.rendering import Sender
from enrolment.mail.variables import example
from schema.database import Database
from schema.history import Actor
from schema.tables import OutgoingMail

ACTOR = Actor.system("Test")
SENDER = Sender("Agence de l'exemple", "ne-pas-repondre@segur.example")
AT_ONCE = Pace(lease=30, poll=0.05, grace=5, lanes=3, most_tries=4, first_delay=0, longest_pause=0.2)
"""A worker that never waits: what is tested is what it does, not when."""


@dataclass
class MailServer:
    """Takes mails and keeps them; `behave` says what to answer to one before it is taken, and may hang or hang up."""

    behave: Callable[["MailServer", Envelope, SMTP], Any] | None = None
    taken: list[bytes] = field(default_factory=list)
    port: int = 0
    encrypted: list[bool] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """The name is aiosmtpd's."""
        answer = None
        if self.behave is not None:
            answer = self.behave(self, envelope, server)
            if asyncio.iscoroutine(answer):
                answer = await answer
        if answer is None:
            self.keep(envelope)
        self.encrypted.append(session.ssl is not None)
        return answer or "250 2.0.0 taken"

    def keep(self, envelope: Envelope) -> None:
        assert isinstance(envelope.content, bytes)
        self.taken.append(envelope.content)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def mails(self) -> list[EmailMessage]:
        found = [message_from_bytes(content, policy=policy.default) for content in self.taken]
        return [mail for mail in found if isinstance(mail, EmailMessage)]

    @property
    def ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.mails]


@asynccontextmanager
async def serving(server: MailServer, *, tls: Any = None, **options: Any) -> AsyncIterator[MailServer]:
    """Run the server in this event loop. `tls` encrypts from the start; `options` are aiosmtpd's."""
    loop = asyncio.get_running_loop()

    def connection() -> SMTP:
        return SMTP(server, hostname="mail.example", loop=loop, **options)

    listening = await loop.create_server(connection, "127.0.0.1", server.port, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()


async def until(condition: Callable[[], object]) -> None:
    """Wait for something that happens in another process or thread; the caller's time-out bounds it."""
    while not await asyncio.to_thread(condition):  # noqa: ASYNC110  Nobody there could set an event of this loop.
        await asyncio.sleep(0.02)


def queue(database: Database, key: str, *, to: str = "camille@hospidoc.example") -> OutgoingMail:
    """Queue a small mail that bears its key as identifiant."""
    message = example(LoginForgotten)
    assert isinstance(message, LoginForgotten)
    with database.writing(ACTOR) as session:
        return outbox.queue(session, replace(message, login=key), to=to, event_key=key)


def states(database: Database) -> dict[str, str]:
    """State of each mail by its event."""
    return {mail.event_key: mail.state.value for mail in mails(database)}


def mails(database: Database) -> list[OutgoingMail]:
    with database.reading() as session:
        found = list(session.exec(select(OutgoingMail).order_by(col(OutgoingMail.id))))
        session.expunge_all()
    return found

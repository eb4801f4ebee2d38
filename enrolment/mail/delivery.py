"""Hands one mail over: to a mail server, or to a folder when none is set.

A transport knows three failures, which say what to do next: the server is not there (nothing is this mail's fault), not
now, never. Retrying is the worker's business. Nothing personal is logged from here.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from enrolment.clock import PARIS
from enrolment.mail.context import one_line
from enrolment.mail.rendering import Sender, html_part, text_part
from enrolment.settings import Settings

# Lines of any length travel encoded; ASCII only, whatever the server supports.
_POLICY = policy.SMTP.clone(cte_type="7bit")
_TOO_LARGE = 552


class NotSent(Exception):
    """A mail that was not handed over. `reply` is what the server said, for the staff to read."""

    def __init__(self, reply: str) -> None:
        super().__init__(reply)
        self.reply = reply


class Unreachable(NotSent):
    """There is no server, or it takes no mail from us: not this mail's fault."""


class Deferred(NotSent):
    """Not now: worth another try later. The mail may have been taken, if the connection broke at the end."""


class Rejected(NotSent):
    """Never: the server refuses this mail for good."""


@dataclass(frozen=True)
class Parcel:
    """One mail, ready to leave. The same mail always makes the same parcel, so that a retry is recognised as one."""

    public_id: str
    queued_at: datetime
    recipient: str
    subject: str
    text: str
    fragment: str

    def message(self, sender: Sender) -> EmailMessage:
        """The mail with its headers. Raises ValueError for an address that is none."""
        mail = EmailMessage(policy=_POLICY)
        mail["Message-ID"] = message_id(self.public_id, sender)
        mail["Date"] = format_datetime(self.queued_at.astimezone(PARIS))
        mail["From"] = Address(one_line(sender.name), addr_spec=sender.address)
        mail["To"] = Address(addr_spec=self.recipient)
        if sender.reply_to:
            mail["Reply-To"] = Address(addr_spec=sender.reply_to)
        mail["Subject"] = one_line(self.subject)
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(text_part(self.text, sender), cte="quoted-printable")
        mail.add_alternative(html_part(self.subject, self.fragment, sender), subtype="html", cte="quoted-printable")
        # What is set before the content, `set_content` would move into a part.
        mail["Content-Language"] = "fr"
        # The boundary is random otherwise, and the same mail would differ from one try to the next.
        mail.set_boundary(f"=_{self.public_id}")
        return mail


def message_id(public_id: str, sender: Sender) -> str:
    """The Message-ID of a mail: the same at every try."""
    return f"<{public_id}@{sender.address.rpartition('@')[2]}>"


class Transport(Protocol):
    """Where mails go. Several may be sent at a time."""

    async def send(self, parcel: Parcel, sender: Sender) -> str:
        """Hand a mail over and return the reply. Raises NotSent; a ValueError is a mail that cannot be written."""


def transport_for(settings: Settings) -> Transport:
    """The transport that the settings ask for."""
    if settings.smtp_url is None:
        return FolderTransport(settings.var / "mail")
    return SmtpTransport(settings.smtp_url.get_secret_value())


class FolderTransport:
    """Writes each mail as a file, named so that a listing shows them in order. Writing one again changes nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def send(self, parcel: Parcel, sender: Sender) -> str:
        """Write the file, whole or not at all."""
        content = parcel.message(sender).as_bytes()
        try:
            path = await asyncio.to_thread(self._write, parcel, content)
        except OSError as error:
            raise Unreachable(f"Dossier des mails : {error.strerror}") from error
        return f"Écrit dans {path.name}"

    def _write(self, parcel: Parcel, content: bytes) -> Path:
        path = self.folder / f"{parcel.queued_at:%Y%m%dT%H%M%S.%fZ}-{parcel.public_id}.eml"
        if path.exists():
            return path
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, unfinished = tempfile.mkstemp(dir=self.folder, prefix=".")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(unfinished).replace(path)
        except BaseException:
            Path(unfinished).unlink(missing_ok=True)
            raise
        return path


class SmtpTransport:
    """Sends through a mail server: `smtp://[user:password@]host[:port]` or `smtps://…`.

    `smtps` encrypts from the start. `smtp` turns to TLS when the server offers it, and with a password only then: a
    password never travels in clear, nor to a server whose certificate is wrong. Without a password the certificate is
    not looked at, because whoever could forge it could as well hide the offer.
    """

    def __init__(self, url: str, *, tls: ssl.SSLContext | None = None, timeout: float = 20.0) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ValueError("The address of the mail server starts with smtp:// or smtps:// and names a host.")
        self._host = parts.hostname
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._implicit_tls = parts.scheme == "smtps"
        self._port = parts.port or (465 if self._implicit_tls else 587 if self._user else 25)
        self._tls = tls or self._default_tls()
        self._timeout = timeout

    @property
    def longest(self) -> float:
        """Seconds after which a mail is given up, whatever the server does."""
        return 3 * self._timeout

    async def send(self, parcel: Parcel, sender: Sender) -> str:
        """Hand a mail over, on a connection of its own: one that stalls or breaks concerns no other mail."""
        content = parcel.message(sender).as_bytes()
        client = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            use_tls=self._implicit_tls,
            start_tls=False,
            tls_context=self._tls,
            timeout=self._timeout,
            local_hostname=sender.address.rpartition("@")[2],
        )
        try:
            async with asyncio.timeout(self.longest):
                await self._connect(client)
                reply = await _hand_over(client, sender.address, parcel.recipient, content)
                # The mail is taken: what happens to the good-bye changes nothing.
                with suppress(aiosmtplib.SMTPException, OSError):
                    await client.quit()
                return reply
        except TimeoutError as error:
            raise Deferred("Le serveur de messagerie n'a pas répondu à temps.") from error
        finally:
            client.close()

    async def _connect(self, client: aiosmtplib.SMTP) -> None:
        try:
            await client.connect()
            if not self._implicit_tls:
                await client.ehlo()
                if client.supports_extension("starttls"):
                    await client.starttls()
                elif self._user:
                    raise Unreachable("Le serveur ne propose pas de chiffrement : le mot de passe n'est pas envoyé.")
            if self._user:
                await client.login(self._user, self._password)
        except aiosmtplib.SMTPException as error:
            raise Unreachable(_said(error)) from error
        except OSError as error:
            raise Unreachable(f"Connexion impossible ({type(error).__name__}).") from error

    def _default_tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if not self._implicit_tls and not self._user:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


async def _hand_over(client: aiosmtplib.SMTP, sender: str, recipient: str, content: bytes) -> str:
    try:
        _, reply = await client.sendmail(sender, [recipient], content)
    except aiosmtplib.SMTPRecipientsRefused as error:
        refusal = error.recipients[0]
        raise _failure(refusal.code, _said(refusal)) from error
    except aiosmtplib.SMTPSenderRefused as error:
        # The server refuses us, not the mail, unless it is the announced size that it minds.
        if error.code == _TOO_LARGE:
            raise Rejected(_said(error)) from error
        raise Unreachable(_said(error)) from error
    except aiosmtplib.SMTPResponseException as error:
        raise _failure(error.code, _said(error)) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise Deferred(_said(error)) from error
    return reply


def _failure(code: int, reply: str) -> NotSent:
    return Rejected(reply) if 500 <= code < 600 else Deferred(reply)


def _said(error: BaseException) -> str:
    """The server's reply, or the kind of the failure when it said nothing."""
    if isinstance(error, aiosmtplib.SMTPResponseException | aiosmtplib.SMTPRecipientRefused):
        return f"{error.code} {one_line(error.message)}"[:1000]
    return f"{type(error).__name__} {one_line(str(error))}".strip()[:1000]

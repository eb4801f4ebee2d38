"""The real portal and a real mail server, on free ports of this machine, for as long as a run lasts.

Nothing here opens a page: that is `chromium`. Nothing here plays a part: that is `vendor` and `manager`.
"""

from __future__ import annotations

import itertools
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import time_machine
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlmodel import select

from enrolment.links import Links, Purpose
from schema.database import Database
from schema.enums import ReferencingStatus
from schema.history import Actor
from schema.tables import Dsr, Referencing, RegistryEntry

READY_WITHIN = 180.0
STOPPED_WITHIN = 30.0
MAIL_WITHIN = 30.0
_POLL = 0.1
_count = itertools.count(1)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Mailbox:
    """A mail server that takes every mail and keeps it."""

    taken: list[tuple[str, EmailMessage]] = field(default_factory=list)
    port: int = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """The name is aiosmtpd's."""
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.taken += [(address, mail) for address in envelope.rcpt_tos]
        return "250 2.0.0 taken"

    def to(self, address: str) -> list[EmailMessage]:
        """What somebody has received so far."""
        return [mail for recipient, mail in list(self.taken) if recipient == address]

    def wait(self, address: str, subject: str) -> EmailMessage:
        """The mail to somebody whose subject has these words, once it has arrived."""
        deadline = time.monotonic() + MAIL_WITHIN
        while time.monotonic() < deadline:
            for mail in self.to(address):
                if subject in plain(str(mail["Subject"])):
                    return mail
            time.sleep(_POLL)
        seen = [str(mail["Subject"]) for mail in self.to(address)]
        raise AssertionError(f"no mail « {subject} » to {address}, only {seen}")


@contextmanager
def receiving() -> Iterator[Mailbox]:
    """A mail server that runs for as long as the block."""
    mailbox = Mailbox(port=free_port())
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()


def text_of(mail: EmailMessage) -> str:
    """The plain part of a mail, with plain spaces."""
    part = mail.get_body(("plain",))
    assert part is not None
    return plain(str(part.get_content()))


def plain(text: str) -> str:
    """No-break spaces as ordinary ones."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def link_in(mail: EmailMessage, path: str) -> str:
    """The address in a mail whose path starts so."""
    found = re.search(rf"https?://[^\s<>()]+?{re.escape(path)}[^\s<>()]*", text_of(mail))
    assert found, f"no link to {path} in {text_of(mail)}"
    return found.group()


@dataclass
class RunningPortal:
    """A portal that answers: where, with which data, and where its mails go."""

    address: str
    var: Path
    mailbox: Mailbox

    @property
    def links(self) -> Links:
        """Makes links that the portal takes for its own."""
        return Links((self.var / "demo-secret").read_text())

    def old_link(self, purpose: Purpose, subject: str, moment: str) -> str:
        """A link of this portal as it would have been signed at that moment."""
        with time_machine.travel(moment, tick=False):
            return self.links.sign(purpose, subject)

    def write(self, change: Callable[[Any], None]) -> None:
        """Change rows behind the portal's back."""
        database = Database(f"sqlite:///{self.var / 'enrolment.sqlite3'}")
        try:
            with database.writing(Actor.system("Test")) as session:
                change(session)
        finally:
            database.dispose()

    def new_software(self, *, dsr: str = "DSR-IMG-RIS-VA2", validated: bool = True) -> str:
        """The ANS number of a software that nobody has enrolled."""
        number = f"ANS-NAV-{next(_count):05d}"

        def add(session: Any) -> None:
            row = Referencing(
                ans_number=number,
                software_name="Clair de Lune",
                software_version="2.1",
                publisher_name="Éditions de la Lune",
                dsr_id=session.exec(select(Dsr.id).where(Dsr.code == dsr)).one(),
                status=ReferencingStatus.validated if validated else ReferencingStatus.pending,
            )
            session.add(row)

        self.write(add)
        return number

    def register(self, siret: str, name: str) -> None:
        """Put a company into the extract of the registry."""
        entry = RegistryEntry(
            siret=siret,
            siren=siret[:9],
            legal_name=name,
            street_number="8",
            street_type="AV",
            street_name="de la Loire",
            post_code="44000",
            city="Nantes",
        )
        self.write(lambda session: session.add(entry))


@contextmanager
def serving(var: Path, mailbox: Mailbox, **environment: str) -> Iterator[RunningPortal]:
    """`enrolment serve --demo` on a free port, in its own folder, until the end of the block."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ENROLMENT_")}
    settings = {
        "ENROLMENT_VAR": str(var),
        "ENROLMENT_SMTP_URL": f"smtp://127.0.0.1:{mailbox.port}",
        "ENROLMENT_CAPTCHA": "none",
        **environment,
    }
    command = [str(Path(sys.executable).with_name("enrolment")), "serve", "--demo", "--port", str(port)]
    var.mkdir(parents=True, exist_ok=True)
    log = var / f"serve-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=kept | settings, stdout=output, stderr=subprocess.STDOUT)
        try:
            _wait_until_ready(process, address, log)
            yield RunningPortal(address, var, mailbox)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOPPED_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(_POLL)
    raise AssertionError(f"the portal did not start:\n{log.read_text(errors='replace')[-3000:]}")

"""What leaves, byte for byte; and what each answer of a mail server means."""

import asyncio
import socket
import ssl
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from enrolment.mail.delivery import Deferred, FolderTransport, Parcel, Rejected, SmtpTransport, Unreachable
from enrolment.mail.rendering import Sender
from tests.enrolment.mail.conftest import SENDER, MailServer, serving

MOMENT = datetime(2026, 3, 3, 13, 5, 7, tzinfo=UTC)


def parcel(**values: str) -> Parcel:
    content = {"subject": "Été : reçu", "text": "Bonjour,\nvoilà.\n", "fragment": "<p>Bonjour,<br>\nvoilà.</p>"}
    return Parcel("abc-DEF_123", MOMENT, "camille@hospidoc.example", **(content | values))


def send(server: MailServer, url: str | None = None, tls: ssl.SSLContext | None = None, timeout: float = 5) -> str:
    return asyncio.run(_send(server, url, tls, timeout, {}))


async def _send(
    server: MailServer, url: str | None, tls: ssl.SSLContext | None, patience: float, options: dict[str, object]
) -> str:
    async with serving(server, **options) as running:
        address = (url or running.url).replace("PORT", str(running.port))
        return await SmtpTransport(address, tls=tls, timeout=patience).send(parcel(), SENDER)


def test_headers_of_a_mail() -> None:
    # rule: M2
    mail = parcel().message(Sender("Agence, de l'exemple", "no@segur.example", "reponse@segur.example"))
    assert mail["Message-ID"] == "<abc-DEF_123@segur.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["From"] == '"Agence, de l\'exemple" <no@segur.example>'
    assert mail["Reply-To"] == "reponse@segur.example"
    assert mail["Subject"] == "Été : reçu"
    assert parsedate_to_datetime(mail["Date"]) == MOMENT.replace(microsecond=0)
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert not any(name.lower().startswith("list-") for name in mail)


def test_same_mail_is_the_same_bytes_at_every_try() -> None:
    # rule: M3
    assert parcel().message(SENDER).as_bytes() == parcel().message(SENDER).as_bytes()


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_value_can_add_a_header_or_a_part(subject: str, name: str) -> None:
    # std: SEC-9
    hostile = f"{subject}\r\nBcc: x@evil.example\n\n<script>"
    content = parcel(subject=hostile).message(Sender(f"{name}\r\nBcc: x@evil.example", "no@segur.example")).as_bytes()
    mail = message_from_bytes(content, policy=policy.default)
    assert set(mail.keys()) == {
        "Message-ID",
        "Date",
        "From",
        "To",
        "Subject",
        "Auto-Submitted",
        "Content-Language",
        "Content-Type",
        "MIME-Version",
    }
    assert mail["To"] == "camille@hospidoc.example"
    assert len(list(mail.walk())) == 3
    html = mail.get_body(("html",))
    assert html is not None
    assert "<script>" not in html.get_content()


def test_folder_gets_one_whole_file_for_each_mail(tmp_path: Path) -> None:
    transport = FolderTransport(tmp_path / "mail")
    for _ in range(2):
        asyncio.run(transport.send(parcel(), SENDER))
    (file,) = (tmp_path / "mail").iterdir()
    assert file.name == "20260303T130507.000000Z-abc-DEF_123.eml"
    assert file.read_bytes() == parcel().message(SENDER).as_bytes()


def test_folder_that_cannot_be_written_is_no_fault_of_the_mail(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file where the folder should be")
    with pytest.raises(Unreachable):
        asyncio.run(FolderTransport(tmp_path / "mail").send(parcel(), SENDER))


def test_taken_mail_arrives_as_it_was_written() -> None:
    server = MailServer()
    assert "taken" in send(server)
    (mail,) = server.mails
    body = mail.get_body(("plain",))
    assert body is not None
    assert "Bonjour,\r\nvoilà.\r\n" in body.get_content()


@pytest.mark.parametrize(("answer", "failure"), [("451 4.3.0 later", Deferred), ("554 5.7.1 never", Rejected)])
def test_answer_of_the_server_says_whether_to_try_again(answer: str, failure: type[Exception]) -> None:
    # std: REL-2
    with pytest.raises(failure) as raised:
        send(MailServer(behave=lambda *_: answer))
    assert answer[4:] in str(raised.value)


def hang_up(server: MailServer, envelope: Envelope, connection: SMTP) -> None:
    assert isinstance(connection.transport, asyncio.Transport)
    connection.transport.abort()


async def stall(server: MailServer, envelope: Envelope, connection: SMTP) -> None:
    await asyncio.sleep(3600)


@pytest.mark.parametrize("behave", [hang_up, stall])
def test_broken_or_silent_conversation_is_tried_again(behave: object) -> None:
    # std: REL-2
    with pytest.raises(Deferred):
        send(MailServer(behave=behave), timeout=0.3)  # type: ignore[arg-type]


def test_no_server_is_no_fault_of_the_mail() -> None:
    # std: REL-6
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"smtp://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(Unreachable):
            asyncio.run(SmtpTransport(url, timeout=5).send(parcel(), SENDER))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's side that has a certificate for localhost, and a client's side that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "mail.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(path)
    return server_side, ssl.create_default_context(cafile=str(path))


class PasswordKeeper:
    """Lets in whoever gives the password, and counts the passwords that it saw."""

    def __init__(self) -> None:
        self.seen: list[object] = []

    def __call__(
        self, server: object, session: object, envelope: object, mechanism: object, data: object
    ) -> AuthResult:
        self.seen.append(data)
        right = getattr(data, "password", b"") == "s3cret é".encode()
        return AuthResult(success=right, handled=False)


USER = "smtp://portail:s3cret%20%C3%A9@localhost:PORT"


def test_password_is_never_sent_in_clear() -> None:
    keeper = PasswordKeeper()
    options = {"authenticator": keeper, "auth_require_tls": False}
    with pytest.raises(Unreachable, match="chiffrement"):
        asyncio.run(_send(MailServer(), USER, None, 5, options))
    assert keeper.seen == []


def test_password_is_never_sent_to_a_server_with_a_wrong_certificate(
    certificate: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    keeper = PasswordKeeper()
    options = {"authenticator": keeper, "tls_context": certificate[0]}
    with pytest.raises(Unreachable):
        asyncio.run(_send(MailServer(), USER, None, 5, options))
    assert keeper.seen == []


def test_password_is_sent_once_encrypted_and_a_wrong_one_is_no_fault_of_the_mail(
    certificate: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    server, keeper = MailServer(), PasswordKeeper()
    options = {"authenticator": keeper, "tls_context": certificate[0]}
    asyncio.run(_send(server, USER, certificate[1], 5, options))
    assert server.encrypted == [True]
    with pytest.raises(Unreachable, match="535"):
        asyncio.run(_send(MailServer(), USER.replace("s3", "x"), certificate[1], 5, options))


def test_encryption_is_taken_when_offered_even_without_password(
    certificate: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    server = MailServer()
    asyncio.run(_send(server, None, None, 5, {"tls_context": certificate[0]}))
    assert server.encrypted == [True]


def test_smtps_encrypts_from_the_start_and_looks_at_the_certificate(
    certificate: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    server = MailServer()
    asyncio.run(_send(server, "smtps://localhost:PORT", certificate[1], 5, {"tls": certificate[0]}))
    assert len(server.taken) == 1
    with pytest.raises(Unreachable):
        asyncio.run(_send(MailServer(), "smtps://localhost:PORT", None, 5, {"tls": certificate[0]}))


@pytest.mark.parametrize("url", ["http://mail.example", "smtp://", "mail.example:25"])
def test_address_that_is_no_mail_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="smtp"):
        SmtpTransport(url)

"""Log lines hold no secret, no personal data, no forged line."""

import logging
import logging.config
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrolment.links import Links, Purpose
from web.logs import MaskingFormatter, logging_config, mask

LINKS = Links("a secret key of the tests, long enough")


@given(st.sampled_from(Purpose), st.text(min_size=1, max_size=40))
def test_signed_links_are_never_logged(purpose: Purpose, subject: str) -> None:  # std: SEC-7
    token = LINKS.sign(purpose, subject)
    for line in (f'"GET /suivi/{token} HTTP/1.1" 200', f"GET /suivi/{token}?x=1", f"/a?lien={token}&b=c"):
        assert token not in mask(line)
        assert token.split(".")[-1] not in mask(line)
    assert LINKS.read(purpose, token, timedelta(days=1)).subject == subject


@pytest.mark.parametrize(
    "secret",
    [
        "jeanne.martin+asp@cabinet-sante.fr",
        "FR7630006000011234567890189",
        "FR76 3000 6000 0112 3456 7890 189",
        "+33 1 23 45 67 89",
        "01 23 45 67 89",
        "0123456789",
        "203.0.113.77",
        "2001:db8:85a3::8a2e:370:7334",
        "Yk3fQ9-xZ_aB71LmNoPqRs",
        "/suivi/YkfQ-xZ_aBLmNoPqRsTuVw",
    ],
)
def test_personal_data_is_masked(secret: str) -> None:  # std: SEC-14
    assert secret not in mask(f"vu {secret} ici")
    assert secret not in mask(f"({secret})")
    assert mask(f"vu {secret} ici").startswith("vu ")


@pytest.mark.parametrize(
    "line",
    [
        '  File "/lib/python3.11/site-packages/starlette/routing.py", line 75, in app',
        "sqlalchemy.exc.PendingRollbackErrorOfTheSession: closed",
        '"GET /enrolement/coordonnees-bancaires HTTP/1.1" 200',
        "incident 7F3A-91C2 on GET /espace/demandes",
        "2026-03-03 14:05:22,123 INFO web.errors started",
        "ENR-2026-000123 validated in 35.2 ms",
        "/assets/0123456789ab/portal.css",
    ],
)
def test_what_helps_to_understand_is_kept(line: str) -> None:
    assert mask(line) == line


def test_query_values_are_masked_and_names_kept() -> None:
    assert mask('"GET /recherche?nom=Martin&page=2 HTTP/1.1"') == '"GET /recherche?nom=***&page=*** HTTP/1.1"'


@given(st.text())
def test_one_event_is_one_line(value: str) -> None:  # std: SEC-9
    record = logging.LogRecord("a", logging.INFO, "f", 1, "name %s", (value,), None)
    assert len(MaskingFormatter("%(levelname)s %(message)s").format(record).splitlines()) == 1


def test_traceback_is_masked_too(capsys: pytest.CaptureFixture[str]) -> None:  # std: SEC-14
    root = logging.getLogger()
    before = root.handlers[:], root.level
    try:
        logging.config.dictConfig(logging_config())
        try:
            raise ValueError("jeanne@example.fr")
        except ValueError:
            logging.getLogger("uvicorn.error").exception("échec")
    finally:
        root.handlers[:], root.level = before
    written = capsys.readouterr().err
    assert "Traceback" in written
    assert "jeanne" not in written

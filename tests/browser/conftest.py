"""The portal, its mails and Chromium, for the tests that drive a real browser.

The portal and the mail server live as long as the run; Chromium as long as a module, since its library holds an event
loop open meanwhile, which tests of other folders could not bear.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import chromium
from tests.browser.looking import Auditor
from tests.browser.servers import Mailbox, RunningPortal, receiving, serving

Tab = Callable[..., Page]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--pictures FOLDER` keeps a screenshot of every page that is looked at."""
    parser.addoption("--pictures", default=None, help="Folder for a screenshot of each page of tests/browser.")


@pytest.fixture(scope="session")
def mailbox() -> Iterator[Mailbox]:
    """A mail server."""
    with receiving() as box:
        yield box


@pytest.fixture(scope="session")
def portal(mailbox: Mailbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPortal]:
    """The portal with its demonstration, without captcha."""
    with serving(tmp_path_factory.mktemp("portal") / "var", mailbox) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with chromium.launched() as launched:
        yield launched


@pytest.fixture
def tab(browser: Browser) -> Iterator[Tab]:
    """Opens tabs, each of a new visitor, which are judged when they close at the end of the test."""
    with ExitStack() as stack:

        def open_tab(**options: Any) -> Page:
            return stack.enter_context(chromium.tab(browser, **options))

        yield open_tab


@pytest.fixture
def auditor(request: pytest.FixtureRequest) -> Auditor:
    """Notes what is wrong with pages; takes pictures when `--pictures` names a folder."""
    thorough = "not again" not in request.config.option.markexpr
    folder: str | None = request.config.getoption("pictures")
    return Auditor(Path(folder) if folder else None, thorough)

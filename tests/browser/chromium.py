"""Chromium for the tests: where it is, how it is started, and a tab that fails on what no page may do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Response, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=fr-FR",
]
WITH_AND_WITHOUT_SCRIPTS = pytest.mark.parametrize("scripts", [True, pytest.param(False, marks=pytest.mark.again)])
TIMEOUT = 20_000
"""Milliseconds. Far above what anything takes: a test fails on what it sees, not on a slow machine."""


def executable() -> str:
    """The first Chromium on the PATH."""
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    raise AssertionError(f"none of {', '.join(NAMES)} is on the PATH")


@contextmanager
def launched() -> Iterator[Browser]:
    """A Chromium that runs for as long as the block."""
    expect.set_options(timeout=TIMEOUT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable(), args=ARGUMENTS, env=os.environ | {"LANGUAGE": "fr"}
        )
        try:
            yield browser
        finally:
            browser.close()


def speaks_french(page: Page) -> bool:
    """Whether Chromium's own words are French: those of its date fields come from a package apart (chromium-l10n)."""
    said: str = page.evaluate(
        "() => Object.assign(document.createElement('input'), {required: true}).validationMessage"
    )
    return said.startswith("Veuillez")


@contextmanager
def tab(browser: Browser, *, width: int = 1280, scripts: bool = True, **options: Any) -> Iterator[Page]:
    """A tab of a new visitor. At the end of the block it fails on any error of a script, anything that the policy
    blocked, any failure of the server, and any request to another machine.
    """
    context = browser.new_context(
        viewport={"width": width, "height": 900}, java_script_enabled=scripts, locale="fr-FR", **options
    )
    context.set_default_timeout(TIMEOUT)
    page = context.new_page()
    problems: list[str] = []

    def judge(response: Response) -> None:
        if response.status >= 500:
            problems.append(f"{response.status} {response.url}")
        place = urlsplit(response.url)
        # Chromium's own PDF viewer is made of pages of another scheme.
        if place.scheme in {"http", "https"} and place.hostname not in {"127.0.0.1", "localhost"}:
            problems.append(f"another machine: {response.url}")

    context.on("response", judge)
    context.on("weberror", lambda error: problems.append(str(error.error)))
    context.on("console", lambda said: problems.append(said.text) if "Content Security" in said.text else None)
    try:
        yield page
    finally:
        context.close()
    assert not problems, problems

"""Looks at a page as an auditor would (UX-1, UX-3): axe at two widths, nothing cut at 320 pixels, a picture on demand.

A page is looked at where it stands: its width is put back, nothing is clicked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.servers import plain

_EVERY_RULE = {"resultTypes": ["violations"]}
WIDTHS = {1280: _EVERY_RULE, 390: _EVERY_RULE | {"rules": {"color-contrast": {"enabled": False}}}}
"""What axe looks for at each width, in pixels. Colours are the same at both, and take half of its time."""

NARROWEST = 320
_NOT_CUT = """() => [...document.querySelectorAll('main *')].filter((e) => e.clientWidth > 1
    && e.scrollWidth > e.clientWidth + 1
    && !['visible', 'auto', 'scroll'].includes(getComputedStyle(e).overflowX)
    && !['INPUT', 'SELECT', 'TEXTAREA'].includes(e.tagName)
    && !e.closest('.visually-hidden')).map((e) => e.tagName + '.' + e.className)"""


@dataclass
class Auditor:
    """Looks at pages and notes what is wrong with them.

    `pictures` is a folder for screenshots, if any are wanted. Without `thorough`, axe sees a page at one of the widths,
    always the same for its name.
    """

    pictures: Path | None = None
    thorough: bool = True
    seen: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def look(self, page: Page, name: str) -> None:
        """Note what is wrong with this page under this name; a name counts once."""
        if name in self.seen:
            return
        self.seen.append(name)
        page.wait_for_load_state("load")
        before = page.viewport_size
        assert before is not None
        looked = WIDTHS if self.thorough or self.pictures else dict([list(WIDTHS.items())[crc32(name.encode()) % 2]])
        for width, options in looked.items():
            page.set_viewport_size({"width": width, "height": 900})
            results = Axe().run(page, options=options)
            if results.violations_count:
                self.problems.append(f"{name} at {width}: {results.generate_snapshot()}")
            self._picture(page, f"{name} {width}")
        page.set_viewport_size({"width": NARROWEST, "height": 900})
        scrolled = page.evaluate("document.documentElement.scrollWidth")
        if scrolled > NARROWEST:
            self.problems.append(f"{name} scrolls sideways: {scrolled} pixels at {NARROWEST}")
        cut = page.evaluate(_NOT_CUT)
        if cut:
            self.problems.append(f"{name} is cut at {NARROWEST}: {cut}")
        page.set_viewport_size(before)

    def _picture(self, page: Page, name: str) -> None:
        if self.pictures is not None:
            self.pictures.mkdir(parents=True, exist_ok=True)
            file = re.sub(r"[^a-z0-9]+", "-", plain(name).lower())
            page.screenshot(path=self.pictures / f"{file}.png", full_page=True)

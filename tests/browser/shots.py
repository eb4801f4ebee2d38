"""Takes the pictures of the documents in a real browser: `make docs-images` writes those of the README into
`docs/images` and those of the guides into `docs/guide/images`. With `guides` as argument it takes the latter only.

It plays stories on a demonstration of its own, so that the pictures show what a visitor of the demo sees.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from seeds.demo import data
from tests.browser import chromium, guides
from tests.browser.manager import Desk
from tests.browser.servers import RunningPortal, link_in, receiving, serving
from tests.browser.vendor import EMPLOYEE, Visit, new_siret, usual

FOLDER = Path("docs/images")
HEIGHT = 900
MOST_BYTES = 150_000
_COLOURS = 128


def save(page: Page, name: str, folder: Path = FOLDER) -> None:
    """What the page shows, as a light PNG."""
    page.wait_for_load_state("networkidle")
    page.evaluate("document.activeElement.blur()")
    picture = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    path = folder / f"{name}.png"
    picture.quantize(_COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    size = path.stat().st_size
    sys.stdout.write(f"{path}: {size // 1000} kB\n")
    if size > MOST_BYTES:
        raise SystemExit(f"{path} is too heavy: {size} bytes")


def top(page: Page) -> None:
    """Back to the top of the page, at once."""
    page.evaluate("window.scrollTo({top: 0, behavior: 'instant'})")


def vendor(portal: RunningPortal, page: Page) -> None:
    """What a vendor sees."""
    siret = new_siret()
    portal.register(siret, "CLAIR DE LUNE")
    told = usual(
        ans_number=portal.new_software(dsr="DSR-HOP-DPI-VA2"),
        siret=siret,
        in_registry=True,
        hosts_health_data=True,
        quality=EMPLOYEE,
    )
    page.goto(f"{portal.address}/")
    save(page, "landing")
    visit = Visit(page, portal.address, told)
    visit.begin()
    visit.referencing()
    visit.search_company()
    visit.applicant_answers()
    page.get_by_role("heading", name="Votre situation").evaluate(
        "(title) => title.scrollIntoView({behavior: 'instant'})"
    )
    save(page, "applicant")
    visit.next()
    visit.bank()
    visit.vat()
    visit.is_at(5)
    save(page, "summary")
    visit.finish()
    number = visit.number()
    page.goto(link_in(portal.mailbox.wait(told.correspondent.email, number), "/suivi/"))
    save(page, "status")


def manager(portal: RunningPortal, page: Page) -> None:
    """What a case manager sees."""
    desk = Desk(page, portal.address)
    desk.sign_in(data.MANAGER)
    page.get_by_role("link", name="File d'attente").first.click()
    save(page, "queue")
    page.locator("a.queue-number").first.click()
    page.get_by_role("navigation", name="Pièces du dossier").get_by_role("link").filter(has_text="dépositaire").click()
    page.get_by_role("heading", name="du dépositaire").wait_for()
    top(page)
    save(page, "file")
    page.goto(f"{portal.address}/admin/request/list")
    save(page, "list")


def guide(scene: Callable[[guides.Seat], None], portal: RunningPortal, page: Page) -> None:
    """What a role sees on a first day."""
    scene(guides.Seat(portal, page, partial(save, folder=guides.FOLDER)))


def main(arguments: list[str]) -> None:
    """Take every picture."""
    scenes = [partial(guide, scene) for scene in guides.SCENES]
    _take(scenes, guides.FOLDER)
    if arguments != ["guides"]:
        _take([vendor, manager], FOLDER)


def _take(scenes: list[Callable[[RunningPortal, Page], None]], into: Path) -> None:
    """Play scenes one after the other on a fresh demonstration."""
    into.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        receiving() as mailbox,
        serving(Path(folder) / "var", mailbox) as portal,
        chromium.launched() as browser,
    ):
        for scene in scenes:
            with chromium.tab(browser) as page:
                if not chromium.speaks_french(page):
                    raise SystemExit("Date fields would show mm/dd/yyyy: install the package chromium-l10n first.")
                page.set_viewport_size({"width": 1280, "height": HEIGHT})
                scene(portal, page)


if __name__ == "__main__":
    main(sys.argv[1:])

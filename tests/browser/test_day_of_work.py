"""A day of work of each role in a real browser, by the scenes that the guides show."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.browser import guides, shots
from tests.browser.conftest import Tab
from tests.browser.guides import Seat
from tests.browser.servers import RunningPortal

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]


@pytest.mark.parametrize("scene", guides.SCENES, ids=lambda scene: scene.__name__)
def test_day_of_work(portal: RunningPortal, tab: Tab, tmp_path: Path, scene: Callable[[Seat], None]) -> None:
    scene(Seat(portal, tab(), partial(shots.save, folder=tmp_path)))
    assert list(tmp_path.glob("*.png")), "the guide of this role shows nothing"

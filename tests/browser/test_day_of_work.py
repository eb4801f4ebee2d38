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
_EVERY_RUN = (guides.manager,)
SCENES = [
    pytest.param(scene, id=scene.__name__, marks=[] if scene in _EVERY_RUN else pytest.mark.again)
    for scene in guides.SCENES
]


@pytest.mark.parametrize("scene", SCENES)
def test_day_of_work(portal: RunningPortal, tab: Tab, tmp_path: Path, scene: Callable[[Seat], None]) -> None:
    scene(Seat(portal, tab(), partial(shots.save, folder=tmp_path)))
    assert list(tmp_path.glob("*.png")), "the guide of this role shows nothing"

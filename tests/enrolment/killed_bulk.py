"""Workers of bulk actions that a test kills: `python -m … <folder> <database url>`."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from enrolment.portal import open_portal
from enrolment.services.bulk import judging, running
from schema.database import Database
from tests.conftest import settings_for
from tests.killed import serve


def work(begin: Callable[[], None]) -> None:
    """Judge and carry out without an end."""
    folder, url = sys.argv[1:]
    database = Database(url)
    portal = open_portal(settings_for(Path(folder), database), database)
    judging.run(portal, 0)
    begin()
    while True:
        judging.run(portal, 0.2)
        running.run(portal, 0.2)
        time.sleep(0.01)


if __name__ == "__main__":
    serve(work)

"""Workers of bulk actions that a test kills: `python -m … <folder> <database url>`.

For each line that it reads, this process forks a worker, which writes its number once it is at work; forking spares the
imports.
"""

import os
import sys
import time
from pathlib import Path

from enrolment.portal import open_portal
from enrolment.services.bulk import judging, running
from schema.database import Database
from tests.conftest import settings_for


def work(folder: str, url: str) -> None:
    """Judge and carry out without an end."""
    database = Database(url)
    portal = open_portal(settings_for(Path(folder), database), database)
    judging.run(portal, 0)
    sys.stdout.write(f"{os.getpid()}\n")
    sys.stdout.flush()
    while True:
        judging.run(portal, 0.2)
        running.run(portal, 0.2)
        time.sleep(0.01)


def main(folder: str, url: str) -> None:
    """One worker at a time."""
    for _ in sys.stdin:
        number = os.fork()
        if number == 0:
            work(folder, url)
        os.waitpid(number, 0)


if __name__ == "__main__":
    main(*sys.argv[1:])

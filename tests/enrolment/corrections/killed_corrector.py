"""Workers of corrections that a test kills: `python -m … <database url> <folder of files>`."""

import sys
import time
from collections.abc import Callable

from enrolment.corrections import running
from enrolment.files.encryption import FileKeys
from enrolment.files.storage import Storage
from schema.database import Database
from tests.enrolment.corrections.records import SECRET, Parts
from tests.killed import serve


def work(begin: Callable[[], None]) -> None:
    """Prepare and apply without an end."""
    url, folder = sys.argv[1:]
    parts = Parts(Database(url), Storage(folder, FileKeys.from_settings("", SECRET)))
    begin()
    while True:
        running.run(parts, 0.05)
        time.sleep(0.001)


if __name__ == "__main__":
    serve(work)

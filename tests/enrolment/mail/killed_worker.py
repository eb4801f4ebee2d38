"""Workers that a test kills: `python -m … <database url> <mail server url>`.

For each line that it reads, this process forks a worker and writes its number; forking spares the imports.
"""

import asyncio
import os
import sys

from enrolment.mail.claims import Pace
from enrolment.mail.delivery import SmtpTransport
from enrolment.mail.worker import Worker
from schema.database import Database
from tests.enrolment.mail.conftest import SENDER

PACE = Pace(lease=1.0, poll=0.02, lanes=2, most_tries=1000, first_delay=0.01)


def work(database_url: str, mail_url: str) -> None:
    worker = Worker(Database(database_url), SmtpTransport(mail_url, timeout=5), SENDER, PACE)
    asyncio.run(worker.run_forever(asyncio.Event()))


def main(database_url: str, mail_url: str) -> None:
    for _ in sys.stdin:
        number = os.fork()
        if number == 0:
            work(database_url, mail_url)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        os.waitpid(number, 0)


if __name__ == "__main__":
    main(*sys.argv[1:])

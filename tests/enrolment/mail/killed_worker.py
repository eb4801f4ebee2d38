"""A worker in a process of its own, for the test that kills it: `python -m … <database url> <mail server url>`."""

import asyncio
import sys

from enrolment.mail.claims import Pace
from enrolment.mail.delivery import SmtpTransport
from enrolment.mail.worker import Worker
from schema.database import Database
from tests.enrolment.mail.conftest import SENDER

PACE = Pace(lease=1.0, poll=0.02, lanes=2, most_tries=1000, first_delay=0.01)


async def main(database_url: str, mail_url: str) -> None:
    worker = Worker(Database(database_url), SmtpTransport(mail_url, timeout=5), SENDER, PACE)
    print("ready", flush=True)
    await worker.run_forever(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

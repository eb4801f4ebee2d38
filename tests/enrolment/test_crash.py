"""A request that was acknowledged survives `kill -9` the next instant; one that was not leaves nothing half-written."""

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from enrolment.files.storage import StoredFile
from enrolment.portal import Portal
from schema.tables import Attachment, EnrolmentRequest, OutgoingMail, RequestEvent

_PROGRAM = """
import itertools, sys
from stdnum.fr import siret
from tests.conftest import settings_for
from enrolment.portal import open_portal
from schema.database import Database
from pathlib import Path
from tests.stories import enrol

folder, url, start = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
database = Database(url)
portal = open_portal(settings_for(folder, database), database)

def sirets():
    for number in itertools.count(start):
        for last in range(10):
            text = f"{number:08d}{last}"
            for key in range(10):
                candidate = f"{text}0001{key}"
                if siret.is_valid(candidate):
                    yield candidate

for found in sirets():
    print(enrol(portal, siret=found).number, flush=True)
"""


@pytest.mark.parametrize("kills", [2, pytest.param(20, marks=pytest.mark.slow)])
def test_acknowledged_request_survives_a_kill(portal: Portal, tmp_path: Path, kills: int) -> None:
    # std: REL-1
    acknowledged: list[str] = []
    chance = random.Random(2026)
    url = portal.database.url.render_as_string(hide_password=False)
    for attempt in range(kills):
        command = [sys.executable, "-c", _PROGRAM, str(tmp_path), url, str(10_000_000 + attempt * 1_000_000)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
        assert process.stdout is not None
        # The first line tells that it is at work; the kill then comes at any moment of a submission.
        acknowledged.append(process.stdout.readline().strip())
        time.sleep(chance.uniform(0.0, 0.4))
        process.send_signal(signal.SIGKILL)
        acknowledged += [line.strip() for line in process.stdout if line.endswith("\n")]
        process.wait()
        process.stdout.close()
    with portal.database.reading() as session:
        _every_request_is_whole(session, portal)
        stored = set(session.exec(select(EnrolmentRequest.number)))
    assert set(filter(None, acknowledged)) <= stored
    assert len(acknowledged) >= kills
    shutil.rmtree(tmp_path / "var", ignore_errors=True)


def _every_request_is_whole(session: Session, portal: Portal) -> None:
    requests = session.exec(select(func.count()).select_from(EnrolmentRequest)).one()
    for table in (RequestEvent, OutgoingMail):
        counted = sa.select(sa.func.count(sa.distinct(table.request_id))).select_from(table)
        assert session.execute(counted).scalar_one() == requests
    numbers = sorted(int(number.rsplit("-", 1)[1]) for number in session.exec(select(EnrolmentRequest.number)))
    assert numbers == list(range(1, requests + 1))
    files = session.exec(select(Attachment).where(col(Attachment.request_id).is_not(None))).all()
    assert len(files) >= 2 * requests
    for row in files[:30]:
        portal.storage.get(StoredFile(row.storage_key, row.sha256, row.size, row.encryption_key))

"""Export, edit in a spreadsheet, import: exactly the edits come back, and nothing else."""

from pathlib import Path

from sqlmodel import select

from schema.database import Database
from schema.enums import ReferencingStatus
from schema.tables import Referencing
from tests.enrolment.corrections.records import applied
from tests.enrolment.corrections.test_files import read

SAMPLE = Path("seeds/demo/liste-ans-exemple.csv")


def test_sample_of_the_ans_list_loads(database: Database) -> None:
    # rule: R3
    correction = applied(database, read(database, SAMPLE.read_bytes()))
    assert correction.applied == 7
    with database.reading() as session:
        found = session.exec(select(Referencing).where(Referencing.ans_number == "ANS-V2-IMG-00320")).one()
        assert found.software_name == 'Imagis "Cabinet" ; édition 2026'
        assert found.status is ReferencingStatus.pending

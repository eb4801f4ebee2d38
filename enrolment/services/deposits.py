"""Takes an uploaded file: checks it, has it scanned, stores it, and describes it as a row not yet saved.

Runs outside any transaction, since scanning and storing take time: the caller saves the row afterwards. A file that is
stored and whose row is never saved is an orphan that the sweep removes.
"""

from __future__ import annotations

from enrolment.documents import Kind
from enrolment.errors import Refused
from enrolment.files import antivirus, checks
from enrolment.files.antivirus import Outcome
from enrolment.files.checks import Inspected
from enrolment.files.storage import Storage
from schema.enums import ScanState
from schema.tables import Attachment


def deposit(storage: Storage, kind: Kind, name: str, content: bytes, clamd: str | None) -> Attachment:
    """A stored file as an unsaved attachment. Raises FileRefused, Refused or StorageUnavailable."""
    inspected, scan = examine(name, content, kind.max_bytes, clamd)
    stored = storage.put(inspected.content, sensitive=kind.sensitive)
    return Attachment(
        document_kind_id=kind.id,
        file_name=inspected.safe_name,
        content_type=inspected.content_type,
        size=inspected.size,
        pages=inspected.pages,
        sha256=inspected.sha256,
        storage_key=stored.key,
        encryption_key=stored.key_id,
        scan=scan,
    )


def examine(name: str, content: bytes, max_bytes: int, clamd: str | None) -> tuple[Inspected, ScanState]:
    """All that is checked of a file before it is taken; keeps nothing. Raises FileRefused or Refused."""
    inspected = checks.inspect(content, name, max_bytes=max_bytes)
    return inspected, scan_state(inspected.content, clamd)


def scan_state(content: bytes, clamd: str | None) -> ScanState:
    """What the antivirus says. One that is down lets the file wait, unscanned and not served. Raises Refused."""
    if clamd is None:
        return ScanState.disabled
    verdict = antivirus.scan(content, clamd)
    if verdict.outcome is Outcome.infected:
        raise Refused(
            "L'antivirus a trouvé un contenu dangereux dans ce fichier : il n'a pas été gardé. Analysez votre "
            "ordinateur, puis déposez une copie saine du document."
        )
    if verdict.outcome is Outcome.refused:
        raise Refused(
            "L'antivirus ne peut pas analyser ce fichier : déposez-le dans un autre format (PDF, JPEG ou PNG)."
        )
    return ScanState.clean if verdict.outcome is Outcome.clean else ScanState.unscanned

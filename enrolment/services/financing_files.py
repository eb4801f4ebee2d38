"""Takes the two files of a financing request: checked, scanned, stored, not yet given to a request.

Runs outside any transaction, like `deposits`: a pair whose row is never saved is an orphan that the sweep removes.
Both files are encrypted: proofs are invoices and orders that name people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from sqlmodel import Session

from enrolment import parameters
from enrolment.errors import Refused
from enrolment.files.names import MAX_STEM
from enrolment.files.refusals import megabytes
from enrolment.files.storage import Storage, StoredFile
from enrolment.financing.checking import Report, check
from enrolment.financing.lines import amount
from enrolment.financing.problems import cut
from enrolment.financing.proofs import Bounds, inspect
from enrolment.financing.rules import Rules
from enrolment.services.deposits import scan_state
from enrolment.services.pieces import require_state
from schema.enums import ScanState
from schema.history import Actor
from schema.tables import FinancingAccess, FinancingDeposit

_MEBIBYTE = 1024 * 1024
_NAMED_IN_MAIL = 30


@dataclass(frozen=True)
class Sizes:
    """The limits in force, in bytes and documents."""

    file_bytes: int
    proofs: Bounds


@dataclass(frozen=True)
class Given:
    """A file as it came: the sender's name for it proves nothing."""

    name: str
    size: int
    stream: BinaryIO


@dataclass(frozen=True)
class Pair:
    """The two files of a deposit, stored, and what the check found in them."""

    file: StoredFile
    file_name: str
    proofs: StoredFile
    proofs_name: str
    proofs_names: tuple[str, ...]
    proofs_count: int
    ans_number: str
    lines: int
    total_cents: int
    scan: ScanState

    @property
    def total_said(self) -> str:
        """The total, as one reads it."""
        return amount(self.total_cents)


class FileNotConforming(Refused):
    """The financing file does not pass the simulator; `report` says why."""

    def __init__(self, report: Report) -> None:
        super().__init__("Le fichier de financement n'est pas conforme : corrigez les points relevés, puis déposez-le.")
        self.report = report


def sizes(session: Session) -> Sizes:
    """The limits in force."""
    return Sizes(
        parameters.number(session, "financing_file_mb") * _MEBIBYTE,
        Bounds(
            parameters.number(session, "financing_proofs_mb") * _MEBIBYTE,
            parameters.number(session, "financing_proofs_count"),
        ),
    )


def too_large(limit: int) -> str:
    """What is said of a financing file over its limit."""
    return (
        f"Ce fichier dépasse {megabytes(limit)}. Répartissez vos prestations en plusieurs fichiers, chacun avec ses "
        "propres totaux."
    )


def take(storage: Storage, rules: Rules, limits: Sizes, file: Given, proofs: Given, clamd: str | None) -> Pair:
    """Check both files and store them. Raises FileNotConforming, ProofsRefused, Refused or StorageUnavailable."""
    if file.size > limits.file_bytes:
        raise Refused(too_large(limits.file_bytes))
    report = check(file.stream, rules)
    if not report.conforms:
        raise FileNotConforming(report)
    checked = inspect(proofs.stream, proofs.size, limits.proofs)
    file.stream.seek(0)
    content = file.stream.read()
    states = {scan_state(one, clamd) for one in (content, checked.content)}
    names = checked.names
    more = (f"et {len(names) - _NAMED_IN_MAIL} autres",) if len(names) > _NAMED_IN_MAIL else ()
    return Pair(
        file=storage.put(content, sensitive=True),
        file_name=_named(file.name, "json"),
        proofs=storage.put(checked.content, sensitive=True),
        proofs_name=_named(proofs.name, "zip"),
        proofs_names=(*names[:_NAMED_IN_MAIL], *more),
        proofs_count=len(names),
        ans_number=report.ans_number,
        lines=report.lines,
        total_cents=report.totals[2],
        scan=ScanState.unscanned if ScanState.unscanned in states else states.pop(),
    )


def record_access(session: Session, actor: Actor, row: FinancingDeposit, *, proofs: bool) -> None:
    """Note that somebody of the ASP opens a file (rule F4), before it is read: what nobody recorded is not shown."""
    session.add(
        FinancingAccess(
            financing_deposit_id=row.id,
            proofs=proofs,
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_label=actor.label,
        )
    )


def copy_of(storage: Storage, row: FinancingDeposit, *, proofs: bool) -> bytes:
    """The content of a file of a deposit. Raises Refused for one not known to be clean."""
    require_state(row.scan)
    if proofs:
        stored = StoredFile(row.proofs_key, row.proofs_sha256, row.proofs_size, row.proofs_encryption_key)
    else:
        stored = StoredFile(row.file_key, row.file_sha256, row.file_size, row.file_encryption_key)
    return storage.get(stored)


def _named(name: str, extension: str) -> str:
    """A harmless name to show, that ends in what the content is."""
    stem = cut(name.removesuffix(f".{extension}"))[:MAX_STEM].strip(" .") or "financement"
    return f"{stem}.{extension}"

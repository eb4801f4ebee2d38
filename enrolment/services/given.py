"""What was given to the demands of the ASP that have ended: the files, the answers before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from enrolment.services.demands import label_of
from schema.tables import Attachment, Demand, DemandItem, DocumentKind


@dataclass(frozen=True)
class Given:
    """One point of a demand that ended: a file, or an answer before and after.

    Of a file, `old` and `new` are names, and the keys are the public ids of the pieces.
    """

    label: str
    reason: str
    old: str
    new: str
    is_file: bool
    old_key: str = ""
    new_key: str = ""


def given(session: Session, demand: Demand) -> tuple[Given, ...]:
    """What was given to a demand, whether it was answered or cancelled."""
    return given_to(session, [demand.id])[demand.id]


def given_to(session: Session, keys: Sequence[int]) -> Mapping[int, tuple[Given, ...]]:
    """The same for several demands, by key, in one query."""
    former, older = aliased(Attachment), aliased(Attachment)
    newest = (
        sa.select(sa.func.max(col(older.id)))
        .where(col(older.replaced_by_id) == col(DemandItem.attachment_id))
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(DemandItem, col(DocumentKind.name), Attachment, former)
        .outerjoin(DocumentKind, col(DemandItem.document_kind_id) == DocumentKind.id)
        .outerjoin(Attachment, col(DemandItem.attachment_id) == Attachment.id)
        .outerjoin(former, col(former.id) == newest)
        .where(col(DemandItem.demand_id).in_(keys))
        .order_by(col(DemandItem.id))
    )
    found: dict[int, tuple[Given, ...]] = dict.fromkeys(keys, ())
    for item, kind, file, replaced in rows:
        if file is not None or item.new_value is not None:
            one = Given(
                label=kind or label_of(item.field or ""),
                reason=item.reason or "",
                old=replaced.file_name if replaced is not None else item.old_value or "",
                new=file.file_name if file is not None else item.new_value or "",
                is_file=kind is not None,
                old_key=replaced.public_id if replaced is not None else "",
                new_key=file.public_id if file is not None else "",
            )
            found[item.demand_id] = (*found[item.demand_id], one)
    return found

"""Files without their row, rows without their file, and files replaced by those of another request.

The storage is asked file by file: only the newest rows are looked at, and once a day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa

from enrolment.corrections import uploads
from enrolment.doctor.check import MOST, Check, Context, Key, Keys, Severity, by_query
from schema.base import table_of
from schema.tables import Attachment, DocumentModel, FinancingDeposit

_FILE = table_of(Attachment).c
_DEPOSIT = table_of(FinancingDeposit).c
_MODEL = table_of(DocumentModel).c
_NEWEST = 20_000
_AT_ONCE = 500
_DAILY = timedelta(days=1)
# The sweep deletes what is a day old, every six hours: what is older was forgotten by it.
_SWEPT = timedelta(days=2)


def _missing(context: Context, keys: Keys | None) -> Iterator[Key]:
    statement = sa.select(_FILE.id, _FILE.storage_key).order_by(_FILE.id.desc()).limit(_NEWEST)
    if keys is not None:
        statement = statement.where(_FILE.id.in_(list(keys)))
    for key, name in context.session.execute(statement.execution_options(yield_per=MOST)):
        if not context.storage.has(name):
            yield key


def _orphans(context: Context, keys: Keys | None) -> Iterator[Key]:
    names = iter(sorted(map(str, keys))) if keys is not None else context.storage.list_keys(before=context.now - _SWEPT)
    pieces = set(uploads.in_use(context.session))
    while batch := list(islice(names, _AT_ONCE)):
        named = pieces.intersection(batch)
        for column in (_FILE.storage_key, _DEPOSIT.file_key, _DEPOSIT.proofs_key, _MODEL.storage_key):
            named |= set(context.session.execute(sa.select(column).where(column.in_(batch))).scalars())
        yield from (name for name in batch if name not in named and context.storage.has(name))


def _forget(context: Context, key: Key) -> None:
    context.storage.delete(str(key))


def _replaced_elsewhere(context: Context) -> sa.Select[Any]:
    del context
    newer = table_of(Attachment).alias()
    return (
        sa.select(_FILE.id)
        .join(newer, _FILE.replaced_by_id == newer.c.id)
        .where(sa.or_(_FILE.request_id != newer.c.request_id, _FILE.document_kind_id != newer.c.document_kind_id))
    )


def _stand_again(context: Context, key: Key) -> None:
    context.session.get_one(Attachment, key).replaced_by_id = None


CHECKS = (
    Check(
        "file_missing",
        Severity.error,
        "Pièces dont le fichier manque au stockage, parmi les 20 000 plus récentes",
        "Restaurez le stockage depuis une sauvegarde, ou redemandez la pièce au fournisseur.",
        _missing,
        table="attachment",
        every=_DAILY,
    ),
    Check(
        "file_orphan",
        Severity.warning,
        "Fichiers stockés qu'aucune pièce ne nomme",
        "Effacez-les, et vérifiez que le travail de fond tourne : il le fait de lui-même.",
        _orphans,
        repair=_forget,
        repair_label="Effacer ces fichiers",
        every=_DAILY,
    ),
    Check(
        "piece_replaced_elsewhere",
        Severity.error,
        "Pièces remplacées par une pièce d'un autre dossier ou d'un autre type",
        "Remettez-les en vigueur : le lien vers l'autre pièce est retiré.",
        by_query(_replaced_elsewhere),
        table="attachment",
        repair=_stand_again,
        repair_label="Remettre en vigueur",
    ),
)

"""Which vendor a row belongs to, table by table, as queries from the lines of a correction to mail addresses.

The address is that of the correspondent of each request (rule D5, `enrolment.services.people`): the account once there
is one, else the person it will be opened for. A row that comes into being tells nobody: its vendor declared it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from enrolment.corrections import codecs
from schema.base import Table, table_of
from schema.describe import FieldSpec, field
from schema.enums import Operation, PersonRole
from schema.staging import LINES
from schema.tables import Account, BankAccount, EnrolmentRequest, Person, Provider, Referencing

_REQUEST: Any = table_of(EnrolmentRequest)
_ACCOUNT: Any = table_of(Account)
_PERSON: Any = table_of(Person)

Query = sa.Select[Any]


def addresses(session: Session, model: type[Table], told: Sequence[FieldSpec]) -> list[Query]:
    """Queries of (correction, address in small letters, place) of the lines that touch a column that is told.

    Empty for a table whose rows are no vendor's. Conditions on the lines are added by whoever runs them.
    """
    sqlite_ = session.get_bind().dialect.name == "sqlite"
    touches = sa.or_(
        LINES.c.operation == Operation.delete.value,
        *(codecs.has(spec, LINES.c.changes, sqlite=sqlite_) for spec in told),
    )
    name = table_of(model).name
    if name == _ACCOUNT.name:
        queries = [_selected(_ACCOUNT.c.email, LINES.join(_ACCOUNT, _ACCOUNT.c.id == LINES.c.row_id))]
    else:
        joined = _REQUESTS.get(name)
        queries = [_of_correspondents(joined())] if joined is not None else []
    if name == _PERSON.name and any(spec.name == "email" for spec in told):
        # As when an account changes its address: the old one is told, and the new one.
        spec = field(Person, "email")
        changed = codecs.has(spec, LINES.c.changes, sqlite=sqlite_)
        queries.append(_selected(codecs.after(spec, LINES.c.changes, sqlite=sqlite_), LINES).where(changed))
    return [query.where(touches, LINES.c.operation != Operation.insert.value) for query in queries]


def _selected(address: sa.ColumnElement[Any], source: sa.FromClause) -> Query:
    written = sa.func.lower(address)
    return (
        sa.select(LINES.c.correction_id, written, LINES.c.place)
        .select_from(source)
        .where(address.is_not(None))
        .distinct()
    )


def _of_correspondents(source: sa.FromClause) -> Query:
    role = sa.case(
        (_REQUEST.c.is_representative.is_(True), PersonRole.representative.value), else_=PersonRole.depositary.value
    )
    person = _PERSON.alias("filing")
    whole = source.outerjoin(_ACCOUNT, _ACCOUNT.c.id == _REQUEST.c.account_id).outerjoin(
        person, sa.and_(person.c.provider_id == _REQUEST.c.provider_id, person.c.role == role)
    )
    return _selected(sa.func.coalesce(_ACCOUNT.c.email, person.c.email), whole)


def _by_request() -> sa.FromClause:
    return LINES.join(_REQUEST, _REQUEST.c.id == LINES.c.row_id)


def _by_provider() -> sa.FromClause:
    return LINES.join(_REQUEST, _REQUEST.c.provider_id == LINES.c.row_id)


def _by_referencing() -> sa.FromClause:
    return LINES.join(_REQUEST, _REQUEST.c.referencing_id == LINES.c.row_id)


def _by_row_of(model: type[Table]) -> Callable[[], sa.FromClause]:
    table: Any = table_of(model)

    def joined() -> sa.FromClause:
        return LINES.join(table, table.c.id == LINES.c.row_id).join(
            _REQUEST, _REQUEST.c.provider_id == table.c.provider_id
        )

    return joined


_REQUESTS: Mapping[str, Callable[[], sa.FromClause]] = {
    _REQUEST.name: _by_request,
    table_of(Provider).name: _by_provider,
    table_of(Person).name: _by_row_of(Person),
    table_of(BankAccount).name: _by_row_of(BankAccount),
    table_of(Referencing).name: _by_referencing,
}
"""How the lines of a table lead to the requests whose vendors are told."""

"""The signed-in member of the staff, as the pages of the back office know them."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import HTTPConnection

from admin_app.permissions import OPEN, Right, Withdrawn, may, may_open
from enrolment.errors import Forbidden
from enrolment.services import rights
from schema.enums import ActorKind, BulkVerb, StaffRole, Verb
from schema.history import Actor
from schema.tables import StaffUser

_KEY = "admin_app.staff"
Opening = tuple[tuple[str, str], ...]
"""(page, query) of the saved views that the menu leads to."""


@dataclass(frozen=True)
class Staff:
    """Who is signed in, with what role. `session_key` is the key in their cookie.

    `must_enrol` says that a second factor is required of them and that they have none: until then they reach nothing
    but the page that sets one up.
    """

    id: int
    name: str
    email: str
    role: StaffRole
    session_key: str
    has_second_factor: bool = False
    must_enrol: bool = False
    withdrawn: Withdrawn = frozenset()
    opening: Opening = ()

    @classmethod
    def of(cls, row: StaffUser, session_key: str, withdrawn: Withdrawn = frozenset(), opening: Opening = ()) -> Staff:
        """From their row, what was taken from their role, and the views that their lists open on."""
        name, has_second_factor = f"{row.first_name} {row.last_name}", row.totp_confirmed_at is not None
        return cls(
            row.id, name, row.email, row.role, session_key, has_second_factor, withdrawn=withdrawn, opening=opening
        )

    @property
    def actor(self) -> Actor:
        """In whose name changes are recorded."""
        return Actor(ActorKind.staff, self.id, self.name)

    def may(self, table: str, right: Right | str) -> bool:
        """Whether they have a right on a table."""
        return may(self.role, table, Right(right)) and (table, Right(right).value) not in self.withdrawn

    def may_open(self, permission: str) -> bool:
        """Whether they hold the permission of a page."""
        return may_open(self.role, permission) and (permission, OPEN) not in self.withdrawn

    def may_decide(self, verb: Verb) -> bool:
        """Whether they may take a decision on a request."""
        return may_open(self.role, rights.BY_VERB[verb]) and rights.decides(self.withdrawn, verb)

    def may_launch(self, verb: BulkVerb) -> bool:
        """Whether they may launch a bulk action."""
        return may_open(self.role, rights.BULK) and rights.launches(self.withdrawn, verb)


def remember(connection: HTTPConnection, staff: Staff) -> None:
    """Note for the rest of the request who is signed in."""
    connection.scope[_KEY] = staff


def current(connection: HTTPConnection) -> Staff | None:
    """Who is signed in, or None."""
    found = connection.scope.get(_KEY)
    return found if isinstance(found, Staff) else None


def staff_of(connection: HTTPConnection) -> Staff:
    """Who is signed in. Raises Forbidden when nobody is: the gate let in a request that it should not have."""
    found = current(connection)
    if found is None:
        raise Forbidden("Connectez-vous pour continuer.")
    return found


def require(connection: HTTPConnection, permission: str) -> Staff:
    """Who is signed in, if they hold the permission of a page. Raises Forbidden."""
    staff = staff_of(connection)
    if not staff.may_open(permission):
        raise Forbidden(
            f"Votre rôle ({staff.role.label}) ne permet pas d'ouvrir cette page. Demandez à un administrateur."
        )
    return staff


def require_right(connection: HTTPConnection, table: str, right: Right) -> Staff:
    """Who is signed in, if they have a right on a table. Raises Forbidden."""
    staff = staff_of(connection)
    if not staff.may(table, right):
        raise Forbidden(f"Votre rôle ({staff.role.label}) ne permet pas cette action. Demandez à un administrateur.")
    return staff

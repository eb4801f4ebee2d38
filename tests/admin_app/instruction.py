"""People of the ASP at work in the back office, over a portal whose requests come from `tests.stories`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import col, select

from admin_app.app import create_app
from enrolment.portal import Portal
from enrolment.services import passwords
from schema.base import Table
from schema.enums import StaffRole
from schema.history import Actor
from schema.tables import Attachment, EnrolmentRequest, StaffUser
from tests.pages import Page, PageClient

PASSWORD = "Un mot de passe assez long 2026"
PEOPLE = {
    "ines": ("Inès", "Moreau", StaffRole.manager),
    "karim": ("Karim", "Benali", StaffRole.manager),
    "paul": ("Paul", "Roux", StaffRole.steward),
    "anne": ("Anne", "Petit", StaffRole.administrator),
    "luc": ("Luc", "Blanc", StaffRole.reader),
}


def hire(portal: Portal) -> dict[str, int]:
    """Everybody of PEOPLE; their keys by first name."""
    with portal.database.writing(Actor.system()) as session:
        rows = {
            name: StaffUser(
                email=f"{name}@asp.example",
                first_name=first,
                last_name=last,
                role=role,
                password_hash=passwords.hashed(PASSWORD),
            )
            for name, (first, last, role) in PEOPLE.items()
        }
        session.add_all(rows.values())
        session.flush()
        return {name: row.id for name, row in rows.items()}


@contextmanager
def office(portal: Portal, name: str) -> Iterator[PageClient]:
    """The back office as one of PEOPLE sees it."""
    client = PageClient(create_app(portal))
    with client.http:
        page = client.get("/admin/login")
        client.submit(page.form, email=f"{name}@asp.example", mot_de_passe=PASSWORD)
        yield client


def send(client: PageClient, page: Page, *, now: bool = True, **fields: object) -> Page:
    """Send a decision whose mail is on the page, and let it take effect at once unless it is to wait."""
    page = client.submit(page.form_named("Envoyer la décision"), button="Envoyer la décision", **fields)
    return client.submit(page.form_named("Envoyer maintenant")) if now else page


def file_page(client: PageClient, request: EnrolmentRequest, piece: str = "", **options: int) -> Page:
    """The page of a file."""
    return client.get(f"/admin/demandes/{request.id}" + (f"?piece={piece}" if piece else ""), **options)


def current(portal: Portal, request: EnrolmentRequest) -> EnrolmentRequest:
    """The request as it stands now."""
    with portal.database.reading() as session:
        return session.get_one(EnrolmentRequest, request.id)


def pieces(portal: Portal, request: EnrolmentRequest) -> list[Attachment]:
    """The pieces of a request."""
    with portal.database.reading() as session:
        found = session.exec(
            select(Attachment).where(Attachment.request_id == request.id).order_by(col(Attachment.id))
        ).all()
        return list(found)


def rows(portal: Portal, model: type[Table], *conditions: object) -> list[Table]:
    """The rows of a table, in order."""
    with portal.database.reading() as session:
        return list(session.exec(select(model).where(*conditions).order_by(col(model.id))))  # type: ignore[arg-type]


def examine_all(client: PageClient, portal: Portal, request: EnrolmentRequest) -> None:
    """Say « Conforme » of every piece, one page after the other, as the page leads."""
    page = file_page(client, request)
    for _ in pieces(portal, request):
        page = client.submit(page.form_named("Conforme"), button="Conforme")

"""A vendor and its account, in a browser: its first password, signing in."""

from sqlmodel import select

from enrolment.portal import Portal
from enrolment.services import accounts
from public_site.app import create_app
from schema.history import Actor
from schema.tables import OutgoingMail, Person
from tests.pages import Page, PageClient
from tests.rows import add_request

SYSTEM = Actor.system()
GOOD = "gR7!kp2Vw;q9"


def browser_of(portal: Portal) -> PageClient:
    """A browser on the public site."""
    return PageClient(create_app(portal), base_url=portal.settings.base_url)


def open_account(portal: Portal, email: str = "claire@alize.fr", number: str = "ENR-2026-000123") -> str:
    """Validate a first request; the path of the password link."""
    with portal.database.writing(SYSTEM) as session:
        request = add_request(session, number=number, is_early=True)
        person = session.exec(select(Person).where(Person.provider_id == request.provider_id)).one()
        person.email = email
        session.add(person)
        session.flush()
        accounts.open_account(session, SYSTEM, request, portal.addresses)
        mail = session.exec(
            select(OutgoingMail).where(OutgoingMail.template == "password_link", OutgoingMail.recipient == email)
        ).one()
        return "/mot-de-passe/" + mail.text_body.split("/mot-de-passe/")[1].split()[0]


def choose(client: PageClient, link: str, password: str = GOOD, again: str | None = None, status: int = 200) -> Page:
    """Choose a password through a link."""
    page = client.get(link)
    again = password if again is None else again
    return client.submit(page.form, nouveau_mot_de_passe=password, confirmation=again, status=status)


def sign_in(client: PageClient, login: str, password: str, status: int = 200, path: str = "/connexion") -> Page:
    """Fill the form of « Se connecter »."""
    page = client.get(path)
    return client.submit(
        page.form_named("connexion"), button="Valider", identifiant=login, mot_de_passe=password, status=status
    )


def session_key(client: PageClient) -> str | None:
    """The key of the session in the cookie."""
    return client.http.cookies.get("session")


def token_of(client: PageClient) -> str:
    """A token that the pages of this browser would send."""
    return client.get("/connexion/mot-de-passe-oublie").form.values()["csrf_token"][0]

"""What somebody who corrects does, from page to page."""

from __future__ import annotations

from pathlib import Path

from sqlmodel import col, select

from enrolment.corrections import running
from enrolment.portal import Portal, open_portal
from schema.database import Database
from schema.tables import Correction
from tests.admin_app.instruction import hire
from tests.conftest import settings_for
from tests.enrolment.corrections.records import agreed_to_by_one_person
from tests.pages import Page, PageClient

LIST = "/admin/corrections"
NEW = "/admin/nouvelle-correction/provider"


def of_one_person(database: Database, folder: Path) -> Portal:
    """A portal with its staff, where one person may carry a correction through."""
    opened = open_portal(settings_for(folder, database), database)
    hire(opened)
    agreed_to_by_one_person(database)
    return opened


def only(portal: Portal) -> Correction:
    """The last correction asked for."""
    with portal.database.reading() as session:
        return session.exec(select(Correction).order_by(col(Correction.id).desc())).first()  # type: ignore[return-value]


def typed_city(client: PageClient, city: str, start: str = f"{NEW}?post_code=93200") -> Page:
    """The form with a change of the city added and filled in, its preview asked for."""
    page = client.get(start)
    form = page.form_named("Préparer l'aperçu")
    page = client.submit(form, button="Ajouter ce changement", nouvelle_colonne="city")
    form = page.form_named("Préparer l'aperçu")
    return client.submit(form, button="Préparer l'aperçu", motif="Courriel de la préfecture", **{"valeur.city": city})


def prepared(client: PageClient, portal: Portal, city: str = "Saint-Denis") -> Page:
    """The page of a correction that is ready to be looked at."""
    typed_city(client, city)
    correction = only(portal)
    running.finish(portal, correction.id)
    return client.get(f"{LIST}/{correction.public_id}")


def applied(client: PageClient, portal: Portal, page: Page, **fields: object) -> Page:
    """The same after its application."""
    client.submit(page.form_named(f"{page.path}/appliquer"), **fields)
    running.finish(portal, only(portal).id)
    return client.get(page.path)

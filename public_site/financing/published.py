"""The format of a financing file, published: a page for people, the JSON Schema and an example for machines."""

from __future__ import annotations

import json

from sqlmodel import col, select
from starlette.requests import Request
from starlette.responses import Response

from enrolment import parameters
from enrolment.financing import format as described
from enrolment.financing.example import example
from enrolment.financing.lines import amount
from enrolment.typography import french
from public_site.serving import named
from public_site.site import portal_of, render
from schema.tables import PrestationType
from web.headers import Policy
from web.parts import Column
from web.routing import Access, page

FORMAT = "/financement"
SCHEMA = f"{FORMAT}/schema-{described.VERSION}.json"
EXAMPLE = f"{FORMAT}/exemple-{described.VERSION}.json"

_PARTS = (
    (described.HEADER, "L'en-tête", described.HEADER_FIELDS),
    (described.SITES, "Les établissements clients", described.SITE_FIELDS),
    (described.LINES, "Les prestations", described.LINE_FIELDS),
)


def show(request: Request) -> Response:
    """The format, explained."""
    with portal_of(request).database.reading() as session:
        kinds = session.exec(
            select(PrestationType).where(PrestationType.active).order_by(col(PrestationType.code))
        ).all()
        rates = parameters.text(session, "financing_vat_rates")
    context = {
        "version": described.VERSION,
        "schema_url": SCHEMA,
        "example_url": EXAMPLE,
        "columns": [Column("Champ", main=True), Column("Contenu"), Column("Exemple")],
        "parts": [
            (part, title, [(one.name, _about(one), json.dumps(one.example, ensure_ascii=False)) for one in fields])
            for part, title, fields in _PARTS
        ],
        "kind_columns": [Column("Code", main=True), Column("Type de prestation"), Column("Plafond TTC d'une ligne")],
        "kinds": [
            (kind.code, kind.name, amount(kind.ceiling_cents) if kind.ceiling_cents else "Aucun") for kind in kinds
        ],
        "rates": [rate.strip().replace(".", ",") for rate in rates.split(";") if rate.strip()],
        "example": json.dumps(example(), ensure_ascii=False, indent=2),
    }
    return render(request, "financing/format.html", context)


def schema(request: Request) -> Response:
    """The JSON Schema, with the kinds and rates that the tables allow today."""
    portal = portal_of(request)
    with portal.database.reading() as session:
        kinds = session.exec(select(PrestationType.code).where(PrestationType.active)).all()
        rates = parameters.text(session, "financing_vat_rates")
    content = described.json_schema(
        f"{portal.settings.base_url}{SCHEMA}", kinds, [rate.strip() for rate in rates.split(";") if rate.strip()]
    )
    return _saved(content, f"financement-{described.VERSION}.schema.json", "application/schema+json")


def sample(request: Request) -> Response:
    """The example."""
    del request
    return _saved(example(), f"financement-{described.VERSION}.exemple.json", "application/json")


def _saved(content: object, name: str, media_type: str) -> Response:
    text = json.dumps(content, ensure_ascii=False, indent=2)
    return Response(text, media_type=media_type, headers=named(name))


def _about(field: described.Field) -> str:
    return french(field.about if field.required else f"{field.about} Facultatif.")


ROUTES = (
    page(FORMAT, show, access=Access.PUBLIC, name="financing_format"),
    page(SCHEMA, schema, access=Access.PUBLIC, policy=Policy.FILE, name="financing_schema"),
    page(EXAMPLE, sample, access=Access.PUBLIC, policy=Policy.FILE, name="financing_example"),
)

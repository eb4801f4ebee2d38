"""« Gérer mes demandes d'enrôlement »: sorted, filtered, searched, by pages, all of it in the address (rule A1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from enrolment.services import portfolio
from enrolment.services.portfolio import SORTS, Criteria
from enrolment.wording import enrolment_type
from public_site.account.guard import visitor_of
from public_site.private.actions import Row
from public_site.private.addresses import COMPLEMENTARY, REQUESTS
from public_site.private.frame import private_page
from public_site.site import portal_of
from schema.enums import RequestKind, RequestStatus
from schema.types import Siret, show_as
from web.fields import FieldView
from web.parts import PageLinks
from web.routing import Access, page
from web.typography import number

STATUS, TYPE, SIRET, TEXT, SORT, PAGE = "statut", "type", "siret", "recherche", "tri", "page"
_LONGEST = 100
_TYPES: Mapping[str, tuple[RequestKind, bool]] = {
    "initial": (RequestKind.initial, False),
    "initial-anticipe": (RequestKind.initial, True),
    "complementaire": (RequestKind.complementary, False),
    "complementaire-anticipe": (RequestKind.complementary, True),
}
_COLUMNS = (
    ("Numéro demande", "numero"),
    ("Date de dépôt", "date"),
    ("Statut", "statut"),
    ("Siret fournisseur", "siret"),
    ("Profil référencé", "profil"),
    ("Type d'enrôlement", "type"),
    ("Action", ""),
)


@dataclass(frozen=True)
class Head:
    """A heading of the table. `direction` is how the list is sorted by it, if it is; `url` sorts by it."""

    label: str
    url: str
    direction: str


def show(request: Request) -> Response:
    """The list."""
    typed = {name: request.query_params.get(name, "")[:_LONGEST] for name in (STATUS, TYPE, SIRET, TEXT, SORT, PAGE)}
    criteria = _criteria(typed)
    account_id = visitor_of(request).account.id
    with portal_of(request).database.reading() as session:
        companies = portfolio.companies(session, account_id)
        found = portfolio.read(session, account_id, criteria)
    context = {
        "rows": [Row(line) for line in found.lines],
        "heads": [_head(label, key, typed, criteria) for label, key in _COLUMNS],
        "fields": _fields(typed, [(one.siret, f"{one.name} – {show_as(Siret, one.siret)}") for one in companies]),
        "sort": typed[SORT] if typed[SORT].removeprefix("-") in SORTS else "",
        "links": _links(typed, found),
        "total": found.total,
        "is_narrowed": criteria.is_narrowed,
        "all": REQUESTS,
        "complementary": COMPLEMENTARY,
    }
    return private_page(request, "private/list.html", context)


def _criteria(typed: Mapping[str, str]) -> Criteria:
    """What was asked; what cannot be read is left out."""
    status = typed[STATUS]
    kind, is_early = _TYPES.get(typed[TYPE], (None, None))
    sort = typed[SORT]
    turned = typed[PAGE]
    return Criteria(
        status=RequestStatus(status) if status in set(RequestStatus) else None,
        kind=kind,
        is_early=is_early,
        siret=typed[SIRET] if typed[SIRET].isascii() and typed[SIRET].isdigit() else "",
        text=typed[TEXT].replace("\x00", "").strip(),
        sort=sort if sort.removeprefix("-") in SORTS else "-date",
        page=int(turned) if turned.isascii() and turned.isdecimal() and len(turned) < 6 else 1,
    )


def _fields(typed: Mapping[str, str], companies: list[tuple[str, str]]) -> list[FieldView]:
    statuses = tuple((status.value, status.label) for status in RequestStatus)
    types = tuple((key, enrolment_type(kind, is_early=early)) for key, (kind, early) in _TYPES.items())
    fields = [
        FieldView(TEXT, "Rechercher", value=typed[TEXT], kind="search", max_length=_LONGEST, required=True),
        FieldView(STATUS, "Statut", value=typed[STATUS], kind="select", choices=statuses),
        FieldView(TYPE, "Type d'enrôlement", value=typed[TYPE], kind="select", choices=types),
    ]
    if len(companies) > 1:
        fields.append(FieldView(SIRET, "Fournisseur", value=typed[SIRET], kind="select", choices=tuple(companies)))
    return fields


def _head(label: str, key: str, typed: Mapping[str, str], criteria: Criteria) -> Head:
    if not key:
        return Head(label, "", "")
    is_here = criteria.sort.removeprefix("-") == key
    descending = criteria.sort.startswith("-")
    # Dates and numbers begin with the newest; words with the first letter.
    first = f"-{key}" if key in {"date", "numero"} else key
    turned = (key if descending else f"-{key}") if is_here else first
    return Head(label, _address(typed, **{SORT: turned, PAGE: ""}), _direction(descending) if is_here else "")


def _direction(descending: bool) -> str:
    return "descending" if descending else "ascending"


def _links(typed: Mapping[str, str], found: portfolio.Page) -> PageLinks | None:
    here = (found.first - 1) // portfolio.PAGE + 1
    if not found.lines or (here == 1 and not found.has_next):
        return None
    upto = found.first + len(found.lines) - 1
    return PageLinks(
        said=f"{number(found.first)} à {number(upto)} sur {number(found.total)}",
        previous_url=_address(typed, **{PAGE: str(here - 1)}) if here > 1 else None,
        next_url=_address(typed, **{PAGE: str(here + 1)}) if found.has_next and here < portfolio.FARTHEST else None,
    )


def _address(typed: Mapping[str, str], **changes: str) -> str:
    query = {name: value for name, value in {**typed, **changes}.items() if value}
    return f"{REQUESTS}?{urlencode(query)}" if query else REQUESTS


ROUTES = (page(REQUESTS, show, access=Access.ACCOUNT, name="requests"),)

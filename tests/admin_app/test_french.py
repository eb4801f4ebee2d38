"""Every generated page speaks French, to every role, when all goes well and when something is refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from admin_app.permissions import TABLES, Right, may
from enrolment.portal import Portal
from enrolment.records import codes, presentation
from schema.base import table_of
from schema.describe import FieldKind, FieldSpec, fields, model_named
from schema.enums import StaffRole
from schema.tables import ALL
from tests.admin_app import french
from tests.admin_app.conftest import SignIn
from tests.admin_app.rows import first
from tests.pages import Page, PageClient

KNOWN = frozenset({"application/pdf", "ING Bank France", "status=in_review"})
"""Texts of the rows themselves that are no French words."""

ROLES = [
    pytest.param(role, marks=[] if role is StaffRole.administrator else pytest.mark.again)
    for role in StaffRole  # An administrator is shown the most.
]


def _known(office: Portal) -> frozenset[str]:
    """The texts above, and the codes by which the ASP or the program names rows and that nothing says in French."""
    found = set(KNOWN)
    with office.database.reading() as session:
        for model in ALL:
            for spec in fields(model):
                printed = spec.field_type is not None and spec.field_type.name == "printed_code"
                if spec.name == "code" or (printed and spec.name != "table_name"):
                    stored = {spec.example or ""} | set(session.scalars(sa.select(table_of(model).c[spec.name])))
                    found |= {value for value in stored if value and codes.in_french(spec, value) is None}
    return frozenset(words for words in found if words not in CODES_SAID)


CODES_SAID = frozenset({"referencing", "request"})
"""Codes that pages must say in French."""


def _addresses(role: StaffRole, table: str, key: int) -> Iterator[tuple[str, int]]:
    """Every page of a table that a role may open, and some that answer with an error."""
    here = f"/admin/{table}"
    if not may(role, table, Right.list):
        yield f"{here}/list", 403
        return
    yield f"{here}/list", 200
    yield f"{here}/list?recherche=introuvable", 200
    dated = any(spec.name == "created_at" for spec in presentation.filtered(model_named(table)))
    yield f"{here}/list?{'created_at__du=hier&' if dated else ''}inconnu=1&tri=rien&sens=haut&apres=x&taille=y", 400
    yield from ((f"{here}/details/{key}{tab}", 200) for tab in ("", "?onglet=lignes-liees", "?onglet=historique"))
    yield f"{here}/details/999999", 404
    yield (f"{here}/edit/{key}", 200) if may(role, table, Right.edit) else (f"{here}/edit/{key}", 403)
    yield (f"{here}/create", 200) if may(role, table, Right.create) else (f"{here}/create", 403)
    yield (f"{here}/delete?pk={key}", 200) if may(role, table, Right.delete) else (f"{here}/delete?pk={key}", 403)
    if may(role, table, Right.edit):
        yield f"{here}/restore/{key}?modification=1&colonne=x", 404
        yield f"{here}/edit/999999", 404


def _nonsense(spec: FieldSpec) -> str | None:
    """What a column cannot take."""
    if spec.kind in (FieldKind.integer, FieldKind.moment, FieldKind.date):
        return "zzz"
    if spec.kind is FieldKind.text:
        return "zzz" * 200
    return "" if spec.kind is FieldKind.long_text and spec.required else None


def _wrong_forms(client: PageClient, table: str, key: int) -> Iterator[Page]:
    """The forms of a table sent with everything wrong, then with a version that is not the present one."""
    specs = presentation.editable(model_named(table))
    nonsense = {spec.name: value for spec in specs if (value := _nonsense(spec)) is not None}
    if nonsense and may(StaffRole.administrator, table, Right.edit):
        form = client.get(f"/admin/{table}/edit/{key}").form
        yield client.submit(form, status=422, **nonsense)
        yield client.submit(form, status=409, row_version="0")
    if may(StaffRole.administrator, table, Right.create):
        empty = client.get(f"/admin/{table}/create").form
        yield client.submit(empty, status=422)


@pytest.mark.parametrize("role", ROLES)
def test_ux4_every_generated_page_is_in_french(office: Portal, signed_in: SignIn, role: StaffRole) -> None:
    # std: UX-4
    client = signed_in(office, role)
    client.check = False
    wrong: dict[str, str] = {}
    known = _known(office)
    with office.database.reading() as session:
        keys = {table: first(session, model_named(table)).id for table in TABLES}
    for table, key in keys.items():
        for address, status in _addresses(role, table, key):
            page = client.get(address, status=status)
            for problem in french.problems(page, known):
                wrong.setdefault(problem, address)
    assert not wrong, "\n".join(f"{address}: {problem}" for problem, address in wrong.items())


def test_ux4_every_form_refuses_in_french(office: Portal, signed_in: SignIn) -> None:
    # std: UX-4  # std: UX-5
    client = signed_in(office, StaffRole.administrator)
    client.check = False
    wrong: dict[str, str] = {}
    known = _known(office)
    with office.database.reading() as session:
        keys = {table: first(session, model_named(table)).id for table in TABLES}
    for table, key in keys.items():
        for page in _wrong_forms(client, table, key):
            assert page.error_messages or "Quelqu'un d'autre" in page
            for problem in french.problems(page, known):
                wrong.setdefault(problem, page.path)
    assert not wrong, "\n".join(f"{address}: {problem}" for problem, address in wrong.items())


def test_crawl_would_see_what_is_not_french(office: Portal, signed_in: SignIn) -> None:
    """What it looks for is found where it stands: in texts, in what is only heard, in values."""
    known = _known(office)
    page = signed_in(office, StaffRole.reader).get("/admin/provider/list")
    assert not list(french.problems(page, known))
    (heading,) = page.all("h1")
    for words in ("Save", "in_review", "2026-03-03", "2026-03-03T13:05", "None", "True", "staff_user", "found"):
        heading.text = words
        assert list(french.problems(page, known)), words
    heading.text = "Fournisseurs"
    page.all("input")[0].set("aria-label", "Search the list")
    assert list(french.problems(page, known))

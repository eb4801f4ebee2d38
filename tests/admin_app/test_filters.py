"""Filters, column by column: several values, exclusions, and a matrix of all that must be refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from starlette.datastructures import QueryParams

from admin_app import filter_form, listing
from admin_app.permissions import TABLES, Right, may
from enrolment.portal import Portal
from enrolment.records import filters, presentation
from enrolment.records.filters import Operator, WrongFilters
from schema.base import Table, table_of
from schema.describe import FieldKind, FieldSpec, model_named
from schema.enums import RegistryOutcome, StaffRole
from schema.history import Actor
from schema.tables import ALL, DocumentKind, Provider
from tests.admin_app.conftest import SignIn

_TEXT = ("x" * 500, "a\x00b")
_NUMBER = (*_TEXT, "abc", "1.5", "1e3", "0x1", "--1", "٣", "1;2", "9" * 20, "1 or 1=1")
_DAY = (*_TEXT, "hier", "2026-02-30", "31/02/2026", "0001-01-01", "9999-12-31", "2026-13-01", "20260101", "12:00")
_YES = (*_TEXT, "peut-être", "2", "null")
BAD: dict[tuple[FieldKind, Operator], tuple[str, ...]] = {
    (FieldKind.text, Operator.contains): _TEXT,
    (FieldKind.text, Operator.equal): _TEXT,
    (FieldKind.text, Operator.differs): _TEXT,
    (FieldKind.long_text, Operator.contains): _TEXT,
    (FieldKind.integer, Operator.at_least): _NUMBER,
    (FieldKind.integer, Operator.at_most): _NUMBER,
    (FieldKind.integer, Operator.equal): _NUMBER,
    (FieldKind.boolean, Operator.equal): _YES,
    (FieldKind.choice, Operator.equal): (*_TEXT, "zz", "zz'; DROP TABLE request; --", "%", "*"),
    (FieldKind.choice, Operator.differs): (*_TEXT, "zz", "%", "*"),
    (FieldKind.date, Operator.from_day): _DAY,
    (FieldKind.date, Operator.to_day): _DAY,
    (FieldKind.date, Operator.equal): (*_TEXT, "hier", "2026-02-30", "31/02/2026", "2026-13-01"),
    (FieldKind.moment, Operator.from_day): _DAY,
    (FieldKind.moment, Operator.to_day): _DAY,
    (FieldKind.reference, Operator.contains): _TEXT,
    (FieldKind.reference, Operator.equal): _NUMBER,
    (FieldKind.reference, Operator.differs): _NUMBER,
}
_ONE_VALUE = set(Operator) - {Operator.equal, Operator.differs}


def _wrong(model: type[Table]) -> Iterator[tuple[FieldSpec, list[tuple[str, str]]]]:
    """Every (column, operator, value) of a table that cannot be understood, and operators that a column lacks."""
    for spec in presentation.filtered(model):
        has = filters.operators_of(spec)
        for operator in Operator:
            name = filters.name_of(spec, operator)
            if operator not in has:
                yield spec, [(name, "1")]
                continue
            bad = _YES if operator is Operator.empty else BAD[spec.kind, operator]
            for value in bad:
                yield spec, [(name, value)]
            if operator in _ONE_VALUE:
                yield spec, [(name, "1"), (name, "2")]
            else:
                yield spec, [(name, f"{number}") for number in range(201)]


def test_matrix_of_wrong_filters_never_shows_a_row(office: Portal) -> None:
    tried = 0
    with office.database.reading() as session:
        for model in ALL:
            scoped = sa.select(model)
            for spec, pairs in _wrong(model):
                params = QueryParams(pairs)
                statement, read, _ = listing.selection(session, model, scoped, params)
                assert set(read.problems) == {pairs[0][0]}, (model, pairs)
                (said,) = read.problems.values()
                assert said.startswith((f"{spec.label} :", "Le filtre « ")), said
                with pytest.raises(WrongFilters):
                    read.conditions()
                found = listing.page(session, model, scoped, "/x", params)
                assert (found.rows, found.count.rows) == ([], 0), (model, pairs)
                assert found.filters.problems
                del statement
                tried += 1
    assert tried > 10_000


def test_wrong_filter_beside_a_right_one_is_still_refused_everywhere(office: Portal, signed_in: SignIn) -> None:
    client = signed_in(office, StaffRole.administrator)
    for table in TABLES:
        model = model_named(table)
        client.check = table != "message_template"
        dated = any(spec.name == "created_at" for spec in presentation.filtered(model))
        query = f"id__min=1&{'created_at__du' if dated else 'id__max'}=hier"
        page = client.get(f"/admin/{table}/list?{query}", status=400)
        assert ("Créé le" if dated else "Identifiant technique") in " ".join(page.error_messages)
        assert not page.all("tbody"), table
        assert "Exporter" not in page
        if may(StaffRole.administrator, table, Right.export):
            for form in ("csv", "xlsx"):
                assert client.http.get(f"/admin/{table}/export/{form}?{query}").status_code == 400, table
        assert presentation.filtered(model)


def test_form_sends_several_values_and_each_filter_is_a_chip(portal: Portal, signed_in: SignIn) -> None:
    with portal.database.writing(Actor.system()) as session:
        session.get_one(Provider, 1).registry_outcome = RegistryOutcome.unavailable
    client = signed_in(portal, StaffRole.reader)
    page = client.get("/admin/provider/list")
    values = [RegistryOutcome.unavailable.value, RegistryOutcome.unknown.value]
    shown = client.submit(page.form_named("/admin/provider/list"), registry_outcome=values, city__contient="b")
    assert "1 à 1 sur 1" in shown
    assert [box.get("value") for box in shown.all("input", name="registry_outcome") if "checked" in box.attrib] == [
        value for value, _ in _choices() if value in values
    ]
    chips = [text for text in shown.links if "(retirer ce filtre)" in text]
    assert len(chips) == 2
    for chip in chips:
        assert len([text for text in client.click(shown, chip).links if "(retirer ce filtre)" in text]) == 1
    assert "1 à 2 sur 2" in client.click(shown, "Tout retirer")


def _choices() -> tuple[tuple[str, str], ...]:
    """The choices of the column that the test above filters by, in their order."""
    return next(spec.choices for spec in presentation.filtered(Provider) if spec.name == "registry_outcome")


EXCLUSIONS = [
    ("registry_outcome__sauf=found", []),
    ("registry_outcome__sauf=unknown&registry_outcome__sauf=unavailable", ["Lyon", "BESANÇON"]),
    ("city__sauf=Lyon", ["BESANÇON"]),
    ("building__sauf=C", ["Lyon", "BESANÇON"]),
    ("building__sauf=C&building__vide=non", []),
    ("street_type_id__sauf=999999", ["Lyon", "BESANÇON"]),
]


@pytest.mark.parametrize(("query", "cities"), EXCLUSIONS)
def test_exclusion_keeps_all_but_the_values_given_and_empty_is_not_one_of_them(
    portal: Portal, query: str, cities: list[str]
) -> None:
    with portal.database.reading() as session:
        found = listing.page(session, Provider, sa.select(Provider), "/x", QueryParams(query))
    assert not found.filters.problems
    assert [row.city for row in found.rows] == cities


def test_empty_and_not_empty_part_the_rows_of_every_optional_column(portal: Portal) -> None:
    with portal.database.reading() as session:
        for model in ALL:
            every = session.execute(sa.select(sa.func.count()).select_from(table_of(model))).scalar_one()
            for spec in presentation.filtered(model):
                name = filters.name_of(spec, Operator.empty)
                parts = [
                    listing.page(session, model, sa.select(model), "/x", QueryParams({name: answer}))
                    for answer in ("oui", "non")
                ]
                if Operator.empty not in filters.operators_of(spec):
                    assert all(part.filters.problems for part in parts)
                else:
                    assert sum(part.count.rows for part in parts) == every, (model, spec.name)


def test_form_offers_a_way_to_filter_by_every_column(office: Portal) -> None:
    """Ranges for numbers and days, boxes for short lists, words for texts, and whether it is empty."""
    wanted = {
        FieldKind.integer: {Operator.at_least, Operator.at_most},
        FieldKind.date: {Operator.from_day, Operator.to_day},
        FieldKind.moment: {Operator.from_day, Operator.to_day},
        FieldKind.text: {Operator.contains},
        FieldKind.long_text: {Operator.contains},
        FieldKind.boolean: {Operator.equal},
        FieldKind.choice: {Operator.equal},
        FieldKind.reference: set(),
    }
    with office.database.reading() as session:
        for model in ALL:
            form = filter_form.build(session, model, "/x", QueryParams(), filters.Filters(), "")
            names = {control.name for control in [*form.main, *form.others]}
            for spec in presentation.filtered(model):
                if spec.name in ("id", "row_version"):
                    continue
                operators = wanted[spec.kind] | (set() if spec.required else {Operator.empty})
                if filters.operators_of(spec) == (Operator.equal,):
                    # A code that nobody types in part: links filter by the whole of it.
                    continue
                assert {filters.name_of(spec, operator) for operator in operators} <= names, (model, spec.name)
                if spec.references is not None:
                    either = {filters.name_of(spec, one) for one in (Operator.equal, Operator.contains)}
                    assert either & names, (model, spec.name)


def test_short_references_are_boxes(office: Portal, signed_in: SignIn) -> None:
    client = signed_in(office, StaffRole.manager)
    with office.database.reading() as session:
        kinds = session.execute(sa.select(sa.func.count()).select_from(table_of(DocumentKind))).scalar_one()
    page = client.get("/admin/attachment/list")
    assert len(page.all("input", name="document_kind_id", type="checkbox")) == kinds
    query = "document_kind_id=1&document_kind_id=2"
    assert "1 à 2 sur 2" in client.get(f"/admin/attachment/list?{query}")

"""Every table of the schema has its list, page and form, for whoever may open them."""

from __future__ import annotations

from admin_app.permissions import TABLES, Right, may
from enrolment.portal import Portal
from schema.describe import model_named
from schema.enums import StaffRole
from tests.admin_app.conftest import SignIn
from tests.admin_app.rows import first


def test_every_table_opens_on_every_page(portal: Portal, signed_in: SignIn) -> None:
    client = signed_in(portal, StaffRole.administrator)
    for table in TABLES:
        model = model_named(table)
        # Templates of messages hold the braces of their variables, which look like a leak.
        client.check = table != "message_template"
        page = client.get(f"/admin/{table}/list")
        assert page.h1 == model.label_plural
        with portal.database.reading() as session:
            key = first(session, model).id
        for tab in ("", "?onglet=lignes-liees", "?onglet=historique"):
            client.get(f"/admin/{table}/details/{key}{tab}")
        if may(StaffRole.administrator, table, Right.edit):
            client.get(f"/admin/{table}/edit/{key}")
        if may(StaffRole.administrator, table, Right.create):
            client.get(f"/admin/{table}/create")
        if may(StaffRole.administrator, table, Right.delete):
            client.get(f"/admin/{table}/delete?pk={key}")
        if may(StaffRole.administrator, table, Right.export):
            assert client.http.get(f"/admin/{table}/export/csv").status_code == 200

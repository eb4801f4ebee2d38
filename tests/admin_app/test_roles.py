"""« Rôles et droits »: the page says of every role, table and act what the matrix says."""

from __future__ import annotations

from admin_app.permissions import PAGES, TABLES, Right, may_open, rights
from admin_app.team import matrix
from admin_app.team.addresses import ROLES
from enrolment.portal import Portal
from schema.describe import model_named
from schema.enums import StaffRole
from tests.admin_app.conftest import SignIn


def test_every_permission_has_its_words() -> None:
    # std: SEC-1
    assert set(matrix.PERMISSIONS) == set(PAGES)
    assert set(matrix.RIGHTS) == set(Right)


def test_page_shows_every_table_and_act_as_the_matrix_has_them(office: Portal, signed_in: SignIn) -> None:
    # std: SEC-1
    page = signed_in(office, StaffRole.administrator).get(ROLES)
    found = {}
    for row in page.all("tr"):
        cells = ["".join(cell.itertext()).strip() for cell in row]
        found[cells[0].replace("\u202f", " ").replace("\xa0", " ")] = cells[1:]
    for table in TABLES:
        shown = found[model_named(table).label_plural]
        for role, said in zip(StaffRole, shown, strict=True):
            held = rights(role, table)
            words = said.removeprefix(role.label)
            assert (words == "aucun droit") is (not held), (table, role)
            assert (words == "tous les droits" or "modifier" in words) is (Right.edit in held), (table, role)
            assert (words == "tous les droits" or "supprimer" in words) is (Right.delete in held), (table, role)
            assert (words == "tous les droits" or "exporter" in words) is (Right.export in held), (table, role)
    for name in PAGES:
        shown = found[matrix.PERMISSIONS[name]]
        for role, said in zip(StaffRole, shown, strict=True):
            assert said.removeprefix(role.label) == ("oui" if may_open(role, name) else "non"), (name, role)


def test_nobody_else_reads_the_matrix(office: Portal, signed_in: SignIn) -> None:
    # std: SEC-1
    for role in set(StaffRole) - {StaffRole.administrator}:
        assert signed_in(office, role).http.get(ROLES).status_code == 403

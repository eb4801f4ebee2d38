"""« Rôles et droits »: the page says of every role, table and act what the matrix says."""

from __future__ import annotations

from sqlmodel import select

from admin_app.permissions import PAGES, TABLES, Right, ceiling, may_open, rights
from admin_app.team import matrix
from admin_app.team.addresses import ROLES
from enrolment.portal import Portal
from schema.describe import model_named
from schema.enums import StaffRole
from schema.tables import HistoryEntry
from tests.admin_app.conftest import SignIn
from tests.admin_app.rows import PASSWORD


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


def _save(portal: Portal, signed_in: SignIn, role: StaffRole, ticked: set[str], password: str = PASSWORD) -> int:
    client = signed_in(portal, StaffRole.administrator)
    token = client.get(f"{ROLES}/{role.value}").form.values()["csrf_token"][0]
    answer = client.http.post(
        f"{ROLES}/{role.value}",
        data={"csrf_token": token, "droit": sorted(ticked), "mot_de_passe": password},
        headers={"sec-fetch-site": "same-origin"},
        follow_redirects=False,
    )
    return int(answer.status_code)


def _all_of(role: StaffRole) -> set[str]:
    return {f"{subject}/{right}" for subject, right in ceiling(role)}


def test_right_taken_away_is_refused_at_once_and_given_back_at_once(portal: Portal, signed_in: SignIn) -> None:
    # std: SEC-1, SEC-18
    manager = signed_in(portal, StaffRole.manager)
    assert manager.http.get("/admin/provider/export/csv").status_code == 200
    assert manager.http.get("/admin/financements", follow_redirects=False).status_code == 200
    ticked = _all_of(StaffRole.manager) - {"provider/export", "financing/open"}
    assert _save(portal, signed_in, StaffRole.manager, ticked, "wrong") == 422
    assert manager.http.get("/admin/provider/export/csv").status_code == 200
    assert _save(portal, signed_in, StaffRole.manager, ticked) == 303
    assert manager.http.get("/admin/provider/export/csv").status_code == 403
    assert manager.http.get("/admin/financements").status_code == 403
    assert "Financements" not in manager.get("/admin/provider/list").links
    # Another role, another right: nothing changes.
    assert manager.get("/admin/provider/list").path == "/admin/provider/list"
    with portal.database.reading() as session:
        entries = session.exec(select(HistoryEntry).where(HistoryEntry.table_name == "role_withdrawal")).all()
    assert {entry.reason for entry in entries} == {None, "Droits du rôle Gestionnaire"}
    page = signed_in(portal, StaffRole.administrator).get(ROLES)
    assert "retiré : exporter" in page
    assert _save(portal, signed_in, StaffRole.manager, _all_of(StaffRole.manager)) == 303
    assert manager.http.get("/admin/provider/export/csv").status_code == 200


def test_right_beyond_the_ceiling_is_never_given(office: Portal, signed_in: SignIn) -> None:
    # std: SEC-1
    for wrong in ("staff_user/create", "decide/open", "nothing", "request/delete", "staff_user/"):
        assert _save(office, signed_in, StaffRole.reader, {*_all_of(StaffRole.reader), wrong}) == 422
    assert signed_in(office, StaffRole.reader).http.get("/admin/staff_user/create").status_code == 403


def test_administrators_cannot_lock_themselves_out(office: Portal, signed_in: SignIn) -> None:
    # std: SEC-1
    for role in StaffRole:
        assert _save(office, signed_in, role, set()) == 303
    administrator = signed_in(office, StaffRole.administrator)
    for path in ("/admin/", "/admin/mon-compte", ROLES, "/admin/sessions", "/admin/staff_user/list"):
        assert administrator.http.get(path).status_code == 200, path
    assert administrator.http.get("/admin/provider/list").status_code == 403
    assert signed_in(office, StaffRole.manager).http.get("/admin/mon-compte").status_code == 200
    assert _save(office, signed_in, StaffRole.administrator, _all_of(StaffRole.administrator)) == 303
    assert administrator.http.get("/admin/provider/list").status_code == 200

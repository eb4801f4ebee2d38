"""A referencing has a profile of its own DSR, by whatever way it is written; profiles are told apart by their DSR."""

from __future__ import annotations

from sqlmodel import Session, select

from enrolment.corrections.recipes import Act, Assignment, Recipe
from enrolment.portal import Portal
from enrolment.records import presentation
from schema.enums import CorrectionOutcome, StaffRole
from schema.tables import Dsr, Profile, Referencing
from tests.admin_app.conftest import SignIn
from tests.enrolment.corrections.records import STEWARD, frozen
from tests.enrolment.corrections.test_files import lines, read

_HEADER = "ans_number;software_name;software_version;dsr_id;profile_id;status\n"


def _profile(session: Session, code: str) -> int:
    return session.exec(select(Profile.id).where(Profile.code == code)).one()


def test_form_refuses_the_profile_of_another_dsr_and_names_the_right_ones(office: Portal, signed_in: SignIn) -> None:
    with office.database.reading() as session:
        other = session.exec(select(Dsr.id).where(Dsr.name == "SONS SGL")).one()
        home, own = _profile(session, "HOP-DPI-HAD"), _profile(session, "BIO-SGL-GENERAL")
    client = signed_in(office, StaffRole.administrator)
    form = client.get("/admin/referencing/edit/1").form
    wrong = client.submit(form, status=422, dsr_id=str(other), profile_id=str(home))
    (message,) = wrong.error_messages
    assert "« Hospitalisation à domicile » est du DSR « SONS DPI »" in message
    assert "Profils de ce DSR : « Général »" in message
    client.submit(wrong.form, dsr_id=str(other), profile_id=str(own))


def test_file_refuses_the_profile_of_another_dsr_in_new_rows_and_old_ones(office: Portal) -> None:
    with office.database.reading() as session:
        known = session.exec(select(Referencing.ans_number)).first()
    text = (
        f"{_HEADER}N1;A;1;DSR-BIO-SGL-VA2;HOP-DPI-HAD;pending\nN2;A;1;DSR-BIO-SGL-VA2;BIO-SGL-GENERAL;pending\n"
        f"N3;A;1;DSR-BIO-SGL-VA2;;pending\n{known};A;1;DSR-BIO-SGL-VA2;HOP-DPI-HAD;pending\n"
    )
    told = lines(office.database, read(office.database, text))
    assert [outcome for _, outcome, _ in told] == ["refused", "planned", "planned", "refused"]
    assert "Hospitalisation à domicile" in told[0][2]


def test_correction_of_the_dsr_alone_is_judged_with_the_profile_that_stays(office: Portal) -> None:
    with office.database.writing(STEWARD) as session:
        home = _profile(session, "HOP-DPI-HAD")
        rows = session.exec(select(Referencing)).all()
        rows[0].profile_id = home
        keys = tuple(row.id for row in rows[:2])
    recipe = Recipe(keys=keys, assignments=(Assignment("dsr_id", Act.constant, "DSR-BIO-SGL-VA2"),))
    told = lines(office.database, frozen(office.database, recipe, Referencing))
    assert {outcome for _, outcome, _ in told} == {CorrectionOutcome.refused.value, CorrectionOutcome.planned.value}


def test_choice_of_a_profile_names_its_dsr(office: Portal, signed_in: SignIn) -> None:
    page = signed_in(office, StaffRole.administrator).get("/admin/referencing/edit/1")
    assert "Général (SONS DPI)" in page
    with office.database.reading() as session:
        keys = {row.id for row in session.exec(select(Profile))}
        names = presentation.titles(session, {"profile": keys})
    assert len(set(names.values())) == len(keys)

"""The page « Contrôle des données » and its buttons. What is wrong and how it is fixed is `enrolment.doctor`'s."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin_app import addresses
from admin_app.corrections import addresses as corrections
from admin_app.corrections import tables
from admin_app.dossier import addresses as dossier
from admin_app.menu import PageEntry, Section
from admin_app.pages import StaffPage, page
from admin_app.permissions import Right
from admin_app.staff import Staff, staff_of
from enrolment.doctor import proposals, report
from enrolment.doctor.catalogue import BY_CODE
from enrolment.doctor.check import Key, Way
from enrolment.doctor.report import Finding
from enrolment.records import codes, presentation
from schema.describe import model_named
from schema.tables import Demand

PATH = "/controle"
CHECKS = f"{addresses.BASE}{PATH}"
_EXAMPLES = 5


@dataclass(frozen=True)
class Example:
    """One row that is wrong, and where it is looked at."""

    said: str
    url: str | None


@dataclass(frozen=True)
class Line:
    """One finding as this person sees it. Addresses are None for what their role may not do."""

    finding: Finding
    examples: tuple[Example, ...]
    fix_url: str | None
    repair_url: str | None
    correct_url: str | None


class DataChecksPage(StaffPage):
    """« Contrôle des données »."""

    name = "Contrôle des données"
    entry: ClassVar[PageEntry | None] = PageEntry("Contrôle des données", CHECKS, "data_checks", Section.insight)

    @page(PATH, permission="data_checks")
    def show(self, request: Request) -> Response:
        """What is wrong, gravest first."""
        report.run_if_cheap(self.office.portal)
        staff = staff_of(request)
        with self.office.database.reading() as session:
            lines = [_line(session, staff, finding) for finding in report.findings(session)]
            checked_at = report.checked_at(session)
        context = {
            "lines": lines,
            "checked_at": checked_at,
            "count": len(report.CHECKS),
            "may_repair": staff.may_open("data_repairs"),
            "checks": CHECKS,
            "again_url": f"{CHECKS}/relancer",
        }
        return self.office.render(request, "data_checks/checks.html", context)

    @page(f"{PATH}/relancer", permission="data_repairs", methods=("POST",))
    def again(self, request: Request) -> Response:
        """Ask every check again."""
        del request
        report.ask_again(self.office.portal)
        return RedirectResponse(f"{CHECKS}?fait=controle", 303)

    @page(f"{PATH}/reparer/{{code}}", permission="data_repairs", methods=("POST",))
    def repair(self, request: Request) -> Response:
        """Fix what one check found."""
        staff, code = staff_of(request), request.path_params["code"]
        reason = f"Contrôle des données : {report.named(code).repair_label}"
        with self.office.database.writing(staff.actor, reason) as session:
            fixed = report.repair(self.office.portal, session, staff.actor, code)
        report.look_again(self.office.portal, code)
        return RedirectResponse(f"{CHECKS}?fait={'repare' if fixed else 'deja-repare'}", 303)

    @page(f"{PATH}/corriger/{{code}}", permission="corrections", methods=("POST",))
    def correct(self, request: Request) -> Response:
        """Prepare the correction that a check proposes, or open the one in hand."""
        staff, code = staff_of(request), request.path_params["code"]
        proposer = report.named(code).proposer
        if proposer is not None:
            tables.require_editable(staff, proposer.table)
        with self.office.database.writing(staff.actor) as session:
            prepared = proposals.prepare(session, staff.actor, code)
        return RedirectResponse(corrections.show(prepared.public_id), 303)


def _line(session: Session, staff: Staff, finding: Finding) -> Line:
    check, examples = finding.check, _examples(session, staff, finding)
    repairs = check.repair is not None and staff.may_open("data_repairs")
    return Line(
        finding,
        examples,
        _fix_url(staff, finding) or next((one.url for one in examples if one.url), None),
        f"{CHECKS}/reparer/{check.code}" if repairs else None,
        f"{CHECKS}/corriger/{check.code}" if _may_correct(staff, finding) else None,
    )


def _may_correct(staff: Staff, finding: Finding) -> bool:
    proposer = finding.check.proposer
    return proposer is not None and staff.may_open("corrections") and staff.may(proposer.table, Right.edit)


def _fix_url(staff: Staff, finding: Finding) -> str | None:
    """A form to fill in, or the list of what is wrong; None when the rows themselves lead further."""
    check = finding.check
    table = check.fix_table or check.table
    if check.way is Way.create and check.fix_table is not None and staff.may(check.fix_table, Right.create):
        return addresses.create(check.fix_table)
    narrowed = check.state is not None or check.fix_table is not None
    if table is None or not narrowed or not staff.may(table, Right.list):
        return None
    return addresses.list_of(table, state=check.state)


def _examples(session: Session, staff: Staff, finding: Finding) -> tuple[Example, ...]:
    table, keys = finding.check.table, finding.keys[:_EXAMPLES]
    if table is None:
        return tuple(Example(str(key), None) for key in keys)
    rows = [session.get(model_named(table), key) for key in keys]
    return tuple(
        Example(presentation.title_of(session, row), _url(session, staff, table, row.id))
        for row in rows
        if row is not None
    )


def _url(session: Session, staff: Staff, table: str, key: Key) -> str | None:
    """Where a row is fixed: the page of its file, else its form, else its page."""
    number = int(key)
    if table == "request":
        return dossier.file(number)
    if table == "demand":
        return dossier.file(session.get_one(Demand, number).request_id)
    if staff.may(table, Right.edit):
        return addresses.edit(table, number)
    return addresses.details(table, number) if staff.may(table, Right.details) else None


codes.say("data_check", "code", lambda code: BY_CODE[code].said)

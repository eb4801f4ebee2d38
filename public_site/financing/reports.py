"""A report of the checker as a page shows it: totals in French, problems as the rows of a table."""

from __future__ import annotations

from dataclasses import dataclass

from enrolment.financing.checking import Report
from enrolment.financing.lines import amount
from enrolment.typography import day, french
from web.parts import Column

COLUMNS = (Column("Ligne", main=True), Column("Où"), Column("Ce qui est à corriger"))


@dataclass(frozen=True)
class ReportView:
    """What the macro `report` needs."""

    report: Report
    columns: tuple[Column, ...]
    rows: list[tuple[str, str, str]]
    figures: list[tuple[str, str]]


def report_view(report: Report) -> ReportView:
    """The view of a report."""
    rows = [
        (
            f"{problem.line}, colonne {problem.column}" if problem.column else str(problem.line),
            problem.path or "Fichier",
            french(problem.message[:1].upper() + problem.message[1:]),
        )
        for problem in report.problems
    ]
    net, tax, gross = report.totals
    figures = [
        ("Numéro de référencement ANS", report.ans_number),
        ("Période", f"du {day(report.period[0])} au {day(report.period[1])}" if report.period else ""),
        ("Établissements", str(report.sites)),
        ("Prestations", str(report.lines)),
        ("Total HT", amount(net)),
        ("Total TVA", amount(tax)),
        ("Total TTC", amount(gross)),
    ]
    return ReportView(report, COLUMNS, rows, [(label, value) for label, value in figures if value])

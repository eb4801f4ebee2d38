"""« Tableau de bord »: how the instruction goes, for everybody of the staff."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from admin_app import addresses as office_addresses
from admin_app.dashboard import addresses, choosing, drawing
from admin_app.dashboard.choosing import Choosing
from admin_app.dashboard.drawing import Drawing
from admin_app.menu import PageEntry, Section
from admin_app.pages import StaffPage, page
from admin_app.permissions import Right
from admin_app.staff import staff_of
from enrolment import clock
from enrolment.errors import DomainError, NotFound
from enrolment.figures import keeping, reading
from enrolment.figures.charts import Chart
from enrolment.figures.reading import Figures, Series
from enrolment.typography import number
from schema.base import table_of
from schema.enums import MailState
from schema.tables import OutgoingMail
from schema.tabular import CSV, plain_csv

_ERRORS_SHOWN = 5
_HOUR, _DAY = 60, 24 * 60


@dataclass(frozen=True)
class Card:
    """One chart of the page: its tables (with their files) and its drawing."""

    title: str
    about: str
    drawing: Drawing | None
    tables: tuple[tuple[Figures, str], ...]
    key_figures: tuple[tuple[str, str], ...] = ()
    unfiltered: str = ""


class DashboardPage(StaffPage):
    """« Tableau de bord »."""

    name = "Tableau de bord"
    entry: ClassVar[PageEntry | None] = PageEntry("Tableau de bord", addresses.DASHBOARD, "dashboard", Section.insight)

    @page("/tableau-de-bord", permission="dashboard")
    def show(self, request: Request) -> Response:
        """Every chart under the filters of the address."""
        keeping.refresh_if_cheap(self.office.database)
        with self.office.database.reading() as session:
            chosen = choosing.read(session, request.query_params.multi_items())
            counted_at = keeping.counted_at(session)
            cards = _cards(session, chosen) if not chosen.problems else ()
            errors = _last_errors(session) if staff_of(request).may("outgoing_mail", Right.list) else ()
        context: Mapping[str, Any] = {
            "chosen": chosen,
            "counted_at": counted_at,
            "counted_today": counted_at is not None and counted_at.astimezone(clock.PARIS).date() == clock.today(),
            "cards": cards,
            "errors": errors,
            "parked_url": office_addresses.list_of("outgoing_mail", state=MailState.parked.value),
            "dashboard": addresses.DASHBOARD,
            "mail_url": lambda key: office_addresses.details("outgoing_mail", key),
        }
        return self.office.render(request, "dashboard/dashboard.html", context, 400 if chosen.problems else 200)

    @page("/tableau-de-bord/csv/{chart}", permission="dashboard")
    def export(self, request: Request) -> Response:
        """The table of one chart as a file. A filter that cannot be read is refused."""
        chart = next((one for one in Chart if one.code == request.path_params["chart"]), None)
        if chart is None:
            raise NotFound("Ce graphique n'existe pas. Revenez au tableau de bord.")
        with self.office.database.reading() as session:
            chosen = choosing.read(session, request.query_params.multi_items())
            if chosen.problems:
                raise DomainError(" ".join(chosen.problems.values()))
            figures = reading.read(session, chart, chosen.choice)
        header = (figures.heading, *(series.label for series in figures.series))
        lines = [(name, *("" if value is None else str(value) for value in values)) for name, values in figures.rows]
        return Response(
            plain_csv(header, lines),
            media_type=CSV,
            headers={"content-disposition": f'attachment; filename="{chart.code}.csv"'},
        )


def _cards(session: Session, chosen: Choosing) -> tuple[Card, ...]:
    choice = chosen.choice
    asp, vendor = (reading.read(session, chart, choice) for chart in (Chart.asp_time, Chart.vendor_time))
    plain = {chart: reading.read(session, chart, choice) for chart in Chart}
    medians = {
        chart: reading.whole_median(session, chart, choice)
        for chart in (Chart.asp_time, Chart.vendor_time, Chart.mail_delay)
    }
    times = Card(
        "Temps médian à l'ASP et chez le fournisseur",
        "Durée médiane des passages terminés, à la semaine de la réponse, en jours entiers. À l'ASP : de l'arrivée du "
        "dossier à sa réponse. Chez le fournisseur : de la demande de l'ASP au dépôt de la réponse.",
        _together(asp, vendor),
        tuple((one, _file(one, chosen)) for one in (asp, vendor)),
        (
            ("Médiane à l'ASP", _days(medians[Chart.asp_time])),
            ("Médiane chez le fournisseur", _days(medians[Chart.vendor_time])),
        ),
    )
    mails = _card(plain[Chart.mails], chosen)
    delay = plain[Chart.mail_delay]
    mails = dataclasses.replace(
        mails,
        title="Santé des courriels",
        about=f"{mails.about} Délai d'envoi : d{Chart.mail_delay.about[1:]}",
        tables=(*mails.tables, (delay, _file(delay, chosen))),
        key_figures=(("Délai d'envoi médian", _minutes(medians[Chart.mail_delay])),),
    )
    first = tuple(_card(plain[chart], chosen) for chart in (Chart.status, Chart.flow, Chart.queue))
    last = tuple(_card(plain[chart], chosen) for chart in (Chart.refusals, Chart.drafts))
    return (*first, times, *last, mails)


def _card(figures: Figures, chosen: Choosing) -> Card:
    unfiltered = ""
    if not figures.chart.by_dsr and chosen.choice.dsrs is not None:
        unfiltered = "Un brouillon n'a pas encore de DSR : ce graphique ne suit ni la vague ni le DSR choisis."
    return Card(
        figures.chart.title,
        figures.chart.about,
        None if figures.is_empty else drawing.draw(figures),
        ((figures, _file(figures, chosen)),),
        unfiltered=unfiltered,
    )


def _together(asp: Figures, vendor: Figures) -> Drawing | None:
    """Both medians on one axis: they run along the same weeks."""
    if asp.is_empty and vendor.is_empty:
        return None
    series = (Series("À l'ASP", asp.series[0].values), Series("Chez le fournisseur", vendor.series[0].values))
    both = dataclasses.replace(asp, series=series)
    return drawing.columns(both, "Temps médian à l'ASP et chez le fournisseur, en jours")


def _file(figures: Figures, chosen: Choosing) -> str:
    return addresses.csv(figures.chart.code, chosen.typed)


def _days(value: int | None) -> str:
    if value is None:
        return "Aucune réponse"
    return "Moins d'un jour" if value == 0 else f"{number(value)} jour{'s' if value > 1 else ''}"


def _minutes(value: int | None) -> str:
    if value is None:
        return "Aucun envoi"
    if value >= 2 * _DAY:
        return f"{number(value // _DAY)} jours"
    if value >= 2 * _HOUR:
        return f"{number(value // _HOUR)} heures"
    return "Moins d'une minute" if value == 0 else f"{number(value)} minute{'s' if value > 1 else ''}"


def _last_errors(session: Session) -> tuple[Any, ...]:
    """The newest mails that were given up, by the end of an index."""
    table = table_of(OutgoingMail).c
    statement = (
        sa.select(table.id, table.send_after, table.subject, table.last_reply)
        .where(table.state == MailState.parked)
        .order_by(table.send_after.desc(), table.id.desc())
        .limit(_ERRORS_SHOWN)
    )
    return tuple(session.execute(statement).all())

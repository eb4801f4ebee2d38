"""How long a request has waited for whoever holds it, until when, and whether that is past (rule R4, REL-11).

The delay of the ASP counts its own days alone: `transition` stops the clock while the vendor holds the file. A delay
ends with a day in Paris, whatever the hour at which it began.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from enrolment import clock
from enrolment.workflow import FINAL, WAITS_FOR_ASP
from schema.tables import EnrolmentRequest

_DAY = 24 * 3600


@dataclass(frozen=True)
class Delay:
    """Where a request stands in time, in whole days of Paris.

    `days` is the age that counts for whoever holds it; `late` by how much the last day to act is past, 0 while it is
    not; `spent` what the ASP had used before the vendor got the file.
    """

    days: int
    due_on: date | None
    late: int
    spent: int | None


def of(request: EnrolmentRequest, allowed: int | None, answer_due: date | None) -> Delay:
    """The delay of a request. `allowed` days are its status's, `answer_due` is the last day given to the vendor."""
    began = local_day(request.clock_from)
    days = max((clock.today() - began).days, 0)
    if request.status in FINAL:
        return Delay(days, None, 0, None)
    if request.status in WAITS_FOR_ASP:
        last_day = began + timedelta(days=allowed) if allowed is not None else None
        return Delay(days, last_day, _late(last_day), None)
    spent = request.clock_spent // _DAY if request.asked_from is not None else None
    return Delay(days, answer_due, _late(answer_due), spent)


def _late(last_day: date | None) -> int:
    return max((clock.today() - last_day).days, 0) if last_day is not None else 0


def late_before(allowed: int) -> datetime:
    """The moment before which the clock of a status must have begun for its delay to be past today."""
    first_in_time = clock.today() - timedelta(days=allowed)
    return datetime.combine(first_in_time, time(), tzinfo=clock.PARIS)


def local_day(moment: datetime) -> date:
    """The day of a moment in Paris."""
    return moment.astimezone(clock.PARIS).date()

"""A duration is shown in French, typed as it is shown, and nothing is lost on the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema import durations
from schema.describe import field
from schema.tables import EnrolmentRequest
from schema.types import InvalidValue

SPENT = field(EnrolmentRequest, "clock_spent")


@given(st.integers(0, 10**11))
def test_shown_duration_is_read_back_unchanged(seconds: int) -> None:
    assert SPENT.clean(SPENT.show(seconds)) == seconds
    assert SPENT.clean(str(seconds)) == seconds


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 s"), (273_600, "3 j 4 h"), (3_661, "1 h 1 min 1 s"), (86_400 * 400, "400 j")]
)
def test_duration_is_said_by_the_units_that_count(seconds: int, said: str) -> None:
    assert durations.show(seconds).replace("\u00a0", " ") == said


@pytest.mark.parametrize("typed", ["4 h 3 j", "3 jours", "-5", "1,5 h", "j", "٣ j", "9" * 30])
def test_what_is_no_duration_is_refused(typed: str) -> None:
    with pytest.raises(InvalidValue):
        SPENT.clean(typed)

"""Lines that name the same row twice are found whatever the order of a file, as a plain dictionary would find them."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from enrolment.corrections.duplicates import Seen

_KEYS = st.integers(1, 30)
_RUNS = st.builds(lambda first, size: list(range(first, first + size)), _KEYS, st.integers(1, 8))
_PARTS = st.lists(st.one_of(_RUNS, st.lists(st.one_of(st.none(), _KEYS), max_size=8)), max_size=8)


@given(_PARTS)
@example([[1, 2, 3], [4, 5], [2], [6, 7], [7, 8], [3, None, 9]])
def test_first_line_of_a_row_stands_and_the_others_are_told_of_it(parts: list[list[int | None]]) -> None:
    seen, first, line = Seen(), dict[int, int](), 1
    for ids in parts:
        numbers = range(line + 1, line + 1 + len(ids))
        line += len(ids)
        expected = {}
        for at, (key, number) in enumerate(zip(ids, numbers, strict=True)):
            if key is not None and first.setdefault(key, number) != number:
                expected[at] = first[key]
        assert seen.again(ids, numbers) == expected

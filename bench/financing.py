"""The check of a financing file of 10 Mo, beside `json.loads` and a compiled validator of the same published schema.

The validator sees no duplicate, no total, no key of a SIRET, and knows no line number: the floor does less. Memory is
counted by `tracemalloc` in a run of its own, since counting slows the one that is timed.
"""

from __future__ import annotations

import io
import json
import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import fastjsonschema

from bench.figures import Figure
from enrolment.financing.checking import check
from enrolment.financing.format import json_schema
from tests.enrolment.financing.files import KINDS, RATES, RULES, of_size

_MEBIBYTE = 1024 * 1024
_SIZE = 10 * _MEBIBYTE
_RUNS = 5


def run() -> Iterator[Figure]:
    """Time and memory, on the file as most software writes it (indented) and in one line."""
    schema = {name: part for name, part in json_schema("urn:x", KINDS, RATES).items() if not name.startswith("$")}
    valid = fastjsonschema.compile(schema)
    for said, indent in (("indented", 2), ("in one line", None)):
        raw = of_size(_SIZE, indent)

        def floor(raw: bytes = raw) -> Any:
            return valid(json.loads(raw))

        def ours(raw: bytes = raw) -> Any:
            return check(io.BytesIO(raw), RULES)

        assert ours().conforms
        yield Figure(
            f"Simulator: a file of 10 Mo, {said}",
            1000 * _best(ours),
            1000 * _best(floor),
            "ms",
            3.0,
            at_most=True,
            floor_name="`json.loads` and a compiled validator",
        )
        yield Figure(
            f"Simulator: memory for a file of 10 Mo, {said}",
            _peak(ours) / _MEBIBYTE,
            len(raw) / _MEBIBYTE,
            "Mo",
            5.0,
            at_most=True,
            floor_name="the file",
        )


def _best(work: Callable[[], Any]) -> float:
    """Seconds of processor in the fastest run: both only compute, and what else the machine did is not theirs."""
    times = []
    for _ in range(_RUNS):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def _peak(work: Callable[[], Any]) -> int:
    """The most bytes that were in use at once."""
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak

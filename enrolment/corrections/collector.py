"""Keeps Python's collector of cycles away from work on very many small values."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collector() -> Iterator[None]:
    """Very many small lists and no cycles: looking for cycles among them would take longer than the work itself, and
    fall into a transaction that others wait for.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            # What is left counts as old: the collector would begin by looking at all of it.
            gc.freeze()
            gc.unfreeze()
            gc.enable()

"""Where plain functions that use the database run, so that the loop stays free to serve others.

A pool of our own: the way to `anyio.to_thread` and back costs as much as all the queries of a status page.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

MOST_THREADS = 40
"""As many as the database has connections: one more would wait for one."""

_Answer = TypeVar("_Answer")
_threads = ThreadPoolExecutor(MOST_THREADS, "web")


async def in_thread(work: Callable[..., _Answer], *arguments: object) -> _Answer:
    """The answer of a function run in a thread, which sees the context of who asks."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_threads, copy_context().run, work, *arguments)

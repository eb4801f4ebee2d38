"""Worker processes that tests kill: a parent that has done the imports forks one at each line that it is sent.

A module that is to be killed calls `serve(work, …)`; the test starts it with `Killed`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]


class Killed:
    """A process that works, is killed without a word, and is started again."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._parent = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def start(self) -> int:
        """Start a worker; its number, once it is at work."""
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.write("\n")
        self._parent.stdin.flush()
        return int(self._parent.stdout.readline())

    def kill(self, number: int) -> None:
        """End a worker at once."""
        os.kill(number, signal.SIGKILL)

    def close(self) -> None:
        """End the parent."""
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.close()
        self._parent.wait()
        self._parent.stdout.close()


def serve(work: Callable[[Callable[[], None]], None]) -> None:
    """Fork a worker for each line that is read, one at a time. `work` is given what says that it has begun."""
    for _ in sys.stdin:
        number = os.fork()
        if number == 0:
            work(_say_number)
        os.waitpid(number, 0)


def _say_number() -> None:
    sys.stdout.write(f"{os.getpid()}\n")
    sys.stdout.flush()

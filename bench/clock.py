"""Times an application from the inside, without the client that reads its pages."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
_App = Callable[[_Message, _Receive, _Send], Awaitable[None]]


@dataclass
class Clock:
    """An application that adds up the time its requests take."""

    app: _App
    seconds: float = 0.0

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        began = time.perf_counter()
        await self.app(scope, receive, send)
        self.seconds += time.perf_counter() - began

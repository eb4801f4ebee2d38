"""Counts and times what the public site answers, by route: never by address, which may name a person or hold a link."""

from __future__ import annotations

import time
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """A middleware, and the registry that `/metrics` shows. One for each running site."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        answers = Counter(
            "enrolment_http_responses",
            "Answers by route, method and status.",
            ("route", "method", "status"),
            registry=self.registry,
        )
        seconds = Histogram(
            "enrolment_http_seconds",
            "Seconds until the answer starts, by route.",
            ("route",),
            registry=self.registry,
            buckets=_BUCKETS,
        )

        @cache
        def series(route: str, method: str, status: int) -> tuple[Histogram, Counter]:
            return seconds.labels(route), answers.labels(route, method, str(status))

        self._series = series

    def around(self, app: ASGIApp) -> ASGIApp:
        """The application, measured."""

        async def measured(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            began = time.perf_counter()

            async def send_counted(message: Message) -> None:
                if message["type"] == "http.response.start":
                    seconds, answers = self._series(_route_name(scope), _method(scope), message["status"])
                    seconds.observe(time.perf_counter() - began)
                    answers.inc()
                await send(message)

            await app(scope, receive, send_counted)

        return measured


def _route_name(scope: Scope) -> str:
    """The declared name of the route; everything that no route answers counts as one."""
    route = scope.get("route")
    return str(getattr(route, "name", None) or "none")


def _method(scope: Scope) -> str:
    method: str = scope["method"]
    return method if method in {"GET", "HEAD", "POST"} else "other"

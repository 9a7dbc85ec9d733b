"""Figures in the text format of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/).

Counted here is what this process did; read from the database is what the centre holds. No label bears a
name of a person or queue: the address is open to whoever can reach it.
"""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.types import Message, Scope

from console.errors import NotReady
from console.queries import api
from console.queries.api import Gauges
from console.services.context import Context

CONTENT_TYPE = "text/plain; version=0.0.4"
BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""From a bare page to a request that waited for the router in vain."""
READ_EVERY_S = 1.0
"""The address is open: however often it is asked, the database is asked this often."""

ITEM_STATES = ("waiting", "offered", "assigned", "wrap_up")
AGENT_STATES = ("idle", "offered", "busy", "wrap_up", "not_responding", "away", "offline")


class Metrics:
    """Of one process."""

    def __init__(self) -> None:
        self.requests: Counter[tuple[str, str, int]] = Counter()
        """By route, method and status."""
        self.streams = 0
        """Open now."""
        self._buckets: Counter[int] = Counter()
        self._sum_s = 0.0
        self._gauges: Gauges | None = None
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    async def observe(self, message: Message, scope: Scope) -> None:
        """A hook on every message sent: counts the answer when it begins."""
        if message["type"] != "http.response.start":
            return
        # Not the path asked for: whoever asks for a million addresses must not make a million rows.
        route = str(scope.get("path_template") or "none")
        self.requests[route, str(scope.get("method")), message["status"]] += 1
        began = scope["state"].get("began")
        if isinstance(began, float):
            took_s = time.perf_counter() - began
            self._sum_s += took_s
            self._buckets[bisect_left(BUCKETS_S, took_s)] += 1

    async def gauges(self, ctx: Context) -> Gauges | None:
        """What the centre holds, at most a second old; None where the database does not answer."""
        async with self._reading:
            if time.monotonic() - self._read_at >= READ_EVERY_S:
                try:
                    async with ctx.db.snapshot() as db:
                        self._gauges = await api.gauges(db)
                except NotReady:
                    self._gauges = None
                self._read_at = time.monotonic()
            return self._gauges

    def text(self, gauges: Gauges | None) -> str:
        return "\n".join([*self._of_this_process(), *_of_the_centre(gauges)]) + "\n"

    def _of_this_process(self) -> Iterator[str]:
        yield from _head("console_http_requests_total", "counter", "Requests answered.")
        for (route, method, status), count in sorted(self.requests.items()):
            labels = {"route": route, "method": method, "status": str(status)}
            yield _row("console_http_requests_total", count, labels)
        yield from _head("console_http_request_seconds", "histogram", "Time from a request to the head of its answer.")
        total = 0
        for number, edge in enumerate((*BUCKETS_S, float("inf"))):
            total += self._buckets[number]
            le = "+Inf" if edge == float("inf") else str(edge)
            yield _row("console_http_request_seconds_bucket", total, {"le": le})
        yield _row("console_http_request_seconds_sum", self._sum_s)
        yield _row("console_http_request_seconds_count", total)
        yield from _one("console_streams", "Sockets open on this node.", self.streams)


def _of_the_centre(gauges: Gauges | None) -> Iterator[str]:
    yield from _one("console_database_up", "Whether the database answers.", 0 if gauges is None else 1)
    if gauges is None:
        return
    yield from _one("console_inbox_facts", "Facts that wait for the router.", gauges.inbox)
    yield from _one(
        "console_inbox_oldest_seconds", "For how long the oldest of them has waited.", gauges.inbox_oldest_s
    )
    yield from _one(
        "console_inbox_refused_facts", "Facts kept aside because they made the engine raise.", gauges.inbox_refused
    )
    yield from _one("console_outbox_orders", "Orders and frames that wait to be carried out.", gauges.outbox)
    yield from _one("console_outbox_dead_orders", "Orders given up.", gauges.outbox_dead)
    yield from _one("console_nodes", "Nodes seen in the last 10 seconds.", gauges.nodes)
    if gauges.router_lease_age_s is not None:
        help_text = "Since the router's lease was renewed; over 2 nobody routes."
        yield from _one("console_router_lease_age_seconds", help_text, gauges.router_lease_age_s)
    yield from _head("console_work_items", "gauge", "Open work items.")
    for state in ITEM_STATES:
        yield _row("console_work_items", gauges.items.get(state, 0), {"state": state})
    yield from _head("console_agents", "gauge", "Agents by presence, the available ones by routing state.")
    for state in AGENT_STATES:
        yield _row("console_agents", gauges.agents.get(state, 0), {"state": state})


def _one(name: str, help_text: str, value: float) -> Iterator[str]:
    yield from _head(name, "gauge", help_text)
    yield _row(name, value)


def _head(name: str, kind: str, help_text: str) -> Iterator[str]:
    yield f"# HELP {name} {help_text}"
    yield f"# TYPE {name} {kind}"


def _row(name: str, value: float, labels: Mapping[str, str] | None = None) -> str:
    shown = ",".join(f'{label}="{_escaped(text)}"' for label, text in (labels or {}).items())
    return f"{name}{{{shown}}} {value!r}" if shown else f"{name} {value!r}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


@get("/metrics", media_type=CONTENT_TYPE, opt={"anonymous": True})
async def metrics(ctx: NamedDependency[Context], metrics: NamedDependency[Metrics]) -> Response[str]:
    """Figures for Prometheus."""
    return Response(metrics.text(await metrics.gauges(ctx)), media_type=CONTENT_TYPE)


routes = [metrics]

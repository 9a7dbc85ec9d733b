"""The JSON stream of an agent's messages (contract, section 4)."""

from __future__ import annotations

from typing import cast, get_args

from litestar import websocket
from litestar.di import NamedDependency

from console.live.hub import Frame, Topic
from console.services.context import Context
from console.web.metrics import Metrics
from console.web.socket import AnySocket, listen

TOPICS = frozenset(get_args(Topic))
SEQ_DIGITS_MAX = 18
"""A µs of the year 33,000; longer is no number that a node ever gave."""


@websocket("/stream")
async def stream(socket: AnySocket, ctx: NamedDependency[Context], metrics: NamedDependency[Metrics]) -> None:
    """`?since=SEQ` resumes; `&topics=queues,agents` adds, for supervisors, the whole centre."""
    await listen(
        socket,
        ctx,
        metrics,
        Frame.text,
        since=read_since(socket.query_params.get("since")),
        topics=read_topics(socket.query_params.get("topics", "")),
    )


def read_since(text: str | None) -> int | None:
    """The number, or None where it is none: such a client starts with the whole state."""
    if text and text.isascii() and text.isdecimal() and len(text) <= SEQ_DIGITS_MAX:
        return int(text)
    return None


def read_topics(text: str) -> frozenset[Topic]:
    """Of those named, the ones that there are; others may come with a later version."""
    named = {name.strip() for name in text.split(",")}
    return frozenset(cast("Topic", name) for name in named & TOPICS)


routes = [stream]

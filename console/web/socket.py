"""A socket that only speaks: frames go out until the client leaves, is too slow, or may no longer listen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog
from litestar import WebSocket
from litestar.exceptions import WebSocketDisconnect

from console.errors import NotAllowed, NotReady
from console.live.hub import Frame, Subscription, Topic
from console.services import presence
from console.services.context import Context
from console.web.auth import TRY_AGAIN_LATER, identify, same_origin
from console.web.errors import request_id
from console.web.metrics import Metrics

log = structlog.get_logger(__name__)

AnySocket = WebSocket[Any, Any, Any]
Render = Callable[[Frame], str | None]
"""A frame as it is sent; None: this socket does not show it."""

NOT_SIGNED_IN = 4401
MAY_NOT_LISTEN = 4403
INTERNAL_ERROR = 1011

ASK_AGAIN_S = 30.0
"""How soon a stream ends whose session or token was revoked, where nobody rang."""


async def listen(
    socket: AnySocket, ctx: Context, metrics: Metrics, render: Render, *, since: int | None, topics: frozenset[Topic]
) -> None:
    """Accept the socket, and send it its agent's frames until it is over; the close code says why."""

    async def speak() -> int | None:
        async with presence.listening(ctx, socket.user, since=since, topics=topics) as subscription:
            return await converse(socket, ctx, _send(socket, subscription, render))

    await serve(socket, metrics, speak)


async def serve(socket: AnySocket, metrics: Metrics, speak: Callable[[], Awaitable[int | None]]) -> None:
    """Accept the socket of somebody who may have one, let it speak, and close it with the code that says why."""
    await socket.accept()
    if socket.user is None:
        await _close(socket, NOT_SIGNED_IN, "Sign in, or show a bearer token.")
        return
    if socket.auth.by_browser and not same_origin(socket):
        await _close(socket, MAY_NOT_LISTEN, "This page is not the console's.")
        return
    metrics.streams += 1
    try:
        code = await speak()
    except NotAllowed as refusal:
        await _close(socket, MAY_NOT_LISTEN, refusal.detail)
    except NotReady as refusal:
        await _close(socket, TRY_AGAIN_LATER, refusal.detail)
    except Exception:
        # A bug: the log is told everything, the client nothing.
        log.exception("socket_failed", request_id=request_id(socket.scope), path=socket.url.path)
        await _close(socket, INTERNAL_ERROR, "Something went wrong here.")
    else:
        await _close(socket, code, "")
    finally:
        metrics.streams -= 1


async def converse(socket: AnySocket, ctx: Context, sending: Coroutine[Any, Any, int | None]) -> int | None:
    """Until it has sent everything, the client has gone (None), or is signed out; the code to close with."""
    ends: list[Awaitable[int | None]] = [sending, _until_gone(socket), _until_signed_out(socket, ctx)]
    tasks = [asyncio.ensure_future(end) for end in ends]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(iter(done)).result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _send(socket: AnySocket, subscription: Subscription, render: Render) -> int | None:
    """Each frame as it comes. A client that reads no more is found by the ping it does not answer."""
    async for frame in subscription:
        text = render(frame)
        if text is None:
            continue
        try:
            await socket.send_text(text)
        except (OSError, WebSocketDisconnect):
            return None
    return subscription.close_code


async def _until_gone(socket: AnySocket) -> None:
    """Whatever a client says is thrown away; commands go by HTTP."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


async def _until_signed_out(socket: AnySocket, ctx: Context) -> int:
    while True:
        await ctx.nudges.wait(f"session:{socket.user.called}", ASK_AGAIN_S)
        try:
            principal, _ = await identify(ctx, socket)
        except NotReady:
            continue  # nobody is signed out because the database is away
        if principal is None:
            return NOT_SIGNED_IN


async def _close(socket: AnySocket, code: int | None, reason: str) -> None:
    if code is None:
        return
    try:
        await socket.close(code=code, reason=reason)
    except (OSError, WebSocketDisconnect):
        return  # it left by itself in this moment

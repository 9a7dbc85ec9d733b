"""Whether this node lives, and whether it can do its work: for whoever starts, balances and watches nodes."""

from __future__ import annotations

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency

from console.errors import NotReady
from console.queries import api
from console.services.context import Context


class Health(msgspec.Struct, frozen=True):
    status: str
    database: str | None = None
    router: str | None = None
    """The node that holds the router's lease."""


@get("/health/live", opt={"anonymous": True})
async def live() -> Health:
    """The process answers. Nothing more: one whose database is away must not be restarted for it."""
    return Health("ok")


@get("/health/ready", opt={"anonymous": True})
async def ready(ctx: NamedDependency[Context]) -> Response[Health]:
    """200 when the database answers and a router holds its lease; else 503, and which of them is missing."""
    try:
        async with ctx.db.transaction() as db:
            found = await api.readiness(db)
    except NotReady:
        return Response(Health("not ready", database="not answering"), status_code=503)
    if found.router is None:
        return Response(Health("not ready", database="ok"), status_code=503)
    return Response(Health("ok", database="ok", router=found.router))


routes = [live, ready]

"""Yes and no to an offer."""

from __future__ import annotations

from uuid import UUID

import msgspec
from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from console.people.permissions import Permission
from console.people.who import Principal
from console.services import offers
from console.services.context import Context
from console.web.api.deciding import answer
from console.web.auth import may
from console.web.limits import Line


class Decline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: Line | None = None


@post("/offers/{offer:uuid}/accept", status_code=204, guards=[may(Permission.SERVE)])
async def accept(
    ctx: NamedDependency[Context], who: NamedDependency[Principal], offer: FromPath[UUID]
) -> Response[None]:
    """Take it. Taken again by its owner, it is taken still."""
    return answer(await offers.accept(ctx, who, offer_id=str(offer)))


@post("/offers/{offer:uuid}/decline", status_code=204, guards=[may(Permission.SERVE)])
async def decline(
    ctx: NamedDependency[Context], who: NamedDependency[Principal], offer: FromPath[UUID], data: JSONBody[Decline]
) -> Response[None]:
    """Leave it to the next agent; the work keeps its place."""
    return answer(await offers.decline(ctx, who, offer_id=str(offer), reason=data.reason))


routes = [accept, decline]

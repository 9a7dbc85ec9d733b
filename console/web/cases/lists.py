"""Lists of cases and customers as pages: filtered by their address, exported as they are shown."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.response import Stream

from console.cases.case import UNFINISHED, Status
from console.people.permissions import Permission
from console.people.permissions import may as allowed
from console.people.who import Principal
from console.queries.cases import Filter, Place
from console.queries.customers import Whose
from console.services import accounts, cases, customers
from console.services.context import Context
from console.web.api.lists import from_cursor, to_cursor
from console.web.auth import may
from console.web.cases.filters import read_filter, word
from console.web.cases.frame import drawn
from console.web.csv import as_csv
from console.web.pages import AnyRequest

Ctx = NamedDependency[Context]
Who = NamedDependency[Principal]
Answer = Response[Any]
ROWS = 50
ME = "me"
"""As an owner in the page's address: whoever reads it."""
OPEN = "unfinished"
FIELDS = ("q", "status", "owner", "queue", "topic", "customer", "account", "contract")


@get("/cases", guards=[may(Permission.SEE_CASES)])
async def list_cases(request: AnyRequest, ctx: Ctx, who: Who) -> Answer:
    """`?q=&status=&owner=&queue=&topic=`: what is asked for stands in the address, so that a list can be sent on."""
    asked = _asked(request)
    where = _filter(asked, who)
    page = await cases.listed(
        ctx, who, where=where, limit=ROWS, after=from_cursor(request.query_params.get("cursor"), Place)
    )
    without = None if page.items else await _without(ctx, who, asked)
    return await drawn(
        request,
        ctx,
        who,
        "cases/list.html",
        room="cases",
        cases=page.items,
        asked={field: asked.get(field, "") for field in FIELDS},
        query=urlencode(asked),
        queues=await cases.queues_seen(ctx, who),
        statuses=[status.value for status in Status],
        without=without,
        older=urlencode({**asked, "cursor": to_cursor(page.after)}) if page.after else None,
    )


@get("/cases.csv", guards=[may(Permission.SEE_CASES)])
async def export_cases(request: AnyRequest, ctx: Ctx, who: Who) -> Stream:
    """The same list as a table."""
    return as_csv(cases.exported(ctx, who, where=_filter(_asked(request), who)))


@get("/customers", guards=[may(Permission.SEE_CASES)])
async def list_customers(request: AnyRequest, ctx: Ctx, who: Who) -> Answer:
    """`?q=`: a part of a name, a number as people write it, an address, an account."""
    asked = {"q": word(request.query_params, "q") or ""}
    after = from_cursor(request.query_params.get("cursor"), Place)
    found, last = await customers.listed(ctx, who, where=Whose(q=asked["q"] or None), limit=ROWS, after=after)
    return await drawn(
        request,
        ctx,
        who,
        "cases/customers.html",
        room="customers",
        customers=found,
        asked=asked,
        older=urlencode({**asked, "cursor": to_cursor(last)}) if last else None,
    )


@get("/accounts", guards=[may(Permission.SEE_CASES)])
async def list_accounts(request: AnyRequest, ctx: Ctx, who: Who) -> Answer:
    """`?q=`: a part of a name."""
    asked = {"q": word(request.query_params, "q") or ""}
    after = from_cursor(request.query_params.get("cursor"), Place)
    found, last = await accounts.listed(ctx, who, where=Whose(q=asked["q"] or None), limit=ROWS, after=after)
    return await drawn(
        request,
        ctx,
        who,
        "cases/accounts.html",
        room="customers",
        accounts=found,
        asked=asked,
        keeps=allowed(who, Permission.KEEP_CONTRACTS),
        older=urlencode({**asked, "cursor": to_cursor(last)}) if last else None,
    )


def _asked(request: AnyRequest) -> dict[str, str]:
    return {field: value for field in FIELDS if (value := word(request.query_params, field))}


def _filter(asked: dict[str, str], who: Principal) -> Filter:
    """As the API's, but for two words that only people use."""
    meant = dict(asked)
    if meant.get("owner") == ME:
        meant["owner"] = who.called
    if meant.get("status") == OPEN:
        meant["status"] = ",".join(sorted(UNFINISHED))
    return read_filter(meant)


async def _without(ctx: Context, who: Principal, asked: dict[str, str]) -> dict[str, Any] | None:
    """Where nothing was found: which one of several filters to leave out, and how many there are then."""
    for field in ("status", "owner", "queue", "topic", "q"):
        rest = {name: value for name, value in asked.items() if name != field}
        if field in asked and rest:
            n = await cases.counted(ctx, who, where=_filter(rest, who))
            if n:
                return {"field": field, "n": n, "query": urlencode(rest)}
    return None


routes = [list_cases, export_cases, list_customers, list_accounts]

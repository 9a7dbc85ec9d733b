"""Cases: registered, listed, shown whole, changed, noted on."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from console.cases.case import Case, Change, Status
from console.cases.customer import Described
from console.cases.timeline import Activity
from console.errors import BadInput, FieldError, StaleRecord
from console.people.permissions import Permission
from console.people.who import Principal
from console.queries.cases import CaseInList, Filter, Place
from console.services import cases
from console.services.cases import CaseInFull, Registered, Registration
from console.services.context import Context
from console.web.api.lists import Cursor, Limit, Page, from_cursor, page_size, to_cursor
from console.web.auth import may
from console.web.idempotency import once
from console.web.limits import EMAIL, NO_CONTROLS, Line, Name, Priority, Requires, Text

AnyRequest = Request[Any, Any, Any]

FILTER_CHARACTERS_MAX = 200
_ETAG = re.compile(r'(W/)?"([^"]*)"')


class NewCustomer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whoever asks, found by one of these, or made."""

    phone: Annotated[str, msgspec.Meta(max_length=32, pattern=NO_CONTROLS)] | None = None
    email: Annotated[str, msgspec.Meta(max_length=254, pattern=EMAIL)] | None = None
    name: Line | None = None
    external_id: Name | None = None


class NewCase(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    subject: Line
    description: Text | None = None
    via: Literal["email", "web", "phone", "api"]
    customer: NewCustomer
    priority: Priority | None = None
    queue: Name | None = None
    requires: Requires | None = None
    topic: Name | None = None


class CaseChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays as it is."""

    status: Status | msgspec.UnsetType = msgspec.UNSET
    priority: Priority | msgspec.UnsetType = msgspec.UNSET
    topic: Name | msgspec.UnsetType = msgspec.UNSET
    subject: Line | msgspec.UnsetType = msgspec.UNSET


class NewNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: Text
    outward: bool = False
    """Whether the customer is to read it."""


@post("/cases", guards=[may(Permission.CHANGE_CASES)])
async def register(
    ctx: NamedDependency[Context], who: NamedDependency[Principal], request: AnyRequest, data: JSONBody[NewCase]
) -> Registered:
    """Register a case: it is classified, and queued as work."""
    registration = Registration(
        subject=data.subject,
        via=data.via,
        customer=Described(**msgspec.structs.asdict(data.customer)),
        description=data.description,
        priority=data.priority,
        queue=data.queue,
        requires=data.requires or {},
        topic=data.topic,
    )
    return await cases.register(ctx, who, registration=registration, once=await once(request, who))


@get("/cases", guards=[may(Permission.SEE_CASES)])
async def listed(
    ctx: NamedDependency[Context],
    who: NamedDependency[Principal],
    *,
    status: FromQuery[str | None] = None,
    owner: FromQuery[str | None] = None,
    queue: FromQuery[str | None] = None,
    customer: FromQuery[str | None] = None,
    q: FromQuery[str | None] = None,
    limit: Limit = None,
    cursor: Cursor = None,
) -> Page[CaseInList]:
    """The cases that you may see, last changed first. `customer` is an id; `q` is looked for in their words."""
    where = Filter(
        status=_status(status),
        owner=_word("owner", owner),
        queue=_word("queue", queue),
        customer=_id("customer", customer),
        q=_word("q", q),
    )
    page = await cases.listed(ctx, who, where=where, limit=page_size(limit), after=from_cursor(cursor, Place))
    return Page(page.items, to_cursor(page.after) if page.after else None)


@get("/cases/{number:str}", guards=[may(Permission.SEE_CASES)])
async def show(
    ctx: NamedDependency[Context], who: NamedDependency[Principal], number: FromPath[str]
) -> Response[dict[str, Any]]:
    """One case with its customer, its timeline and the work that was done on it. Its `ETag` is for a change."""
    found = await cases.show(ctx, who, number=number)
    return Response(_whole(found), headers={"ETag": etag(found.case)})


@patch("/cases/{number:str}", guards=[may(Permission.CHANGE_CASES)])
async def change(
    ctx: NamedDependency[Context],
    who: NamedDependency[Principal],
    request: AnyRequest,
    number: FromPath[str],
    data: JSONBody[CaseChange],
) -> Response[Case]:
    """Change it; with `If-Match` only if nobody has changed it since."""
    given = {name: value for name, value in msgspec.structs.asdict(data).items() if value is not msgspec.UNSET}
    version = read_version(request.headers.get("if-match"))
    after = await cases.change(ctx, who, number=number, change=Change(**given), if_match=version)
    return Response(after, headers={"ETag": etag(after)})


@post("/cases/{number:str}/notes", guards=[may(Permission.CHANGE_CASES)])
async def add_note(
    ctx: NamedDependency[Context],
    who: NamedDependency[Principal],
    request: AnyRequest,
    number: FromPath[str],
    data: JSONBody[NewNote],
) -> Activity:
    """A note on the case; `outward` is one for the customer."""
    key = await once(request, who)
    return await cases.add_note(ctx, who, number=number, text=data.text, outward=data.outward, once=key)


def etag(case: Case) -> str:
    return f'"{case.version}"'


def read_version(if_match: str | None) -> int | None:
    """The version that the asker has read; None: whichever it is.

    Raises StaleRecord for a tag that no version of a case ever had, or a weak one, which promises too little.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    tag = _ETAG.fullmatch(if_match.strip())
    if tag is None or tag[1] or not (tag[2].isascii() and tag[2].isdecimal() and len(tag[2]) < 10):
        raise StaleRecord
    return int(tag[2])


def _whole(found: CaseInFull) -> dict[str, Any]:
    case = msgspec.structs.asdict(found.case)
    del case["version"]
    return {**case, "customer": found.customer, "timeline": found.timeline, "work": found.work}


def _status(status: str | None) -> str | None:
    if status is not None and status not in list(Status):
        raise BadInput(errors=(FieldError("status", f"One of {', '.join(Status)}."),))
    return status


def _word(field: str, value: str | None) -> str | None:
    if value is not None and (len(value) > FILTER_CHARACTERS_MAX or "\x00" in value):
        raise BadInput(errors=(FieldError(field, f"Text of at most {FILTER_CHARACTERS_MAX} characters, without NUL."),))
    return value or None


def _id(field: str, value: str | None) -> str | None:
    if not value:
        return None
    try:
        return str(UUID(value))
    except ValueError:
        raise BadInput(errors=(FieldError(field, "The id of a customer, a UUID."),)) from None


routes = [register, listed, show, change, add_note]

"""The tree of topics, for authors: one topic is chosen by the address, and what can be done with it stands beside the tree."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath
from msgspec import Meta

from console.errors import BadInput, FieldError
from console.kb.topics import NAME_MAX
from console.people.permissions import Permission
from console.people.who import Principal
from console.services import topics
from console.services.context import Context
from console.web.auth import may
from console.web.cases.frame import drawn
from console.web.limits import NO_CONTROLS
from console.web.pages import DONE, AnyRequest, html, view_of
from console.web.supervisor.reports import act_words

Ctx = NamedDependency[Context]
Who = NamedDependency[Principal]
Answer = Response[Any]

Name = Annotated[str, Meta(max_length=2 * NAME_MAX, pattern=NO_CONTROLS)]
"""As typed, spaces too; the name itself is checked where it is kept."""
Which = Annotated[str, Meta(max_length=36)]
"""A topic's id, or nothing: no topic."""


class AddForm(msgspec.Struct, frozen=True):
    name: Name
    parent: Which = ""


class ChangeForm(msgspec.Struct, frozen=True):
    name: Name
    parent: Which = ""


class MergeForm(msgspec.Struct, frozen=True):
    into: UUID


Adding = Annotated[AddForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
Changing = Annotated[ChangeForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
Merging = Annotated[MergeForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/kb/topics", guards=[may(Permission.WRITE_ARTICLES)])
async def page(request: AnyRequest, ctx: Ctx, who: Who) -> Answer:
    """`?topic=`: the tree, and what can be done with the topic that is chosen."""
    shown = await topics.whole(ctx, who)
    return await drawn(
        request,
        ctx,
        who,
        "kb/topics.html",
        room="kb",
        shown=shown,
        chosen=shown.branch(request.query_params.get("topic", "")),
        acts=act_words(view_of(request).words),
        writes=True,
    )


@post("/kb/topics", guards=[may(Permission.WRITE_ARTICLES)], status_code=200)
async def add(ctx: Ctx, who: Who, data: Adding) -> Answer:
    return _to(await topics.add(ctx, who, name=data.name, parent=_id("parent", data.parent)))


@post("/kb/topics/{topic:uuid}/change", guards=[may(Permission.WRITE_ARTICLES)], status_code=200)
async def change(ctx: Ctx, who: Who, topic: FromPath[UUID], data: Changing) -> Answer:
    await topics.change(ctx, who, topic=str(topic), name=data.name, parent=_id("parent", data.parent))
    return _to(str(topic))


@post("/kb/topics/{topic:uuid}/merge", guards=[may(Permission.WRITE_ARTICLES)], status_code=200)
async def merge(ctx: Ctx, who: Who, topic: FromPath[UUID], data: Merging) -> Answer:
    await topics.merge(ctx, who, topic=str(topic), into=str(data.into))
    return _to(str(data.into))


@post("/kb/topics/{topic:uuid}/remove", guards=[may(Permission.WRITE_ARTICLES)], status_code=200)
async def remove(ctx: Ctx, who: Who, topic: FromPath[UUID]) -> Answer:
    await topics.remove(ctx, who, topic=str(topic))
    return html(None, DONE, **{"HX-Redirect": "/kb/topics"})


def _id(field: str, given: str) -> str | None:
    if not given:
        return None
    try:
        return str(UUID(given))
    except ValueError:
        raise BadInput(errors=(FieldError(field, "There is no such topic."),)) from None


def _to(topic: str) -> Answer:
    """The page anew, with that topic chosen."""
    return html(None, DONE, **{"HX-Redirect": f"/kb/topics?topic={topic}"})


routes = [page, add, change, merge, remove]

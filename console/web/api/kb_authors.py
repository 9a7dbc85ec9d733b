"""Knowledge, what authors have beside the text: the tree of topics, translations, pictures, and what waits for them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from console.errors import BadInput, FieldError
from console.kb.pictures import PICTURE_BYTES_MAX
from console.people.permissions import Permission
from console.people.who import Principal
from console.queries.topics import Branch
from console.services import authoring, manuscripts, reminding, topics
from console.services.context import Context
from console.services.manuscripts import Waiting
from console.web.api.kb import answer
from console.web.auth import may
from console.web.limits import Line, Name

Ctx = NamedDependency[Context]
Who = NamedDependency[Principal]


class NewTopic(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Line
    parent: UUID | None = None
    """Under which topic; none: beside the first ones."""


class TopicChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays as it is."""

    name: Line | msgspec.UnsetType = msgspec.UNSET
    parent: UUID | msgspec.UnsetType | None = msgspec.UNSET


class Merge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    into: UUID


class NewTranslation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    lang: Name


@get("/kb/topics", guards=[may(Permission.WRITE_ARTICLES)])
async def tree(ctx: Ctx, who: Who) -> dict[str, tuple[Branch, ...]]:
    """The tree of topics; `published` and `drafts` count articles in a topic and all beneath it, `own` those in it itself."""
    return {"items": (await topics.whole(ctx, who)).branches}


@post("/kb/topics", guards=[may(Permission.WRITE_ARTICLES)])
async def add(ctx: Ctx, who: Who, data: JSONBody[NewTopic]) -> dict[str, str]:
    """Add a topic."""
    return {"id": await topics.add(ctx, who, name=data.name, parent=str(data.parent) if data.parent else None)}


@patch("/kb/topics/{topic:uuid}", status_code=204, guards=[may(Permission.WRITE_ARTICLES)])
async def change(ctx: Ctx, who: Who, topic: FromPath[UUID], data: JSONBody[TopicChange]) -> None:
    """Rename it, move it under another one (`parent`; null: beside the first ones), or both."""
    parent = str(data.parent) if isinstance(data.parent, UUID) else data.parent
    await topics.change(ctx, who, topic=str(topic), name=data.name, parent=parent)


@post("/kb/topics/{topic:uuid}/merge", status_code=204, guards=[may(Permission.WRITE_ARTICLES)])
async def merge(ctx: Ctx, who: Who, topic: FromPath[UUID], data: JSONBody[Merge]) -> None:
    """Make it part of another: its articles, and the topics beneath it, go there."""
    await topics.merge(ctx, who, topic=str(topic), into=str(data.into))


@delete("/kb/topics/{topic:uuid}", guards=[may(Permission.WRITE_ARTICLES)])
async def remove(ctx: Ctx, who: Who, topic: FromPath[UUID]) -> None:
    """Remove one that is empty."""
    await topics.remove(ctx, who, topic=str(topic))


@post("/kb/articles/{number:str}/translate", guards=[may(Permission.WRITE_ARTICLES)])
async def translate(
    ctx: Ctx, who: Who, number: FromPath[str], data: JSONBody[NewTranslation]
) -> Response[dict[str, Any]]:
    """Begin it in another language, as a draft with the text that there is."""
    return answer(await authoring.translate(ctx, who, number=number, lang=data.lang), 201)


@post("/kb/articles/{number:str}/follow", status_code=200, guards=[may(Permission.WRITE_ARTICLES)])
async def follow(ctx: Ctx, who: Who, number: FromPath[str]) -> Response[dict[str, Any]]:
    """Say that a translation says the same as the original does now."""
    return answer(await authoring.follow(ctx, who, number=number))


@post("/kb/articles/{number:str}/remind", status_code=204, guards=[may(Permission.WRITE_ARTICLES)])
async def remind(ctx: Ctx, who: Who, number: FromPath[str]) -> None:
    """Tell those again who were asked to review it and have not approved."""
    await reminding.remind(ctx, who, number=number)


@post("/kb/images", guards=[may(Permission.WRITE_ARTICLES)])
async def put_image(ctx: Ctx, who: Who, request: Request[Any, Any, Any]) -> dict[str, str]:
    """A picture, as the bytes of the body; an article shows it as Markdown's picture at the address `image:` with this id."""
    content = await request.body()
    if len(content) > PICTURE_BYTES_MAX:
        raise BadInput(errors=(FieldError("image", f"At most {PICTURE_BYTES_MAX // 1000} kB."),))
    return {"id": await authoring.put_image(ctx, who, content=content)}


@get("/kb/reviews", guards=[may(Permission.WRITE_ARTICLES)])
async def reviews(ctx: Ctx, who: Who) -> Waiting:
    """What waits: reviews asked of you, yours that wait for others, articles that expire soon, what readers told."""
    return await manuscripts.waiting(ctx, who)


routes = [tree, add, change, merge, remove, translate, follow, remind, put_image, reviews]

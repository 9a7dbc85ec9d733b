"""The author's pages: every article, the editor, reviews and what readers told. Each button is one use case."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, tzinfo
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery
from msgspec import Meta

from console.errors import BadInput, FieldError, NotFound
from console.kb import diff, markup, measure
from console.kb.article import BODY_MAX, Audience, Kind, Revision, State, Text
from console.kb.pictures import PICTURE_BYTES_MAX
from console.people.permissions import Permission
from console.people.who import Principal
from console.queries.knowledge import Place, Where
from console.services import authoring, knowledge, manuscripts, publishing, reminding
from console.services.authoring import New
from console.services.context import Context
from console.services.manuscripts import Editing
from console.web import languages
from console.web.api.lists import from_cursor, to_cursor
from console.web.auth import may
from console.web.cases.frame import drawn
from console.web.fragment import render, wrap
from console.web.limits import NO_CONTROLS, NO_NUL
from console.web.pages import DONE, AnyRequest, html, view_of
from console.web.words import Words

Ctx = NamedDependency[Context]
Who = NamedDependency[Principal]
Answer = Response[Any]

ROWS = 50
BETWEEN = re.compile(r"[,;،、，；؛]")
"""Commas and semicolons, of every script."""

Short = Annotated[str, Meta(max_length=200, pattern=NO_CONTROLS)]
Why = Annotated[str, Meta(max_length=500, pattern=NO_NUL)]
At = Annotated[str, Meta(max_length=16, pattern=r"\A(\d{4}-\d\d-\d\dT\d\d:\d\d)?\Z")]


class NewForm(msgspec.Struct, frozen=True):
    title: Short
    lang: Annotated[str, Meta(max_length=60, pattern=NO_CONTROLS)]
    kind: Kind = Kind.HOWTO
    topic: Short = ""


class SaveForm(msgspec.Struct, frozen=True):
    base: int
    title: Short = ""
    body: Annotated[str, Meta(max_length=2 * BODY_MAX, pattern=NO_NUL)] = ""
    keywords: Annotated[str, Meta(max_length=2_000, pattern=NO_NUL)] = ""
    audience: Audience = Audience.AGENTS
    note: Why = ""
    topic: Short = ""
    kind: Kind = Kind.HOWTO
    publish_at: At = ""
    expires_at: At = ""


class TranslateForm(msgspec.Struct, frozen=True):
    lang: Annotated[str, Meta(max_length=60, pattern=NO_CONTROLS)]


class MoveForm(msgspec.Struct, frozen=True):
    base: int = 0
    why: Why = ""
    reviewer: Short = ""
    due_at: At = ""
    at: At = ""


class SettleForm(msgspec.Struct, frozen=True):
    why: Why = ""


Making = Annotated[NewForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
Saving = Annotated[SaveForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
Translating = Annotated[TranslateForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
Moving = Annotated[MoveForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
Settling = Annotated[SettleForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/kb/articles", guards=[may(Permission.WRITE_ARTICLES)])
async def articles(request: AnyRequest, ctx: Ctx, who: Who) -> Answer:
    """`?q=&state=&topic=`: every article, the last changed first."""
    asked = {name: request.query_params.get(name, "")[:700].replace("\x00", "") for name in ("q", "state", "topic")}
    state = asked["state"] if asked["state"] in list(State) else None
    catalogue = await knowledge.catalogue(ctx, who)
    items, after = await manuscripts.listed(
        ctx,
        who,
        where=Where(state=state, q=asked["q"] or None),
        topic=asked["topic"] if asked["topic"] in catalogue.paths else None,
        limit=ROWS,
        after=from_cursor(request.query_params.get("cursor"), Place),
    )
    words = view_of(request).words
    return await drawn(
        request,
        ctx,
        who,
        "kb/articles.html",
        room="kb",
        items=items,
        asked=asked,
        states=states(words),
        kinds=kinds(words),
        catalogue=catalogue,
        cursor=to_cursor(after) if after else None,
        writes=True,
    )


@post("/kb/articles", guards=[may(Permission.WRITE_ARTICLES)], status_code=200)
async def create(request: AnyRequest, ctx: Ctx, who: Who, data: Making) -> Answer:
    """A new article, begun from its kind's template."""
    words = view_of(request).words
    new = New(
        lang=_lang(words, data.lang),
        kind=data.kind,
        topic=data.topic.strip() or None,
        text=Text(title=data.title, body=template_of(words, data.kind)),
    )
    made = await authoring.create(ctx, who, new=new)
    return html(None, DONE, **{"HX-Redirect": f"/kb/{made.article.number}/edit"})


@post("/kb/{number:str}/translate", guards=[may(Permission.WRITE_ARTICLES)], status_code=200)
async def translate(request: AnyRequest, ctx: Ctx, who: Who, number: FromPath[str], data: Translating) -> Answer:
    """The article in another language, begun with the text that there is."""
    made = await authoring.translate(ctx, who, number=number, lang=_lang(view_of(request).words, data.lang))
    return html(None, DONE, **{"HX-Redirect": f"/kb/{made.article.number}/edit"})


@post("/kb/{number:str}/follow", guards=[may(Permission.WRITE_ARTICLES)], status_code=200)
async def follow(ctx: Ctx, who: Who, number: FromPath[str]) -> Answer:
    """The translation says the same as the original does now."""
    await authoring.follow(ctx, who, number=number)
    return html(None, DONE, **{"HX-Refresh": "true"})


@get("/kb/reviews", guards=[may(Permission.WRITE_ARTICLES)])
async def reviews(request: AnyRequest, ctx: Ctx, who: Who) -> Answer:
    """What waits for them: reviews, what expires soon, what readers told; and what of theirs waits for others."""
    waiting = await manuscripts.waiting(ctx, who)
    return await drawn(request, ctx, who, "kb/reviews.html", room="reviews", waiting=waiting, writes=True)


@post("/kb/feedback/{feedback:uuid}/settle", guards=[may(Permission.WRITE_ARTICLES)], status_code=200)
async def settle(ctx: Ctx, who: Who, feedback: FromPath[UUID], data: Settling) -> Answer:
    await publishing.settle_feedback(ctx, who, feedback=str(feedback), why=data.why or None)
    return html(None, DONE, **{"HX-Refresh": "true"})


@get("/kb/{number:str}/edit", guards=[may(Permission.WRITE_ARTICLES)])
async def edit(
    request: AnyRequest,
    ctx: Ctx,
    who: Who,
    *,
    number: FromPath[str],
    old: FromQuery[int] = 0,
    new: FromQuery[int] = 0,
) -> Answer:
    """The editor; `?old=&new=` compares any two versions."""
    shown = await manuscripts.editing(ctx, who, number=number)
    known = {row.version for row in shown.versions}
    before = await manuscripts.version(ctx, who, number=number, version=old) if old in known else None
    after = await manuscripts.version(ctx, who, number=number, version=new) if new in known else None
    context = await _context(request, who, shown, before, after)
    return await drawn(request, ctx, who, "kb/edit.html", room="kb", writes=True, **context)


@post("/kb/{number:str}/save", guards=[may(Permission.WRITE_ARTICLES)], status_code=200)
async def save(request: AnyRequest, ctx: Ctx, who: Who, number: FromPath[str], data: Saving) -> Answer:
    """The draft as it is typed; what is drawn from it comes back."""
    view = view_of(request)
    text = Text(
        title=data.title,
        body=data.body,
        keywords=tuple(BETWEEN.split(data.keywords)),
        audience=data.audience,
        note=data.note or None,
        publish_at=_instant("publish_at", data.publish_at, view.zone),
        expires_at=_instant("expires_at", data.expires_at, view.zone),
    )
    before = await manuscripts.written(ctx, who, number=number)
    if before.revision.text != text or before.revision.state is not State.DRAFT:
        await authoring.write(ctx, who, number=number, text=text, if_match=data.base)
    await authoring.organise(ctx, who, number=number, topic=data.topic, kind=data.kind)
    shown = await manuscripts.editing(ctx, who, number=number)
    context = {
        **await _context(request, who, shown, None, None),
        "now": ctx.clock.now(),
        "zone": view.zone,
    }
    parts = ("ed-base", "ed-head", "ed-prev", "ed-where", "ed-side", "ed-changes")
    return html("".join(wrap(part, render(f"kb/_{part}.html", view.words, context)) for part in parts), 200)


@post("/kb/{number:str}/images", guards=[may(Permission.WRITE_ARTICLES)], status_code=200)
async def put_image(request: AnyRequest, ctx: Ctx, who: Who, number: FromPath[str]) -> Answer:
    """A picture, as the bytes of the body; answers the words by which the text names it."""
    await manuscripts.written(ctx, who, number=number)
    content = await request.body()
    if len(content) > PICTURE_BYTES_MAX:
        raise BadInput(errors=(FieldError("image", f"At most {PICTURE_BYTES_MAX // 1000} kB."),))
    return Response(await authoring.put_image(ctx, who, content=content), media_type="text/plain")


@post("/kb/{number:str}/restore/{version:int}", guards=[may(Permission.WRITE_ARTICLES)], status_code=200)
async def restore(ctx: Ctx, who: Who, number: FromPath[str], version: FromPath[int]) -> Answer:
    await authoring.restore(ctx, who, number=number, version=_version(version))
    return html(None, DONE, **{"HX-Redirect": f"/kb/{number}/edit"})


@post("/kb/{number:str}/{move:str}", guards=[may(Permission.WRITE_ARTICLES)], status_code=200)
async def move(
    request: AnyRequest, ctx: Ctx, who: Who, *, number: FromPath[str], move: FromPath[str], data: Moving
) -> Answer:
    """From state to state; `base` is the revision as it was read."""
    zone = view_of(request).zone
    why, base = data.why or None, data.base or None
    match move:
        case "submit":
            people = () if data.reviewer.startswith("team:") or not data.reviewer else (data.reviewer,)
            teams = (data.reviewer.removeprefix("team:"),) if data.reviewer.startswith("team:") else ()
            due_at = _instant("due_at", data.due_at, zone)
            await publishing.submit(
                ctx, who, number=number, reviewers=people, teams=teams, due_at=due_at, why=why, if_match=base
            )
        case "withdraw":
            await publishing.withdraw(ctx, who, number=number, why=why, if_match=base)
        case "remind":
            await reminding.remind(ctx, who, number=number)
        case "approve":
            await publishing.approve(ctx, who, number=number, comment=why, if_match=base)
        case "reject":
            await publishing.reject(ctx, who, number=number, comment=why or "", if_match=base)
        case "publish":
            at = _instant("at", data.at, zone)
            await publishing.publish(ctx, who, number=number, at=at, why=why, if_match=base)
        case "expire":
            await publishing.expire(ctx, who, number=number, why=why)
        case "archive":
            await publishing.archive(ctx, who, number=number, why=why)
        case _:
            raise NotFound
    return html(None, DONE, **{"HX-Refresh": "true"})


async def _context(
    request: AnyRequest, who: Principal, shown: Editing, before: Revision | None, after: Revision | None
) -> dict[str, Any]:
    """What the editor and its parts are drawn from."""
    view = view_of(request)
    body = shown.revision.body
    old = before or shown.in_force or None
    new = after or shown.revision
    changes = await asyncio.to_thread(diff.lines, old.body if old else "", new.body) if old != new else []
    more, less = diff.counted(changes)
    return {
        "shown": shown,
        "html": await asyncio.to_thread(markup.html, body),
        "base": manuscripts.tag(shown.revision),
        "changes": changes,
        "compared": (old.version if old else 0, new.version),
        "more": more,
        "less": less,
        "source": await asyncio.to_thread(markup.html, shown.source.body) if shown.source else "",
        "measured": await asyncio.to_thread(measure.measured, shown.revision.plain),
        "longest": await asyncio.to_thread(measure.longest_sentence, shown.revision.plain),
        "states": states(view.words),
        "kinds": kinds(view.words),
        "own": who.called in shown.revision.authors,
        "local": lambda at: at.astimezone(view.zone).strftime("%Y-%m-%dT%H:%M") if at else "",
        "path": "/".join(shown.topic),
    }


def states(words: Words) -> dict[str, str]:
    """Of a revision."""
    return {
        "draft": words.say("Draft"),
        "in_review": words.say("In review"),
        "approved": words.say("Approved"),
        "published": words.say("Published"),
        "expired": words.say("Expired"),
        "archived": words.say("Archived"),
    }


def kinds(words: Words) -> dict[str, str]:
    """Of an article."""
    return {"problem": words.say("Problem"), "howto": words.say("How-to"), "question": words.say("Question")}


def template_of(words: Words, kind: Kind) -> str:
    """What a new article of this kind begins with."""
    match kind:
        case Kind.PROBLEM:
            parts = [words.say("What the customer sees"), words.say("What to do"), words.say("If it does not help")]
        case Kind.QUESTION:
            parts = [words.say("Short answer"), words.say("More about it")]
        case _:
            parts = [words.say("Before you begin"), words.say("Steps"), words.say("How to know that it worked")]
    return "".join(f"# {part}\n\n…\n\n" for part in parts)


def _instant(field: str, local: str, zone: tzinfo) -> datetime | None:
    if not local:
        return None
    try:
        return datetime.fromisoformat(local).replace(tzinfo=zone).astimezone(UTC)
    except ValueError:
        raise BadInput(errors=(FieldError(field, "A date and a time."),)) from None


def _lang(words: Words, typed: str) -> str:
    """A language's tag, of its name too; what is neither is refused where it is kept."""
    found = languages.codes(words, typed) if typed.strip() else None
    return found[0] if found and len(found) == 1 else typed.strip()


def _version(number: int) -> int:
    if not 0 < number < 1 << 31:
        raise NotFound
    return number


routes = [articles, create, translate, follow, reviews, settle, edit, save, put_image, restore, move]

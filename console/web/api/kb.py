"""Knowledge: articles found and read, written, reviewed, published."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from console.errors import BadInput, FieldError
from console.kb import diff
from console.kb.article import BODY_MAX, KEYWORDS_MAX, TITLE_MAX, Audience, Kind, State, Text, Use
from console.people.permissions import Permission
from console.people.who import Principal
from console.queries.knowledge import InList, Place, Step, VersionRow, Where
from console.services import authoring, knowledge, manuscripts, publishing
from console.services.authoring import New
from console.services.context import Context
from console.services.manuscripts import Written
from console.web.api.etags import read_version
from console.web.api.lists import Cursor, Limit, Page, from_cursor, page_size, to_cursor
from console.web.auth import may
from console.web.idempotency import once
from console.web.limits import NO_CONTROLS, Line, Name
from console.web.limits import Text as Words

AnyRequest = Request[Any, Any, Any]
Ctx = NamedDependency[Context]
Who = NamedDependency[Principal]

HITS_DEFAULT = 10
HITS_MAX = 50
QUERY_READ_MAX = 20_000
"""Characters of `q`; of more than a thousand the search itself reads the beginning."""
PARAMETER_MAX = 200

Title = Annotated[str, msgspec.Meta(min_length=1, max_length=TITLE_MAX, pattern=NO_CONTROLS)]
Body = Annotated[str, msgspec.Meta(max_length=BODY_MAX)]
Keywords = Annotated[tuple[Name, ...], msgspec.Meta(max_length=KEYWORDS_MAX)]
At = Annotated[datetime, msgspec.Meta(tz=True)]
Why = Annotated[str, msgspec.Meta(max_length=500)]
Names = Annotated[tuple[Name, ...], msgspec.Meta(max_length=10)]


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    number: str
    external_id: str | None
    lang: str
    title: str
    snippet: str
    """HTML: escaped, with matches in <mark>."""
    score: float
    version: int


class NewArticle(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    lang: Name
    title: Title
    body: Body = ""
    keywords: Keywords = ()
    audience: Audience = Audience.AGENTS
    kind: Kind = Kind.HOWTO
    topic: Line | None = None
    """Its path; what is not there is made."""
    external_id: Name | None = None
    translates: Name | None = None
    """The number or id of the article of which it is another language."""
    note: Why | None = None
    publish_at: At | None = None
    expires_at: At | None = None


class ArticleChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays as it is."""

    title: Title | msgspec.UnsetType = msgspec.UNSET
    body: Body | msgspec.UnsetType = msgspec.UNSET
    keywords: Keywords | msgspec.UnsetType = msgspec.UNSET
    audience: Audience | msgspec.UnsetType = msgspec.UNSET
    note: Why | msgspec.UnsetType | None = msgspec.UNSET
    publish_at: At | msgspec.UnsetType | None = msgspec.UNSET
    expires_at: At | msgspec.UnsetType | None = msgspec.UNSET
    kind: Kind | msgspec.UnsetType = msgspec.UNSET
    topic: Line | msgspec.UnsetType = msgspec.UNSET


class Submission(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    reviewers: Names = ()
    teams: Names = ()
    due_at: At | None = None
    why: Why | None = None


class Said(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    why: Why | None = None


class Publication(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    at: At | None = None
    """Absent: now, or when the revision says."""
    why: Why | None = None


class Told(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came of reading it: `helped` or `not_helped`, or words for its authors."""

    use: Literal["opened", "used", "sent", "helped", "not_helped"] | None = None
    text: Words | None = None
    case: Name | None = None
    """The number of the case it was about."""


@get("/kb/search", guards=[may(Permission.READ_ARTICLES)])
async def search(
    ctx: Ctx,
    who: Who,
    *,
    q: FromQuery[str] = "",
    lang: FromQuery[str | None] = None,
    topic: FromQuery[str | None] = None,
    kind: FromQuery[str | None] = None,
    audience: FromQuery[str | None] = None,
    limit: FromQuery[str | None] = None,
) -> dict[str, list[Hit]]:
    """Published articles, best first; the last word may be half of one. `topic` is a path, name or id, with all beneath."""
    if len(q) > QUERY_READ_MAX:
        raise BadInput(errors=(FieldError("q", f"At most {QUERY_READ_MAX:,} characters."),))
    found = await knowledge.search(
        ctx,
        who,
        q=q,
        lang=_short("lang", lang),
        topic=_short("topic", topic),
        kind=_one_of("kind", kind, Kind),
        audience=_one_of("audience", audience, Audience),
        limit=_hits(limit),
    )
    return {"items": [Hit(**{name: getattr(each, name) for name in Hit.__struct_fields__}) for each in found]}


@post("/kb/articles", guards=[may(Permission.WRITE_ARTICLES)])
async def create(ctx: Ctx, who: Who, request: AnyRequest, data: JSONBody[NewArticle]) -> Response[dict[str, Any]]:
    """A new article, as a draft."""
    new = New(
        lang=data.lang,
        kind=data.kind,
        topic=data.topic,
        translates=data.translates,
        external_id=data.external_id,
        text=Text(**{name: getattr(data, name) for name in Text.__struct_fields__}),
    )
    return answer(await authoring.create(ctx, who, new=new, once=await once(request, who)), 201)


@get("/kb/articles", guards=[may(Permission.WRITE_ARTICLES)])
async def listed(
    ctx: Ctx,
    who: Who,
    *,
    in_state: Annotated[str | None, QueryParameter(name="state")] = None,
    lang: FromQuery[str | None] = None,
    topic: FromQuery[str | None] = None,
    q: FromQuery[str | None] = None,
    limit: Limit = None,
    cursor: Cursor = None,
) -> Page[InList]:
    """Articles in every state, the last changed first; `state` is of the newest revision, or `published`: in force."""
    where = Where(state=_one_of("state", in_state, State), lang=_short("lang", lang), q=_short("q", q))
    items, after = await manuscripts.listed(
        ctx,
        who,
        where=where,
        topic=_short("topic", topic),
        limit=page_size(limit),
        after=from_cursor(cursor, Place),
    )
    return Page(items, to_cursor(after) if after else None)


@get("/kb/articles/{number:str}", guards=[may(Permission.READ_ARTICLES)])
async def show(ctx: Ctx, who: Who, number: FromPath[str], draft: FromQuery[bool] = False) -> Response[dict[str, Any]]:
    """The revision in force; `?draft=true`, for authors, the one that is being written. Named by number or id."""
    if draft:
        return answer(await manuscripts.written(ctx, who, number=number))
    found = await knowledge.read(ctx, who, number=number)
    return Response({**msgspec.structs.asdict(found.article), "state": State.PUBLISHED, "html": found.html})


@patch("/kb/articles/{number:str}", guards=[may(Permission.WRITE_ARTICLES)])
async def change(
    ctx: Ctx, who: Who, request: AnyRequest, number: FromPath[str], data: JSONBody[ArticleChange]
) -> Response[dict[str, Any]]:
    """Save the draft, or begin the next revision; with `If-Match` only if nobody has changed it since."""
    given = {name: value for name, value in msgspec.structs.asdict(data).items() if value is not msgspec.UNSET}
    kind, topic = given.pop("kind", None), given.pop("topic", None)
    before = await manuscripts.written(ctx, who, number=number)
    text = msgspec.structs.replace(before.revision.text, **given)
    version = read_version(request.headers.get("if-match"))
    after = before
    if given or version is not None:
        base = manuscripts.tag(before.revision) if version is None else version
        after = await authoring.write(ctx, who, number=number, text=text, if_match=base)
    if kind is not None or topic is not None:
        after = await authoring.organise(ctx, who, number=number, kind=kind, topic=topic)
    return answer(after)


@post("/kb/articles/{number:str}/submit", status_code=200, guards=[may(Permission.WRITE_ARTICLES)])
async def submit(
    ctx: Ctx, who: Who, request: AnyRequest, number: FromPath[str], data: JSONBody[Submission]
) -> Response[dict[str, Any]]:
    """Give the draft to be reviewed."""
    given = {name: getattr(data, name) for name in Submission.__struct_fields__}
    return answer(await publishing.submit(ctx, who, number=number, if_match=_if_match(request), **given))


@post("/kb/articles/{number:str}/withdraw", status_code=200, guards=[may(Permission.WRITE_ARTICLES)])
async def withdraw(
    ctx: Ctx, who: Who, request: AnyRequest, number: FromPath[str], data: JSONBody[Said]
) -> Response[dict[str, Any]]:
    """Back to a draft."""
    return answer(await publishing.withdraw(ctx, who, number=number, why=data.why, if_match=_if_match(request)))


@post("/kb/articles/{number:str}/approve", status_code=200, guards=[may(Permission.WRITE_ARTICLES)])
async def approve(
    ctx: Ctx, who: Who, request: AnyRequest, number: FromPath[str], data: JSONBody[Said]
) -> Response[dict[str, Any]]:
    """Say yes to a revision that somebody else wrote."""
    return answer(await publishing.approve(ctx, who, number=number, comment=data.why, if_match=_if_match(request)))


@post("/kb/articles/{number:str}/reject", status_code=200, guards=[may(Permission.WRITE_ARTICLES)])
async def reject(
    ctx: Ctx, who: Who, request: AnyRequest, number: FromPath[str], data: JSONBody[Said]
) -> Response[dict[str, Any]]:
    """Ask for changes, saying which: it is a draft again."""
    return answer(await publishing.reject(ctx, who, number=number, comment=data.why or "", if_match=_if_match(request)))


@post("/kb/articles/{number:str}/publish", status_code=200, guards=[may(Permission.WRITE_ARTICLES)])
async def publish(
    ctx: Ctx, who: Who, request: AnyRequest, number: FromPath[str], data: JSONBody[Publication]
) -> Response[dict[str, Any]]:
    """Bring what was approved into force, now or at a time to come."""
    version = _if_match(request)
    return answer(await publishing.publish(ctx, who, number=number, at=data.at, why=data.why, if_match=version))


@post("/kb/articles/{number:str}/expire", status_code=200, guards=[may(Permission.WRITE_ARTICLES)])
async def expire(ctx: Ctx, who: Who, number: FromPath[str], data: JSONBody[Said]) -> Response[dict[str, Any]]:
    """Take what is in force out of it."""
    return answer(await publishing.expire(ctx, who, number=number, why=data.why))


@post("/kb/articles/{number:str}/archive", status_code=200, guards=[may(Permission.WRITE_ARTICLES)])
async def archive(ctx: Ctx, who: Who, number: FromPath[str], data: JSONBody[Said]) -> Response[dict[str, Any]]:
    """Put the whole article away."""
    return answer(await publishing.archive(ctx, who, number=number, why=data.why))


@post("/kb/articles/{number:str}/feedback", status_code=204, guards=[may(Permission.READ_ARTICLES)])
async def feedback(ctx: Ctx, who: Who, number: FromPath[str], data: JSONBody[Told]) -> None:
    """Say whether it helped, and tell its authors what is wrong with it."""
    if data.use is None and data.text is None:
        raise BadInput(errors=(FieldError("use", "Either this or `text`."),))
    await knowledge.tell(
        ctx, who, number=number, use=Use(data.use) if data.use else None, text=data.text, case_number=data.case
    )


@get("/kb/articles/{number:str}/versions", guards=[may(Permission.WRITE_ARTICLES)])
async def versions(ctx: Ctx, who: Who, number: FromPath[str]) -> dict[str, tuple[VersionRow, ...] | tuple[Step, ...]]:
    """Every revision, the newest first, and every step: who, when, why."""
    found, steps = await manuscripts.versions(ctx, who, number=number)
    return {"items": found, "steps": steps}


@get("/kb/articles/{number:str}/versions/{version:int}", guards=[may(Permission.WRITE_ARTICLES)])
async def version(ctx: Ctx, who: Who, number: FromPath[str], version: FromPath[int]) -> dict[str, Any]:
    """One revision whole."""
    found = msgspec.structs.asdict(await manuscripts.version(ctx, who, number=number, version=_version(version)))
    del found["plain"]
    return found


@post("/kb/articles/{number:str}/versions/{version:int}/restore", guards=[may(Permission.WRITE_ARTICLES)])
async def restore(ctx: Ctx, who: Who, number: FromPath[str], version: FromPath[int]) -> Response[dict[str, Any]]:
    """Begin the next revision with an earlier one's text."""
    return answer(await authoring.restore(ctx, who, number=number, version=_version(version)), 201)


@get("/kb/articles/{number:str}/diff", guards=[may(Permission.WRITE_ARTICLES)])
async def compare(
    ctx: Ctx, who: Who, number: FromPath[str], *, old: FromQuery[int] = 1, new: FromQuery[int] = 1
) -> dict[str, Any]:
    """What changed from version `old` to version `new`: lines, and in them words."""
    before = await manuscripts.version(ctx, who, number=number, version=_version(old))
    after = await manuscripts.version(ctx, who, number=number, version=_version(new))
    lines = diff.lines(before.body, after.body)
    more, less = diff.counted(lines)
    return {"title": [before.title, after.title], "added": more, "removed": less, "lines": lines}


@post("/kb/feedback/{feedback:uuid}/settle", status_code=204, guards=[may(Permission.WRITE_ARTICLES)])
async def settle(ctx: Ctx, who: Who, feedback: FromPath[Any], data: JSONBody[Said]) -> None:
    """What a reader told was looked at."""
    await publishing.settle_feedback(ctx, who, feedback=str(feedback), why=data.why)


def answer(written: Written, status: int = 200) -> Response[dict[str, Any]]:
    """The article with that revision, and what of it was read."""
    article, revision = msgspec.structs.asdict(written.article), msgspec.structs.asdict(written.revision)
    del revision["article"], revision["plain"], revision["saved"], revision["created_at"]
    body = {**article, **revision, "published": written.article.published, "reviews": written.reviews}
    return Response(body, status_code=status, headers={"ETag": f'"{manuscripts.tag(written.revision)}"'})


def _if_match(request: AnyRequest) -> int | None:
    return read_version(request.headers.get("if-match"))


def _hits(limit: str | None) -> int:
    if limit is None:
        return HITS_DEFAULT
    if not (limit.isascii() and limit.isdecimal() and len(limit) <= 3 and 1 <= int(limit) <= HITS_MAX):
        raise BadInput(errors=(FieldError("limit", f"A whole number from 1 to {HITS_MAX}."),))
    return int(limit)


def _short(field: str, value: str | None) -> str | None:
    if value is not None and (len(value) > PARAMETER_MAX or "\x00" in value):
        raise BadInput(errors=(FieldError(field, f"Text of at most {PARAMETER_MAX} characters, without NUL."),))
    return value or None


def _one_of(field: str, value: str | None, kind: type[Kind | Audience | State]) -> str | None:
    if value and value not in list(kind):
        raise BadInput(errors=(FieldError(field, f"One of {', '.join(kind)}."),))
    return value or None


def _version(number: int) -> int:
    if not 0 < number < 1 << 31:
        raise BadInput(errors=(FieldError("version", "A version's number, from 1."),))
    return number


routes = [
    search,
    create,
    listed,
    show,
    change,
    submit,
    withdraw,
    approve,
    reject,
    publish,
    expire,
    archive,
    feedback,
    versions,
    version,
    restore,
    compare,
    settle,
]

"""Pages that a supervisor opens from the floor: the calls behind a figure, why one still waits, and who did what."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from console.people.permissions import Permission
from console.people.who import Principal
from console.queries.audit import Filter
from console.queries.figures import FIGURES, Figure
from console.services import explain, promises, supervising
from console.services.auditing import What
from console.services.context import Context
from console.services.figures import zone_of
from console.sla.kpi import service_level, together
from console.web import reasons
from console.web.api.lists import from_cursor, to_cursor
from console.web.auth import may
from console.web.fragment import render
from console.web.limits import PAGE_ITEMS_MAX
from console.web.pages import AnyRequest, html, shell, view_of
from console.web.supervisor.acts import states as agent_states
from console.web.words import Words

Ctx = NamedDependency[Context]
Who = NamedDependency[Principal]
Answer = Response[Any]

WITHIN_H, LONGER_H = (1, 8, 24), (168, 24, 720)
"""Hours that the page of clocks offers, the usual ones first."""
NAME_MAX = 200
"""No queue's, agent's or act's name is longer; what is, names nothing."""


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where a page of a list ended."""

    at: datetime
    id: str


def _place(request: AnyRequest) -> tuple[datetime, str] | None:
    place = from_cursor(_asked(request, "cursor"), Place)
    return (place.at, place.id) if place else None


@get("/supervisor/figures", guards=[may(Permission.SUPERVISE)])
async def figures(request: AnyRequest, ctx: Ctx, who: Who) -> Answer:
    """`?figure=&queue=&period=`: what the number counts, one by one, and each quarter of an hour of it."""
    words = view_of(request).words
    figure: Figure = next((one for one in FIGURES if one == request.query_params.get("figure")), "offered")
    queue, today = _asked(request, "queue"), request.query_params.get("period") == "today"
    found = await supervising.behind(
        ctx,
        who,
        figure=figure,
        queue=queue,
        today=today,
        before=_place(request),
        limit=PAGE_ITEMS_MAX,
    )
    return await _page(
        request,
        ctx,
        who,
        "figures",
        found=found,
        figure=figure,
        queue=queue,
        today=today,
        cursor=to_cursor(found.next) if found.next else None,
        all=together(found.intervals.values()),
        service_level=service_level,
        figures=figure_words(words),
        states=state_words(words),
    )


@get("/supervisor/why/{item:uuid}", guards=[may(Permission.SUPERVISE)])
async def why(request: AnyRequest, ctx: Ctx, who: Who, item: FromPath[UUID]) -> Answer:
    """Why this agent, why not the others, why still waiting."""
    told = await explain.explain(ctx, who, item=str(item))
    words = view_of(request).words
    return await _page(
        request,
        ctx,
        who,
        "why",
        states=state_words(words),
        **reasons.context(told, words),
    )


@get("/supervisor/audit", guards=[may(Permission.SUPERVISE)])
async def audit(request: AnyRequest, ctx: Ctx, who: Who) -> Answer:
    """`?by=&what=&about=`: who did what to whom, why, and when."""
    asked = Filter(by=_asked(request, "by"), what=_asked(request, "what"), about=_asked(request, "about"))
    found = await supervising.read_audit(ctx, who, asked=asked, before=_place(request), limit=PAGE_ITEMS_MAX)
    return await _page(
        request,
        ctx,
        who,
        "audit",
        found=found,
        asked=asked,
        cursor=to_cursor(found.next) if found.next else None,
        acts=act_words(view_of(request).words),
        agent_states=agent_states(view_of(request).words),
    )


@get("/supervisor/clocks", guards=[may(Permission.SUPERVISE)])
async def clocks(request: AnyRequest, ctx: Ctx, who: Who) -> Answer:
    """`?within=&longer=` hours: promises at risk, and pauses that nobody ends."""
    within_h = _one_of(_asked(request, "within"), WITHIN_H)
    longer_h = _one_of(_asked(request, "longer"), LONGER_H)
    return await _page(
        request,
        ctx,
        who,
        "clocks",
        risky=await promises.at_risk(ctx, who, within=timedelta(hours=within_h)),
        paused=await promises.long_paused(ctx, who, longer_than=timedelta(hours=longer_h)),
        within_h=within_h,
        longer_h=longer_h,
    )


def _one_of(text: str | None, choices: tuple[int, ...]) -> int:
    """The choice that the address names, else the first."""
    return next((choice for choice in choices if str(choice) == text), choices[0])


def _asked(request: AnyRequest, name: str) -> str | None:
    """A word of the address; none where it is empty, or too long to name anything."""
    return request.query_params.get(name, "")[:NAME_MAX].replace("\x00", "") or None


async def _page(request: AnyRequest, ctx: Context, who: Principal, template: str, **given: Any) -> Answer:
    async with ctx.db.statement() as db:
        zone = zone_of((await ctx.centres.in_force(db)).document)
    context = {"now": ctx.clock.now(), "zone": zone, **shell(request, who, room=template, stream=""), **given}
    return html(render(f"supervisor/{template}.html", view_of(request).words, context))


# --- codes in words ---------------------------------------------------------------------------------------------------


def figure_words(words: Words) -> dict[Figure, str]:
    return {
        "offered": words.say("Offered"),
        "answered": words.say("Answered"),
        "in_time": words.say("Answered in time"),
        "late": words.say("Answered late"),
        "abandoned": words.say("Abandoned"),
        "short": words.say("Abandoned at once, not counted"),
        "waiting": words.say("Waiting now"),
    }


def state_words(words: Words) -> dict[str, str]:
    return {
        "waiting": words.say("waiting"),
        "offered": words.say("ringing"),
        "assigned": words.say("in hand"),
        "wrap_up": words.say("in wrap-up"),
        "completed": words.say("completed"),
        "abandoned": words.say("abandoned"),
        "overflowed": words.say("sent on by the queue’s rules"),
        "transferred": words.say("transferred"),
        "canceled": words.say("canceled"),
    }


def act_words(words: Words) -> dict[str, str]:
    return {
        What.MESSAGE_SENT: words.say("Message sent"),
        What.STATE_SET: words.say("State set"),
        What.SIGNED_OUT: words.say("Signed out"),
        What.WORK_ASSIGNED: words.say("Work assigned"),
        What.WORK_MOVED: words.say("Work moved"),
        What.CLOCK_REBASED: words.say("Promise made anew"),
        What.ACCOUNT_SET: words.say("Account changed"),
        What.CONTRACT_SET: words.say("Contract changed"),
        What.TOPIC_ADDED: words.say("Topic added"),
        What.TOPIC_CHANGED: words.say("Topic renamed or moved"),
        What.TOPIC_MERGED: words.say("Topic merged"),
        What.TOPIC_REMOVED: words.say("Topic removed"),
    }


routes = [figures, why, audit, clocks]

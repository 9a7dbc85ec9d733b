"""A supervisor's hand: the menu of an agent, who waits in a queue, and what can be done to either."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from console.errors import NotAllowed, NotFound
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.routing.agent import Presence
from console.services import handing_on, notices, overview, supervising
from console.services.context import Context
from console.services.deciding import Outcome
from console.web.auth import may
from console.web.fragment import View, milliseconds, render, wrap
from console.web.pages import AnyRequest, html, said, view_of
from console.web.supervisor.board import row_id
from console.web.supervisor.forms import AssignForm, MoveForm, ReasonForm, State, StateForm, WordsForm
from console.web.supervisor.lens import behind, lens_of
from console.web.words import Words

Ctx = NamedDependency[Context]
Who = NamedDependency[Principal]
Answer = Response[Any]

PRESENCES: dict[State, Presence] = {"available": Presence.AVAILABLE, "offline": Presence.OFFLINE}
"""Of the states that are no pause."""


def states(words: Words) -> dict[State, str]:
    """What an agent can be said to be."""
    return {
        "available": words.say("Available"),
        "break": words.say("Break"),
        "training": words.say("Training"),
        "meeting": words.say("Meeting"),
        "away": words.say("Away, for another reason"),
        "offline": words.say("Offline"),
    }


# --- to an agent ------------------------------------------------------------------------------------------------------


@get("/supervisor/agents/{username:str}/menu", guards=[may(Permission.SUPERVISE)])
async def agent_menu(request: AnyRequest, ctx: Ctx, who: Who, username: FromPath[str]) -> Answer:
    """What this person can do to that agent, as a menu and its forms."""
    require(who, Permission.SUPERVISE)
    mine = await supervising.mine(ctx, who)
    floor = await overview.floor(ctx)
    agent = next((one for one in floor.agents if one.told.username == username), None)
    if agent is None:
        raise NotFound("There is no such agent.")
    if mine is not None and username not in mine:
        raise NotAllowed("This agent is in no team of yours.")
    return _part(request, ctx, "hand", "agent_hand", agent=agent, states=states(view_of(request).words))


@post("/supervisor/agents/{username:str}/message", guards=[may(Permission.SUPERVISE)], status_code=200)
async def message(request: AnyRequest, ctx: Ctx, who: Who, username: FromPath[str], data: WordsForm) -> Answer:
    await notices.send(ctx, who, to=[username], text=data.text)
    return _done(request, "done", view_of(request).words.say("The message was sent."))


@post("/supervisor/agents/{username:str}/state", guards=[may(Permission.SUPERVISE)], status_code=200)
async def set_state(request: AnyRequest, ctx: Ctx, who: Who, username: FromPath[str], data: StateForm) -> Answer:
    presence = PRESENCES.get(data.state, Presence.AWAY)
    state = data.state if data.state in supervising.PAUSES else None
    outcome = await supervising.set_state(
        ctx, who, username=username, presence=presence, reason=data.reason, state=state
    )
    return _done(request, outcome, view_of(request).words.say("The state was set; they see that you did it, and why."))


@post("/supervisor/agents/{username:str}/pause", guards=[may(Permission.SUPERVISE)], status_code=200)
async def pause(request: AnyRequest, ctx: Ctx, who: Who, username: FromPath[str], data: ReasonForm) -> Answer:
    outcome = await supervising.set_state(ctx, who, username=username, presence=Presence.AWAY, reason=data.reason)
    return _done(request, outcome, view_of(request).words.say("The pause begins when their work in hand has ended."))


@post("/supervisor/agents/{username:str}/sign-out", guards=[may(Permission.SUPERVISE)], status_code=200)
async def sign_out(request: AnyRequest, ctx: Ctx, who: Who, username: FromPath[str], data: ReasonForm) -> Answer:
    outcome = await supervising.sign_out(ctx, who, username=username, reason=data.reason)
    return _done(request, outcome, view_of(request).words.say("They are signed out everywhere."))


# --- to a queue and the work in it ------------------------------------------------------------------------------------


@get("/supervisor/queue-menu", guards=[may(Permission.SUPERVISE)])
async def queue_menu(request: AnyRequest, ctx: Ctx, who: Who, queue: FromQuery[str]) -> Answer:
    """What this person can look at in that queue."""
    lens = lens_of({}, mine=await supervising.mine(ctx, who))
    return _part(
        request, ctx, "hand", "queue_hand", queue=queue, behind=lambda figure, name: behind(lens, figure, name)
    )


@get("/supervisor/work", guards=[may(Permission.SUPERVISE)])
async def waiting(request: AnyRequest, ctx: Ctx, who: Who, queue: FromQuery[str]) -> Answer:
    """Who waits there, and where each could go."""
    found = await supervising.waiting_work(ctx, who, queue=queue)
    words = view_of(request).words
    agents = {
        item: [{"username": one.username, "name": one.name, "said": _said_of(one, words)} for one in choices]
        for item, choices in found.choices.items()
    }
    return _part(
        request,
        ctx,
        "work",
        "work",
        queue=queue,
        items=found.items,
        more=found.more,
        agents=agents,
        queues=found.queues,
        names=found.names,
    )


@post("/supervisor/work/{item:uuid}/assign", guards=[may(Permission.SUPERVISE)], status_code=200)
async def assign(request: AnyRequest, ctx: Ctx, who: Who, item: FromPath[UUID], data: AssignForm) -> Answer:
    outcome = await handing_on.assign(ctx, who, item=str(item), agent=data.agent, reason=data.reason)
    return _done(request, outcome, view_of(request).words.say("It was assigned; they see that you did it, and why."))


@post("/supervisor/work/{item:uuid}/move", guards=[may(Permission.SUPERVISE)], status_code=200)
async def move(request: AnyRequest, ctx: Ctx, who: Who, item: FromPath[UUID], data: MoveForm) -> Answer:
    outcome = await handing_on.move(ctx, who, item=str(item), queue=data.queue, reason=data.reason)
    return _done(request, outcome, view_of(request).words.say("It was moved, and keeps its place."))


def _said_of(choice: supervising.Choice, words: Words) -> str:
    if not choice.qualified:
        return words.say("lacks a skill")
    return words.say("free") if choice.free else words.say("not free")


def _done(request: AnyRequest, outcome: Outcome, sentence: str) -> Answer:
    """What was done, said to whoever did it; or that the router takes longer."""
    view = view_of(request)
    if outcome != "done":
        return html(said(view, "no-verdict"), 202)
    return html(wrap("done", render("supervisor/_said.html", view.words, {"done": sentence, "now": None})))


def _part(request: AnyRequest, ctx: Context, part: str, template: str, **given: Any) -> Answer:
    """A part that a button asked for; `made` tells the page's script that it is a new one."""
    view: View = view_of(request)
    now = ctx.clock.now()
    context = {"now": now, "zone": view.zone, "made": milliseconds(now), "row_id": row_id, **given}
    return html(wrap(part, render(f"supervisor/_{template}.html", view.words, context)))


routes = [agent_menu, message, set_state, pause, sign_out, queue_menu, waiting, assign, move]

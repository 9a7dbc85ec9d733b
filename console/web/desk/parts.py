"""Which parts of the desk each message redraws, and what a part is drawn from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from enum import StrEnum
from functools import partial
from typing import Any, get_args

import msgspec

from console.live import messages as m
from console.queries.desktop import DeskScreen
from console.web import languages
from console.web.desk import guide, handed
from console.web.desk.bar import bar
from console.web.fragment import View, render, wrap
from console.web.words import Words


class Part(StrEnum):
    """An element of the desk that is redrawn alone; its template is `desk/_NAME.html`."""

    TIME = "time"
    ASSERTIVE = "assertive"
    POLITE = "polite"
    STATE = "state"
    BAR = "bar"
    OFFER = "offer"
    DECLINE = "decline"
    TRANSFER = "transfer"
    ESCALATE = "escalate"
    BELL = "bell"
    NEW_CASE = "new-case"
    MAIN = "main"
    # inside MAIN, with work in hand
    RAIL = "rail"
    CUSTOMER = "customer"
    CASE = "case"
    CLOCKS = "clocks"
    TASKS = "tasks"
    TIMELINE = "timeline"
    NOTE = "note"
    OUTCOME = "outcome"
    SCRIPT = "script"
    KNOWLEDGE = "knowledge"
    # inside MAIN, without
    CASES = "cases"
    QUEUES = "queues"
    DAY = "day"
    NOTICES = "notices"


_BAR = {Part.ASSERTIVE, Part.STATE, Part.BAR, Part.TRANSFER}
"""What shows whether there is a call, and how it stands."""
SHELL = frozenset(
    {Part.TIME, Part.POLITE, *_BAR, Part.OFFER, Part.DECLINE, Part.ESCALATE, Part.BELL, Part.NEW_CASE, Part.MAIN}
)
FRAME = SHELL - {Part.MAIN}
"""What stands on every page of who serves, whatever its work area is."""
_MATTER = {Part.CUSTOMER, Part.CASE, Part.CLOCKS, Part.TASKS, Part.TIMELINE, Part.NOTE, Part.OUTCOME}
WITH_WORK = frozenset({Part.RAIL, *_MATTER, Part.SCRIPT, Part.KNOWLEDGE})
WITHOUT_WORK = frozenset({Part.RAIL, Part.CASES, Part.QUEUES, Part.DAY, Part.NOTICES})

IDLE = "idle"
"""The place of a desk with no work in hand."""

_RING = {*_BAR, Part.OFFER, Part.DECLINE, Part.ESCALATE, Part.QUEUES}

REDRAWN: dict[type[m.Message], frozenset[Part]] = {
    m.Ready: SHELL,
    m.PresenceChanged: frozenset({*_BAR, Part.DAY}),
    m.OfferMade: frozenset(_RING),
    m.OfferClosed: frozenset({*_RING, Part.POLITE, Part.DAY}),
    m.WorkStarted: frozenset({*_RING, Part.POLITE, Part.MAIN}),
    m.WorkUpdated: frozenset({*_BAR, Part.POLITE, Part.RAIL, Part.TIMELINE, Part.NOTE, Part.OUTCOME}),
    m.WorkEnded: frozenset({*_BAR, Part.POLITE, Part.ESCALATE, Part.MAIN}),
    m.CallChanged: frozenset({*_BAR, Part.POLITE, Part.RAIL, Part.CASE, Part.TIMELINE}),
    m.CaseChanged: frozenset({Part.BAR, *WITH_WORK - {Part.OUTCOME}, Part.CASES, Part.DAY}),
    m.SlaWarned: frozenset({Part.POLITE, Part.RAIL, Part.CLOCKS, Part.TIMELINE, Part.CASES}),
    m.SlaBreached: frozenset({Part.POLITE, Part.RAIL, Part.CLOCKS, Part.TIMELINE, Part.CASES}),
    m.CaseEscalated: frozenset({Part.BAR, Part.OFFER, Part.POLITE, *WITH_WORK - {Part.OUTCOME}, Part.CASES, Part.DAY}),
    m.Notice: frozenset({Part.POLITE, Part.BELL, Part.NOTICES}),
    # Figures of the floor are the supervisors' page's.
    m.QueueChanged: frozenset(),
    m.AgentChanged: frozenset(),
}

assert set(REDRAWN) == set(get_args(m.Message)), (
    "every message of the stream redraws something, or says that it does not"
)


class Said(msgspec.Struct, frozen=True):
    """The last message that has words for the agent."""

    kind: str = ""
    code: str = ""
    text: str = ""


SILENT = Said()


def redrawn(message: m.Message) -> frozenset[Part]:
    """The parts that the message changes."""
    return REDRAWN[type(message)]


def said(message: m.Message) -> Said | None:
    """What the message says aloud, where it does."""
    match message:
        case m.OfferClosed(outcome=outcome):
            return Said("offer.closed", outcome)
        case m.WorkStarted():
            return Said("work.started")
        case m.WorkUpdated(state=state):
            return Said("work.updated", state)
        case m.WorkEnded(outcome=ended):
            return Said("work.ended", ended)
        case m.CallChanged(state=state):
            return Said("call.changed", state)
        case m.SlaWarned(case=case, clock=clock):
            return Said("sla.warned", clock, case.number)
        case m.SlaBreached(case=case, clock=clock):
            return Said("sla.breached", clock, case.number)
        case m.CaseEscalated(case=case, handover=handover):
            return Said("case.escalated", handover.trigger, case.number)
        case m.Notice(code=code, text=text):
            return Said("notice", code, text)
        case _:
            return None


def place(screen: DeskScreen) -> str:
    """What the work area shows; while it stays, its parts are redrawn one by one."""
    if screen.handed is not None:
        return f"handover:{screen.handed.handover.id}"
    return screen.shown.about if screen.shown else IDLE


def present(parts: Iterable[Part], screen: DeskScreen) -> list[Part]:
    """Those of the parts that this screen has, in the order of the page; MAIN stands for all within it."""
    wanted = set(parts)
    if screen.handed is not None and wanted & _MATTER:
        # What was handed over stands there as it was, and beside it what of it is still to be done.
        wanted.add(Part.MAIN)
    there = SHELL if Part.MAIN in wanted else SHELL | _inner(screen)
    return [part for part in Part if part in wanted and part in there]


def _inner(screen: DeskScreen) -> frozenset[Part]:
    """What is inside MAIN: an outcome belongs to work in hand, and so does the rail beside the lists."""
    if screen.handed is not None:
        return frozenset({Part.RAIL})
    if screen.shown is None:
        return WITHOUT_WORK if screen.work else WITHOUT_WORK - {Part.RAIL}
    return WITH_WORK if screen.shown.card else WITH_WORK - {Part.OUTCOME}


def draw(part: Part, screen: DeskScreen, view: View, said: Said) -> str:
    """One part as HTML."""
    return render(f"desk/_{part}.html", view.words, context(screen, view, said))


def frame(parts: Iterable[Part], screen: DeskScreen, view: View, said: Said) -> str:
    """The parts as one message of the socket; the server's time goes along with each."""
    seen = context(screen, view, said)
    drawn = present({Part.TIME, *parts}, screen)
    return "".join(wrap(part, render(f"desk/_{part}.html", view.words, seen)) for part in drawn)


def context(screen: DeskScreen, view: View, said: Said) -> dict[str, Any]:
    """What the templates of the desk are given."""
    return {
        "screen": screen,
        "bar": bar(screen, view.words),
        "my_state": my_state(screen),
        "handed": handed.view_of(screen.handed, view.words) if screen.handed else None,
        "said": said,
        "outcomes": outcomes(view.words),
        "declines": declines(view.words),
        "language_names": partial(languages.names, view.words),
        "errors": frozenset(),
        "registered": None,
        **guide.context(screen, view.words, screen.now.astimezone(view.zone).date()),
        "now": screen.now,
        "zone": view.zone,
    }


def my_state(screen: DeskScreen) -> str:
    """The agent's state in the words of the design."""
    if any(card.state == "assigned" and card.call_state == "held" for card in screen.work):
        return "hold"
    if screen.offer is not None and screen.offer.handed is not None and screen.me.routing_state == "offered":
        return "handover"
    return state_of(screen.me.presence, screen.me.reason, screen.me.routing_state)


def state_of(presence: str, reason: str | None, routing_state: str) -> str:
    """Anybody's state in the words of the design: the first that holds."""
    by_routing = {"not_responding": "noanswer", "offered": "ringing", "wrap_up": "wrapup", "busy": "oncall"}
    if routing_state in by_routing:
        return by_routing[routing_state]
    if presence == "away":
        return reason if reason in ("break", "training", "meeting") else "away"
    return "available" if presence == "available" else "offline"


def outcomes(words: Words) -> Mapping[str, str]:
    """Code of a disposition to its words."""
    return {
        "solved": words.say("Solved"),
        "information": words.say("Information given"),
        "follow_up": words.say("Needs follow-up"),
        "handed_on": words.say("Handed on"),
        "wrong_number": words.say("Wrong number"),
        "nobody_there": words.say("Nobody there"),
    }


def declines(words: Words) -> Mapping[str, str]:
    """Code of a reason to decline to its words, in the order of their keys 1 to 4."""
    return {
        "finishing_note": words.say("I am finishing a note"),
        "knows_caller": words.say("I know this person"),
        "wrong_skill": words.say("I am not the right skill"),
        "sound_problem": words.say("Headset or sound problem"),
    }


def midnight(now: datetime, zone: tzinfo) -> datetime:
    """When today began where the agent is."""
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)

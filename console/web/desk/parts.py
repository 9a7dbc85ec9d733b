"""Which parts of the desk each message redraws, and what a part is drawn from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Any, get_args

import msgspec

from console.live import messages as m
from console.queries.desktop import DeskScreen
from console.queries.stream import Card
from console.web import words as w
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
    MAIN = "main"
    # inside MAIN, with work in hand
    RAIL = "rail"
    CUSTOMER = "customer"
    CASE = "case"
    TIMELINE = "timeline"
    NOTE = "note"
    DRAFT = "draft"  # of the note; the answer to saving it
    OUTCOME = "outcome"
    # inside MAIN, without
    CASES = "cases"
    QUEUES = "queues"
    DAY = "day"


SHELL = frozenset({Part.TIME, Part.ASSERTIVE, Part.POLITE, Part.STATE, Part.BAR, Part.OFFER, Part.DECLINE, Part.MAIN})
WITH_WORK = frozenset({Part.RAIL, Part.CUSTOMER, Part.CASE, Part.TIMELINE, Part.NOTE, Part.OUTCOME})
WITHOUT_WORK = frozenset({Part.CASES, Part.QUEUES, Part.DAY})

IDLE = "idle"
"""The place of a desk with no work in hand."""
LATEST_MS = 9_999_999_999_999
"""As a choice's time: whatever was taken since."""

_RING = {Part.ASSERTIVE, Part.STATE, Part.BAR, Part.OFFER, Part.DECLINE, Part.QUEUES}

REDRAWN: dict[type[m.Message], frozenset[Part]] = {
    m.Ready: SHELL,
    m.PresenceChanged: frozenset({Part.ASSERTIVE, Part.STATE, Part.BAR, Part.DAY}),
    m.OfferMade: frozenset(_RING),
    m.OfferClosed: frozenset({*_RING, Part.POLITE, Part.DAY}),
    m.WorkStarted: frozenset({*_RING, Part.POLITE, Part.MAIN}),
    m.WorkUpdated: frozenset({Part.STATE, Part.BAR, Part.POLITE, Part.RAIL, Part.TIMELINE, Part.NOTE, Part.OUTCOME}),
    m.WorkEnded: frozenset({Part.STATE, Part.BAR, Part.POLITE, Part.MAIN}),
    m.CallChanged: frozenset({Part.BAR, Part.RAIL, Part.CASE, Part.TIMELINE}),
    m.CaseChanged: frozenset({Part.BAR, Part.RAIL, Part.CUSTOMER, Part.CASE, Part.TIMELINE, Part.NOTE, Part.CASES}),
    m.Notice: frozenset({Part.POLITE}),
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


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """The Bar's state. `id` changes with what is asked of the agent, and then its buttons arm anew."""

    kind: str
    id: str
    title: str
    """Of the document; `{s}` is the seconds left."""
    who: str = ""
    notice: str = ""
    """Heading of the system's notification."""
    card: Card | None = None
    left: int = 0
    """Of the time to answer, in percent."""
    seconds: int = 0
    """Of the same, in seconds."""


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
        case m.Notice(code=code, text=text):
            return Said("notice", code, text)
        case _:
            return None


def place(screen: DeskScreen) -> str:
    """What the work area shows; while it stays, its parts are redrawn one by one."""
    return screen.shown.card.item if screen.shown else IDLE


def present(parts: Iterable[Part], screen: DeskScreen) -> list[Part]:
    """Those of the parts that this screen has, in the order of the page; MAIN stands for all within it."""
    wanted = set(parts)
    inner = WITH_WORK if screen.shown else WITHOUT_WORK
    there = SHELL if Part.MAIN in wanted else SHELL | inner
    return [part for part in Part if part in wanted and part in there]


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
        "said": said,
        "outcomes": outcomes(view.words),
        "declines": declines(view.words),
        "now": screen.now,
        "zone": view.zone,
    }


def my_state(screen: DeskScreen) -> str:
    """The agent's state in the words of the design: the first that holds."""
    me = screen.me
    by_routing = {"not_responding": "noanswer", "offered": "ringing", "wrap_up": "wrapup", "busy": "oncall"}
    if me.routing_state in by_routing:
        return by_routing[me.routing_state]
    if me.presence == "away":
        return me.reason if me.reason in ("break", "training", "meeting") else "away"
    return "available" if me.presence == "available" else "offline"


def bar(screen: DeskScreen, words: Words) -> Bar:
    """What the agent is asked, the first that holds."""
    if screen.offer is not None:
        return _ringing(screen, words)
    if screen.me.routing_state == "not_responding":
        since = screen.me.state_since.isoformat()
        return Bar(kind="missed", id=f"missed:{since}", title=_titled(words, words.say("Missed ring")))
    for card in screen.work:
        if card.kind != "case":
            return _in_hand(card, words)
    if screen.me.presence == "available":
        return Bar(kind="idle", id="idle", title=_titled(words, words.say("Available")))
    return Bar(kind="away", id=f"away:{screen.me.presence}", title=_titled(words, words.say("Not ready")))


def _ringing(screen: DeskScreen, words: Words) -> Bar:
    assert screen.offer is not None
    offer = screen.offer
    who = name_of(offer.card, words)
    whole = (offer.expires_at - offer.made_at).total_seconds()
    left = (offer.expires_at - screen.now).total_seconds()
    notice = words.say("Incoming call: %(who)s") if offer.card.kind != "case" else words.say("Case offered: %(who)s")
    return Bar(
        kind="offer",
        id=f"offer:{offer.offer}",
        title=words.say("({s}) Ringing: %(who)s · %(queue)s", who=who, queue=offer.card.queue),
        who=who,
        notice=notice % {"who": who},
        left=max(0, min(100, round(100 * left / whole))) if whole > 0 else 0,
        seconds=max(0, math.ceil(left)),
    )


def _in_hand(card: Card, words: Words) -> Bar:
    what = card.case_number or name_of(card, words)
    if card.state == "wrap_up":
        return Bar(kind="wrapup", id=f"wrapup:{card.item}", title=_titled(words, what, words.say("Wrap-up")), card=card)
    return Bar(kind="call", id=f"call:{card.item}", title=_titled(words, what, words.say("On call")), card=card)


def _titled(words: Words, *what: str) -> str:
    return " · ".join((*what, words.say("Console")))


def name_of(card: Card, words: Words) -> str:
    """Whom the work is for, as plain text."""
    return card.customer_name or w.phone(card.caller) or card.subject or words.say("Unknown caller")


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

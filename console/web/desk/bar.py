"""The Bar: what the agent is doing, and what is asked of them; the first that holds. Its looks are `desk/bar/*.html`."""

from __future__ import annotations

import math

import msgspec

from console.queries.desktop import DeskScreen
from console.queries.stream import Card
from console.web import words as w
from console.web.words import Words

PLACES_MAX = 3
"""More do not fit in the line, and a later place than the third best says little."""


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
    connecting: bool = False
    """The call was taken, and the agent's phone is not in it yet."""
    transferable: bool = False
    line: tuple[tuple[int, tuple[str, ...]], ...] = ()
    """The places in line for a call, the best first, and the queues of each."""
    left: int = 0
    """Of the time to answer, in percent."""
    seconds: int = 0
    """Of the same, in seconds."""


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
    if screen.asked is not None:
        who = name_of(screen.asked.card, words)
        title = _titled(words, who, words.say("Consultation"))
        return Bar(kind="asked", id=f"asked:{screen.asked.card.item}", title=title, card=screen.asked.card)
    if screen.me.presence == "available":
        return Bar(kind="idle", id="idle", title=_titled(words, words.say("Available")), line=_line(screen))
    return Bar(kind="away", id=f"away:{screen.me.presence}", title=_titled(words, words.say("Not ready")))


def _ringing(screen: DeskScreen, words: Words) -> Bar:
    assert screen.offer is not None
    offer = screen.offer
    who = name_of(offer.card, words)
    whole = (offer.expires_at - offer.made_at).total_seconds()
    left = (offer.expires_at - screen.now).total_seconds()
    notice = words.say("Incoming call: %(who)s") if offer.card.kind != "case" else words.say("Case offered: %(who)s")
    if offer.handed is not None:
        notice = words.say("Case handed to you: %(who)s")
    return Bar(
        kind="offer" if offer.handed is None else "handover",
        id=f"offer:{offer.offer}",
        title=words.say("({s}) Ringing: %(who)s · %(queue)s", who=who, queue=offer.card.queue),
        who=who,
        notice=notice % {"who": who},
        left=max(0, min(100, round(100 * left / whole))) if whole > 0 else 0,
        seconds=max(0, math.ceil(left)),
    )


def _line(screen: DeskScreen) -> tuple[tuple[int, tuple[str, ...]], ...]:
    queues = screen.idle.queues if screen.idle else ()
    places = sorted({queue.place for queue in queues if queue.place is not None})[:PLACES_MAX]
    return tuple((place, tuple(queue.name for queue in queues if queue.place == place)) for place in places)


def _in_hand(card: Card, words: Words) -> Bar:
    """A call or callback in hand; what its phone system told last decides what it looks like."""
    kind, state = _state(card, words)
    what = card.case_number or name_of(card, words)
    phase = f":{card.consult.state}" if kind == "consult" and card.consult else ""
    return Bar(
        kind=kind,
        id=f"{kind}:{card.item}{phase}",
        title=_titled(words, what, state),
        who=name_of(card, words),
        card=card,
        connecting=kind == "call" and card.call_state in ("arrived", "waiting", "ringing"),
        transferable=bool(card.takes_orders)
        and kind in ("call", "muted", "hold")
        and card.call_state in ("talking", "held"),
    )


def _state(card: Card, words: Words) -> tuple[str, str]:
    """The Bar's kind for a call in hand, and its words in the title."""
    if card.state == "wrap_up":
        return "wrapup", words.say("Wrap-up")
    if card.kind == "callback":
        return "callback", words.say("Callback")
    if card.call_state == "ended":
        return "call", words.say("On call")
    if card.consult is not None:
        return "consult", words.say("Consultation")
    if card.call_state == "held":
        return "hold", words.say("On hold")
    if card.muted:
        return "muted", words.say("Muted")
    return "call", words.say("On call")


def _titled(words: Words, *what: str) -> str:
    return " · ".join((*what, words.say("Console")))


def name_of(card: Card, words: Words) -> str:
    """Whom the work is for, as plain text."""
    return card.customer_name or w.phone(card.caller) or card.subject or words.say("Unknown caller")

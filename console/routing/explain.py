"""Why this agent, why not the others, why still waiting: answered from the rows as they were after a decision.

Reasons are codes with what they are about; `in_words` says them in English. Nothing here was written down when the
decision was made but its winner: what kept the others away follows from the rows and the rules then in force.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

import msgspec

from console.routing import overflow_rules
from console.routing.agent import Agent, Presence
from console.routing.eligibility import barred, connected, hands, paused, qualifies, rooms, serves, takes
from console.routing.queue import AgentProfile, Instant, Rules, in_force
from console.routing.work_item import ItemState, Offer, Why, WorkItem

Code: TypeAlias = Literal[
    "not_in_configuration",
    "other_queue",
    "skill",
    "offline",
    "away",
    "no_connection",
    "not_responding",
    "pause_asked",
    "has_offer",
    "wrap_up",
    "on_call",
    "consulted",
    "no_room",
    "declined",
    "connect_failed",
    "declined_too_often",
    "not_preferred",
    "idle_less_long",
    "chosen",
]


class AsOf(msgspec.Struct, frozen=True, kw_only=True):
    """The rows that explain an item, as they were after a decision."""

    decision: int
    at: Instant
    config_version: int
    item: WorkItem
    agents: tuple[Agent, ...]
    in_hand: tuple[WorkItem, ...] = ()
    """Every item that some agent had in hand."""
    offers: tuple[Offer, ...] = ()
    """All offers of the item so far."""


class Reason(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What kept an agent from the item: the first filter that removed them; or that they were chosen."""

    agent: str
    code: Code
    skill: str | None = None
    need: int | None = None
    have: int | None = None
    until: Instant | None = None
    """When it ends by itself, where that is known."""
    since: Instant | None = None


class Coming(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What time alone will do to an item that waits."""

    at: Instant
    what: Literal["relaxed", "everyones", "sent_on"]
    """A step of the queue's ladder is taken; its preferred agents are not waited for any longer; its queue's overflow
    acts, because it has waited too long in it or the queue closes."""
    needs: dict[str, int] | None = None
    """What it then needs."""
    qualified: int | None = None
    """How many agents of the configuration then qualify."""
    to: str | None = None
    """The queue, or `callback`, `voicemail`, `end`."""


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    item: str
    decision: int
    at: Instant
    config_version: int
    state: ItemState
    queue: str
    needs: dict[str, int]
    priority: int
    waiting_since: Instant
    agent: str | None = None
    """Who was asked, or has it."""
    why: Why | None = None
    """The winner's key, as it was written down."""
    reasons: tuple[Reason, ...] = ()
    """One for each agent, those who came closest first."""
    nobody: Literal["queue_gone", "nobody_serves", "nobody_qualifies"] | None = None
    """Why nobody in the whole centre could take it."""
    preferred: tuple[str, ...] = ()
    """Who alone is asked, until `prefer_until`."""
    prefer_until: Instant | None = None
    coming: tuple[Coming, ...] = ()
    """Of what waits, the earliest first."""


# How close an agent came: the later the filter, the closer.
_FILTERS: tuple[Code, ...] = (
    "not_in_configuration",
    "other_queue",
    "skill",
    "offline",
    "away",
    "no_connection",
    "not_responding",
    "pause_asked",
    "wrap_up",
    "on_call",
    "consulted",
    "no_room",
    "has_offer",
    "declined_too_often",
    "connect_failed",
    "declined",
    "not_preferred",
    "idle_less_long",
    "chosen",
)


def explain(rows: AsOf, rules: Rules) -> Explanation:
    """Everything that can be said of this item after that decision; `rules` are those of its `config_version`."""
    item = rows.item
    offer = next((o for o in rows.offers if o.id == item.offer), None)
    serving = (agent for agent in rows.agents if _takes_work(rules.agents.get(agent.username)))
    reasons = [_reason(agent, offer, rows, rules) for agent in serving]
    return Explanation(
        item=item.id,
        decision=rows.decision,
        at=rows.at,
        config_version=rows.config_version,
        state=item.state,
        queue=item.queue,
        needs=item.needs,
        priority=item.priority,
        waiting_since=item.waiting_since,
        agent=item.agent,
        why=offer.why if offer else None,
        reasons=tuple(sorted(reasons, key=lambda r: (-_FILTERS.index(r.code), r.since or 0, r.agent))),
        nobody=_nobody(item, rules),
        preferred=tuple(item.preferred),
        prefer_until=item.prefer_until,
        coming=tuple(sorted(_coming(item, rules, rows.at), key=lambda c: c.at))
        if item.state is ItemState.WAITING
        else (),
    )


def _coming(item: WorkItem, rules: Rules, now: Instant) -> Iterator[Coming]:
    queue = rules.queues.get(item.queue)
    if queue is None:
        return
    if item.prefer_until is not None and item.prefer_until > now:
        yield Coming(at=item.prefer_until, what="everyones")
    needs = item.needs
    for taken, step in enumerate(queue.relax[item.relaxed :], start=item.relaxed + 1):
        before, needs = needs, in_force(queue, item.requires, taken)
        if needs != before:
            qualified = _qualified(msgspec.structs.replace(item, needs=needs), rules)
            yield Coming(at=item.waiting_since + step.after, what="relaxed", needs=needs, qualified=qualified)
    for rule in overflow_rules.applicable(item, queue, rules):
        closes = queue.hours.closes_after(now) if rule.closed and queue.hours is not None else None
        at = closes if rule.waited is None else item.queued_at + rule.waited
        if at is not None and at > now:
            to = overflow_rules.target(rule, item, rules) if rule.to == "queue" else rule.to
            yield Coming(at=at, what="sent_on", to=to)


def _qualified(item: WorkItem, rules: Rules) -> int:
    return sum(takes(profile, item.kind) and qualifies(profile, item, rules) for profile in rules.agents.values())


def _takes_work(profile: AgentProfile | None) -> bool:
    """Whether anybody would wonder why it was not them: a supervisor has presence, and is never asked."""
    return profile is None or bool(profile.capacity)


def _nobody(item: WorkItem, rules: Rules) -> Literal["queue_gone", "nobody_serves", "nobody_qualifies"] | None:
    if item.queue not in rules.queues:
        return "queue_gone"
    profiles = rules.agents.values()
    if not any(serves(profile, item.queue, rules) for profile in profiles):
        return "nobody_serves"
    return None if any(qualifies(profile, item, rules) for profile in profiles) else "nobody_qualifies"


def _reason(agent: Agent, offer: Offer | None, rows: AsOf, rules: Rules) -> Reason:
    if agent.username == rows.item.agent:
        return Reason(agent=agent.username, code="chosen", since=offer.why.idle_since if offer else None)
    profile = rules.agents.get(agent.username)
    if profile is None or not agent.active:
        return Reason(agent=agent.username, code="not_in_configuration")
    return (
        _by_configuration(agent, profile, rows.item, rules)
        or _by_presence(agent)
        or _by_room(agent, profile, offer, rows)
        or _by_hold(agent, rows, rules)
        or _by_preference(agent, rows.item)
        or Reason(agent=agent.username, code="idle_less_long", since=agent.idle_since)
    )


def _by_configuration(agent: Agent, profile: AgentProfile, item: WorkItem, rules: Rules) -> Reason | None:
    if not serves(profile, item.queue, rules):
        return Reason(agent=agent.username, code="other_queue")
    for skill, need in item.needs.items():
        have = profile.skills.get(skill, 0)
        if have < need:
            return Reason(agent=agent.username, code="skill", skill=skill, need=need, have=have)
    return None


def _by_presence(agent: Agent) -> Reason | None:
    name, since = agent.username, agent.presence_since
    if agent.presence is Presence.OFFLINE:
        return Reason(agent=name, code="offline", since=since)
    if agent.presence is Presence.AWAY:
        return Reason(agent=name, code="away", since=since)
    if not connected(agent):
        return Reason(agent=name, code="no_connection")
    if agent.not_responding:
        return Reason(agent=name, code="not_responding", since=agent.state_since)
    return Reason(agent=name, code="pause_asked") if agent.pending is not None else None


def _by_room(agent: Agent, profile: AgentProfile, offer: Offer | None, rows: AsOf) -> Reason | None:
    items = {item.id: item for item in rows.in_hand}
    held = [items[held] for held in agent.work if held in items]
    known = msgspec.structs.replace(agent, work=[item.id for item in held])
    if rows.item.kind not in rooms(profile, hands(known, items)):
        if agent.consult is not None:
            return Reason(agent=agent.username, code="consulted")
        for item in held:
            if item.state is ItemState.WRAP_UP:
                return Reason(agent=agent.username, code="wrap_up", since=item.wrap_up_since, until=item.wrap_up_until)
        for item in held:
            if item.kind != "case":
                return Reason(agent=agent.username, code="on_call", since=item.assigned_at)
        return Reason(agent=agent.username, code="no_room")
    # Who was offered something later in the same decision was free when this item was given away.
    if agent.offer is not None and (offer is None or offer.why.decision != rows.decision or agent.offer < offer.id):
        return Reason(agent=agent.username, code="has_offer", since=agent.state_since)
    return None


def _by_hold(agent: Agent, rows: AsOf, rules: Rules) -> Reason | None:
    hold = rows.item.holds.get(agent.username)
    if hold is None:
        return None
    if paused(hold, rows.at):
        code: Code = "declined" if hold.declines else "connect_failed"
        return Reason(agent=agent.username, code=code, until=hold.until)
    if barred(hold) and _somebody_else(rows, rules):
        return Reason(agent=agent.username, code="declined_too_often")
    return None


def _by_preference(agent: Agent, item: WorkItem) -> Reason | None:
    if not item.preferred or agent.username in item.preferred:
        return None
    return Reason(agent=agent.username, code="not_preferred", until=item.prefer_until)


def _somebody_else(rows: AsOf, rules: Rules) -> bool:
    """Whether somebody takes part in routing, qualifies, and has not declined it too often."""
    return any(
        agent.active
        and _by_presence(agent) is None
        and (profile := rules.agents.get(agent.username)) is not None
        and qualifies(profile, rows.item, rules)
        and not ((hold := rows.item.holds.get(agent.username)) is not None and barred(hold))
        for agent in rows.agents
    )


# --- in words --------------------------------------------------------------------------------------------------------

_WORDS: dict[Code, str] = {
    "not_in_configuration": "is not in the configuration",
    "other_queue": "does not serve queue {queue}",
    "skill": "has {skill} {have}, needed is {need}",
    "offline": "is offline",
    "away": "is away",
    "no_connection": "has no desk open",
    "not_responding": "missed an offer and has not come back",
    "pause_asked": "has asked for a pause",
    "has_offer": "is being offered other work",
    "wrap_up": "is in wrap-up",
    "on_call": "is on a call",
    "consulted": "is being consulted about a call",
    "no_room": "has no room for another {kind}",
    "declined": "declined it, and is not asked again for a while",
    "connect_failed": "could not be connected, and is not asked again for a while",
    "declined_too_often": "declined it too often, and others qualify",
    "not_preferred": "is free, but others are asked first",
    "idle_less_long": "is free, but has been idle less long",
    "chosen": "was chosen",
}
_ENDS: dict[Code, str] = {
    "offline": "comes back",
    "away": "comes back",
    "no_connection": "opens the desk",
    "not_responding": "comes back",
    "pause_asked": "comes back from the pause",
    "has_offer": "answers or misses the offer they have",
    "wrap_up": "ends wrap-up",
    "on_call": "ends the call",
    "consulted": "is no longer consulted",
    "no_room": "ends some work",
    "declined": "may be asked again",
    "connect_failed": "may be asked again",
}
_NOBODY = {
    "queue_gone": "Its queue is no longer in the configuration, and there is no fallback queue.",
    "nobody_serves": "No agent in the configuration serves its queue.",
    "nobody_qualifies": "No agent who serves its queue has the skills it needs.",
}


def in_words(explanation: Explanation, kind: str = "work") -> list[str]:
    """The explanation in English, a line a thought."""
    e = explanation
    needs = ", ".join(f"{skill} {level}" for skill, level in sorted(e.needs.items())) or "no skills"
    state = e.state.replace("_", " ")
    lines = [
        f"Work item {e.item} is {state} in queue {e.queue}, priority {e.priority}, needing {needs}.",
        f"So it is after decision {e.decision}, under configuration {e.config_version}.",
    ]
    if e.why is not None and e.agent is not None:
        lines.append(_why_chosen(e.why, e.agent))
    elif e.agent is not None and e.state in (ItemState.ASSIGNED, ItemState.WRAP_UP):
        lines.append(f"{e.agent} was given it by hand, or after being consulted about it.")
    elif e.state is ItemState.WAITING:
        lines.append(f"It has waited {_seconds(e.at - e.waiting_since)}; nobody eligible is free.")
    if e.nobody is not None:
        lines.append(_NOBODY[e.nobody])
    others = (reason for reason in e.reasons if reason.code != "chosen")
    lines.extend(f"{reason.agent} {_in_words(reason, e, kind)}." for reason in others)
    if e.state is ItemState.WAITING and e.nobody is None:
        lines.append(_what_ends_it(e))
    lines += [f"In {_seconds(coming.at - e.at)} {_what_comes(coming)}." for coming in e.coming]
    return lines


def _what_comes(coming: Coming) -> str:
    match coming.what:
        case "everyones":
            return "its preferred agents are waited for no longer, and it is everyone's"
        case "relaxed":
            needs = (
                ", ".join(f"{skill} {level}" for skill, level in sorted((coming.needs or {}).items())) or "no skills"
            )
            qualify = "1 agent qualifies" if coming.qualified == 1 else f"{coming.qualified} agents qualify"
            return f"it needs {needs} only, for which {qualify}"
        case "sent_on":
            words = {
                "callback": "is called back",
                "voicemail": "is sent to voicemail",
                "end": "is ended with a message",
            }
            return f"the caller {words[coming.to]}" if coming.to in words else f"it is sent on to queue {coming.to}"


def _why_chosen(why: Why, agent: str) -> str:
    matched = ", ".join(f"{skill} {have} (needed {need})" for skill, (need, have) in sorted(why.matched.items()))
    having = f", with {matched}" if matched else ""
    if why.rule == "longest_waiting":
        return f"{agent} got room, and of all they may take it was first in line{having}."
    if why.candidates == 1:
        return f"{agent} was the only one eligible{having}."
    return f"{agent} had been idle longest of {why.candidates} who were eligible{having}."


def _in_words(reason: Reason, e: Explanation, kind: str) -> str:
    words = _WORDS[reason.code].format(queue=e.queue, skill=reason.skill, have=reason.have, need=reason.need, kind=kind)
    return words if reason.until is None else f"{words} ({_seconds(reason.until - e.at)} more)"


def _what_ends_it(e: Explanation) -> str:
    ends = [f"{reason.agent} {_ENDS[reason.code]}" for reason in e.reasons if reason.code in _ENDS]
    if not ends:
        return "It would end when somebody who qualifies comes."
    more = f", or one of {len(ends) - 5} others" if len(ends) > 5 else ""
    return f"It would end when {', or '.join(ends[:5])}{more}."


def _seconds(span: int) -> str:
    return f"{max(span, 0) / 1_000_000:.0f} s"

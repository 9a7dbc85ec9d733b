"""What of a configuration the engine follows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from console.config import opening
from console.config.document import Agent, AgeWeight, Centre, Overflow, Queue, RelaxStep
from console.routing import queue as routing
from console.routing.queue import Rules, Span

HAVE_PRESENCE = frozenset({"agent", "supervisor"})


def routing_rules(version: int, document: Centre, since: datetime | None = None) -> Rules:
    """One version as the engine is given it: every queue, every agent, and supervisors, who have presence and no work.

    `since`: when it was applied; opening hours are worked out from there. None: nothing ever closes, as on the days
    of a simulation, which have no date.
    """
    hours = {}
    if since is not None:
        hours = {name: opening.hours(calendar, since) for name, calendar in document.calendars.items()}
    return Rules(
        version=version,
        queues={queue.name: _queue(queue, hours) for queue in document.queues},
        agents={user.username: _agent(user) for user in document.agents if HAVE_PRESENCE & {*user.roles}},
        fallback_queue=document.routing_defaults.fallback_queue,
    )


def _queue(queue: Queue, hours: Mapping[str, routing.Hours]) -> routing.Queue:
    return routing.Queue(
        name=queue.name,
        channel=queue.channel,
        requires=queue.requires,
        relax=tuple(_relax_step(step) for step in queue.relax),
        never_relax=frozenset(queue.never_relax),
        prefer_for=_span(queue.prefer_for),
        priority=queue.priority,
        age_weight=_span(queue.order.age_weight) if isinstance(queue.order, AgeWeight) else None,
        by_due=queue.order == "due",
        hours=hours.get(queue.calendar) if queue.calendar is not None else None,
        overflow=tuple(_overflow(rule) for rule in queue.overflow),
        offer_timeout=_span(queue.offer_timeout),
        decline_pause=_span(queue.decline_pause),
        wrap_up=None if queue.wrap_up is None else _span(queue.wrap_up),
        short_abandon=_span(queue.short_abandon),
    )


def _relax_step(step: RelaxStep) -> routing.RelaxStep:
    return routing.RelaxStep(after=_span(step.after), drop=step.drop, require=step.require)


def _overflow(rule: Overflow) -> routing.Overflow:
    return routing.Overflow(
        to=rule.to,
        queue=rule.queue,
        closed=rule.closed,
        unqualified=rule.unqualified,
        waited=None if rule.waited is None else _span(rule.waited),
        waiting_more_than=rule.waiting_more_than,
    )


def _agent(agent: Agent) -> routing.AgentProfile:
    if "agent" not in agent.roles:
        return routing.AgentProfile(username=agent.username, capacity={}, queues=frozenset())
    return routing.AgentProfile(
        username=agent.username,
        skills=agent.skills,
        capacity=agent.capacity,
        queues=None if agent.queues is None else frozenset(agent.queues),
    )


def _span(duration: timedelta) -> Span:
    return duration // timedelta(microseconds=1)

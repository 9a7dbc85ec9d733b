"""What of a configuration the engine follows."""

from __future__ import annotations

from datetime import timedelta

from console.config.document import Agent, Centre, Queue
from console.routing import queue as routing
from console.routing.queue import Rules, Span

HAVE_PRESENCE = frozenset({"agent", "supervisor"})


def routing_rules(version: int, document: Centre) -> Rules:
    """One version as the engine is given it: every queue, every agent, and supervisors, who have presence and no work."""
    return Rules(
        version=version,
        queues={queue.name: _queue(queue) for queue in document.queues},
        agents={user.username: _agent(user) for user in document.agents if HAVE_PRESENCE & {*user.roles}},
        fallback_queue=document.routing_defaults.fallback_queue,
    )


def _queue(queue: Queue) -> routing.Queue:
    return routing.Queue(
        name=queue.name,
        channel=queue.channel,
        requires=queue.requires,
        priority=queue.priority,
        offer_timeout=_span(queue.offer_timeout),
        decline_pause=_span(queue.decline_pause),
        wrap_up=None if queue.wrap_up is None else _span(queue.wrap_up),
        short_abandon=_span(queue.short_abandon),
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

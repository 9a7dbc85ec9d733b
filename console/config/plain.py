"""A `Centre` as the words of its file: what is written out, and what two versions are compared by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from console.cases.handover import Level
from console.config import document, hours
from console.config.document import FORMAT, Centre
from console.durations import written
from console.routing.queue import Kind

Plain = dict[str, Any]


def plain(centre: Centre) -> Plain:
    """Keys and values of the file, in its order; what has its default is left out."""
    return _given(
        version=FORMAT,
        skills=list(centre.skills),
        calendars={name: calendar(centre.calendars[name]) for name in sorted(centre.calendars)},
        sla={name: policy(centre.sla[name]) for name in sorted(centre.sla)},
        telephony=[phone_system(value) for value in centre.telephony],
        systems={name: system(centre.systems[name]) for name in sorted(centre.systems)},
        queues=[queue(value) for value in centre.queues],
        agents=[agent(value) for value in centre.agents],
        teams=[team(value) for value in centre.teams],
        escalations=[ladder(value) for value in centre.escalations],
        routing=[rule(value) for value in centre.routing],
        routing_defaults=defaults(centre.routing_defaults),
    )


def calendar(value: document.Calendar) -> Plain:
    open_ = {days: list(intervals) for days, intervals in hours.joined(value.open).items()}
    closed = [day.isoformat() for day in value.closed]
    return _given(time_zone=value.time_zone, open=open_, closed=closed, holidays=value.holidays)


def policy(value: document.Policy) -> Plain:
    raised = [{"at_least": one.at_least, "clocks": _clocks(one.clocks)} for one in value.priorities]
    return _given(calendar=value.calendar) | {"clocks": _clocks(value.clocks)} | _given(priorities=raised)


def _clocks(values: dict[str, document.SlaClock]) -> Plain:
    return {name: _clock(values[name]) for name in document.CLOCKS if name in values}


def _clock(value: document.SlaClock) -> Plain:
    return _given(
        target=written(value.target),
        warn=None if value.warn is None else written(value.warn),
        pause_when=list(value.pause_when),
        on_warn=[_action(action) for action in value.on_warn],
        on_breach=[_action(action) for action in value.on_breach],
    )


def _action(value: document.Notify | document.Escalate) -> Plain:
    if isinstance(value, document.Notify):
        return {"notify": value.who}
    return {"escalate": _given(queue=value.queue, agent=value.agent, ladder=value.ladder)}


def phone_system(value: document.PhoneSystem) -> Plain:
    return {"name": value.name, "kind": value.kind} | _changed(
        value,
        document.PhoneSystem(name="", kind=""),
        url=_same,
        app=_same,
        user=_same,
        secret=_same,
        ring=_same,
        waiting=_same,
        dial=_same,
    )


def system(value: document.System) -> Plain:
    return {"url": value.url} | _changed(value, document.System(url=""), timeout=written, token=_same)


def queue(value: document.Queue) -> Plain:
    """`offer: {timeout}` and `order` have their own shape; the rest is named as in the file."""
    return {"name": value.name, "channel": value.channel} | _changed(
        value,
        document.Queue(name="", channel="voice"),
        requires=_sorted,
        relax=_each(_relax_step),
        never_relax=list,
        preferred=list,
        prefer_for=written,
        priority=_same,
        order=lambda order: order if order == "due" else {"age_weight": written(order.age_weight)},
        offer_timeout=("offer", lambda timeout: {"timeout": written(timeout)}),
        decline_pause=written,
        wrap_up=lambda time: "open" if time is None else written(time),
        short_abandon=written,
        calendar=_same,
        overflow=_each(_overflow),
        sla=_same,
        service_level=lambda level: {"within": written(level.within), "target": written(level.target)},
    )


def _relax_step(value: document.RelaxStep) -> Plain:
    return _given(after=written(value.after), drop=list(value.drop), require=_sorted(value.require))


def _overflow(value: document.Overflow) -> Plain:
    when: Plain = {}
    if value.closed:
        when["closed"] = True
    if value.unqualified:
        when["unqualified"] = True
    if value.waited is not None:
        when["waited"] = written(value.waited)
    if value.waiting_more_than is not None:
        when["waiting_more_than"] = value.waiting_more_than
    return {"when": when, "to": {"queue": value.queue} if value.to == "queue" else value.to}


def agent(value: document.Agent) -> Plain:
    return {"username": value.username} | _changed(
        value,
        document.Agent(username="", name=value.username),
        name=_same,
        roles=list,
        languages=list,
        skills=_sorted,
        capacity=_units,
        queues=list,
        endpoint=_same,
    )


def team(value: document.Team) -> Plain:
    return _given(name=value.name, supervisors=list(value.supervisors), members=list(value.members))


def ladder(value: document.Ladder) -> Plain:
    return _given(name=value.name, when=value.when, levels=[_level(level) for level in value.levels])


def _level(value: Level) -> Plain:
    to = _given(queue=value.queue, agent=value.agent)
    return to | _changed(value, Level(), take_within=written, notify=list)


def rule(value: document.RoutingRule) -> Plain:
    given = _given(requires=_sorted(value.requires))
    if value.priority is not None:
        given = {"priority": value.priority} | given
    return _given(when=value.when, queue=value.queue, set=given)


def defaults(value: document.RoutingDefaults) -> Plain:
    return _changed(value, document.RoutingDefaults(), fallback_queue=_same, reopen_within=written, sla=_same)


def _given(**values: Any) -> Plain:
    """Those that are there: neither None nor empty."""
    return {key: value for key, value in values.items() if value is not None and value not in ([], {})}


Writing = Callable[[Any], Any] | tuple[str, Callable[[Any], Any]]


def _changed(value: object, default: object, **writings: Writing) -> Plain:
    """The fields that differ from their default, each by its writing, under its own or another key."""
    found: Plain = {}
    for field, writing in writings.items():
        now = getattr(value, field)
        if now == getattr(default, field):
            continue
        key, write = writing if isinstance(writing, tuple) else (field, writing)
        found[key] = write(now)
    return found


def _sorted(levels: dict[str, int]) -> Plain:
    """By name: the database does not keep the order of keys."""
    return {name: levels[name] for name in sorted(levels)}


def _units(capacity: dict[Kind, int]) -> Plain:
    return {channel: capacity[channel] for channel in document.CHANNELS if channel in capacity}


def _same(value: str | int) -> str | int:
    return value


def _each(write: Callable[[Any], Any]) -> Callable[[Any], list[Any]]:
    return lambda values: [write(value) for value in values]


def shown(value: object) -> str:
    """One value on one line, for people."""
    match value:
        case dict():
            return "{" + ", ".join(f"{key}: {shown(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(shown(item) for item in value) + "]"
        case bool():
            return str(value).lower()
        case _:
            return str(value)

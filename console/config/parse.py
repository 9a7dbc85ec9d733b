"""centre.yaml to a `Centre`: every key read, every name checked, every mistake told at once."""

from __future__ import annotations

import itertools
import re
import zoneinfo
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Literal, TypeVar, cast

from console import conditions
from console.config import check, classify, hours, ladders, phones, pools, public_holidays, systems
from console.config.document import (
    CHANNELS,
    FORMAT,
    KEYS,
    PREFERENCES,
    ROLES,
    STATUSES,
    Agent,
    AgeWeight,
    Calendar,
    Centre,
    Escalate,
    Notify,
    Overflow,
    Policy,
    Queue,
    Raised,
    RelaxStep,
    RoutingDefaults,
    RoutingRule,
    ServiceLevel,
    SlaClock,
    Team,
    Term,
)
from console.durations import Share
from console.nodes import Map, Scalar
from console.reading import Use, Value, did_you_mean, shown, whole
from console.routing.queue import Kind, Requirement

T = TypeVar("T")

PRIORITY_MAX = 1_000_000
CAPACITY_MAX = 100
"""Units of work of one person; more cannot be served by anyone."""
WAITING_MAX = 1_000_000
SHORT = timedelta(hours=1)
"""Longest ring and pause: beyond it an agent's or caller's wait is a slip of the pen."""

_COUNTRY = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}", re.ASCII)


def parse(text: str, *, by_number: bool = False) -> Centre:
    """The configuration that a file means. `by_number`: agents may also be given by number, for a simulation.

    Raises Misconfigured.
    """
    agents = _agents_by_number if by_number else _all("username", _agent)

    def named(value: Value) -> Centre:
        centre = _centre(value, agents)
        check.names(centre, value.report)
        return centre

    return whole(text, "a mapping that begins with version: 1", named)


def _centre(value: Value, agents: Callable[[Value], tuple[Agent, ...]]) -> Centre:
    fields = value.fields(KEYS[""])
    fields.need("version", _version, FORMAT)
    skills = fields.take("skills", lambda v: v.unique(Value.name), ())
    return Centre(
        skills=skills,
        calendars=fields.take("calendars", lambda v: v.named(_calendar), {}),
        sla=fields.take("sla", lambda v: v.named(_policy), {}),
        telephony=fields.take("telephony", _all("name", phones.phone_system), ()),
        systems=fields.take("systems", systems.systems, {}),
        queues=fields.take("queues", _all("name", _queue), ()),
        agents=fields.take("agents", agents, ()),
        teams=fields.take("teams", _all("name", _team), ()),
        escalations=fields.take(
            "escalations", _all("name", lambda v: ladders.ladder(v, lambda when: _condition(when, skills))), ()
        ),
        routing=fields.take("routing", lambda v: _rules(v, skills), ()),
        routing_defaults=fields.take("routing_defaults", _defaults, RoutingDefaults()),
    )


def _version(value: Value) -> int:
    if value.scalar("1").text != str(FORMAT):
        raise value.wrong(f"must be {FORMAT}, the only version of this format there is")
    return FORMAT


def _all(naming: str, read: Callable[[Value], T]) -> Callable[[Value], tuple[T, ...]]:
    """A list of mappings, each with a name of its own, by which its problems are then told."""

    def items(value: Value) -> tuple[T, ...]:
        seen: dict[str, int] = {}

        def item(one: Value) -> T:
            name = _name_in(one, naming)
            if name is None:
                return read(one)
            if name in seen:
                one.note(f"{naming} {shown(name)} is there twice, first on line {seen[name]}")
            seen.setdefault(name, one.line)
            return read(one.beside(f"{value.key}[{name[:64]}]"))

        return value.each(item)

    return items


def _name_in(value: Value, naming: str) -> str | None:
    if not isinstance(value.node, Map):
        return None
    found = [node for key, node in value.node.entries if key.text == naming]
    return found[0].text if found and isinstance(found[0], Scalar) and not found[0].is_null else None


# --- when, and what is promised --------------------------------------------------------------------------------------


def _calendar(value: Value) -> Calendar:
    fields = value.fields(KEYS["calendars.NAME"])
    open_ = fields.need("open", hours.week, {})
    return Calendar(
        time_zone=fields.need("time_zone", _time_zone, "UTC"),
        open=open_,
        closed=fields.take("closed", lambda v: v.unique(_date), ()),
        holidays=fields.take("holidays", _country, None),
    )


def _time_zone(value: Value) -> str:
    allowed = "a time zone such as Europe/Kyiv"
    name = value.text(allowed)
    known = zoneinfo.available_timezones()
    if name not in known:
        raise value.wrong(f"must be {allowed}; {shown(name)} is not known{did_you_mean(name, known)}")
    return name


def _date(value: Value) -> date:
    text = value.matching(_DATE, "a date such as 2026-12-25")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise value.wrong(f"there is no such day: {text}") from None


def _country(value: Value) -> str:
    place = value.matching(_COUNTRY, "a country, or a part of one, as ISO 3166 writes it, such as UA or DE-BY")
    problem = public_holidays.problem(place)
    if problem is not None:
        raise value.wrong(f"must be a country, or a part of one, whose holidays are known; {problem}")
    return place


def _policy(value: Value) -> Policy:
    fields = value.fields(KEYS["sla.NAME"])
    calendar = fields.take("calendar", lambda v: v.used("calendar"), None)
    clocks = fields.need("clocks", _clocks, {})
    priorities = fields.take("priorities", _priorities, ())
    if calendar is None and "calendar" not in fields:
        for given in (clocks, *(raised.clocks for raised in priorities)):
            check.opening_days_without_calendar(value, given)
    return Policy(calendar=calendar, clocks=clocks, priorities=priorities)


def _priorities(value: Value) -> tuple[Raised, ...]:
    given = value.each(_raised)
    for number, (lower, higher) in enumerate(itertools.pairwise(given), start=1):
        if higher.at_least <= lower.at_least:
            value.note(f"entry {number + 1} must be for a higher priority than entry {number}")
    return given


def _raised(value: Value) -> Raised:
    fields = value.fields(KEYS["sla.NAME.priorities[]"])
    return Raised(at_least=fields.need("at_least", _priority, 0), clocks=fields.need("clocks", _clocks, {}))


def _clocks(value: Value) -> dict[str, SlaClock]:
    fields = value.fields(KEYS["sla.NAME.clocks"])
    found = {name: fields.take(name, _clock, None) for name in KEYS["sla.NAME.clocks"]}
    return {name: clock for name, clock in found.items() if clock is not None}


def _clock(value: Value) -> SlaClock:
    fields = value.fields(KEYS["sla.NAME.clocks.CLOCK"])
    target = fields.need("target", Value.term, timedelta(0))
    return SlaClock(
        target=target,
        warn=fields.take("warn", lambda v: _warning(v, target), None),
        pause_when=fields.take("pause_when", lambda v: v.unique(lambda s: s.choice(STATUSES)), ()),
        on_warn=fields.take("on_warn", lambda v: v.each(_action), ()),
        on_breach=fields.take("on_breach", lambda v: v.each(_action), ()),
    )


def _warning(value: Value, target: Term) -> Term | Share:
    warn: Term | Share = value.share() if value.text().endswith("%") else value.term()
    before = True
    match warn, target:
        case Share(percent=percent), _:
            before = 0 < percent < 100
        case timedelta(), timedelta():
            before = warn < target or not target
        case _:
            before = type(warn) is not type(target) or cast("Any", warn).opening_days < cast("Any", target).opening_days
    if not before:
        raise value.wrong("must be earlier than the target")
    return warn


def _action(value: Value) -> Notify | Escalate:
    fields = value.fields(("notify", "escalate"))
    if ("notify" in fields) == ("escalate" in fields):
        raise value.wrong("must be one of {notify: owner}, {notify: supervisors}, {escalate: {queue: NAME}}")
    if "notify" in fields:
        return Notify(cast("Any", fields.value("notify").choice(("owner", "supervisors"))))
    return ladders.escalate(fields.value("escalate"))


# --- queues ----------------------------------------------------------------------------------------------------------


def _queue(value: Value) -> Queue:
    fields = value.fields(KEYS["queues[]"])
    offer = fields.take("offer", lambda v: v.fields(KEYS["queues[].offer"]), None)
    own = Queue(name="", channel="voice")  # has every default
    ring = own.offer_timeout
    name = fields.need("name", Value.name, "")
    channel: Kind = fields.need("channel", _channel, "voice")
    return Queue(
        name=name,
        channel=channel,
        requires=fields.take("requires", _requirement, {}),
        relax=fields.take("relax", _ladder, ()),
        never_relax=fields.take("never_relax", lambda v: v.unique(_skill), ()),
        preferred=fields.take("preferred", lambda v: v.unique(lambda p: p.choice(PREFERENCES)), ()),
        prefer_for=fields.take("prefer_for", Value.duration, own.prefer_for),
        priority=fields.take("priority", _priority, own.priority),
        order=fields.take("order", _order, None),
        offer_timeout=offer.take("timeout", lambda v: v.duration(timedelta(seconds=1), SHORT), ring) if offer else ring,
        decline_pause=fields.take("decline_pause", lambda v: v.duration(highest=SHORT), own.decline_pause),
        wrap_up=fields.take("wrap_up", _wrap_up, own.wrap_up),
        short_abandon=fields.take("short_abandon", lambda v: v.duration(highest=SHORT), own.short_abandon),
        calendar=fields.take("calendar", lambda v: v.used("calendar"), None),
        overflow=fields.take("overflow", lambda v: v.each(lambda o: _overflow(o, name, channel)), ()),
        sla=fields.take("sla", lambda v: v.used("sla"), None),
        service_level=fields.take("service_level", _service_level, own.service_level),
    )


def _channel(value: Value) -> Kind:
    return cast("Kind", value.choice(CHANNELS))


def _priority(value: Value) -> int:
    return value.whole(-PRIORITY_MAX, PRIORITY_MAX)


def _level(value: Value) -> int:
    return value.whole(1, 10)


def _skill(value: Value) -> str:
    return value.used("skill")


def _requirement(value: Value) -> Requirement:
    return value.named(_level, name=_skill)


def _ladder(value: Value) -> tuple[RelaxStep, ...]:
    steps = value.each(_relax_step)
    for number, (step, later) in enumerate(itertools.pairwise(steps), start=1):
        if later.after <= step.after:
            value.note(f"step {number + 1} must come after step {number}")
        for skill, level in later.require.items():
            if skill in step.drop or level > step.require.get(skill, level):
                value.note(f"step {number + 1} asks more {skill} than step {number}; relaxing only loosens")
    return steps


def _relax_step(value: Value) -> RelaxStep:
    fields = value.fields(KEYS["queues[].relax[]"])
    step = RelaxStep(
        after=fields.need("after", lambda v: v.duration(timedelta(microseconds=1)), timedelta(0)),
        drop=fields.take("drop", lambda v: v.unique(_skill), ()),
        require=fields.take("require", _requirement, {}),
    )
    if "drop" not in fields and "require" not in fields:
        value.note("must drop skills or require lower levels: {after: 60s, drop: [SKILL]}")
    return step


def _order(value: Value) -> AgeWeight | Literal["due"] | None:
    if isinstance(value.node, Scalar):
        return "due" if value.choice(("strict", "due")) == "due" else None
    fields = value.fields(KEYS["queues[].order"])
    weight = fields.need("age_weight", lambda v: v.duration(timedelta(seconds=1)), timedelta(seconds=1))
    return AgeWeight(weight)


def _wrap_up(value: Value) -> timedelta | None:
    if value.scalar("a duration such as 30s, or open").text == "open":
        return None
    return value.duration(highest=timedelta(days=1))


def _service_level(value: Value) -> ServiceLevel:
    fields = value.fields(KEYS["queues[].service_level"])
    default = ServiceLevel()
    return ServiceLevel(
        within=fields.take("within", Value.duration, default.within),
        target=fields.take("target", Value.share, default.target),
    )


def _overflow(value: Value, queue: str, channel: Kind) -> Overflow:
    fields = value.fields(KEYS["queues[].overflow[]"])
    to, other = fields.need("to", lambda v: _target(v, queue), ("end", None))
    if "to" in fields and to != "queue" and channel != "voice":
        fields.value("to").note(f"must be {{queue: NAME}}: only a caller can be sent to {to}, not a {channel}")
    when = fields.need("when", lambda v: v.fields(KEYS["queues[].overflow[].when"]), None)
    if when is None:
        return Overflow(to="end")
    given = [key for key in KEYS["queues[].overflow[].when"] if key in when]
    if len(given) != 1:
        allowed = "{closed: true}, {waited: 120s}, {waiting_more_than: 50} or {unqualified: true}"
        when.whole.note(f"must be one of {allowed}")
    return Overflow(
        to=cast("Any", to),
        queue=other,
        closed=when.take("closed", _true, default=False),
        unqualified=when.take("unqualified", _true, default=False),
        waited=when.take("waited", Value.duration, None),
        waiting_more_than=when.take("waiting_more_than", lambda v: v.whole(0, WAITING_MAX), None),
    )


def _true(value: Value) -> bool:
    if not value.truth():
        raise value.wrong("must be true, or be left out")
    return True


def _target(value: Value, queue: str) -> tuple[str, str | None]:
    if isinstance(value.node, Scalar):
        return value.choice(("callback", "voicemail", "end")), None
    fields = value.fields(KEYS["queues[].overflow[].to"])
    other = fields.need("queue", lambda v: v.used("queue"), "")
    if other == queue:
        raise value.wrong("must be another queue")
    return "queue", other


# --- agents, teams, rules --------------------------------------------------------------------------------------------


def _agent(value: Value) -> Agent:
    if isinstance(value.node, Map) and any(key.text == "count" for key, _ in value.node.entries):
        raise value.wrong(
            "agents given by number (count) are for console simulate; a configuration names each by username"
        )
    fields = value.fields(KEYS["agents[]"])
    username = fields.need("username", Value.username, "")
    return Agent(
        username=username,
        name=fields.take("name", Value.text, username),
        roles=fields.take("roles", _roles, ("agent",)),
        languages=fields.take("languages", lambda v: v.unique(_language), ()),
        skills=fields.take("skills", _requirement, {}),
        capacity=fields.take("capacity", _capacity, {"voice": 1}),
        queues=fields.take("queues", lambda v: v.unique(lambda q: q.used("queue")), None),
        endpoint=fields.take("endpoint", _endpoint, None),
    )


def _agents_by_number(value: Value) -> tuple[Agent, ...]:
    return tuple(itertools.chain.from_iterable(_all("username", pools.by_number(_agent))(value)))


def _endpoint(value: Value) -> str:
    """The phone, in its system's words; it may be one agent's only."""
    text = value.text()
    value.report.uses.append(Use("phone", text, value.line, value.key))
    return text


def _roles(value: Value) -> tuple[str, ...]:
    roles = value.unique(lambda v: v.choice(ROLES))
    if not value.items():
        raise value.wrong(f"must be a list of at least one of {', '.join(ROLES)}")
    return roles


def _language(value: Value) -> str:
    return value.matching(_LANGUAGE, "a language tag such as en or pt-BR")


def _capacity(value: Value) -> dict[Kind, int]:
    fields = value.fields(KEYS["agents[].capacity"])
    units = {channel: fields.take(channel, lambda v: v.whole(0, CAPACITY_MAX), None) for channel in CHANNELS}
    return {channel: count for channel, count in units.items() if count is not None}


def _team(value: Value) -> Team:
    fields = value.fields(KEYS["teams[]"])
    return Team(
        name=fields.need("name", Value.name, ""),
        supervisors=fields.take("supervisors", lambda v: v.unique(lambda a: a.used("agent")), ()),
        members=fields.take("members", lambda v: v.unique(lambda a: a.used("agent")), ()),
    )


def _rules(value: Value, skills: tuple[str, ...]) -> tuple[RoutingRule, ...]:
    always: int | None = None

    def rule(item: Value) -> RoutingRule:
        nonlocal always
        if always is not None:
            item.note(f"never comes into question: the rule on line {always} has no condition, so it always holds")
        read = _rule(item, skills)
        if read.when is None and always is None:
            always = item.line
        return read

    return value.each(rule)


def _rule(value: Value, skills: tuple[str, ...]) -> RoutingRule:
    fields = value.fields(KEYS["routing[]"])
    given = fields.take("set", lambda v: v.fields(KEYS["routing[].set"]), None)
    always = "when" not in fields
    return RoutingRule(
        queue=fields.need("queue", lambda v: v.used("queue"), ""),
        when=None if always else fields.take("when", lambda v: _condition(v, skills), ""),
        priority=given.take("priority", _priority, None) if given else None,
        requires=given.take("requires", _requirement, {}) if given else {},
    )


def _condition(value: Value, skills: tuple[str, ...]) -> str:
    text = value.scalar("a condition in CEL").text.strip()
    found = conditions.problems(text, classify.vocabulary(skills))
    for detail in found[1:]:
        value.note(detail)
    if found:
        raise value.wrong(found[0])
    return text


def _defaults(value: Value) -> RoutingDefaults:
    fields = value.fields(KEYS["routing_defaults"])
    return RoutingDefaults(
        fallback_queue=fields.take("fallback_queue", lambda v: v.used("queue"), None),
        reopen_within=fields.take("reopen_within", Value.duration, RoutingDefaults().reopen_within),
        sla=fields.take("sla", lambda v: v.used("sla"), None),
    )

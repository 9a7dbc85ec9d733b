"""The whole of centre.yaml as values, in normal form: defaults filled in, names in the file's order.

What the engine follows of it is `rules.routing_rules`; what nothing follows yet is `WITHOUT_EFFECT`.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal, TypeAlias

import msgspec

from console.cases.handover import Level
from console.durations import OpeningDays, Share
from console.routing.queue import Kind, Requirement

FORMAT = 1
"""The `version` of the file's format; not the version of the configuration."""

Day: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ROLES = ("agent", "supervisor", "author", "admin")
CHANNELS: tuple[Kind, ...] = ("voice", "case", "callback")
CLOCKS = ("classify", "first_response", "next_update", "resolution")
STATUSES = ("new", "open", "pending", "resolved", "closed")
PREFERENCES = ("owner", "last_agent")
PHONE_SYSTEMS = ("asterisk-ari", "asterisk-queue", "freeswitch", "cloudevents", "simulator")

Term: TypeAlias = timedelta | OpeningDays


class Calendar(msgspec.Struct, frozen=True, kw_only=True):
    """When somebody is there."""

    time_zone: str
    open: dict[Day, tuple[str, ...]]
    """Intervals `HH:MM-HH:MM` of local time, in order; an end before its start is on the next day."""
    closed: tuple[date, ...] = ()
    holidays: str | None = None
    """A country, or a part of one, as ISO 3166 writes it."""
    holiday_dates: tuple[date, ...] = ()
    """Of `holidays`, copied when the version was applied, in order; no key of the file."""


class Notify(msgspec.Struct, frozen=True, tag_field="do", tag="notify"):
    who: Literal["owner", "supervisors"]


class Escalate(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag="escalate"):
    """To one of the three; a queue or an agent is a ladder of one level."""

    queue: str | None = None
    agent: str | None = None
    ladder: str | None = None


class SlaClock(msgspec.Struct, frozen=True, kw_only=True):
    target: Term
    warn: Term | Share | None = None
    """Counted time elapsed, or a share of the target."""
    pause_when: tuple[str, ...] = ()
    on_warn: tuple[Notify | Escalate, ...] = ()
    on_breach: tuple[Notify | Escalate, ...] = ()


class Raised(msgspec.Struct, frozen=True, kw_only=True):
    """Clocks for cases of at least this priority; they stand in for the policy's of the same name."""

    at_least: int
    clocks: dict[str, SlaClock]


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What is promised. Without a calendar all time counts."""

    calendar: str | None = None
    clocks: dict[str, SlaClock] = {}
    priorities: tuple[Raised, ...] = ()
    """From the lowest to the highest."""

    def clocks_at(self, priority: int) -> dict[str, SlaClock]:
        """What is promised to cases of that priority."""
        raised = (one.clocks for one in self.priorities if one.at_least <= priority)
        return {name: clock for clocks in (self.clocks, *raised) for name, clock in clocks.items()}


class PhoneSystem(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    kind: str
    url: str | None = None
    app: str = "console"
    user: str = "console"
    secret: str | None = None
    """The secret, or `env:NAME`: that variable of each node's environment."""
    ring: Literal["on_accept", "on_offer"] = "on_accept"
    """When the agent's phone rings: once they have accepted, or with the offer; then answering it is the acceptance."""
    waiting: Literal["music", "ringing"] = "music"
    """What a caller hears until an agent is there."""
    dial: str | None = None
    """The phone of a number outside the centre, with `{number}` in it; absent: no call is handed on to numbers."""


class System(msgspec.Struct, frozen=True, kw_only=True):
    """Another program, which scripts ask by name."""

    url: str
    """https; http only on this machine."""
    timeout: timedelta = timedelta(seconds=3)
    token: str | None = None
    """`env:NAME`: that variable of each node's environment is shown as a bearer token."""


class RelaxStep(msgspec.Struct, frozen=True, kw_only=True):
    after: timedelta
    drop: tuple[str, ...] = ()
    require: Requirement = {}


class AgeWeight(msgspec.Struct, frozen=True):
    """A point of priority is worth this much waiting."""

    age_weight: timedelta


class Overflow(msgspec.Struct, frozen=True, kw_only=True):
    """Where an item goes, and the one condition under which it does."""

    to: Literal["queue", "callback", "voicemail", "end"]
    queue: str | None = None
    closed: bool = False
    unqualified: bool = False
    waited: timedelta | None = None
    waiting_more_than: int | None = None


class ServiceLevel(msgspec.Struct, frozen=True, kw_only=True):
    within: timedelta = timedelta(seconds=20)
    target: Share = Share(80.0)


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    channel: Kind
    requires: Requirement = {}
    relax: tuple[RelaxStep, ...] = ()
    never_relax: tuple[str, ...] = ()
    preferred: tuple[str, ...] = ()
    prefer_for: timedelta = timedelta(0)
    priority: int = 10
    order: AgeWeight | Literal["due"] | None = None
    """None: strict."""
    offer_timeout: timedelta = timedelta(seconds=20)
    decline_pause: timedelta = timedelta(seconds=60)
    wrap_up: timedelta | None = timedelta(seconds=30)
    """None: open, until the agent ends it."""
    short_abandon: timedelta = timedelta(seconds=5)
    calendar: str | None = None
    overflow: tuple[Overflow, ...] = ()
    sla: str | None = None
    service_level: ServiceLevel = ServiceLevel()


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    username: str
    name: str
    roles: tuple[str, ...] = ("agent",)
    languages: tuple[str, ...] = ()
    skills: Requirement = {}
    capacity: dict[Kind, int] = msgspec.field(default_factory=lambda: {"voice": 1})
    queues: tuple[str, ...] | None = None
    """None: every queue."""
    endpoint: str | None = None


class Team(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    supervisors: tuple[str, ...] = ()
    members: tuple[str, ...] = ()


class Ladder(msgspec.Struct, frozen=True, kw_only=True):
    """Where a case goes up, level after level, each as long as nobody takes it."""

    name: str
    when: str | None = None
    """A case goes up once this begins to hold; None: by a clock's action or by hand alone."""
    levels: tuple[Level, ...]


class RoutingRule(msgspec.Struct, frozen=True, kw_only=True):
    """To which queue, and what is set, where the condition holds."""

    queue: str
    when: str | None = None
    """None: always."""
    priority: int | None = None
    requires: Requirement = {}


class RoutingDefaults(msgspec.Struct, frozen=True, kw_only=True):
    fallback_queue: str | None = None
    reopen_within: timedelta = timedelta(days=7)
    sla: str | None = None
    """The policy of cases that neither a contract nor their queue gives one."""


class Centre(msgspec.Struct, frozen=True, kw_only=True):
    """One version of the configuration. `Centre()` is that of a console that was never given one."""

    skills: tuple[str, ...] = ()
    calendars: dict[str, Calendar] = {}
    sla: dict[str, Policy] = {}
    telephony: tuple[PhoneSystem, ...] = ()
    systems: dict[str, System] = {}
    queues: tuple[Queue, ...] = ()
    agents: tuple[Agent, ...] = ()
    teams: tuple[Team, ...] = ()
    escalations: tuple[Ladder, ...] = ()
    routing: tuple[RoutingRule, ...] = ()
    routing_defaults: RoutingDefaults = RoutingDefaults()

    def queue(self, name: str) -> Queue | None:
        return next((queue for queue in self.queues if queue.name == name), None)

    def agent(self, username: str) -> Agent | None:
        return next((agent for agent in self.agents if agent.username == username), None)

    def ladder(self, name: str) -> Ladder | None:
        return next((ladder for ladder in self.escalations if ladder.name == name), None)


KEYS: dict[str, tuple[str, ...]] = {
    "": (
        "version",
        "skills",
        "calendars",
        "sla",
        "telephony",
        "systems",
        "queues",
        "agents",
        "teams",
        "escalations",
        "routing",
        "routing_defaults",
    ),
    "calendars.NAME": ("time_zone", "open", "closed", "holidays"),
    "sla.NAME": ("calendar", "clocks", "priorities"),
    "sla.NAME.clocks": CLOCKS,
    "sla.NAME.priorities[]": ("at_least", "clocks"),
    "sla.NAME.clocks.CLOCK": ("target", "warn", "pause_when", "on_warn", "on_breach"),
    "sla.NAME.clocks.CLOCK.escalate": ("queue", "agent", "ladder"),
    "telephony[]": ("name", "kind", "url", "app", "user", "secret", "ring", "waiting", "dial"),
    "systems.NAME": ("url", "timeout", "token"),
    "queues[]": (
        "name",
        "channel",
        "requires",
        "relax",
        "never_relax",
        "preferred",
        "prefer_for",
        "priority",
        "order",
        "offer",
        "decline_pause",
        "wrap_up",
        "short_abandon",
        "calendar",
        "overflow",
        "sla",
        "service_level",
    ),
    "queues[].relax[]": ("after", "drop", "require"),
    "queues[].order": ("age_weight",),
    "queues[].offer": ("timeout",),
    "queues[].overflow[]": ("when", "to"),
    "queues[].overflow[].when": ("closed", "waited", "waiting_more_than", "unqualified"),
    "queues[].overflow[].to": ("queue",),
    "queues[].service_level": ("within", "target"),
    "agents[]": ("username", "name", "roles", "languages", "skills", "capacity", "queues", "endpoint"),
    "agents[].capacity": CHANNELS,
    "teams[]": ("name", "supervisors", "members"),
    "escalations[]": ("name", "when", "levels"),
    "escalations[].levels[]": ("queue", "agent", "take_within", "notify"),
    "routing[]": ("when", "queue", "set"),
    "routing[].set": ("priority", "requires"),
    "routing_defaults": ("fallback_queue", "reopen_within", "sla"),
}
"""Every key of the file, by the section it stands in; the reference docs are held to it."""

WITHOUT_EFFECT: dict[str, str] = {
    "agents[].languages": "Kept for the agent's own pages.",
}
"""Keys that are parsed, checked and kept, and that nothing follows yet, with what that means."""

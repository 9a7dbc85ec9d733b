"""Configurations that are in order, of every shape."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import strategies as st

from console.cases.handover import Level
from console.config.document import (
    CHANNELS,
    CLOCKS,
    DAYS,
    PREFERENCES,
    ROLES,
    STATUSES,
    Agent,
    AgeWeight,
    Calendar,
    Centre,
    Escalate,
    Ladder,
    Notify,
    Overflow,
    PhoneSystem,
    Policy,
    Queue,
    Raised,
    RelaxStep,
    RoutingDefaults,
    RoutingRule,
    ServiceLevel,
    SlaClock,
    System,
    Team,
)
from console.durations import OpeningDays, Share

letters = st.characters(categories=["L", "N", "P", "S", "Zs"])
names = st.text(letters, min_size=1, max_size=12).map(str.strip).filter(bool)
usernames = st.text("abcdefghijklmnopqrstuvwxyz0123456789._-", min_size=1, max_size=12)
durations = st.integers(0, 100_000).map(lambda tenths: timedelta(seconds=tenths / 10))
short = st.integers(1, 3600).map(lambda seconds: timedelta(seconds=seconds))
shares = st.integers(0, 1000).map(lambda thousandths: Share(thousandths / 10))
hours = st.sampled_from([("09:00-12:00",), ("09:00-12:00", "13:00-17:00"), ("20:00-03:00",)])
calendars = st.builds(
    Calendar,
    time_zone=st.sampled_from(["UTC", "Europe/Kyiv", "Asia/Tehran"]),
    open=st.dictionaries(st.sampled_from(DAYS), hours, min_size=1),
    closed=st.lists(st.dates(date(2020, 1, 1), date(2040, 1, 1)), unique=True, max_size=3).map(tuple),
    holidays=st.sampled_from([None, "UA", "NO", "DE-BY"]),
)


def some_of(options: tuple[str, ...] | list[str]) -> st.SearchStrategy[tuple[str, ...]]:
    if not options:
        return st.just(())
    return st.lists(st.sampled_from(options), unique=True, max_size=3).map(tuple)


def one_of(options: list[str]) -> st.SearchStrategy[str | None]:
    return st.sampled_from([None, *options])


def levels(skills: list[str]) -> st.SearchStrategy[dict[str, int]]:
    return st.dictionaries(st.sampled_from(skills), st.integers(1, 10), max_size=3) if skills else st.just({})


@st.composite
def centres(draw: st.DrawFn) -> Centre:
    """A configuration that `parse` takes, once it is written out."""
    skills = draw(st.lists(names, unique=True, max_size=4))
    queue_names = draw(st.lists(names, unique=True, max_size=4))
    agent_names = draw(st.lists(usernames, unique=True, max_size=4))
    calendar_names = draw(st.lists(names, unique=True, max_size=2))
    sla_names = draw(st.lists(names, unique=True, max_size=2))
    ladder_names = draw(st.lists(names, unique=True, max_size=2)) if queue_names or agent_names else []
    fallback = draw(one_of(queue_names))
    channels = {name: draw(st.sampled_from(CHANNELS)) for name in queue_names}

    def queue(name: str) -> Queue:
        others = [other for other in queue_names if other != name and channels[other] == channels[name]]
        return Queue(
            name=name,
            channel=channels[name],
            requires=draw(levels(skills)),
            relax=_ladder(draw, skills),
            never_relax=draw(some_of(skills)),
            preferred=draw(some_of(PREFERENCES)),
            prefer_for=draw(durations),
            priority=draw(st.integers(-1000, 1000)),
            order=draw(st.none() | st.just("due") | st.builds(AgeWeight, short)),
            offer_timeout=draw(short),
            decline_pause=draw(short),
            wrap_up=draw(st.none() | durations),
            short_abandon=draw(short),
            calendar=draw(one_of(calendar_names)),
            overflow=() if name == fallback else draw(_overflow(others, channels[name])),
            sla=draw(one_of(sla_names)),
            service_level=draw(st.builds(ServiceLevel, within=durations, target=shares)),
        )

    def agent(username: str, number: int) -> Agent:
        return Agent(
            username=username,
            name=draw(names),
            roles=draw(some_of(ROLES).filter(bool)),
            languages=draw(some_of(("en", "uk", "pt-BR", "no"))),
            skills=draw(levels(skills)),
            capacity=draw(st.dictionaries(st.sampled_from(CHANNELS), st.integers(0, 9))),
            queues=draw(st.none() | some_of(queue_names)),
            endpoint=draw(st.sampled_from([None, f"PJSIP/{number}"])),
        )

    return Centre(
        skills=tuple(skills),
        calendars={name: draw(calendars) for name in calendar_names},
        sla={name: draw(_policies(calendar_names, queue_names, agent_names, ladder_names)) for name in sla_names},
        telephony=draw(st.lists(_phones, unique_by=lambda phone: phone.name, max_size=2).map(tuple)),
        systems=draw(st.dictionaries(st.sampled_from(("line-test", "billing")), _systems, max_size=2)),
        queues=tuple(queue(name) for name in queue_names),
        agents=tuple(agent(name, number) for number, name in enumerate(agent_names)),
        teams=tuple(
            Team(name=name, supervisors=draw(some_of(agent_names)), members=draw(some_of(agent_names)))
            for name in draw(st.lists(names, unique=True, max_size=2))
        ),
        escalations=tuple(draw(_ladders(name, queue_names, agent_names)) for name in ladder_names),
        routing=_routing(draw, queue_names, skills),
        routing_defaults=RoutingDefaults(
            fallback_queue=fallback, reopen_within=draw(durations), sla=draw(one_of(sla_names))
        ),
    )


def _ladder(draw: st.DrawFn, skills: list[str]) -> tuple[RelaxStep, ...]:
    if not skills or draw(st.booleans()):
        return ()
    skill = draw(st.sampled_from(skills))
    first = RelaxStep(after=timedelta(seconds=30), require={skill: 5})
    return (first, RelaxStep(after=timedelta(seconds=60), drop=(skill,)))


def _overflow(others: list[str], channel: str) -> st.SearchStrategy[tuple[Overflow, ...]]:
    away = [("callback", None), ("voicemail", None), ("end", None)] if channel == "voice" else []
    targets = [*away, *(("queue", name) for name in others)]
    if not targets:
        return st.just(())
    to = st.sampled_from(targets)
    when = st.sampled_from(
        [{"closed": True}, {"unqualified": True}, {"waited": timedelta(seconds=90)}, {"waiting_more_than": 0}]
    )
    rule = st.builds(lambda to, when: Overflow(to=to[0], queue=to[1], **when), to, when)
    return st.lists(rule, max_size=2).map(tuple)


def _ladders(name: str, queue_names: list[str], agent_names: list[str]) -> st.SearchStrategy[Ladder]:
    to = st.sampled_from([*({"queue": one} for one in queue_names), *({"agent": one} for one in agent_names)])
    notify = st.sampled_from([("owner", "supervisors"), ("supervisors",), ()])
    level = st.builds(lambda to, within, notify: Level(**to, take_within=within, notify=notify), to, short, notify)
    when = st.sampled_from([None, "priority != null && priority >= 50"])
    return st.builds(Ladder, name=st.just(name), when=when, levels=st.lists(level, min_size=1, max_size=3).map(tuple))


def _policies(
    calendar_names: list[str], queue_names: list[str], agent_names: list[str], ladder_names: list[str]
) -> st.SearchStrategy[Policy]:
    actions = st.one_of(
        st.builds(Notify, st.sampled_from(["owner", "supervisors"])),
        *[st.just(Escalate(queue=name)) for name in queue_names],
        *[st.just(Escalate(agent=name)) for name in agent_names],
        *[st.just(Escalate(ladder=name)) for name in ladder_names],
    )
    lists = st.lists(actions, max_size=2).map(tuple)
    terms = st.sampled_from(
        [
            (timedelta(hours=4), None),
            (timedelta(hours=4), timedelta(hours=1)),
            (timedelta(hours=4), Share(80.0)),
            *([(OpeningDays(3), OpeningDays(1))] if calendar_names else []),
        ]
    )
    clocks = st.builds(
        lambda term, pause, warn, breach: SlaClock(
            target=term[0], warn=term[1], pause_when=pause, on_warn=warn, on_breach=breach
        ),
        terms,
        some_of(STATUSES),
        lists,
        lists,
    )
    calendar = st.sampled_from(calendar_names) if calendar_names else st.none()
    stages = st.dictionaries(st.sampled_from(CLOCKS), clocks, min_size=1)
    priorities = st.lists(st.integers(-99, 99), unique=True, max_size=2).flatmap(
        lambda floors: st.tuples(
            *[st.builds(Raised, at_least=st.just(floor), clocks=stages) for floor in sorted(floors)]
        )
    )
    return st.builds(Policy, calendar=calendar, clocks=stages, priorities=priorities)


_phones = st.builds(
    PhoneSystem,
    name=st.text("abcXYZ019._-", min_size=1, max_size=8),
    kind=st.sampled_from(["asterisk-ari", "cloudevents", "simulator"]),
    url=st.just("https://pbx.example:8088/x"),
    app=st.just("console") | st.just("own"),
    secret=st.sampled_from([None, "env:PBX_SECRET", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"]),
    ring=st.sampled_from(["on_accept", "on_offer"]),
    waiting=st.sampled_from(["music", "ringing"]),
    dial=st.sampled_from([None, "PJSIP/{number}@trunk"]),
)


_systems = st.builds(
    System,
    url=st.sampled_from(["https://line.example/test?v=1", "http://127.0.0.1:8090"]),
    timeout=st.sampled_from([timedelta(seconds=3), timedelta(milliseconds=500)]),
    token=st.sampled_from([None, "env:LINE_TOKEN"]),
)


def _routing(draw: st.DrawFn, queue_names: list[str], skills: list[str]) -> tuple[RoutingRule, ...]:
    if not queue_names:
        return ()
    conditions = st.sampled_from(['channel == "voice"', "to == '+44' && case != null", "attributes['#'] == \": - \""])
    rules = st.lists(
        st.builds(
            RoutingRule,
            queue=st.sampled_from(queue_names),
            when=conditions,
            priority=st.none() | st.integers(-9, 9),
            requires=levels(skills),
        ),
        max_size=3,
    )
    last = (RoutingRule(queue=queue_names[0]),) if draw(st.booleans()) else ()
    return (*draw(rules), *last)

"""centre.yaml: what it means, and what is said of each way to get it wrong."""

from __future__ import annotations

import re
import time
from datetime import date, timedelta

import pytest

from console.config.document import (
    KEYS,
    WITHOUT_EFFECT,
    Agent,
    AgeWeight,
    Calendar,
    Centre,
    Escalate,
    Notify,
    Overflow,
    PhoneSystem,
    Queue,
    RelaxStep,
    RoutingDefaults,
    RoutingRule,
    ServiceLevel,
    SlaClock,
    Team,
)
from console.config.parse import parse
from console.durations import OpeningDays, Share
from console.reading import PROBLEMS_MAX, Misconfigured, Problem

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def problems(text: str) -> list[Problem]:
    with pytest.raises(Misconfigured) as refused:
        parse(text)
    return list(refused.value.problems)


def problem(text: str) -> Problem:
    [found] = problems(text)
    return found


# --- what it means ---------------------------------------------------------------------------------------------------


def test_a_configuration_is_in_order_with_nothing_but_its_version() -> None:
    assert parse("version: 1") == Centre()


def test_the_example_of_the_contract_is_read_whole(centre: Centre) -> None:
    assert centre.skills == ("fibre", "billing", "english", "polish")
    assert centre.calendars["office"] == Calendar(
        time_zone="Europe/Kyiv",
        open={
            **dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("09:00-13:00", "14:00-18:00")),
            "sat": ("22:00-02:00",),
        },
        closed=(date(2026, 12, 25),),
    )
    assert centre.sla["gold"].calendar == "office"
    assert centre.sla["gold"].clocks == {
        "first_response": SlaClock(target=15 * MINUTE, warn=10 * MINUTE),
        "resolution": SlaClock(
            target=240 * MINUTE,
            warn=Share(80),
            pause_when=("pending",),
            on_warn=(Notify("owner"),),
            on_breach=(Escalate(queue="tier2"), Notify("supervisors")),
        ),
    }
    assert centre.telephony == (
        PhoneSystem(name="pbx", kind="asterisk-ari", url="http://127.0.0.1:8088", secret="env:PBX_SECRET"),
        PhoneSystem(name="webhook", kind="cloudevents", secret="env:WEBHOOK_SECRET"),
    )
    assert centre.routing == (
        RoutingRule(
            when='channel == "voice" && to == "+441314960100"', queue="faults", priority=20, requires={"polish": 1}
        ),
        RoutingRule(queue="general"),
    )
    assert centre.routing_defaults == RoutingDefaults(fallback_queue="general", reopen_within=timedelta(days=7))
    assert centre.teams == ()


def test_the_examples_queues_and_agents_are_read_whole(centre: Centre) -> None:
    assert centre.queue("faults") == Queue(
        name="faults",
        channel="voice",
        requires={"fibre": 3, "english": 3},
        relax=(
            RelaxStep(after=60 * SECOND, drop=("english",)),
            RelaxStep(after=120 * SECOND, require={"fibre": 1}),
        ),
        never_relax=("fibre",),
        preferred=("owner", "last_agent"),
        priority=10,
        wrap_up=30 * SECOND,
        calendar="office",
        overflow=(
            Overflow(closed=True, to="voicemail"),
            Overflow(waited=120 * SECOND, to="queue", queue="general"),
        ),
        sla="gold",
    )
    assert centre.queue("tier2") == Queue(name="tier2", channel="case", requires={"fibre": 5}, sla="gold")
    assert centre.agent("nadia") == Agent(
        username="nadia",
        name="Nadia Rahimi",
        languages=("en",),
        skills={"fibre": 4, "english": 5},
        capacity={"voice": 1, "case": 3},
        queues=("faults", "general"),
        endpoint="PJSIP/agent1001",
    )


def test_a_queue_takes_the_defaults() -> None:
    centre = parse("version: 1\nqueues: [{name: q, channel: voice}]")

    queue = centre.queue("q")
    assert queue is not None
    assert (queue.offer_timeout, queue.decline_pause) == (20 * SECOND, 60 * SECOND)
    assert (queue.wrap_up, queue.short_abandon) == (30 * SECOND, 5 * SECOND)
    assert (queue.order, queue.priority, queue.service_level) == (None, 10, ServiceLevel())


def test_an_agent_without_queues_serves_all_and_one_with_none_serves_none() -> None:
    centre = parse("version: 1\nagents: [{username: ana}, {username: ben, queues: []}]")

    assert [agent.queues for agent in centre.agents] == [None, ()]
    assert [agent.name for agent in centre.agents] == ["ana", "ben"]
    assert [agent.roles for agent in centre.agents] == [("agent",), ("agent",)]


def test_wrap_up_may_be_open() -> None:
    [queue] = parse("version: 1\nqueues: [{name: q, channel: voice, wrap_up: open}]").queues

    assert queue.wrap_up is None


def test_the_less_common_keys_are_kept_too() -> None:
    centre = parse("""
        version: 1
        calendars:
          ua: {time_zone: UTC, open: {fri-mon: ["10:00-11:00"]}, holidays: NO}
        sla:
          s: {calendar: ua, clocks: {next_update: {target: 3bd, warn: 1bd, on_breach: [{escalate: {agent: ana}}]}}}
        queues:
          - name: q
            channel: voice
            order: {age_weight: 30s}
            overflow: [{when: {waiting_more_than: 0}, to: callback}, {when: {unqualified: true}, to: end}]
            service_level: {within: 10s, target: 90.5%}
        agents: [{username: ana, roles: [agent, supervisor]}]
        teams: [{name: t, supervisors: [ana], members: [ana]}]
        """)

    assert centre.calendars["ua"].holidays == "NO"
    assert list(centre.calendars["ua"].open) == ["mon", "fri", "sat", "sun"]
    clock = centre.sla["s"].clocks["next_update"]
    assert (clock.target, clock.warn) == (OpeningDays(3), OpeningDays(1))
    assert clock.on_breach == (Escalate(agent="ana"),)
    [queue] = centre.queues
    assert queue.order == AgeWeight(30 * SECOND)
    assert queue.overflow == (Overflow(to="callback", waiting_more_than=0), Overflow(to="end", unqualified=True))
    assert queue.service_level == ServiceLevel(within=10 * SECOND, target=Share(90.5))
    assert centre.teams == (Team(name="t", supervisors=("ana",), members=("ana",)),)


def test_a_key_without_a_value_is_as_one_that_is_absent() -> None:
    centre = parse("version: 1\nteams:\nqueues:\n  - {name: q, channel: voice, calendar: , requires: }\n")

    assert centre.teams == ()
    assert centre.queues == (Queue(name="q", channel="voice"),)


def test_every_key_without_effect_is_a_key() -> None:
    for place in WITHOUT_EFFECT:
        section, _, key = place.rpartition(".")
        assert key in KEYS[section]


# --- what is wrong with it -------------------------------------------------------------------------------------------


def test_every_mistake_is_told_at_once_in_the_order_of_the_file() -> None:
    found = problems("""\
version: 1
skills: [fibre]
queues:
  - name: faults
    channel: fax
    requires: {fibr: 11}
    prioritty: 3
agents:
  - {username: Nadia}
""")

    assert [(p.line, p.key) for p in found] == [
        (5, "queues[faults].channel"),
        (6, "queues[faults].requires.fibr"),
        (6, "queues[faults].requires.fibr"),
        (7, "queues[faults].prioritty"),
        (9, "agents[Nadia].username"),
    ]
    assert "must be one of voice, case, callback; not 'fax'" in found[0].detail
    assert "did you mean 'priority'?" in found[3].detail
    assert "allowed here: name, channel, requires" in found[3].detail


def test_a_problem_is_shown_as_compilers_do() -> None:
    assert (
        problem("version: 1\nqueue: []\n")
        .at("centre.yaml")
        .startswith("centre.yaml:2: queue: unknown key; did you mean 'queues'?; allowed here: version, ")
    )


def test_a_refusal_names_each_field_for_programs_too() -> None:
    with pytest.raises(Misconfigured) as refused:
        parse("version: 2")

    assert refused.value.status == 400
    [error] = refused.value.errors
    assert (error.field, error.detail) == (
        "version",
        "line 1: must be 1, the only version of this format there is",
    )


QUEUE = "version: 1\nskills: [a, b]\nqueues:\n  - {{name: q, channel: voice, {}}}\n"
AGENT = "version: 1\nskills: [a]\nagents:\n  - {{username: ana, {}}}\n"
PHONE = "version: 1\ntelephony:\n  - {{name: p, {}}}\n"
SYSTEM = "version: 1\nsystems:\n  {}: {{url: 'https://a.example', {}}}\n"
CALENDAR = "version: 1\ncalendars:\n  c: {{time_zone: UTC, {}}}\n"
CLOCK = "version: 1\nsla:\n  s: {{clocks: {{resolution: {{{}}}}}}}\n"
RULE = "version: 1\nskills: [a]\nqueues: [{{name: q, channel: voice}}]\nrouting:\n  - {{queue: q, {}}}\n"


@pytest.mark.parametrize(
    ("text", "line", "key", "detail"),
    [
        # the whole
        ("[]", 1, "", "must be a mapping that begins with version: 1"),
        ("skills: []", 1, "", "version is missing"),
        ("version: one", 1, "version", "must be 1"),
        ("version: 1\nskills: fibre", 2, "skills", "must be a list, not a single value"),
        ("version: 1\ncalendars: []", 2, "calendars", "must be a mapping"),
        ("version: 1\nversion: 1", 2, "version", "is there twice, first on line 1"),
        ("version: 1\nskills: [a, a]", 2, "skills[1]", "a is there twice"),
        ("version: 1\nskills: [[a]]", 2, "skills[0]", "must be a name, not a list"),
        ("version: 1\nskills: ['']", 2, "skills[0]", "is empty; must be a name"),
        (f"version: 1\nskills: [{'x' * 65}]", 2, "skills[0]", "has 65 characters; at most 64 are taken"),
        ('version: 1\nskills: ["a\\0b"]', 2, "skills[0]", "without control characters"),
        ("version: 1\nqueues: [name]", 2, "queues[0]", "must be a mapping"),
        # queues
        ("version: 1\nqueues: [{name: q}]", 2, "queues[q]", "channel is missing"),
        ("version: 1\nqueues: [{channel: voice}]", 2, "queues[0]", "name is missing"),
        (
            "version: 1\nqueues:\n  - {name: q, channel: voice}\n  - {name: q, channel: case}",
            4, "queues[1]", "name 'q' is there twice, first on line 3",
        ),
        (QUEUE.format("requires: {a: 0}"), 4, "queues[q].requires.a", "a whole number from 1 to 10; not '0'"),
        (QUEUE.format("requires: {a: 11}"), 4, "queues[q].requires.a", "a whole number from 1 to 10; not '11'"),
        (QUEUE.format("requires: {a: '3'}"), 4, "queues[q].requires.a", "a whole number from 1 to 10"),
        (QUEUE.format("requires: {a: 1.5}"), 4, "queues[q].requires.a", "a whole number from 1 to 10"),
        (QUEUE.format("requires: {c: 1}"), 4, "queues[q].requires.c", "skill 'c' is not declared under skills"),
        (QUEUE.format("requires: {a: 1, a: 2}"), 4, "queues[q].requires.a", "is there twice"),
        (QUEUE.format("requires: [a]"), 4, "queues[q].requires", "must be a mapping"),
        (QUEUE.format("priority: high"), 4, "queues[q].priority", "must be a whole number"),
        (QUEUE.format("wrap_up: forever"), 4, "queues[q].wrap_up", "must be a duration such as 30s"),
        (QUEUE.format("wrap_up: 30"), 4, "queues[q].wrap_up", "must be a duration such as 30s"),
        (QUEUE.format("offer: {timeout: 0s}"), 4, "queues[q].offer.timeout", "must be from 1s to 1h; not '0s'"),
        (QUEUE.format("offer: {timout: 5s}"), 4, "queues[q].offer.timout", "did you mean 'timeout'?"),
        (QUEUE.format("offer: 20s"), 4, "queues[q].offer", "must be a mapping"),
        (QUEUE.format("decline_pause: 2h"), 4, "queues[q].decline_pause", "must be from 0s to 1h"),
        (QUEUE.format("order: loose"), 4, "queues[q].order", "must be one of strict, due; not 'loose'"),
        (QUEUE.format("order: {age_weight: 0s}"), 4, "queues[q].order.age_weight", "must be from 1s"),
        (QUEUE.format("preferred: [friend]"), 4, "queues[q].preferred[0]", "one of owner, last_agent"),
        (QUEUE.format("calendar: office"), 4, "queues[q].calendar", "calendar 'office' is not declared under calendars"),
        (QUEUE.format("sla: gold"), 4, "queues[q].sla", "sla 'gold' is not declared under sla; none is declared"),
        (QUEUE.format("never_relax: [z]"), 4, "queues[q].never_relax[0]", "skill 'z' is not declared"),
        (QUEUE.format("relax: [{drop: [a]}]"), 4, "queues[q].relax[0]", "after is missing"),
        (QUEUE.format("relax: [{after: 5s}]"), 4, "queues[q].relax[0]", "must drop skills or require lower levels"),
        (
            QUEUE.format("relax: [{after: 9s, drop: [a]}, {after: 9s, drop: [b]}]"),
            4, "queues[q].relax", "step 2 must come after step 1",
        ),
        (
            QUEUE.format("relax: [{after: 5s, require: {a: 1}}, {after: 9s, require: {a: 2}}]"),
            4, "queues[q].relax", "step 2 asks more a than step 1; relaxing only loosens",
        ),
        (
            QUEUE.format("relax: [{after: 5s, drop: [a]}, {after: 9s, require: {a: 1}}]"),
            4, "queues[q].relax", "relaxing only loosens",
        ),
        (
            QUEUE.format("overflow: [{when: {waited: 1s}, to: end}]").replace("voice", "case"),
            4, "queues[q].overflow[0].to", "only a caller can be sent to end, not a case",
        ),
        (QUEUE.format("overflow: [{when: {closed: true}}]"), 4, "queues[q].overflow[0]", "to is missing"),
        (QUEUE.format("overflow: [{to: end}]"), 4, "queues[q].overflow[0]", "when is missing"),
        (QUEUE.format("overflow: [{when: {}, to: end}]"), 4, "queues[q].overflow[0].when", "must be one of {closed: true}"),
        (
            QUEUE.format("overflow: [{when: {closed: true, waited: 1s}, to: end}]"),
            4, "queues[q].overflow[0].when", "must be one of",
        ),
        (
            QUEUE.format("overflow: [{when: {closed: false}, to: end}]"),
            4, "queues[q].overflow[0].when.closed", "must be true, or be left out",
        ),
        (QUEUE.format("overflow: [{when: {waited: 1s}, to: heaven}]"), 4, "queues[q].overflow[0].to", "one of callback"),
        (
            QUEUE.format("overflow: [{when: {waited: 1s}, to: {queue: q}}]"),
            4, "queues[q].overflow[0].to", "must be another queue",
        ),
        (
            QUEUE.format("overflow: [{when: {waited: 1s}, to: {queue: r}}]"),
            4, "queues[q].overflow[0].to.queue", "queue 'r' is not declared under queues",
        ),
        (
            QUEUE.format("overflow: [{when: {waited: 1s}, to: {queue: r}}]") + "  - {name: r, channel: case}\n",
            4, "queues[q].overflow[0].to.queue", "must be a queue of channel voice; r is of case",
        ),
        (QUEUE.format("service_level: {target: 101%}"), 4, "queues[q].service_level.target", "at most 100%"),
        (
            QUEUE.format("overflow: [{when: {waited: 1s}, to: end}]") + "routing_defaults: {fallback_queue: q}",
            5, "routing_defaults.fallback_queue", "q has an overflow; the last resort must keep what it is given",
        ),
        ("version: 1\nrouting_defaults: {fallback_queue: q}", 2, "routing_defaults.fallback_queue", "is not declared"),
        # agents and teams
        ("version: 1\nagents: [{name: Ana}]", 2, "agents[0]", "username is missing"),
        ("version: 1\nagents: [{username: 'a b'}]", 2, "agents[a b].username", "1 to 64 of a-z 0-9 . _ -"),
        ("version: 1\nagents: [{username: a}, {username: a}]", 2, "agents[1]", "username 'a' is there twice"),
        ("version: 1\nagents: [{count: 12, name: pool}]", 2, "agents[0]", "are for console simulate"),
        (AGENT.format("skills: {b: 1}"), 4, "agents[ana].skills.b", "skill 'b' is not declared"),
        (AGENT.format("skills: {a: 12}"), 4, "agents[ana].skills.a", "from 1 to 10"),
        (AGENT.format("roles: [boss]"), 4, "agents[ana].roles[0]", "agent, supervisor, author, admin; not 'boss'"),
        (AGENT.format("roles: []"), 4, "agents[ana].roles", "at least one of"),
        (AGENT.format("queues: [q]"), 4, "agents[ana].queues[0]", "queue 'q' is not declared"),
        (AGENT.format("capacity: {voice: -1}"), 4, "agents[ana].capacity.voice", "from 0 to 100"),
        (AGENT.format("capacity: {fax: 1}"), 4, "agents[ana].capacity.fax", "unknown key"),
        (AGENT.format("languages: [englisch!]"), 4, "agents[ana].languages[0]", "a language tag such as en"),
        (
            "version: 1\nagents:\n  - {username: a, endpoint: PJSIP/1}\n  - {username: b, endpoint: PJSIP/1}",
            4, "agents[b].endpoint", "'PJSIP/1' is another agent's phone already, on line 3",
        ),
        ("version: 1\nteams: [{name: t, members: [zoe]}]", 2, "teams[t].members[0]", "agent 'zoe' is not declared"),
        # phone systems
        (PHONE.format("kind: pigeon"), 3, "telephony[p].kind", "must be one of asterisk-ari"),
        (PHONE.format("kind: asterisk-ari"), 3, "telephony[p]", "url is missing"),
        (PHONE.format("kind: asterisk-ari, url: '127.0.0.1:8088'"), 3, "telephony[p].url", "such as http://"),
        (PHONE.format("kind: asterisk-ari, url: 'http://[::1'"), 3, "telephony[p].url", "such as http://"),
        (PHONE.format("kind: asterisk-ari, url: 'http://a:b@c'"), 3, "telephony[p].url", "must not hold a password"),
        (PHONE.format("kind: cloudevents, secret: hello"), 3, "telephony[p].secret", "must be whsec_ and"),
        (PHONE.format("kind: cloudevents, secret: whsec_YQ=="), 3, "telephony[p].secret", "must be whsec_ and"),
        (PHONE.format("kind: cloudevents, secret: 'env:'"), 3, "telephony[p].secret", "after env:"),
        (PHONE.format("kind: cloudevents, ring: twice"), 3, "telephony[p].ring", "must be one of on_accept, on_offer"),
        ("version: 1\ntelephony: [{name: 'a:b', kind: cloudevents}]", 2, "telephony[a:b].name", "A-Z a-z 0-9 . _ -"),
        # other systems
        ("version: 1\nsystems: {line: {timeout: 1s}}", 2, "systems.line", "url is missing"),
        ("version: 1\nsystems: {line: {url: 'http://a.example'}}", 2, "systems.line.url", "must be https"),
        ("version: 1\nsystems: {line: {url: 'https://a:b@c.example'}}", 2, "systems.line.url", "must not hold a passw"),
        ("version: 1\nsystems: {line: {url: 'file:///etc/passwd'}}", 2, "systems.line.url", "such as https://line"),
        ("version: 1\nsystems: {line: {url: 'https://[::1'}}", 2, "systems.line.url", "such as https://line"),
        (SYSTEM.format("Line", ""), 3, "systems.Line", "must be a name of a-z, 0-9 and -"),
        (SYSTEM.format("line", "timeout: 11s"), 3, "systems.line.timeout", "must be from 0.1s to 10s"),
        (SYSTEM.format("line", "token: hello"), 3, "systems.line.token", "must be env: and a variable"),
        (SYSTEM.format("line", "token: 'env:CONSOLE_SECRET_TOKEN'"), 3, "systems.line.token", "must be env: and a var"),
        (SYSTEM.format("line", "token: 'env:PGPASSWORD'"), 3, "systems.line.token", "must be env: and a variable"),
        # calendars
        (CALENDAR.format("open: {}"), 3, "calendars.c.open", "no hour of the week is open"),
        (CALENDAR.format("open: {mon: []}"), 3, "calendars.c.open", "no hour of the week is open"),
        (CALENDAR.format("closed: []"), 3, "calendars.c", "open is missing"),
        (CALENDAR.format("open: {mon: ['9-18']}"), 3, "calendars.c.open.mon[0]", 'must be hours such as "09:00-18:00"'),
        (CALENDAR.format("open: {mon: ['09:00-09:00']}"), 3, "calendars.c.open.mon[0]", "must be hours"),
        (CALENDAR.format("open: {mon: ['24:00-09:00']}"), 3, "calendars.c.open.mon[0]", "must be hours"),
        (CALENDAR.format("open: {mon: ['09:60-10:00']}"), 3, "calendars.c.open.mon[0]", "must be hours"),
        (CALENDAR.format("open: {monday: ['09:00-10:00']}"), 3, "calendars.c.open.monday", "must be a day"),
        (CALENDAR.format("open: {mon-fri: ['09:00-10:00'], tue: ['11:00-12:00']}"), 3, "calendars.c.open.tue", "tue is there twice"),
        (CALENDAR.format("open: {mon: ['09:00-12:00', '11:00-13:00']}"), 3, "calendars.c.open", "overlap"),
        (CALENDAR.format("open: {sat: ['22:00-02:00'], sun: ['01:00-03:00']}"), 3, "calendars.c.open", "overlap"),
        (CALENDAR.format("open: {sun: ['22:00-02:00'], mon: ['01:00-03:00']}"), 3, "calendars.c.open", "overlap"),
        (CALENDAR.format("open: {mon: ['09:00-12:00']}, closed: [2026-02-30]"), 3, "calendars.c.closed[0]", "no such day"),
        (CALENDAR.format("open: {mon: ['09:00-12:00']}, closed: [tomorrow]"), 3, "calendars.c.closed[0]", "a date such as"),
        (CALENDAR.format("open: {mon: ['09:00-12:00']}, holidays: Ukraine"), 3, "calendars.c.holidays", "as ISO 3166"),
        (
            "version: 1\ncalendars:\n  c: {time_zone: Europe/Kiew, open: {mon: ['09:00-12:00']}}",
            3, "calendars.c.time_zone", "'Europe/Kiew' is not known; did you mean 'Europe/Kiev'?",
        ),
        # promises
        (CLOCK.format("warn: 5m"), 3, "sla.s.clocks.resolution", "target is missing"),
        (CLOCK.format("target: 0s"), 3, "sla.s.clocks.resolution.target", "more than nothing"),
        (CLOCK.format("target: 5m, warn: 5m"), 3, "sla.s.clocks.resolution.warn", "must be earlier than the target"),
        (CLOCK.format("target: 5m, warn: 100%"), 3, "sla.s.clocks.resolution.warn", "must be earlier than the target"),
        (CLOCK.format("target: 5m, warn: soon"), 3, "sla.s.clocks.resolution.warn", "must be a duration"),
        (CLOCK.format("target: 1bd"), 3, "sla.s", "resolution counts opening days (bd), so the policy needs a calendar"),
        (CLOCK.format("target: 5m, pause_when: [asleep]"), 3, "sla.s.clocks.resolution.pause_when[0]", "new, open"),
        (CLOCK.format("target: 5m, on_warn: [{shout: x}]"), 3, "sla.s.clocks.resolution.on_warn[0].shout", "unknown key"),
        (CLOCK.format("target: 5m, on_warn: [{notify: all}]"), 3, "sla.s.clocks.resolution.on_warn[0].notify", "owner"),
        (
            CLOCK.format("target: 5m, on_breach: [{escalate: {queue: q}}]"),
            3, "sla.s.clocks.resolution.on_breach[0].escalate.queue", "queue 'q' is not declared",
        ),
        ("version: 1\nsla: {s: {clocks: {lunch: {target: 1h}}}}", 2, "sla.s.clocks.lunch", "classify, first_response"),
        # rules
        ("version: 1\nrouting: [{when: 'true'}]", 2, "routing[0]", "queue is missing"),
        (RULE.format("when: 'chanel == 1'"), 5, "routing[0].when", "unknown name 'chanel'; did you mean 'channel'?"),
        (RULE.format("when: 'to =='"), 5, "routing[0].when", "is no CEL expression"),
        (RULE.format("when: 'case.numbr == \"x\"'"), 5, "routing[0].when", "unknown member case.numbr"),
        (RULE.format("when: 'requires.b > 1'"), 5, "routing[0].when", "unknown member requires.b; known: a"),
        (RULE.format("set: {requires: {b: 1}}"), 5, "routing[0].set.requires.b", "skill 'b' is not declared"),
        (RULE.format("set: {queue: q}"), 5, "routing[0].set.queue", "unknown key"),
        (
            RULE.format("set: {priority: 1}") + "  - {queue: q}\n",
            6, "routing[1]", "never comes into question: the rule on line 5 has no condition",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line_its_key_and_what_would_be_right(
    text: str, line: int, key: str, detail: str
) -> None:
    told = [found for found in problems(text) if detail in found.detail]

    assert told, problems(text)
    assert (told[0].line, told[0].key) == (line, key)


def test_agents_by_number_get_no_second_complaint() -> None:
    assert len(problems("version: 1\nagents: [{count: 12, name: pool}]")) == 1


def test_a_thousand_mistakes_are_told_as_far_as_anybody_reads() -> None:
    started = time.perf_counter()

    found = problems("version: 1\nqueues:\n" + "  - {name: q, channel: voice, requires: {x: 1}}\n" * 5000)

    assert len(found) == PROBLEMS_MAX
    assert time.perf_counter() - started < 5


INJECTION = "'; drop table user_account; --"


@pytest.mark.parametrize("key", ["username", "endpoint", "name", "languages"])
def test_sql_in_a_field_is_text_or_refused(key: str) -> None:
    value = f'["{INJECTION}"]' if key == "languages" else f'"{INJECTION}"'
    username = "" if key == "username" else "username: ana, "
    text = f"version: 1\nagents: [{{{username}{key}: {value}}}]"

    if key in ("username", "languages"):
        assert re.search(r"drop table", problem(text).detail)
    else:
        assert getattr(parse(text).agents[0], key) == INJECTION


def test_a_quoted_number_is_a_name_and_an_unquoted_one_too() -> None:
    assert parse("version: 1\nskills: [1, '2', no]").skills == ("1", "2", "no")

"""Why this agent, why not each other one, why still waiting: the first filter that removed them, in codes and words."""

import pytest
from msgspec.structs import replace

from console.routing.agent import Agent, Presence
from console.routing.engine import Engine
from console.routing.explain import AsOf, Explanation, explain, in_words
from console.routing.facts import ConsultAsked, WorkAssigned
from console.routing.queue import SECOND, Overflow, RelaxStep
from tests.routing.sentences import (
    ANA,
    BEN,
    CYD,
    NOON,
    agent,
    call,
    call_ends,
    case,
    centre,
    closes,
    configured,
    fails,
    item,
    item_id,
    no,
    rules_of,
    says,
    time,
    voice,
    yes,
)


def explained(engine: Engine, number: int = 1) -> Explanation:
    """Of the engine as it is now."""
    floor = engine.floor
    rows = AsOf(
        decision=engine.decision,
        at=engine.meta.now,
        config_version=engine.meta.config_version,
        item=item(engine, number),
        agents=tuple(floor.agents.values()),
        in_hand=tuple(floor.items[held] for one in floor.agents.values() for held in one.work),
        offers=tuple(offer for offer in floor.offers.values() if offer.item == item_id(number)),
    )
    return explain(rows, engine.rules)


def reasons(engine: Engine, number: int = 1) -> dict[str, str]:
    return {reason.agent: reason.code for reason in explained(engine, number).reasons}


def test_the_chosen_one_and_who_was_idle_less_long() -> None:
    engine = centre(
        voice(requires={"fibre": 2}), agents=[agent(ANA, fibre=2), agent(BEN, fibre=3), agent(CYD, fibre=1)]
    )
    engine.step(call(1, at=NOON))

    told = explained(engine)

    assert told.why is not None
    assert (told.agent, told.why.rule, told.why.candidates) == (ANA, "longest_idle", 2)
    assert reasons(engine) == {ANA: "chosen", BEN: "idle_less_long", CYD: "skill"}
    lines = in_words(told)
    assert f"{ANA} had been idle longest of 2 who were eligible, with fibre 2 (needed 2)." in lines
    assert f"{CYD} has fibre 1, needed is 2." in lines


def on_call(engine: Engine) -> None:
    engine.step(call(9, at=NOON))
    engine.step(yes(engine, ANA, at=NOON))


def in_wrap_up(engine: Engine) -> None:
    on_call(engine)
    engine.step(call_ends(9, at=NOON))


def has_a_case(engine: Engine) -> None:
    engine.step(case(9, at=NOON, queue="faults"))
    engine.step(yes(engine, ANA, at=NOON))


def missed(engine: Engine) -> None:
    engine.step(call(9, at=NOON))
    engine.step(time(NOON + 20 * SECOND))


def without_desk(engine: Engine) -> None:
    engine.step(closes(ANA, at=NOON))
    engine.step(time(NOON + 10 * SECOND))
    engine.step(says(ANA, "available", at=NOON + 11 * SECOND))


def asked_for_pause(engine: Engine) -> None:
    on_call(engine)
    engine.step(says(ANA, "away", at=NOON))


@pytest.mark.parametrize(
    ("before", "code", "kind"),
    [
        (lambda engine: engine.step(says(ANA, "away", at=NOON)), "away", "call"),
        (lambda engine: engine.step(says(ANA, "offline", at=NOON)), "offline", "call"),
        (without_desk, "no_connection", "call"),
        (missed, "not_responding", "call"),
        (asked_for_pause, "pause_asked", "call"),
        (on_call, "on_call", "call"),
        (in_wrap_up, "wrap_up", "call"),
        (has_a_case, "no_room", "case"),
        (lambda engine: engine.step(call(9, at=NOON)), "has_offer", "call"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_why_nobody_is_free_for_what_waits(before, code: str, kind: str) -> None:
    engine = centre(voice(wrap_up=30 * SECOND), agents=[agent(ANA, cases=1)])
    before(engine)
    at = engine.meta.now
    engine.step(call(1, at=at) if kind == "call" else case(1, at=at, queue="faults"))

    told = explained(engine)

    assert told.state == "waiting"
    assert reasons(engine) == {ANA: code}
    assert any(line.startswith("It would end when ana ") for line in in_words(told))


def test_a_decline_and_how_long_it_holds() -> None:
    engine = centre(voice(decline_pause=60 * SECOND), agents=[agent(ANA)])
    engine.step(call(1, at=NOON))
    engine.step(no(engine, ANA, at=NOON))
    engine.step(call(2, at=NOON + 20 * SECOND))
    engine.step(call_ends(2, at=NOON + 20 * SECOND))

    [reason] = explained(engine).reasons

    assert (reason.code, reason.until) == ("declined", NOON + 60 * SECOND)
    assert "ana declined it, and is not asked again for a while (40 s more)." in in_words(explained(engine))


def test_a_phone_that_could_not_be_had() -> None:
    engine = centre(voice(), agents=[agent(ANA)])
    engine.step(call(1, at=NOON))
    engine.step(yes(engine, ANA, at=NOON))
    engine.step(fails(1, ANA, at=NOON))

    assert reasons(engine) == {ANA: "connect_failed"}


def test_three_declines_while_others_qualify() -> None:
    engine = centre(voice(decline_pause=SECOND), agents=[agent(ANA), agent(BEN)])
    engine.step(says(BEN, "away", at=NOON))
    engine.step(call(1, at=NOON))
    for second in range(3):
        engine.step(no(engine, ANA, at=NOON + second * SECOND))
        engine.step(time(NOON + (second + 1) * SECOND))
    engine.step(call(2, at=NOON + 3 * SECOND, priority=9))
    engine.step(says(BEN, "available", at=NOON + 3 * SECOND))
    engine.step(yes(engine, BEN, at=NOON + 3 * SECOND))
    engine.step(no(engine, ANA, at=NOON + 3 * SECOND))
    engine.step(time(NOON + 5 * SECOND))

    assert reasons(engine) == {ANA: "declined_too_often", BEN: "on_call"}


def test_what_nobody_in_the_whole_centre_could_take() -> None:
    engine = centre(voice(), voice("general"), agents=[agent(ANA, queues=("general",)), agent(BEN, fibre=1)])
    engine.step(call(1, at=NOON, requires={"polish": 1}))
    assert explained(engine).nobody == "nobody_qualifies"
    assert reasons(engine) == {ANA: "other_queue", BEN: "skill"}

    engine.step(configured(rules_of(voice(), agents=[agent(ANA, queues=())], version=2), at=NOON))
    assert explained(engine).nobody == "nobody_serves"
    assert reasons(engine)[BEN] == "not_in_configuration"

    engine.step(configured(rules_of(voice("general"), agents=[agent(ANA)], version=3), at=NOON))
    assert explained(engine).nobody == "queue_gone"
    assert any("no longer in the configuration" in line for line in in_words(explained(engine)))


def test_who_got_room_and_took_the_first_in_line() -> None:
    engine = centre(voice(), agents=[agent(ANA)])
    engine.step(says(ANA, "away", at=NOON))
    engine.step(call(1, at=NOON))
    engine.step(says(ANA, "available", at=NOON + SECOND))

    assert f"{ANA} got room, and of all they may take it was first in line." in in_words(explained(engine))


def test_everybody_is_named_and_those_who_came_closest_first() -> None:
    engine = centre(voice(requires={"fibre": 1}), agents=[agent(ANA), agent(BEN, fibre=1), agent(CYD, fibre=1)])
    engine.step(says(CYD, "away", at=NOON))
    engine.step(call(1, at=NOON))

    assert [reason.agent for reason in explained(engine).reasons] == [BEN, CYD, ANA]


def test_many_who_could_end_the_wait_are_counted() -> None:
    engine = centre(voice(), agents=[agent(f"a{n}") for n in range(8)])
    for n in range(8):
        engine.step(says(f"a{n}", "away", at=NOON))
    engine.step(call(1, at=NOON))

    assert in_words(explained(engine))[-1].endswith("a4 comes back, or one of 3 others.")


def test_somebody_unknown_to_the_rules_is_said_to_be() -> None:
    engine = centre(voice(), agents=[])
    engine.step(call(1, at=NOON))
    engine.floor.agents["zed"] = Agent(username="zed", presence=Presence.AVAILABLE)

    assert reasons(engine) == {"zed": "not_in_configuration"}


def test_what_time_will_do_to_what_waits() -> None:
    queue = voice(
        requires={"fibre": 3, "english": 2},
        relax=(RelaxStep(after=60 * SECOND, drop=("english",)), RelaxStep(after=120 * SECOND, require={"fibre": 1})),
        overflow=(Overflow(to="queue", queue="general", waited=90 * SECOND),),
    )
    engine = centre(queue, voice("general"), agents=[agent(ANA, fibre=3), agent(BEN, fibre=1)])
    engine.step(call(1, at=NOON))
    engine.step(time(NOON + 10 * SECOND))

    told = explained(engine)

    assert [(c.at - NOON, c.what, c.needs, c.qualified, c.to) for c in told.coming] == [
        (60 * SECOND, "relaxed", {"fibre": 3}, 1, None),
        (90 * SECOND, "sent_on", None, None, "general"),
        (120 * SECOND, "relaxed", {"fibre": 1}, 2, None),
    ]
    assert in_words(told)[-3:] == [
        "In 50 s it needs fibre 3 only, for which 1 agent qualifies.",
        "In 80 s it is sent on to queue general.",
        "In 110 s it needs fibre 1 only, for which 2 agents qualify.",
    ]


def test_others_are_asked_first_while_a_preference_is_in_force() -> None:
    engine = centre(voice(prefer_for=30 * SECOND), agents=[agent(ANA), agent(BEN)])
    engine.step(call(8, at=NOON))
    engine.step(yes(engine, ANA, at=NOON))
    engine.step(replace(call(1, at=NOON + SECOND), preferred=(ANA,)))

    told = explained(engine)

    assert {r.agent: (r.code, r.until) for r in told.reasons} == {
        ANA: ("on_call", None),
        BEN: ("not_preferred", NOON + 31 * SECOND),
    }
    assert [(c.at, c.what) for c in told.coming] == [(NOON + 31 * SECOND, "everyones")]


def test_whoever_is_consulted_is_asked_nothing() -> None:
    engine = centre(voice(), agents=[agent(ANA), agent(BEN)])
    engine.step(call(8, at=NOON))
    engine.step(yes(engine, ANA, at=NOON))
    engine.step(ConsultAsked(at=NOON, item=item_id(8), by=ANA, agent=BEN))
    engine.step(call(1, at=NOON + SECOND))

    assert reasons(engine) == {ANA: "on_call", BEN: "consulted"}


def test_work_given_by_hand_says_so() -> None:
    engine = centre(voice(), agents=[agent(ANA), agent(BEN)])
    engine.step(call(1, at=NOON))
    given = WorkAssigned(at=NOON, item=item_id(1), agent=BEN, by="sue", reason="knows them", successor=item_id(2))
    engine.step(given)

    told = explained(engine)

    assert (told.agent, told.why) == (BEN, None)
    assert f"{BEN} was given it by hand, or after being consulted about it." in in_words(told)

"""Whose turn it is: strictly by priority, by priority and age, or by what is due."""

from console.routing.engine import Engine
from console.routing.queue import SECOND
from tests.routing.sentences import (
    ANA,
    BEN,
    NOON,
    agent,
    asked,
    available,
    call,
    call_ends,
    case,
    centre,
    closes,
    completes,
    no,
    says,
    time,
    voice,
    yes,
)


def nobody_yet(*queues) -> Engine:
    """One agent, who is away until noon is a while ago."""
    engine = centre(*queues, agents=[agent(ANA, cases=3)])
    engine.step(says(ANA, "away", at=NOON))
    return engine


def served(engine: Engine, *, at: int, count: int) -> list[int]:
    """In which order the one agent is asked, taking everything."""
    found = []
    orders = engine.step(says(ANA, "available", at=at))
    for _ in range(count):
        [(_, number)] = asked(orders)
        found.append(number)
        at += SECOND
        engine.step(yes(engine, ANA, at=at))
        orders = engine.step(call_ends(number, at=at))
    return found


def test_who_waited_longer_than_the_points_between_are_worth_goes_first() -> None:
    """Scenario 6: a point is worth 30 s."""
    engine = nobody_yet(voice(priority=0, age_weight=30 * SECOND))
    engine.step(call(1, at=NOON, priority=0))
    engine.step(call(2, at=NOON + 61 * SECOND, priority=2))

    assert served(engine, at=NOON + 61 * SECOND, count=2) == [1, 2]


def test_who_waited_less_than_the_points_between_are_worth_goes_later() -> None:
    engine = nobody_yet(voice(priority=0, age_weight=30 * SECOND))
    engine.step(call(1, at=NOON, priority=0))
    engine.step(call(2, at=NOON + 59 * SECOND, priority=2))

    assert served(engine, at=NOON + 61 * SECOND, count=2) == [2, 1]


def test_age_counts_across_the_queues_that_weigh_it() -> None:
    engine = nobody_yet(
        voice("low", priority=1, age_weight=30 * SECOND), voice("high", priority=10, age_weight=30 * SECOND)
    )
    engine.step(call(1, at=NOON, queue="low"))
    engine.step(call(2, at=NOON + 269 * SECOND, queue="high"))
    engine.step(call(3, at=NOON + 271 * SECOND, queue="high"))

    assert served(engine, at=NOON + 300 * SECOND, count=3) == [2, 1, 3]


def test_queues_of_one_priority_are_served_by_waiting_time_whether_they_weigh_age_or_not() -> None:
    engine = nobody_yet(
        voice("strict", priority=10),
        voice("weighing", priority=10, age_weight=30 * SECOND),
        voice("other", priority=10, age_weight=5 * SECOND),
    )
    for number, queue in enumerate(["weighing", "strict", "other", "weighing", "strict"], start=1):
        engine.step(call(number, at=NOON + number * SECOND, queue=queue))

    assert served(engine, at=NOON + 60 * SECOND, count=5) == [1, 2, 3, 4, 5]


def test_strict_priority_lets_the_low_ones_wait_as_long_as_high_ones_come_and_weighed_age_does_not() -> None:
    """Scenario 63: a higher one arrives whenever the agent is free."""

    def first_low_after(age_weight: int | None) -> int | None:
        engine = nobody_yet(voice(priority=0, age_weight=age_weight))
        engine.step(call(1000, at=NOON, priority=0))
        engine.step(call(1, at=NOON, priority=1))
        orders = engine.step(says(ANA, "available", at=NOON))
        for turn in range(1, 60):
            [(_, number)] = asked(orders)
            if number == 1000:
                return turn
            at = NOON + turn * SECOND
            engine.step(yes(engine, ANA, at=at))
            engine.step(call(turn + 1, at=at, priority=1))
            orders = engine.step(call_ends(number, at=at))
        return None

    assert first_low_after(None) is None
    assert first_low_after(20 * SECOND) == 21


def test_of_one_priority_what_is_due_first_comes_first_and_what_is_never_due_was_due_when_it_came() -> None:
    engine = nobody_yet(voice(by_due=True))
    engine.step(call(1, at=NOON, due=NOON + 900 * SECOND))
    engine.step(call(2, at=NOON + SECOND, due=NOON + 300 * SECOND))
    engine.step(call(3, at=NOON + 2 * SECOND))
    engine.step(call(4, at=NOON + 3 * SECOND, priority=1, due=NOON + 999 * SECOND))

    assert served(engine, at=NOON + 10 * SECOND, count=4) == [4, 3, 2, 1]


def test_a_thousand_items_and_a_thousand_agents_are_a_thousand_offers_at_once() -> None:
    """Scenario 15: there is no rate of an item a queue and tick."""
    engine = centre(voice(), agents=[agent(f"agent{n}") for n in range(1000)])
    made = sum(len(asked(engine.step(call(n + 1, at=NOON)))) for n in range(1000))

    assert made == 1000


def test_in_a_batch_of_one_instant_the_first_in_line_is_never_passed() -> None:
    """Scenario 8: thirteen wait, one agent frees, whatever else happens in that instant."""
    engine = centre(voice(), agents=[agent(ANA), agent(BEN)])
    engine.step(says(BEN, "away", at=NOON))
    for number in range(1, 15):
        engine.step(call(number, at=NOON + number))
    engine.step(yes(engine, ANA, at=NOON + SECOND))
    engine.step(call(15, at=NOON + 2 * SECOND, priority=0))

    assert asked(engine.step(call_ends(1, at=NOON + 2 * SECOND))) == [(ANA, 2)]


def test_a_break_in_the_instant_of_the_offer_takes_it_back_or_was_there_before_it() -> None:
    """Scenario 22."""
    first = centre(voice(), agents=[agent(ANA)])
    assert asked(first.step(call(1, at=NOON))) == [(ANA, 1)]
    first.step(says(ANA, "away", at=NOON))
    assert first.floor.agents[ANA].offer is None

    second = centre(voice(), agents=[agent(ANA)])
    second.step(says(ANA, "away", at=NOON))
    assert asked(second.step(call(1, at=NOON))) == []


def test_an_agent_whose_nodes_both_believe_in_them_is_there_until_the_last_of_them_does_not() -> None:
    """Scenario 42."""
    engine = centre(voice(), agents=[agent(ANA)])
    for fact in available(ANA, at=NOON):
        engine.step(fact)
    engine.step(closes(ANA, at=NOON, node="n2"))

    assert asked(engine.step(call(1, at=NOON + 20 * SECOND))) == [(ANA, 1)]


def test_nobody_holds_more_cases_than_they_have_room_for_however_many_come() -> None:
    """Scenario 41."""
    engine = centre(voice(), voice("desk"), agents=[agent(ANA, cases=3), agent(BEN, cases=3)])
    for number in range(1, 51):
        engine.step(case(number, at=NOON))
        for name in (ANA, BEN):
            if engine.floor.agents[name].offer:
                engine.step(yes(engine, name, at=NOON))

    assert sorted(len(engine.floor.agents[name].work) for name in (ANA, BEN)) == [3, 3]
    held = engine.floor.agents[ANA].work[0]
    assert asked(engine.step(completes(int(held[-12:]), ANA, at=NOON + SECOND))) == [(ANA, 7)]


def test_an_agent_who_missed_an_offer_is_asked_nothing_until_they_come_back_and_is_last_then() -> None:
    """Scenario 25."""
    engine = centre(voice(offer_timeout=20 * SECOND), agents=[agent(ANA), agent(BEN)])
    engine.step(call(1, at=NOON))
    assert asked(engine.step(time(NOON + 20 * SECOND))) == [(BEN, 1)]
    assert asked(engine.step(call(2, at=NOON + 21 * SECOND))) == []
    engine.step(no(engine, BEN, at=NOON + 22 * SECOND))

    assert engine.floor.agents[ANA].idle_seq < engine.floor.agents[BEN].idle_seq
    assert asked(engine.step(says(ANA, "available", at=NOON + 23 * SECOND))) == [(ANA, 1)]

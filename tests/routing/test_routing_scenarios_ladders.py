"""What becomes of an item while it waits: its needs relax, and its preferred agents are waited for, up to a point."""

import pytest

from console.routing.engine import Engine
from console.routing.queue import SECOND, RelaxStep
from tests.routing.sentences import (
    ANA,
    BEN,
    CYD,
    NOON,
    agent,
    asked,
    call,
    call_ends,
    centre,
    closes,
    configured,
    fails,
    item,
    no,
    rules_of,
    says,
    time,
    voice,
    yes,
)

LADDER = (
    RelaxStep(after=10 * SECOND, require={"fibre": 3}),
    RelaxStep(after=20 * SECOND, require={"fibre": 1}),
    RelaxStep(after=30 * SECOND, drop=("fibre", "english")),
)


def ladder(**rules):
    return voice(requires={"fibre": 5, "english": 2}, relax=LADDER, **rules)


def test_each_step_of_the_ladder_adds_agents_at_its_time_from_entry() -> None:
    """Scenario 59, first half."""
    agents = [agent(ANA), agent(BEN, fibre=2, english=2), agent(CYD, fibre=3, english=2)]
    engine = centre(ladder(offer_timeout=5 * SECOND), agents=agents)

    assert asked(engine.step(call(1, at=NOON))) == []
    assert asked(engine.step(time(NOON + 10 * SECOND))) == [(CYD, 1)]
    engine.step(no(engine, CYD, at=NOON + 11 * SECOND))
    assert asked(engine.step(time(NOON + 20 * SECOND))) == [(BEN, 1)]
    engine.step(no(engine, BEN, at=NOON + 21 * SECOND))
    assert asked(engine.step(time(NOON + 30 * SECOND))) == [(ANA, 1)]


def test_a_failed_offer_does_not_stop_the_ladder() -> None:
    """Scenario 59: a step that comes while it rings is taken when the item waits again."""
    agents = [agent(ANA, fibre=5, english=2), agent(BEN, fibre=3, english=2)]
    engine = centre(ladder(), agents=agents)
    engine.step(call(1, at=NOON))
    engine.step(time(NOON + 10 * SECOND))

    assert asked(engine.step(no(engine, ANA, at=NOON + 12 * SECOND))) == [(BEN, 1)]
    assert item(engine, 1).relaxed == 1
    engine.step(no(engine, BEN, at=NOON + 13 * SECOND))
    assert engine.next_deadline == NOON + 20 * SECOND


def test_what_is_never_relaxed_stays_and_nothing_is_asked_anew() -> None:
    relax = (
        RelaxStep(after=10 * SECOND, drop=("fibre", "english")),
        RelaxStep(after=20 * SECOND, require={"fibre": 9, "billing": 1, "english": 1}),
    )
    engine = centre(
        voice(requires={"fibre": 5, "english": 2}, relax=relax, never_relax=frozenset({"fibre"})), agents=[agent(ANA)]
    )
    engine.step(call(1, at=NOON))
    engine.step(time(NOON + 60 * SECOND))

    assert item(engine, 1).needs == {"fibre": 5}


def test_what_the_item_asked_for_by_itself_relaxes_too() -> None:
    engine = centre(voice(relax=(RelaxStep(after=10 * SECOND, drop=("polish",)),)), agents=[agent(ANA)])

    assert asked(engine.step(call(1, at=NOON, requires={"polish": 1}))) == []
    assert asked(engine.step(time(NOON + 10 * SECOND))) == [(ANA, 1)]


def test_the_reason_names_what_was_needed_after_relaxing() -> None:
    engine = centre(ladder(), agents=[agent(ANA, fibre=3, english=4)])
    engine.step(call(1, at=NOON))
    [offer] = [o for o in engine.step(time(NOON + 10 * SECOND)) if hasattr(o, "why")]

    assert offer.why.matched == {"fibre": (3, 3), "english": (2, 4)}


def test_a_new_configuration_puts_the_item_on_the_new_ladder_at_the_step_of_its_waiting() -> None:
    engine = centre(voice(requires={"fibre": 5}), agents=[agent(ANA, fibre=1)])
    engine.step(call(1, at=NOON))
    steeper = voice(requires={"fibre": 5}, relax=(RelaxStep(after=30 * SECOND, require={"fibre": 1}),))

    early = configured(rules_of(steeper, agents=[agent(ANA, fibre=1)], version=2), at=NOON + 20 * SECOND)
    assert asked(engine.step(early)) == []
    assert asked(engine.step(time(NOON + 30 * SECOND))) == [(ANA, 1)]


# --- preferred agents ------------------------------------------------------------------------------------------------


def preferring(prefer_for: int, *agents) -> Engine:
    """Ana has been idle longest; Ben is preferred, and on a call."""
    engine = centre(voice(prefer_for=prefer_for), voice("general"), agents=[agent(BEN), agent(ANA), *agents])
    engine.step(call(90, at=NOON - 20 * SECOND, queue="general"))
    engine.step(yes(engine, BEN, at=NOON - 19 * SECOND))
    return engine


def test_a_preferred_agent_who_is_free_is_asked_before_one_idle_longer() -> None:
    engine = centre(voice(), agents=[agent(ANA), agent(BEN)])

    assert asked(engine.step(call(1, at=NOON, preferred=(BEN,)))) == [(BEN, 1)]


def test_of_several_preferred_the_one_idle_longest_is_asked() -> None:
    engine = centre(voice(), agents=[agent(ANA), agent(BEN), agent(CYD)])

    assert asked(engine.step(call(1, at=NOON, preferred=(CYD, BEN)))) == [(BEN, 1)]


def test_without_time_to_prefer_nobody_waits_for_an_agent_who_is_busy() -> None:
    engine = preferring(0)

    assert asked(engine.step(call(1, at=NOON, preferred=(BEN,)))) == [(ANA, 1)]


def test_the_item_waits_for_its_agent_while_others_idle_and_is_theirs_when_they_are_free() -> None:
    """Scenario 61."""
    engine = preferring(30 * SECOND)

    assert asked(engine.step(call(1, at=NOON, preferred=(BEN,)))) == []
    assert asked(engine.step(call(2, at=NOON + SECOND))) == [(ANA, 2)]
    assert asked(engine.step(call_ends(90, at=NOON + 20 * SECOND))) == [(BEN, 1)]


def test_when_the_time_ends_the_item_is_everyones_with_its_place() -> None:
    engine = preferring(30 * SECOND)
    engine.step(call(1, at=NOON, preferred=(BEN,)))

    assert asked(engine.step(time(NOON + 30 * SECOND))) == [(ANA, 1)]
    assert item(engine, 1).waiting_since == NOON


def test_in_the_instant_in_which_the_time_ends_the_agent_who_frees_is_one_of_all() -> None:
    engine = preferring(30 * SECOND)
    engine.step(call(1, at=NOON, preferred=(BEN,)))

    assert asked(engine.step(call_ends(90, at=NOON + 30 * SECOND))) == [(ANA, 1)]


@pytest.mark.parametrize("how", ["offline", "away", "connection"])
def test_an_agent_who_goes_is_waited_for_no_longer(how: str) -> None:
    engine = preferring(300 * SECOND)
    engine.step(call(1, at=NOON, preferred=(BEN,)))
    if how == "connection":
        engine.step(closes(BEN, at=NOON + 5 * SECOND))
        orders = engine.step(time(NOON + 15 * SECOND))
    else:
        orders = engine.step(says(BEN, how, at=NOON + 5 * SECOND))

    assert asked(orders) == [(ANA, 1)]


def test_an_agent_who_is_not_there_or_could_not_take_it_is_not_waited_for_at_all() -> None:
    engine = centre(
        voice(prefer_for=60 * SECOND, requires={"fibre": 2}),
        agents=[agent(ANA, fibre=2), agent(BEN, fibre=1), agent(CYD, fibre=2)],
    )
    engine.step(says(CYD, "offline", at=NOON))

    assert asked(engine.step(call(1, at=NOON, preferred=(BEN, CYD, "nobody")))) == [(ANA, 1)]


def test_while_one_of_two_preferred_is_left_the_item_waits_for_that_one() -> None:
    engine = preferring(60 * SECOND, agent(CYD))
    engine.step(call(91, at=NOON - SECOND))
    engine.step(yes(engine, ANA, at=NOON - SECOND))
    engine.step(call(1, at=NOON, preferred=(ANA, BEN)))
    assert asked(engine.step(says(ANA, "away", at=NOON + SECOND))) == []

    assert asked(engine.step(says(BEN, "away", at=NOON + 2 * SECOND))) == [(CYD, 1)]


def test_a_preferred_agent_who_declines_or_cannot_be_connected_is_preferred_no_more() -> None:
    engine = centre(voice(prefer_for=60 * SECOND), agents=[agent(ANA), agent(BEN)])
    engine.step(call(1, at=NOON, preferred=(BEN,)))
    assert asked(engine.step(no(engine, BEN, at=NOON + SECOND))) == [(ANA, 1)]

    engine.step(yes(engine, ANA, at=NOON + SECOND))
    engine.step(call(2, at=NOON + 2 * SECOND, preferred=(BEN,)))
    engine.step(yes(engine, BEN, at=NOON + 3 * SECOND))
    engine.step(call_ends(1, at=NOON + 3 * SECOND))
    assert asked(engine.step(fails(2, BEN, at=NOON + 4 * SECOND))) == [(ANA, 2)]


def test_an_older_general_item_goes_before_one_that_waits_for_this_agent() -> None:
    """Scenario 62: who is preferred is no way to jump the queue."""
    engine = centre(voice(prefer_for=600 * SECOND), agents=[agent(BEN)])
    engine.step(call(90, at=NOON - SECOND))
    engine.step(yes(engine, BEN, at=NOON))
    engine.step(call(1, at=NOON + SECOND))
    engine.step(call(2, at=NOON + 2 * SECOND, preferred=(BEN,)))

    assert asked(engine.step(call_ends(90, at=NOON + 3 * SECOND))) == [(BEN, 1)]

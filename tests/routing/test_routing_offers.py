"""Offers: yes, no, nothing, and all that may come in between."""

import pytest

from console.routing.facts import OfferAccepted, OfferDeclined, WorkWithdrawn
from console.routing.ids import offer_id
from console.routing.orders import Assign, EndWork
from console.routing.queue import SECOND
from console.routing.work_item import ItemState
from tests.routing.sentences import (
    ANA,
    BEN,
    CYD,
    NOON,
    agent,
    answers,
    asked,
    call,
    call_ends,
    centre,
    closed,
    closes,
    fails,
    item,
    item_id,
    no,
    refused,
    ringing,
    says,
    time,
    voice,
    yes,
)


def test_accepting_before_the_deadline_makes_the_agent_the_owner() -> None:
    engine = centre(voice(), agents=[agent(ANA)])
    engine.step(call(1, at=NOON))

    orders = engine.step(yes(engine, ANA, at=NOON + SECOND))

    assert closed(orders) == [(ANA, "accepted", None)]
    assert [(o.agent, o.connected) for o in orders if isinstance(o, Assign)] == [(ANA, False)]
    assert engine.floor.agents[ANA].work == [item_id(1)]


def test_accepting_again_is_accepting_still() -> None:
    engine = centre(voice(), agents=[agent(ANA)])
    engine.step(call(1, at=NOON))
    again = yes(engine, ANA, at=NOON + SECOND)
    engine.step(again)

    assert engine.step(again) == []


def test_a_late_yes_is_refused_and_the_next_agent_undisturbed() -> None:
    engine = centre(voice(offer_timeout=20 * SECOND), agents=[agent(ANA), agent(BEN)])
    engine.step(call(1, at=NOON))
    late = yes(engine, ANA, at=NOON + 21 * SECOND)
    assert asked(engine.step(time(NOON + 20 * SECOND))) == [(BEN, 1)]

    assert refused(engine.step(late)) == "offer-gone"
    assert item(engine, 1).agent == BEN


def test_a_late_no_is_refused() -> None:
    engine = centre(voice(offer_timeout=20 * SECOND), agents=[agent(ANA)])
    engine.step(call(1, at=NOON))
    late = no(engine, ANA, at=NOON + 21 * SECOND)

    assert refused(engine.step(late)) == "offer-gone"
    assert engine.floor.agents[ANA].not_responding


def test_in_the_instant_of_the_end_whichever_is_told_first_counts() -> None:
    first = centre(voice(offer_timeout=20 * SECOND), agents=[agent(ANA)])
    first.step(call(1, at=NOON))
    answer = yes(first, ANA, at=NOON + 20 * SECOND)
    assert closed(first.step(answer)) == [(ANA, "accepted", None)]
    assert first.step(time(NOON + 20 * SECOND)) == []

    second = centre(voice(offer_timeout=20 * SECOND), agents=[agent(ANA)])
    second.step(call(1, at=NOON))
    assert closed(second.step(time(NOON + 20 * SECOND))) == [(ANA, "timed_out", None)]
    assert refused(second.step(answer)) == "offer-gone"


def test_another_agents_offer_cannot_be_answered() -> None:
    engine = centre(voice(), agents=[agent(ANA), agent(BEN)])
    engine.step(call(1, at=NOON))
    offer = ringing(engine, ANA)

    assert refused(engine.step(OfferAccepted(at=NOON, offer=offer, agent=BEN))) == "not-your-offer"
    assert refused(engine.step(OfferDeclined(at=NOON, offer=offer, agent=BEN))) == "not-your-offer"


def test_an_offer_that_never_was_is_unknown() -> None:
    engine = centre(voice(), agents=[agent(ANA)])

    assert refused(engine.step(OfferAccepted(at=NOON, offer=offer_id(NOON, 7), agent=ANA))) == "unknown"
    assert refused(engine.step(OfferDeclined(at=NOON, offer=offer_id(NOON, 7), agent=ANA))) == "unknown"


def test_a_caller_who_hangs_up_while_it_rings_costs_the_agent_nothing() -> None:
    engine = centre(voice(), agents=[agent(ANA), agent(BEN)])
    engine.step(call(1, at=NOON))

    orders = engine.step(call_ends(1, at=NOON + 3 * SECOND))

    assert closed(orders) == [(ANA, "revoked", "customer_left")]
    assert item(engine, 1).state is ItemState.ABANDONED
    assert asked(engine.step(call(2, at=NOON + 4 * SECOND))) == [(ANA, 2)]


def test_a_missed_offer_takes_the_agent_out_until_they_say_that_they_are_there() -> None:
    engine = centre(voice(offer_timeout=20 * SECOND), agents=[agent(ANA), agent(BEN)])
    engine.step(call(1, at=NOON))
    assert asked(engine.step(time(NOON + 20 * SECOND))) == [(BEN, 1)]
    engine.step(call(2, at=NOON + 21 * SECOND))
    assert item(engine, 2).state is ItemState.WAITING

    assert asked(engine.step(says(ANA, "available", at=NOON + 22 * SECOND))) == [(ANA, 2)]
    assert engine.floor.agents[ANA].idle_since == NOON + 20 * SECOND


def test_an_offer_that_runs_out_while_the_screen_is_gone_is_nobodys_miss() -> None:
    engine = centre(voice(offer_timeout=5 * SECOND), agents=[agent(ANA)])
    engine.step(call(1, at=NOON))
    engine.step(closes(ANA, at=NOON + 1 * SECOND))

    assert closed(engine.step(time(NOON + 5 * SECOND))) == [(ANA, "revoked", "absent")]
    assert not engine.floor.agents[ANA].not_responding


def test_an_item_keeps_its_place_after_a_lapsed_offer() -> None:
    engine = centre(voice(offer_timeout=20 * SECOND), agents=[agent(ANA), agent(BEN)])
    engine.step(says(BEN, "away", at=NOON))
    engine.step(call(1, at=NOON))
    engine.step(call(2, at=NOON + SECOND))
    engine.step(time(NOON + 20 * SECOND))

    assert asked(engine.step(says(BEN, "available", at=NOON + 30 * SECOND))) == [(BEN, 1)]


def test_who_was_never_asked_is_never_taken_out() -> None:
    engine = centre(voice(offer_timeout=20 * SECOND), agents=[agent(ANA), agent(BEN)])
    engine.step(call(1, at=NOON))
    engine.step(yes(engine, ANA, at=NOON))
    engine.step(time(NOON + 3600 * SECOND))

    assert not any(one.not_responding for one in engine.floor.agents.values())


def test_a_declined_item_goes_to_the_next_and_the_one_who_declined_to_the_back() -> None:
    engine = centre(voice(), agents=[agent(ANA), agent(BEN), agent(CYD)])
    engine.step(call(1, at=NOON))

    orders = engine.step(no(engine, ANA, at=NOON + SECOND))

    assert closed(orders) == [(ANA, "declined", "busy")]
    assert asked(orders) == [(BEN, 1)]
    assert asked(engine.step(call(2, at=NOON + 2 * SECOND))) == [(CYD, 2)]


def test_the_only_agent_is_not_asked_again_before_the_pause_is_over_and_the_item_waits() -> None:
    engine = centre(voice(decline_pause=60 * SECOND), agents=[agent(ANA)])
    engine.step(call(1, at=NOON))

    assert asked(engine.step(no(engine, ANA, at=NOON + SECOND))) == []
    assert engine.next_deadline == NOON + 61 * SECOND
    assert asked(engine.step(time(NOON + 60 * SECOND))) == []
    assert asked(engine.step(time(NOON + 61 * SECOND))) == [(ANA, 1)]


def test_a_pause_ends_in_time_though_the_item_rang_elsewhere_when_its_end_was_looked_for() -> None:
    engine = centre(voice(decline_pause=10 * SECOND), agents=[agent(ANA), agent(BEN)])
    engine.step(call(1, at=NOON))
    assert asked(engine.step(no(engine, ANA, at=NOON))) == [(BEN, 1)]
    assert engine.next_deadline == NOON + 20 * SECOND  # the offer's end: while it rings the pause is nobody's matter

    engine.step(no(engine, BEN, at=NOON + 5 * SECOND))

    assert engine.next_deadline == NOON + 10 * SECOND
    assert asked(engine.step(time(NOON + 10 * SECOND))) == [(ANA, 1)]


def declined_three_times(others: tuple[str, ...] = ()):
    """Ana said no three times; a minute has passed since."""
    engine = centre(voice(decline_pause=10 * SECOND), agents=[agent(ANA), *map(agent, others)])
    for other in others:
        engine.step(says(other, "away", at=NOON))
    engine.step(call(1, at=NOON))
    at = NOON
    for _ in range(3):
        engine.step(no(engine, ANA, at=at))
        at += 10 * SECOND
        orders = engine.step(time(at))
    return engine, at, orders


def test_after_three_declines_the_only_one_who_qualifies_is_asked_again_after_the_pause() -> None:
    _, _, orders = declined_three_times()

    assert asked(orders) == [(ANA, 1)]


def test_after_three_declines_others_who_qualify_are_waited_for() -> None:
    engine, at, orders = declined_three_times(others=(BEN,))
    assert asked(orders) == [(ANA, 1)]  # ben is away: nobody else qualifies
    engine.step(says(BEN, "available", at=at))
    engine.step(call(2, at=at, priority=9))
    engine.step(yes(engine, BEN, at=at))
    engine.step(no(engine, ANA, at=at))

    assert asked(engine.step(time(at + 11 * SECOND))) == []  # ben is on a call, and will come
    assert asked(engine.step(call_ends(2, at=at + 12 * SECOND))) == [(BEN, 1)]


def test_when_the_last_other_goes_away_who_declined_three_times_is_asked_after_all() -> None:
    engine, at, _ = declined_three_times(others=(BEN,))
    engine.step(says(BEN, "available", at=at))
    engine.step(call(2, at=at, priority=9))
    engine.step(yes(engine, BEN, at=at))
    engine.step(no(engine, ANA, at=at))
    engine.step(time(at + 11 * SECOND))

    assert asked(engine.step(says(BEN, "offline", at=at + 12 * SECOND))) == [(ANA, 1)]


def test_an_answer_on_the_offered_phone_is_an_acceptance() -> None:
    engine = centre(voice(), agents=[agent(ANA)])
    engine.step(call(1, at=NOON))

    orders = engine.step(answers(1, ANA, at=NOON + SECOND))

    assert [(o.agent, o.connected) for o in orders if isinstance(o, Assign)] == [(ANA, True)]
    assert refused(engine.step(yes_to_what_was_answered(engine))) is None


def yes_to_what_was_answered(engine) -> OfferAccepted:
    return OfferAccepted(at=NOON + SECOND, offer=item(engine, 1).offer or "", agent=ANA)


def test_an_answer_on_another_phone_is_none() -> None:
    engine = centre(voice(), agents=[agent(ANA), agent(BEN)])
    engine.step(call(1, at=NOON))

    assert refused(engine.step(answers(1, BEN, at=NOON + SECOND))) == "offer-gone"
    assert item(engine, 1).agent == ANA


def test_a_connection_that_fails_puts_the_item_back_in_its_place_and_blames_nobody() -> None:
    engine = centre(voice(decline_pause=60 * SECOND), agents=[agent(ANA), agent(BEN)])
    engine.step(says(BEN, "away", at=NOON))
    engine.step(call(1, at=NOON, takes_orders=True))
    engine.step(yes(engine, ANA, at=NOON + SECOND))
    engine.step(call(2, at=NOON + 2 * SECOND))
    idle = engine.floor.agents[ANA].idle_seq

    orders = engine.step(fails(1, ANA, at=NOON + 5 * SECOND))

    assert [o.outcome for o in orders if isinstance(o, EndWork)] == ["connect_failed"]
    assert asked(orders) == [(ANA, 2)]  # not the same again, with a phone that does not work
    assert engine.floor.agents[ANA].idle_seq == idle
    assert not engine.floor.agents[ANA].not_responding
    assert item(engine, 1).holds[ANA].declines == 0
    assert asked(engine.step(says(BEN, "available", at=NOON + 6 * SECOND))) == [(BEN, 1)]


def test_a_failed_connection_is_tried_again_after_the_pause() -> None:
    engine = centre(voice(decline_pause=60 * SECOND), agents=[agent(ANA)])
    engine.step(call(1, at=NOON))
    engine.step(yes(engine, ANA, at=NOON))
    engine.step(fails(1, ANA, at=NOON + 5 * SECOND))

    assert asked(engine.step(time(NOON + 65 * SECOND))) == [(ANA, 1)]


def test_once_they_have_spoken_it_is_no_failed_connection() -> None:
    engine = centre(voice(), agents=[agent(ANA)])
    engine.step(call(1, at=NOON))
    engine.step(answers(1, ANA, at=NOON + SECOND))

    assert refused(engine.step(fails(1, ANA, at=NOON + 2 * SECOND))) == "conflict"
    assert item(engine, 1).state is ItemState.ASSIGNED


def test_an_answer_after_acceptance_is_the_connection() -> None:
    engine = centre(voice(), agents=[agent(ANA)])
    engine.step(call(1, at=NOON, takes_orders=True))
    engine.step(yes(engine, ANA, at=NOON))

    assert engine.step(answers(1, ANA, at=NOON + 2 * SECOND)) == []
    assert item(engine, 1).connected


@pytest.mark.parametrize("state", ["waiting", "offered"])
def test_withdrawn_before_anybody_took_it_is_canceled(state: str) -> None:
    engine = centre(voice(), agents=[agent(ANA)] if state == "offered" else [])
    engine.step(call(1, at=NOON))
    assert item(engine, 1).state == state

    engine.step(WorkWithdrawn(at=NOON, item=item_id(1)))

    assert item(engine, 1).state is ItemState.CANCELED
    assert engine.step(WorkWithdrawn(at=NOON, item=item_id(1))) == []


def test_offer_ids_are_uuids_of_version_7_and_never_the_same() -> None:
    ids = [offer_id(NOON + n, n) for n in (1, 2, 2**40)]

    assert len(set(ids)) == 3
    assert ids == sorted(ids)
    assert all(len(i) == 36 and i[14] == "7" and i[19] == "8" for i in ids)

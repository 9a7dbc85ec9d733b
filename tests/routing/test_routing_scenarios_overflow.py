"""A queue that cannot serve sends on: when it is closed, too long, too slow, or nobody there qualifies."""

import pytest

from console.routing.orders import OpenSuccessor
from console.routing.queue import MINUTE, SECOND, Hours, Overflow
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
    callback,
    case,
    centre,
    closed,
    closes,
    configured,
    fails,
    item,
    moved,
    no,
    number,
    opens,
    put_into,
    rules_of,
    says,
    sent,
    time,
    voice,
    yes,
)

OFFICE = Hours(opens=(NOON - 60 * MINUTE,), closes=(NOON + 10 * MINUTE,), until=NOON + 1000 * MINUTE)
"""Open until ten past noon."""
LATER = NOON + 11 * MINUTE


def to(target: str, **when) -> Overflow:
    known = {"callback", "voicemail", "end"}
    return Overflow(**({"to": target} if target in known else {"to": "queue", "queue": target}), **when)


def test_a_caller_who_comes_when_the_queue_is_closed_is_blocked_though_agents_are_there() -> None:
    engine = centre(voice(hours=OFFICE, overflow=(to("voicemail", closed=True),)), agents=[agent(ANA)])

    assert asked(engine.step(call(1, at=NOON))) == [(ANA, 1)]
    engine.step(call_ends(1, at=NOON + SECOND))
    assert sent(engine.step(call(2, at=LATER))) == [(2, "voicemail", "closed", True)]


def test_who_still_waits_when_the_queue_closes_is_sent_on_in_that_instant() -> None:
    engine = centre(
        voice(hours=OFFICE, overflow=(to("general", closed=True),)),
        voice("general"),
        agents=[agent(BEN, queues=("general",))],
    )
    engine.step(call(1, at=NOON))

    assert engine.next_deadline == OFFICE.closes[0]
    orders = engine.step(time(OFFICE.closes[0]))
    assert moved(orders) == [(1, "general", "closed")]
    assert asked(orders) == [(BEN, 1)]
    assert item(engine, 1).waiting_since == NOON


def test_a_queue_without_that_overflow_is_served_whenever_somebody_is_there() -> None:
    engine = centre(voice(hours=OFFICE), agents=[agent(ANA)])

    assert asked(engine.step(call(1, at=LATER))) == [(ANA, 1)]


def test_who_waited_too_long_in_the_queue_is_sent_on_with_their_place() -> None:
    engine = centre(
        voice(overflow=(to("general", waited=120 * SECOND),)),
        voice("general", overflow=(to("end", waited=60 * SECOND),)),
        agents=[agent(BEN, queues=("general",))],
    )
    engine.step(says(BEN, "away", at=NOON))
    engine.step(call(1, at=NOON))
    engine.step(call(2, at=NOON + 119 * SECOND, queue="general"))

    assert moved(engine.step(time(NOON + 120 * SECOND))) == [(1, "general", "waited")]
    # It waited before the other did, whatever the queue; and its minute in this one begins now.
    assert asked(engine.step(says(BEN, "available", at=NOON + 130 * SECOND))) == [(BEN, 1)]
    engine.step(no(engine, BEN, at=NOON + 131 * SECOND))
    assert engine.floor.offers[engine.floor.agents[BEN].offer].item == item(engine, 2).id
    assert sent(engine.step(time(NOON + 180 * SECOND)))[0] == (1, "end", "waited", False)


def test_an_offer_is_allowed_to_finish_and_then_the_item_overflows_once() -> None:
    """Scenario 29."""
    engine = centre(
        voice(overflow=(to("voicemail", waited=10 * SECOND),), offer_timeout=20 * SECOND), agents=[agent(ANA)]
    )
    engine.step(call(1, at=NOON))

    assert engine.step(time(NOON + 10 * SECOND)) == []
    orders = engine.step(no(engine, ANA, at=NOON + 15 * SECOND))
    assert sent(orders) == [(1, "voicemail", "waited", False)]
    assert sent(engine.step(time(NOON + 60 * SECOND))) == []


def test_an_offer_that_is_accepted_after_that_time_is_accepted() -> None:
    engine = centre(voice(overflow=(to("voicemail", waited=10 * SECOND),)), agents=[agent(ANA)])
    engine.step(call(1, at=NOON))
    engine.step(yes(engine, ANA, at=NOON + 15 * SECOND))

    assert item(engine, 1).state is ItemState.ASSIGNED


def test_at_most_so_many_wait_and_who_finds_a_free_agent_does_not_wait() -> None:
    engine = centre(voice(overflow=(to("end", waiting_more_than=2),)), agents=[agent(ANA)])
    assert asked(engine.step(call(1, at=NOON))) == [(ANA, 1)]
    assert sent(engine.step(call(2, at=NOON))) == []
    assert sent(engine.step(call(3, at=NOON))) == []
    assert sent(engine.step(call(4, at=NOON))) == [(4, "end", "waiting_more_than", True)]

    engine.step(call_ends(2, at=NOON + SECOND))
    assert sent(engine.step(call(5, at=NOON + SECOND))) == []


def test_with_room_for_nobody_only_who_finds_an_agent_comes_in() -> None:
    engine = centre(voice(overflow=(to("end", waiting_more_than=0),)), agents=[agent(ANA)])

    assert asked(engine.step(call(1, at=NOON))) == [(ANA, 1)]
    assert sent(engine.step(call(2, at=NOON))) == [(2, "end", "waiting_more_than", True)]


def test_who_comes_back_to_the_line_from_an_offer_is_not_one_too_many() -> None:
    engine = centre(voice(overflow=(to("end", waiting_more_than=1),)), agents=[agent(ANA)])
    engine.step(call(1, at=NOON))
    engine.step(call(2, at=NOON))

    engine.step(no(engine, ANA, at=NOON + SECOND))
    assert item(engine, 1).state is ItemState.WAITING


def test_of_many_who_move_in_at_once_the_last_in_place_are_too_many() -> None:
    engine = centre(
        voice(hours=OFFICE, overflow=(to("general", closed=True),)),
        voice("general", overflow=(to("end", waiting_more_than=2),)),
        agents=[agent(CYD, queues=("general",))],
    )
    engine.step(says(CYD, "away", at=NOON))
    for n in range(1, 5):
        engine.step(call(n, at=NOON + n))

    assert sent(engine.step(time(OFFICE.closes[0]))) == [
        (4, "end", "waiting_more_than", False),
        (3, "end", "waiting_more_than", False),
    ]


@pytest.mark.parametrize(
    ("state", "goes_on"),
    [
        ("on a break", False),
        ("on a call", False),
        ("ringing", False),
        ("in wrap-up", False),
        ("not responding", False),
        ("connection lost for a moment", False),
        ("offline", True),
        ("connection lost for good", True),
        ("never there", True),
        ("without the skill", True),
    ],
)
def test_nobody_is_signed_in_who_qualifies(state: str, goes_on: bool) -> None:
    """Scenarios 32 and 57: who is there but cannot take it now is waited for, by this item's own needs."""
    overflow = (to("voicemail", unqualified=True),)
    fibre = 0 if state == "without the skill" else 1
    engine = centre(
        voice(requires={"fibre": 1}, overflow=overflow),
        voice("general", wrap_up=None),
        agents=[agent(ANA, fibre=fibre)],
    )
    at = NOON
    if state in ("on a call", "ringing", "in wrap-up", "not responding"):
        engine.step(call(90, at=at, queue="general"))
        at += SECOND
    if state in ("on a call", "in wrap-up"):
        engine.step(yes(engine, ANA, at=at))
    if state == "in wrap-up":
        engine.step(call_ends(90, at=at))
    if state == "not responding":
        at += 60 * SECOND
        engine.step(call_ends(90, at=at)) if engine.step(time(at)) == [] else None
    if state == "on a break":
        engine.step(says(ANA, "away", at=at))
    if state in ("offline", "never there"):
        engine.step(says(ANA, "offline", at=at, reason="signed_out"))
    if state.startswith("connection"):
        engine.step(closes(ANA, at=at))
    if state == "connection lost for good":
        at += 11 * SECOND
        engine.step(time(at))

    assert (sent(engine.step(call(1, at=at))) != []) is goes_on


def test_when_the_last_who_qualifies_signs_out_what_waits_for_them_is_sent_on() -> None:
    overflow = (to("general", unqualified=True),)
    engine = centre(
        voice(requires={"fibre": 1}, overflow=overflow),
        voice("general"),
        agents=[agent(ANA, fibre=1), agent(BEN, fibre=1), agent(CYD, queues=("general",))],
    )
    for name in (ANA, BEN, CYD):
        engine.step(says(name, "away", at=NOON))
    engine.step(call(1, at=NOON))
    engine.step(call(2, at=NOON, requires={"fibre": 5}))
    assert item(engine, 2).queue == "general"

    assert moved(engine.step(says(ANA, "offline", at=NOON + SECOND))) == []
    assert moved(engine.step(says(BEN, "offline", at=NOON + 2 * SECOND))) == [(1, "general", "unqualified")]


def test_when_a_configuration_leaves_nobody_who_qualifies_what_waits_is_sent_on() -> None:
    queues = (voice(requires={"fibre": 1}, overflow=(to("general", unqualified=True),)), voice("general"))
    engine = centre(*queues, agents=[agent(ANA, fibre=1)])
    engine.step(says(ANA, "away", at=NOON))
    engine.step(call(1, at=NOON))

    rules = rules_of(*queues, agents=[agent(ANA)], version=2)
    assert moved(engine.step(configured(rules, at=NOON + SECOND))) == [(1, "general", "unqualified")]


def test_the_first_rule_that_holds_acts() -> None:
    rules = (to("general", waited=0), to("voicemail", closed=True))
    engine = centre(voice(hours=OFFICE, overflow=rules), voice("general"), agents=[agent(ANA)])

    assert moved(engine.step(call(1, at=LATER))) == [(1, "general", "waited")]


def test_a_callback_keeps_the_callers_place_and_survives_their_hanging_up() -> None:
    engine = centre(voice(overflow=(to("callback", waited=60 * SECOND),)), agents=[agent(ANA)])
    engine.step(call(90, at=NOON - 10 * SECOND))
    engine.step(yes(engine, ANA, at=NOON))
    engine.step(call(1, at=NOON))
    engine.step(call(2, at=NOON + 30 * SECOND))

    orders = engine.step(time(NOON + 60 * SECOND))
    assert sent(orders) == [(1, "callback", "waited", False)]
    [promise] = [order for order in orders if isinstance(order, OpenSuccessor)]
    engine.step(call_ends(1, at=NOON + 61 * SECOND))

    orders = engine.step(call_ends(90, at=NOON + 62 * SECOND))
    [(_, asked_for)] = asked(orders)
    assert asked_for == number(promise.item)
    promised = engine.floor.items[promise.item]
    assert (promised.kind, promised.waiting_since, promised.state) == ("callback", NOON, ItemState.OFFERED)


def test_a_promised_callback_and_a_case_are_never_sent_out_of_routing() -> None:
    rules = (to("end", waited=1 * SECOND), to("callback", closed=True), to("voicemail", unqualified=True))
    engine = centre(voice(hours=OFFICE, overflow=rules), agents=[agent(ANA)])
    engine.step(says(ANA, "offline", at=NOON))
    engine.step(callback(1, at=NOON))
    engine.step(case(2, at=NOON, queue="faults"))
    engine.step(time(LATER))

    assert [item(engine, n).state for n in (1, 2)] == [ItemState.WAITING, ItemState.WAITING]
    assert engine.next_deadline is None


def test_queues_that_send_to_each_other_do_not_play_ball_with_an_item() -> None:
    """It goes to the fallback queue instead, which keeps it; where there is none it stays where it is."""
    queues = (
        voice("one", hours=OFFICE, overflow=(to("two", closed=True),)),
        voice("two", hours=OFFICE, overflow=(to("one", closed=True),)),
    )
    engine = centre(*queues, voice("last"), agents=[agent(ANA)], fallback="last")
    engine.step(says(ANA, "away", at=NOON))
    assert moved(engine.step(call(1, at=LATER, queue="one"))) == [(1, "two", "closed"), (1, "last", "closed")]

    engine = centre(*queues, agents=[agent(ANA)])
    engine.step(says(ANA, "away", at=NOON))
    assert moved(engine.step(call(1, at=LATER, queue="one"))) == [(1, "two", "closed")]
    assert item(engine, 1).state is ItemState.WAITING
    assert asked(engine.step(says(ANA, "available", at=LATER + SECOND))) == [(ANA, 1)]


def test_a_supervisors_hand_lets_it_go_back_where_it_came_from() -> None:
    queues = (voice("one", overflow=(to("two", waited=60 * SECOND),)), voice("two"))
    engine = centre(*queues, agents=[agent(ANA)])
    engine.step(says(ANA, "away", at=NOON))
    engine.step(call(1, at=NOON, queue="one"))
    engine.step(time(NOON + 60 * SECOND))
    engine.step(put_into(1, "one", at=NOON + 70 * SECOND))

    assert moved(engine.step(time(NOON + 130 * SECOND))) == [(1, "two", "waited")]


def test_a_phone_that_cannot_be_had_while_it_rings_gives_the_offer_back_unblamed() -> None:
    engine = centre(voice(), agents=[agent(ANA), agent(BEN)])
    engine.step(call(1, at=NOON))
    orders = engine.step(fails(1, ANA, at=NOON + SECOND))

    assert closed(orders) == [(ANA, "revoked", "connect_failed")]
    assert asked(orders) == [(BEN, 1)]
    engine.step(answers(1, BEN, at=NOON + 2 * SECOND))
    assert asked(engine.step(call(2, at=NOON + 3 * SECOND))) == [(ANA, 2)]


def test_hours_beyond_what_was_worked_out_are_open() -> None:
    hours = Hours(
        opens=(NOON, NOON + 20 * MINUTE), closes=(NOON + 10 * MINUTE, NOON + 30 * MINUTE), until=NOON + 30 * MINUTE
    )

    assert [hours.is_open(NOON + m * MINUTE) for m in (-1, 0, 9, 10, 20, 29, 30, 99)] == [
        False, True, True, False, True, True, True, True,
    ]  # fmt: skip
    assert hours.closes_after(NOON) == NOON + 10 * MINUTE
    assert hours.closes_after(NOON + 10 * MINUTE) is None


def test_who_signs_in_again_is_signed_in() -> None:
    engine = centre(voice(overflow=(to("voicemail", unqualified=True),)), agents=[agent(ANA)])
    engine.step(says(ANA, "offline", at=NOON))
    engine.step(opens(ANA, at=NOON))
    engine.step(says(ANA, "away", at=NOON))

    assert sent(engine.step(call(1, at=NOON))) == []

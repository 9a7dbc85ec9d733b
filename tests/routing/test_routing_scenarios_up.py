"""A case goes up: wherever its work is by then, afterwards one item waits there, and nothing is refused."""

from __future__ import annotations

from console.routing.engine import Engine
from console.routing.facts import CaseEscalated, Fact
from console.routing.orders import EndWork, MoveItem, OpenSuccessor
from console.routing.queue import SECOND, Queue
from console.routing.work_item import ItemState
from tests.routing.sentences import (
    ANA,
    BEN,
    CYD,
    NOON,
    agent,
    asked,
    call,
    case,
    centre,
    closed,
    completes,
    item,
    item_id,
    refused,
    says,
    time,
    voice,
    yes,
)

AT = NOON + 10 * SECOND
DESK = Queue(name="desk", channel="case")
TIER2 = Queue(name="tier2", channel="case", requires={"fibre": 5}, offer_timeout=60 * SECOND)


def floor() -> Engine:
    """Ana serves the desk, Ben and Cyd the second line; each takes a case."""
    people = [agent(ANA, cases=1), agent(BEN, cases=1, fibre=5), agent(CYD, cases=1, fibre=5)]
    return centre(DESK, TIER2, voice(), agents=people)


def up(*numbers: int, at: int = AT, to: str = "tier2", name: str | None = None, prefer_for: int = 0) -> Fact:
    """Its successor has the number plus 100."""
    return CaseEscalated(
        at=at,
        items=tuple(map(item_id, numbers)),
        parent=item_id(numbers[-1]),
        successor=item_id(numbers[0] + 100),
        queue=to,
        agent=name,
        prefer_for=prefer_for,
        priority=7,
    )


def in_hand(engine: Engine) -> None:
    engine.step(case(1, at=NOON, queue="desk"))
    engine.step(yes(engine, ANA, at=NOON + SECOND))


def test_out_of_a_hand_it_waits_anew_as_another_item() -> None:
    engine = floor()
    in_hand(engine)
    orders = engine.step(up(1))
    assert [order.outcome for order in orders if isinstance(order, EndWork)] == ["transferred"]
    assert [(order.parent, order.reason) for order in orders if isinstance(order, OpenSuccessor)] == [
        (item_id(1), "escalated")
    ]
    assert asked(orders) == [(BEN, 101)]
    assert (item(engine, 101).priority, item(engine, 101).waiting_since) == (7, AT)


def test_what_nobody_has_taken_keeps_its_place_and_says_whose_place_it_takes() -> None:
    engine = floor()
    engine.step(says(ANA, "away", at=NOON))
    for name in (BEN, CYD):
        engine.step(says(name, "away", at=NOON))
    engine.step(case(1, at=NOON + SECOND, queue="desk"))
    [moved] = [order for order in engine.step(up(1)) if isinstance(order, MoveItem)]
    assert (moved.queue, moved.cause, moved.successor) == ("tier2", "escalated", item_id(101))
    assert item(engine, 1).waiting_since == NOON + SECOND
    assert item_id(101) not in engine.floor.items


def test_what_rings_goes_back_unblamed() -> None:
    engine = floor()
    engine.step(case(1, at=NOON, queue="desk"))
    assert closed(engine.step(up(1))) == [(ANA, "revoked", "moved")]


def test_a_case_whose_work_has_ended_meanwhile_waits_all_the_same() -> None:
    engine = floor()
    in_hand(engine)
    engine.step(completes(1, ANA, at=NOON + 2 * SECOND))
    orders = engine.step(up(1))
    assert refused(orders) is None
    assert item(engine, 101).state is ItemState.OFFERED
    assert asked(floor().step(up(9))) == [(BEN, 109)]


def test_a_call_about_it_goes_on() -> None:
    engine = floor()
    engine.step(call(1, at=NOON))
    engine.step(yes(engine, ANA, at=NOON + SECOND))
    engine.step(up(1))
    assert item(engine, 1).state is ItemState.ASSIGNED
    assert (item(engine, 101).kind, item(engine, 101).parent) == ("case", None)


def test_the_second_of_two_finds_what_the_first_has_made() -> None:
    engine = floor()
    in_hand(engine)
    engine.step(up(1))
    orders = engine.step(up(101, 1, to="desk"))
    assert not any(isinstance(order, OpenSuccessor) for order in orders)
    waiting = [one for one in engine.floor.items.values() if one.ended_at is None]
    assert [(one.id, one.queue) for one in waiting] == [(item_id(101), "desk")]


def test_a_person_is_waited_for_while_they_are_there_and_then_it_is_everyones() -> None:
    engine = floor()
    engine.step(call(5, at=NOON))
    engine.step(yes(engine, ANA, at=NOON + SECOND))
    engine.step(call(6, at=NOON + SECOND))
    engine.step(yes(engine, BEN, at=NOON + 2 * SECOND))
    engine.step(case(1, at=NOON + 3 * SECOND, queue="desk"))
    assert asked(engine.step(up(1, name=BEN, prefer_for=60 * SECOND))) == []
    assert asked(engine.step(time(at=AT + 59 * SECOND))) == []
    assert asked(engine.step(time(at=AT + 60 * SECOND))) == [(CYD, 1)]


def test_what_goes_up_in_its_own_queue_to_a_lower_priority_leaves_its_old_place_behind() -> None:
    engine = centre(DESK, agents=[agent(ANA, cases=1)])
    in_hand(engine)
    for number, priority in ((2, 9), (3, 8), (4, 7)):
        engine.step(case(number, at=NOON + SECOND, queue="desk", priority=priority))
    engine.step(up(3, to="desk"))  # its priority is 7 from now on, and it came before case 4
    engine.step(case(5, at=AT, queue="desk", priority=8))

    served = []
    for n, number in enumerate((1, 2, 5, 3), start=1):
        served += asked(engine.step(completes(number, ANA, at=AT + n * SECOND)))
        engine.step(yes(engine, ANA, at=AT + n * SECOND))

    assert served == [(ANA, 2), (ANA, 5), (ANA, 3), (ANA, 4)]

"""The figures of queues over days counted by hand, and the items behind each of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from console.db.engine import Database
from console.ids import new_id
from console.queries import figures
from console.queries.figures import FIGURES, Figure, Limits, Missed, Usual
from console.sla.kpi import Counted, together
from tests.queries.rows import MIDNIGHT, NOON, abandoned, answered, item, keep, missed, s

LIMITS = {
    "faults": Limits(within=s(20), short_abandon=s(5)),
    "general": Limits(within=s(60), short_abandon=s(0)),
}
QUARTER = timedelta(minutes=15)


async def day(database: Database, since: datetime = MIDNIGHT, until: datetime | None = None) -> dict[str, Counted]:
    async with database.transaction() as db:
        found = await figures.counted(db, LIMITS, since=since, until=until, every=QUARTER)
    return {queue: together(spans.values()) for queue, spans in found.items()}


# Of faults, whose callers should be answered in 20 s: two in time, two late, one gave up in time, one late, one at once.
DAY: dict[Figure, list[dict[str, Any]]] = {
    "in_time": [answered(20), answered(3, over=False)],
    "late": [answered(20.001), answered(64, at=NOON - s(3600))],
    "abandoned": [abandoned(5), abandoned(40)],
    "short": [abandoned(4.999)],
    "waiting": [item("waiting"), item("offered", agent="ana")],
}


async def test_a_day_counted_by_hand(database: Database) -> None:
    await keep(database, *(one for several in DAY.values() for one in several))

    found = await day(database)

    assert found == {
        "faults": Counted(
            answered=4, in_time=2, abandoned=2, abandoned_in_time=1, waited_s=pytest.approx(20 + 3 + 20.001 + 64)
        )
    }


@pytest.mark.parametrize("figure", [figure for figure in FIGURES if figure != "waiting"])
async def test_behind_each_figure_stand_the_very_items_that_it_counts(database: Database, figure: Figure) -> None:
    other = answered(1, queue="general")
    await keep(database, other, *(one for several in DAY.values() for one in several))
    behind: dict[Figure, list[dict[str, Any]]] = {
        **DAY,
        "answered": DAY["in_time"] + DAY["late"],
        "offered": DAY["in_time"] + DAY["late"] + DAY["abandoned"],
    }

    async with database.transaction() as db:
        found = await figures.items(db, {"faults": LIMITS["faults"]}, figure, since=MIDNIGHT, limit=100)

    assert {one.id for one in found} == {one["id"] for one in behind[figure]}
    assert [one.at for one in found] == sorted((one.at for one in found if one.at), reverse=True)
    counted = {"in_time": True, "late": False}.get(figure)
    assert counted is None or all(one.in_time is counted for one in found)


async def test_a_long_list_is_read_page_by_page(database: Database) -> None:
    await keep(database, *(answered(1, at=NOON + s(minute * 60)) for minute in range(5)), answered(1, at=NOON))

    async with database.transaction() as db:
        first = await figures.items(db, LIMITS, "answered", since=MIDNIGHT, limit=3)
        last = first[-1]
        assert last.at is not None
        rest = await figures.items(db, LIMITS, "answered", since=MIDNIGHT, before=(last.at, last.id), limit=100)

    assert len(first) == 3
    assert len({one.id for one in [*first, *rest]}) == 6


async def test_waiting_items_stand_as_they_are_served(database: Database) -> None:
    late, early = item("waiting", turn=2), item("offered", turn=1, agent="ana")
    urgent = item("waiting", rank=-20, turn=3, needs={"fibre": 3})
    await keep(database, late, early, urgent, item("waiting", queue="general", turn=4), answered(3, over=False))

    async with database.transaction() as db:
        found = await figures.waiting_items(db, ["faults"], 100)
        few = await figures.waiting_items(db, ["faults", "general"], 2)

    assert [one.id for one in found] == [urgent["id"], early["id"], late["id"]]
    assert (found[0].needs, found[1].agent, found[0].at) == ({"fibre": 3}, "ana", None)
    assert len(few) == 2


async def test_a_span_holds_what_was_answered_or_abandoned_in_it(database: Database) -> None:
    before = MIDNIGHT - s(10)
    await keep(
        database,
        answered(5, at=before),
        answered(15, at=before),
        abandoned(9, at=before),
        abandoned(11, at=before),
        abandoned(60, at=MIDNIGHT - timedelta(days=1)),
    )

    assert await day(database) == {
        "faults": Counted(answered=1, in_time=1, abandoned=1, abandoned_in_time=1, waited_s=15)
    }
    yesterday = await day(database, MIDNIGHT - timedelta(hours=1), MIDNIGHT)
    assert yesterday == {"faults": Counted(answered=1, in_time=1, abandoned=1, abandoned_in_time=1, waited_s=5)}


async def test_each_quarter_of_an_hour_has_its_own(database: Database) -> None:
    await keep(database, answered(0, at=NOON), answered(0, at=NOON + s(899.999)), answered(0, at=NOON + s(900)))

    async with database.transaction() as db:
        found = await figures.counted(db, LIMITS, since=MIDNIGHT, every=QUARTER)

    first = int(NOON.timestamp() // 900)
    assert {span: counted.answered for span, counted in found["faults"].items()} == {first: 2, first + 1: 1}


async def test_each_queue_has_its_own_threshold_and_shortest_wait(database: Database) -> None:
    await keep(database, answered(50, queue="general"), abandoned(1, queue="general"), answered(50), abandoned(1))

    found = await day(database)

    assert found["general"] == Counted(answered=1, in_time=1, abandoned=1, abandoned_in_time=1, waited_s=50)
    assert found["faults"] == Counted(answered=1, waited_s=50)


async def test_what_was_handed_on_directly_was_not_answered_quickly(database: Database) -> None:
    """A successor that another agent has at once never waited; one that waited anew in a queue did."""
    await keep(database, answered(0, parent=new_id()), answered(30, parent=new_id()))

    assert await day(database) == {"faults": Counted(answered=1, waited_s=30)}


async def test_who_was_sent_on_by_the_queues_rules_was_neither_answered_nor_gave_up(database: Database) -> None:
    await keep(database, item("overflowed", ended_at=NOON + s(30)), item("canceled", ended_at=NOON + s(30)))

    assert (await day(database)).get("faults", Counted()) == Counted()


async def test_without_queues_and_before_the_first_call_there_are_no_figures(database: Database) -> None:
    async with database.transaction() as db:
        assert await figures.counted(db, {}, since=MIDNIGHT, every=QUARTER) == {}
    assert await day(database) == {}


async def test_how_long_a_call_usually_is_leaves_its_wrap_up_out(database: Database) -> None:
    ended = NOON + s(100)
    await keep(
        database,
        answered(0, talk=100, wrap_up_since=ended - s(40)),
        answered(0, talk=180),
        answered(0, talk=999, kind="case"),
        answered(0, over=False),
    )

    async with database.transaction() as db:
        assert await figures.usual(db, MIDNIGHT) == {"faults": Usual(2, pytest.approx((60 + 180) / 2))}


async def test_missed_rings_are_counted_for_each_agent_since_then(database: Database) -> None:
    await keep(
        database,
        offers=[
            missed("ana", NOON),
            missed("ana", NOON - s(60)),
            missed("ana", NOON - s(3600)),
            missed("ben", NOON, "declined"),
        ],
    )

    async with database.transaction() as db:
        assert await figures.missed(db, NOON - s(1800)) == {"ana": Missed(2, NOON)}

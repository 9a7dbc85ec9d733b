import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from console.db import nodes, outbox
from console.db.engine import Database
from console.db.outbox import Order
from console.ids import NodeId

PBX = "phone:pbx"


def order(key: str, number: int) -> Order:
    return Order(PBX, key, b'{"n": %d}' % number)


async def put(database: Database, *orders: Order) -> None:
    async with database.transaction() as db:
        await outbox.put(db, orders)


async def claim(database: Database, limit: int = 100) -> list[outbox.Claimed]:
    async with database.transaction() as db:
        return await outbox.claim(db, PBX, limit)


async def later(database: Database) -> None:
    """All pauses and claims have passed."""
    async with database.transaction() as db:
        await db.execute(text("update outbox set run_after = run_after - interval '1 hour'"))


async def test_frames_go_to_every_node_and_each_takes_its_own_in_order(database: Database) -> None:
    async with database.transaction() as db:
        await nodes.arrive(db, NodeId("a"))
        await nodes.arrive(db, NodeId("b"))
        await outbox.tell(db, [("ana", b'{"n": 1}'), ("ben", b'{"n": 2}'), ("ana", b'{"n": 3}')])
        await outbox.tell(db, [("ana", b'{"n": 4}')])

    for node in ("a", "b"):
        async with database.transaction() as db:
            assert await outbox.take_frames(db, f"node:{node}") == [
                ("ana", b'{"n": 1}'),
                ("ben", b'{"n": 2}'),
                ("ana", b'{"n": 3}'),
                ("ana", b'{"n": 4}'),
            ]
            assert await outbox.take_frames(db, f"node:{node}") == []


async def test_frames_are_taken_in_parts_of_a_size(database: Database) -> None:
    async with database.transaction() as db:
        await nodes.arrive(db, NodeId("a"))
        await outbox.tell(db, [("ana", b"%d" % n) for n in range(5)])

    async with database.transaction() as db:
        assert [body for _, body in await outbox.take_frames(db, "node:a", 3)] == [b"0", b"1", b"2"]
        assert [body for _, body in await outbox.take_frames(db, "node:a", 3)] == [b"3", b"4"]


async def test_nobody_is_told_where_no_node_lives(database: Database) -> None:
    async with database.transaction() as db:
        await outbox.tell(db, [("ana", b"1")])
        assert await db.scalar(text("select count(*) from outbox")) == 0


async def test_orders_of_one_call_run_one_after_another_and_those_of_others_beside_them(database: Database) -> None:
    await put(database, order("call-1", 1), order("call-1", 2), order("call-2", 3), order("call-1", 4))

    first = await claim(database)
    assert [(one.key, one.body, one.tries) for one in first] == [("call-1", b'{"n": 1}', 1), ("call-2", b'{"n": 3}', 1)]
    assert await claim(database) == []

    async with database.transaction() as db:
        await outbox.done(db, [one.id for one in first])
    assert [one.body for one in await claim(database)] == [b'{"n": 2}']


async def test_the_oldest_orders_are_claimed_first(database: Database) -> None:
    await put(database, *(order(f"call-{n}", n) for n in range(5)))

    assert [one.key for one in await claim(database, 2)] == ["call-0", "call-1"]
    assert [one.key for one in await claim(database, 2)] == ["call-2", "call-3"]


async def test_another_lane_s_orders_are_left_alone(database: Database) -> None:
    await put(database, Order("phone:other", "call-1", b"1"))

    assert await claim(database) == []


async def test_a_failed_order_pauses_and_holds_back_the_rest_of_its_call(database: Database) -> None:
    await put(database, order("call-1", 1), order("call-1", 2))
    [one] = await claim(database)
    async with database.transaction() as db:
        assert not await outbox.failed(db, one.id, one.tries)

    assert await claim(database) == []
    await later(database)
    [again] = await claim(database)
    assert (again.id, again.tries) == (one.id, 2)


async def test_after_ten_tries_an_order_is_dead_and_the_next_one_goes_on(database: Database) -> None:
    await put(database, order("call-1", 1), order("call-1", 2))

    for number in range(1, 11):
        await later(database)
        [one] = await claim(database)
        assert (one.body, one.tries) == (b'{"n": 1}', number)
        async with database.transaction() as db:
            assert await outbox.failed(db, one.id, one.tries) is (number == 10)

    assert [one.body for one in await claim(database)] == [b'{"n": 2}']
    async with database.transaction() as db:
        assert await db.scalar(text("select count(*) from outbox where dead_at is not null")) == 1


def test_pauses_double_to_a_limit() -> None:
    assert [outbox.pause(tries) / timedelta(milliseconds=100) for tries in range(1, 10)] == [
        *(1, 2, 4, 8, 16, 32),
        *(50, 50, 50),
    ]


async def test_what_a_dead_holder_had_claimed_comes_again_at_once_to_the_next_one(database: Database) -> None:
    await put(database, order("call-1", 1))
    [lost] = await claim(database)
    assert await claim(database) == []

    async with database.transaction() as db:
        await outbox.release(db, PBX)

    [again] = await claim(database)
    assert (again.id, again.tries) == (lost.id, 2)


async def test_a_claim_runs_out_by_itself(database: Database) -> None:
    await put(database, order("call-1", 1))
    await claim(database)
    await later(database)

    assert len(await claim(database)) == 1


async def test_two_who_claim_at_once_get_each_order_once(database: Database) -> None:
    await put(database, *(order(f"call-{n}", n) for n in range(40)))

    claimed = await asyncio.gather(*(claim(database, 10) for _ in range(8)))

    ids = [one.id for part in claimed for one in part]
    assert len(ids) == len(set(ids))


async def test_an_order_that_another_is_claiming_is_passed_over(database: Database) -> None:
    await put(database, order("call-1", 1), order("call-2", 2))
    async with database.transaction() as db:
        [first] = await outbox.claim(db, PBX, 1)
        assert [one.key for one in await claim(database)] == ["call-2"]
    assert first.key == "call-1"


async def test_orders_are_not_kept_when_the_transaction_fails(database: Database) -> None:
    async def fail() -> None:
        async with database.transaction() as db:
            await outbox.put(db, [order("call-1", 1)])
            raise KeyError

    with pytest.raises(KeyError):
        await fail()

    assert await claim(database) == []


async def test_nothing_is_nothing(database: Database) -> None:
    async with database.transaction() as db:
        await outbox.put(db, [])
        await outbox.tell(db, [])
        await outbox.done(db, [])
        assert await db.scalar(text("select count(*) from outbox")) == 0


async def test_an_order_is_late_when_its_time_is_over_and_another_never_is(database: Database) -> None:
    soon = Order(PBX, "call-1", b"{}", within=timedelta(seconds=2))
    await put(database, soon, order("call-2", 1))
    in_time = {claimed.key: claimed.late for claimed in await claim(database)}
    async with database.transaction() as db:
        await db.execute(text("update outbox set late_at = late_at - interval '3 s'"))
    await later(database)
    after = {claimed.key: claimed.late for claimed in await claim(database)}

    assert in_time == {"call-1": False, "call-2": False}
    assert after == {"call-1": True, "call-2": False}

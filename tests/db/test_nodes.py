from sqlalchemy import text

from console.db import nodes, outbox
from console.db.engine import Database
from console.ids import NodeId

A, B = NodeId("a"), NodeId("b")


async def grow_silent(database: Database, node: NodeId, seconds: float) -> None:
    async with database.transaction() as db:
        await db.execute(
            text("update node set seen_at = seen_at - make_interval(secs => :s) where id = :node"),
            {"s": seconds, "node": node},
        )


async def silent(database: Database) -> list[NodeId]:
    async with database.transaction() as db:
        return await nodes.silent(db, 10)


async def arrive(database: Database, *arrived: NodeId) -> None:
    async with database.transaction() as db:
        for node in arrived:
            await nodes.arrive(db, node)


async def test_a_node_that_says_nothing_for_long_is_silent_and_one_that_speaks_is_not(database: Database) -> None:
    await arrive(database, A, B)
    await grow_silent(database, A, 30)
    await grow_silent(database, B, 60)
    assert await silent(database) == [B, A]

    async with database.transaction() as db:
        assert await nodes.seen(db, B)

    assert await silent(database) == [A]


async def test_a_node_that_left_is_no_longer_told_anything_and_its_frames_are_gone(database: Database) -> None:
    await arrive(database, A, B)
    async with database.transaction() as db:
        await outbox.tell(db, [("ana", b"1")])
        await nodes.leave(db, A)
        await outbox.tell(db, [("ana", b"2")])

        assert await outbox.take_frames(db, "node:a") == []
        assert await outbox.take_frames(db, "node:b") == [("ana", b"1"), ("ana", b"2")]


async def test_a_node_that_was_given_up_learns_it_when_it_speaks_and_may_arrive_again(database: Database) -> None:
    await arrive(database, A)
    async with database.transaction() as db:
        await nodes.leave(db, A)
        assert not await nodes.seen(db, A)
        await nodes.arrive(db, A)
        assert await nodes.seen(db, A)


async def test_a_silent_node_is_given_up_by_one_of_those_who_notice(database: Database) -> None:
    await arrive(database, A)
    await grow_silent(database, A, 30)
    async with database.transaction() as db:
        assert await nodes.silent(db, 10) == [A]
        assert await silent(database) == []

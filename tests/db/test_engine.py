import asyncio
import signal
import uuid
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import insert, select, text

from console.db.engine import Database, Transaction, driver, plain_url
from console.db.schema import customer, inbox, routing_meta, verdict
from console.db.server import Server, server_url
from console.errors import Fault, NotReady
from console.ids import new_id
from tests.db.consoles import PG_BIN
from tests.faults.cable import Cable


async def test_what_a_transaction_wrote_is_kept_at_its_end(database: Database) -> None:
    fact = new_id()
    async with database.transaction() as db:
        await db.execute(insert(verdict).values(fact_id=fact))

    async with database.transaction() as db:
        assert (await db.execute(select(verdict.c.fact_id))).scalars().all() == [fact]


async def test_an_error_rolls_back_what_sqlalchemy_and_the_driver_wrote(database: Database) -> None:
    async def fail() -> None:
        async with database.transaction() as db:
            await (await driver(db)).execute("insert into verdict (fact_id) values ($1)", new_id())
            await db.execute(insert(verdict).values(fact_id=new_id()))
            raise KeyError

    with pytest.raises(KeyError):
        await fail()

    async with database.transaction() as db:
        assert await db.scalar(text("select count(*) from verdict")) == 0


async def test_the_driver_is_in_the_same_transaction_whoever_speaks_first(database: Database) -> None:
    first, second = new_id(), new_id()
    async with database.transaction() as db:
        raw = await driver(db)
        await raw.execute("insert into verdict (fact_id) values ($1)", first)
        assert await db.scalar(select(verdict.c.fact_id)) == first
        await db.execute(insert(verdict).values(fact_id=second))
        assert await (await driver(db)).fetchval("select count(*) from verdict") == 2


async def test_ids_are_text_and_instants_are_utc_both_ways(database: Database) -> None:
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    async with database.transaction() as db:
        await db.execute(insert(customer).values(id=(mine := new_id()), name="Оксана", created_at=at, changed_at=at))
        [row] = (await db.execute(select(customer.c.id, customer.c.created_at))).all()
        raw = await (await driver(db)).fetchrow("select id, created_at from customer")

    assert row == (mine, at) == tuple(raw)
    assert row.created_at.utcoffset().total_seconds() == 0
    assert uuid.UUID(mine).version == 7


@pytest.mark.parametrize(
    "given",
    [{"n": [1, None], "name": "Ірина"}, b'{"n": [1, null], "name": "\xd0\x86\xd1\x80\xd0\xb8\xd0\xbd\xd0\xb0"}'],
)
async def test_json_is_values_or_written_from_bytes(database: Database, given: object) -> None:
    async with database.transaction() as db:
        raw = await driver(db)
        await raw.execute("insert into inbox (fact_id, fact) values ($1, $2)", new_id(), given)
        assert await raw.fetchval("select fact from inbox") == {"n": [1, None], "name": "Ірина"}
        assert await db.scalar(select(inbox.c.fact)) == {"n": [1, None], "name": "Ірина"}
        assert await db.scalar(text("select fact from inbox")) == {"n": [1, None], "name": "Ірина"}


async def test_json_written_by_sqlalchemy_is_what_the_driver_reads(database: Database) -> None:
    async with database.transaction() as db:
        await db.execute(insert(inbox).values(fact_id=new_id(), fact={"name": "Ірина"}))
        assert await (await driver(db)).fetchval("select fact ->> 'name' from inbox") == "Ірина"


async def test_a_snapshot_sees_one_instant_and_writes_nothing(database: Database) -> None:
    async with database.snapshot() as then:
        assert await then.scalar(text("select count(*) from verdict")) == 0
        async with database.transaction() as db:
            await db.execute(insert(verdict).values(fact_id=new_id()))
        assert await then.scalar(text("select count(*) from verdict")) == 0
    with pytest.raises(Exception, match="read-only"):
        async with database.snapshot() as db:
            await db.execute(insert(verdict).values(fact_id=new_id()))
    async with database.transaction() as db:
        await db.execute(insert(verdict).values(fact_id=new_id()))


async def test_a_refused_statement_is_a_bug_and_not_a_lost_database(database: Database) -> None:
    with pytest.raises(Exception, match="ck_routing_meta_single"):
        async with database.transaction() as db:
            await db.execute(
                insert(routing_meta).values(
                    one=False,
                    decision=0,
                    item_seq=0,
                    idle_seq=0,
                    offer_seq=0,
                    now=0,
                    config_version=0,
                )
            )
    with pytest.raises(asyncpg.UndefinedTableError):
        async with database.transaction() as db:
            await (await driver(db)).execute("select * from nowhere")


async def end_connections(url: str) -> None:
    """What a server that restarts does to its clients."""
    other = await asyncpg.connect(url)
    await other.execute(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    )
    await other.close()


@pytest.mark.parametrize("spoken_by", ["sqlalchemy", "driver", "nobody"])
async def test_a_connection_lost_inside_a_transaction_is_not_ready_and_the_next_one_works(
    database: Database, database_url: str, spoken_by: str
) -> None:
    async def lose() -> None:
        async with database.transaction() as db:
            await (await driver(db)).execute("insert into verdict (fact_id) values ($1)", new_id())
            await end_connections(database_url)
            if spoken_by == "sqlalchemy":
                await db.execute(text("select 1"))
            elif spoken_by == "driver":
                await (await driver(db)).execute("select 1")

    with pytest.raises(NotReady):
        await lose()

    async with database.transaction() as db:
        assert await db.scalar(text("select count(*) from verdict")) == 0


async def test_connections_lost_while_idle_are_replaced_unnoticed(database: Database, database_url: str) -> None:
    async with database.transaction(), database.transaction(), database.transaction():
        pass
    await end_connections(database_url)

    async with database.transaction() as db, database.transaction() as other:
        assert await db.scalar(text("select 1")) == await other.scalar(text("select 1"))


async def test_a_refusal_raised_inside_passes_through_though_the_connection_was_lost(
    database: Database, database_url: str
) -> None:
    async def fail() -> None:
        async with database.transaction() as db:
            await driver(db)
            await end_connections(database_url)
            raise KeyError

    with pytest.raises(KeyError):
        await fail()


async def test_a_server_that_is_not_there_is_not_ready(tmp_path) -> None:
    with pytest.raises(NotReady):
        await Database.open(f"postgresql://postgres@/postgres?host={tmp_path}")
    with pytest.raises(NotReady):
        await Database.open("postgresql://postgres@127.0.0.1:1/postgres")


async def test_a_database_that_does_not_exist_is_a_fault_that_names_the_setting(server_address: str) -> None:
    with pytest.raises(Fault, match=r'CONSOLE_DATABASE_URL: database "nowhere" does not exist'):
        await Database.open(server_address.replace("/postgres?", "/nowhere?"))


async def test_a_pool_that_is_used_up_is_not_ready(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.db.engine.POOL_WAIT_S", 0.01)
    database = await Database.open(database_url, pool_size=1)
    async with database.transaction():
        with pytest.raises(NotReady):
            async with database.transaction():
                raise AssertionError
    await database.close()


async def test_a_statement_that_is_not_answered_is_not_ready(database_url: str) -> None:
    impatient = Database(database_url, command_s=0.05)
    for spoken_by in ("sqlalchemy", "driver"):
        with pytest.raises(NotReady):
            async with impatient.transaction() as db:
                await (db.execute(text("select pg_sleep(5)")) if spoken_by == "sqlalchemy" else sleep(db))
    await impatient.close()


async def sleep(db: Transaction) -> None:
    await (await driver(db)).execute("select pg_sleep(5)")


async def test_what_follows_a_request_that_was_cancelled_while_it_began_is_kept(database_url: str) -> None:
    cable = Cable(database_url)
    await cable.mend()
    database = await Database.open(cable.url, pool_size=1)

    async def begin() -> None:
        async with database.transaction() as db:
            await driver(db)

    async with database.transaction() as db:
        await driver(db)
    cable.hold_answers()
    beginning = asyncio.create_task(begin())
    async with asyncio.timeout(10):
        await cable.held_back.wait()
    beginning.cancel()
    cable.let_go()
    await asyncio.gather(beginning, return_exceptions=True)

    async with database.transaction() as db:
        await db.execute(insert(verdict).values(fact_id=new_id()))
    async with database.snapshot() as db:
        assert await db.scalar(text("select count(*) from verdict")) == 1
    other = await asyncpg.connect(database_url)
    assert await other.fetchval("select count(*) from verdict") == 1
    await other.close()
    await database.close()
    cable.cut()


async def test_a_cancelled_request_gives_its_connection_back_and_keeps_nothing(database_url: str) -> None:
    database = await Database.open(database_url, pool_size=1)
    begun = asyncio.Event()

    async def request() -> None:
        async with database.transaction() as db:
            await db.execute(insert(verdict).values(fact_id=new_id()))
            begun.set()
            await sleep(db)

    for _ in range(5):
        begun.clear()
        asked = asyncio.create_task(request())
        await begun.wait()
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)

    async with database.transaction() as db:
        assert await db.scalar(text("select count(*) from verdict")) == 0
    await database.close()


@pytest.mark.parametrize("sig", [signal.SIGKILL, signal.SIGINT, signal.SIGQUIT])
async def test_however_a_server_ends_requests_hear_not_ready_and_what_was_acknowledged_is_kept(
    root: Path, sig: signal.Signals
) -> None:
    server = Server(root, pg_bin=PG_BIN)
    server.start(durable=False)
    database = await Database.open(server_url(root), pool_size=2)
    async with database.transaction() as db:
        await db.execute(text("create table kept (n int)"))
    acknowledged = 0
    over = asyncio.Event()

    async def requests() -> None:
        nonlocal acknowledged
        while not over.is_set():
            with suppress(NotReady):
                async with database.transaction() as db:
                    await (await driver(db)).execute("insert into kept values (1)")
                    await db.execute(text("select 1"))
                acknowledged += 1
            await asyncio.sleep(0)

    busy = [asyncio.create_task(requests()) for _ in range(3)]
    for _ in range(3):
        async with asyncio.timeout(30):
            before = acknowledged
            while acknowledged < before + 20:
                await asyncio.wait(busy, timeout=0.01)
        server.stop(sig)
        server.start()
    over.set()
    await asyncio.gather(*busy)

    async with database.transaction() as db:
        assert await db.scalar(text("select count(*) from kept")) >= acknowledged
    await database.close()
    server.stop(signal.SIGQUIT)


@pytest.mark.parametrize(
    "url", ["postgres://a@b/c", "postgresql+asyncpg://a@b/c", "postgresql+psycopg://a@b/c", "postgresql://a@b/c"]
)
def test_every_spelling_of_a_postgresql_url_is_understood(url: str) -> None:
    assert plain_url(url) == "postgresql://a@b/c"


@pytest.mark.parametrize("url", ["mysql://root:secret@db/x", "db.example.com/console", ""])
def test_another_url_is_a_fault_that_does_not_repeat_the_password(url: str) -> None:
    with pytest.raises(Fault, match="CONSOLE_DATABASE_URL") as caught:
        plain_url(url)
    assert "secret" not in str(caught.value)


async def test_a_database_in_another_encoding_is_refused(server_address: str) -> None:
    await refuses(server_address, "encoding 'SQL_ASCII' locale 'C'", "encoding is SQL_ASCII")


async def test_a_database_that_knows_only_ascii_letters_is_refused(server_address: str) -> None:
    await refuses(server_address, "encoding 'UTF8' lc_collate 'C' lc_ctype 'C'", "LC_CTYPE is C")


async def refuses(server_address: str, how: str, why: str) -> None:
    name = f"odd_{uuid.uuid4().hex[:8]}"
    admin = await asyncpg.connect(server_address)
    provider = "locale_provider libc" if admin.get_server_version().major >= 15 else ""
    await admin.execute(f"create database {name} template template0 {how} {provider}")
    url = server_address.replace("/postgres?", f"/{name}?")
    inside = await asyncpg.connect(url)
    await inside.execute("create extension pg_trgm")
    await inside.close()
    with pytest.raises(Fault, match=why):
        await Database.open(url)
    await admin.execute(f"drop database {name}")
    await admin.close()


async def test_a_statement_is_committed_when_it_returns(database: Database) -> None:
    async with database.statement() as db, database.transaction() as other:
        await (await driver(db)).execute("create table kept (a int)")
        seen = await other.scalar(text("select count(*) from kept"))

    assert seen == 0


async def test_after_a_statement_the_connection_begins_transactions_again(database_url: str) -> None:
    database = await Database.open(database_url, pool_size=1)
    async with database.statement() as db:
        await (await driver(db)).execute("create table kept (a int)")
    with suppress(ZeroDivisionError):
        async with database.transaction() as db:
            await (await driver(db)).execute("insert into kept values (1)")
            raise ZeroDivisionError
    async with database.transaction() as db:
        kept = await db.scalar(text("select count(*) from kept"))
    await database.close()

    assert kept == 0

import asyncio
from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from console.db.engine import Database
from console.db.migrate import check, config, current, head, upgrade
from console.db.partitions import TABLES, is_partition
from console.db.schema import metadata
from console.errors import Fault

OBJECTS = """
select c.relname, c.relkind::text, coalesce(pg_get_indexdef(c.oid), pg_get_partkeydef(c.oid), '')
from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'i', 'I', 'S')
union all
select conname, 'constraint', pg_get_constraintdef(oid) from pg_constraint where connamespace = 'public'::regnamespace
union all
select format('%s.%s', attrelid::regclass, attname), 'column',
  format('%s %s %s %s', format_type(atttypid, atttypmod), attnotnull, attidentity,
    (select pg_get_expr(adbin, adrelid) from pg_attrdef where adrelid = attrelid and adnum = attnum))
from pg_attribute join pg_class c on c.oid = attrelid
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and attnum > 0
union all
select seqrelid::regclass::text, 'sequence', format('%s %s', seqstart, seqincrement) from pg_sequence
"""


async def objects(database: Database) -> set[tuple[str, str, str]]:
    async with database.transaction() as db:
        found = {tuple(row) for row in await db.execute(text(OBJECTS))}
    ours = {row for row in found if not row[0].startswith("alembic_version") and "alembic_version" not in row[2]}
    return {row for row in ours if not any(part in row[0] for part in ("_default", "_20"))}


async def test_all_migrations_from_empty_make_exactly_what_the_schema_says(
    database: Database, empty_database_url: str
) -> None:
    drawn = await Database.open(empty_database_url)
    async with drawn.transaction() as db:
        await db.execute(text("create extension pg_trgm"))
        await db.run_sync(metadata.create_all)

    assert await objects(database) == await objects(drawn)
    await drawn.close()


def test_the_newest_file_is_the_end_of_the_chain_that_alembic_follows() -> None:
    assert ScriptDirectory.from_config(config()).get_current_head() == head()


async def test_alembic_finds_nothing_to_add(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        options = {
            "compare_type": True,
            "compare_server_default": True,
            "include_name": lambda name, kind, _: kind != "table" or not is_partition(name),
        }
        return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)

    async with database.transaction() as db:
        assert await db.run_sync(differences) == []


async def test_an_empty_database_is_of_no_version_and_says_what_to_run(empty_database_url: str) -> None:
    database = await Database.open(empty_database_url)

    assert await current(database) is None
    with pytest.raises(Fault, match="console migrate"):
        await check(database)
    await database.close()


async def test_an_upgraded_database_passes_the_check_and_is_upgraded_again_without_effect(database: Database) -> None:
    await check(database)
    before = await objects(database)

    await upgrade(database)

    assert await current(database) == head()
    assert await objects(database) == before


async def test_nodes_that_migrate_at_once_do_it_one_after_another(empty_database_url: str) -> None:
    nodes = [await Database.open(empty_database_url) for _ in range(4)]

    await asyncio.gather(*(upgrade(node) for node in nodes))

    assert [await current(node) for node in nodes] == [head()] * 4
    for node in nodes:
        await node.close()


async def test_a_database_of_a_newer_console_is_left_alone(database: Database) -> None:
    async with database.transaction() as db:
        await db.execute(text("update alembic_version set version_num = '9999'"))

    for refused in (check, upgrade):
        with pytest.raises(Fault, match="a newer console"):
            await refused(database)
    assert await current(database) == "9999"


async def test_a_migration_that_fails_leaves_the_database_empty(empty_database_url: str) -> None:
    database = await Database.open(empty_database_url)
    async with database.transaction() as db:
        await db.execute(text("create table work (in_the_way int)"))

    with pytest.raises(Exception, match='"work" already exists'):
        await upgrade(database)

    assert await current(database) is None
    async with database.transaction() as db:
        assert await db.scalar(text("select to_regclass('inbox') is null"))
    await database.close()


async def test_the_journal_has_a_partition_for_this_month_and_two_more(database: Database) -> None:
    now = datetime.now(UTC)
    async with database.transaction() as db:
        names = set(
            (await db.execute(text("select relname from pg_class where relkind = 'r' and relispartition"))).scalars()
        )

    for table in TABLES:
        assert {f"{table}_default", f"{table}_{now:%Y_%m}"} <= names
        assert len([name for name in names if name.startswith(f"{table}_20")]) == 3, names

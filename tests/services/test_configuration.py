"""Applying and exporting a configuration, on a real database."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.config import store
from console.config.export import export as written
from console.db import inbox
from console.db.engine import Database
from console.errors import NotAllowed, NotSignedIn
from console.people import store as people
from console.people.who import OPERATOR, Principal
from console.reading import Misconfigured
from console.services import configuration
from console.services.context import Context
from tests.config.strategies import centres
from tests.people.stand_ins import StoppedClock, context

EXAMPLE = (Path(__file__).parent.parent / "config" / "centre.yaml").read_text()
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ADMIN = Principal(username="root", name="Root", roles=frozenset({"admin"}))


@pytest.fixture
def ctx(database: Database) -> Context:
    return context(database, StoppedClock(NOON))


async def facts(ctx: Context) -> list[dict[str, object]]:
    async with ctx.db.transaction() as db:
        return [msgspec.json.decode(taken.fact) for taken in await inbox.take(db, 100)]


async def users(ctx: Context, *names: str) -> dict[str, people.User]:
    async with ctx.db.transaction() as db:
        return await people.find_all(db, names)


async def test_a_console_that_was_never_configured_has_version_0(ctx: Context) -> None:
    assert (await configuration.current(ctx)).version == 0
    assert await configuration.export(ctx, ADMIN) == "version: 1\n"


async def test_a_file_becomes_the_next_version_and_the_router_is_told(ctx: Context) -> None:
    applied = await configuration.apply(ctx, ADMIN, text=EXAMPLE)

    assert (applied.version, applied.changed) == (1, True)
    assert "+ queue faults" in applied.difference
    current = await configuration.current(ctx)
    assert (current.version, current.applied_at, current.applied_by) == (1, NOON, "root")
    assert current.centre.queues[0].name == "faults"
    [fact] = await facts(ctx)
    assert (fact["fact"], fact["version"]) == ("ConfigChanged", 1)
    assert await ctx.nudges.wait("router", 0)


async def test_applying_the_export_changes_nothing(ctx: Context) -> None:
    await configuration.apply(ctx, ADMIN, text=EXAMPLE)
    text = await configuration.export(ctx, OPERATOR)

    again = await configuration.apply(ctx, OPERATOR, text=text)

    assert (again.version, again.changed, again.difference) == (1, False, ())
    assert await configuration.export(ctx, OPERATOR) == text
    assert len(await facts(ctx)) == 1


async def test_a_dry_run_tells_and_changes_nothing(ctx: Context) -> None:
    applied = await configuration.apply(ctx, ADMIN, text=EXAMPLE, dry_run=True)

    assert (applied.version, applied.changed) == (1, True)
    assert "+ agent nadia" in applied.difference
    assert (await configuration.current(ctx)).version == 0
    assert await facts(ctx) == []
    assert await users(ctx, "nadia") == {}


async def test_a_mistake_leaves_the_version_in_force_as_it_is(ctx: Context) -> None:
    await configuration.apply(ctx, ADMIN, text=EXAMPLE)

    with pytest.raises(Misconfigured):
        await configuration.apply(ctx, ADMIN, text=EXAMPLE.replace("minimum", "x").replace("faults, general", "nope"))

    assert (await configuration.current(ctx)).version == 1


async def test_agents_become_users_without_a_password(ctx: Context) -> None:
    await configuration.apply(ctx, ADMIN, text=EXAMPLE)

    nadia = (await users(ctx, "nadia"))["nadia"]
    assert (nadia.name, nadia.roles, nadia.configured, nadia.active) == ("Nadia Rahimi", ("agent",), True, True)
    assert nadia.password_hash is None


async def test_a_later_version_updates_users_and_keeps_their_passwords(ctx: Context) -> None:
    await configuration.apply(ctx, ADMIN, text=EXAMPLE)
    async with ctx.db.transaction() as db:
        await people.put_password(db, "nadia", "hash")

    later = EXAMPLE.replace("Nadia Rahimi", "Nadia R.").replace("roles: [agent]", "roles: [agent, supervisor]")
    await configuration.apply(ctx, ADMIN, text=later)

    nadia = (await users(ctx, "nadia"))["nadia"]
    assert (nadia.name, nadia.roles, nadia.password_hash) == ("Nadia R.", ("agent", "supervisor"), "hash")


async def test_an_agent_who_is_missing_stays_until_the_engine_lets_go_of_them(ctx: Context) -> None:
    await configuration.apply(ctx, ADMIN, text=EXAMPLE)

    applied = await configuration.apply(ctx, ADMIN, text="version: 1\n")

    assert "- agent nadia (deactivated when their work in hand has ended)" in applied.difference
    assert (await users(ctx, "nadia"))["nadia"].active


async def test_a_supervisor_who_is_missing_can_no_longer_sign_in_and_can_when_they_are_back(ctx: Context) -> None:
    text = "version: 1\nagents: [{username: ana, roles: [supervisor]}]"
    await configuration.apply(ctx, ADMIN, text=text)

    await configuration.apply(ctx, ADMIN, text="version: 1\n")
    assert not (await users(ctx, "ana"))["ana"].active

    await configuration.apply(ctx, ADMIN, text=text)
    assert (await users(ctx, "ana"))["ana"].active


async def test_users_made_by_hand_are_neither_exported_nor_touched(ctx: Context) -> None:
    by_hand = people.User(
        username="boss", name="Boss", roles=("admin",), password_hash="h", configured=False, active=True
    )
    async with ctx.db.transaction() as db:
        await people.put(db, by_hand, at=NOON)

    await configuration.apply(ctx, ADMIN, text=EXAMPLE)
    await configuration.apply(ctx, ADMIN, text="version: 1\n")

    assert (await users(ctx, "boss"))["boss"] == by_hand
    assert "boss" not in await configuration.export(ctx, ADMIN)


@pytest.mark.parametrize("role", ["agent", "supervisor", "author"])
async def test_only_an_admin_configures(ctx: Context, role: str) -> None:
    who = Principal(username="ana", name="Ana", roles=frozenset({role}))

    with pytest.raises(NotAllowed, match="the role admin"):
        await configuration.apply(ctx, who, text="version: 1")
    with pytest.raises(NotAllowed):
        await configuration.export(ctx, who)


async def test_nobody_configures_unasked(ctx: Context) -> None:
    with pytest.raises(NotSignedIn):
        await configuration.apply(ctx, None, text="version: 1")  # type: ignore[arg-type] - nobody is signed in


async def test_two_at_once_are_one_after_the_other(ctx: Context) -> None:
    texts = [f"version: 1\nskills: [s{number}]" for number in range(6)]

    applied = await asyncio.gather(*(configuration.apply(ctx, ADMIN, text=text) for text in texts))

    assert sorted(one.version for one in applied) == [1, 2, 3, 4, 5, 6]
    last = max(applied, key=lambda one: one.version)
    assert (await configuration.current(ctx)).version == last.version
    assert len(await facts(ctx)) == 6


async def test_an_older_version_can_still_be_read(ctx: Context) -> None:
    await configuration.apply(ctx, ADMIN, text="version: 1\nskills: [a]")
    await configuration.apply(ctx, ADMIN, text="version: 1\nskills: [b]")

    async with ctx.db.transaction() as db:
        older, none = await store.find(db, 1), await store.find(db, 7)

    assert older is not None
    assert older.centre.skills == ("a",)
    assert none is None


HOSTILE = "x'); drop table configuration; --"


async def test_sql_in_every_field_is_kept_as_text(ctx: Context) -> None:
    text = f"""
        version: 1
        skills: ["{HOSTILE}"]
        calendars: {{"{HOSTILE}": {{time_zone: UTC, open: {{mon: ["09:00-10:00"]}}}}}}
        queues:
          - {{name: "{HOSTILE}", channel: voice, requires: {{"{HOSTILE}": 1}}, calendar: "{HOSTILE}"}}
        agents: [{{username: ana, name: "{HOSTILE}", endpoint: "{HOSTILE}", queues: ["{HOSTILE}"]}}]
        teams: [{{name: "{HOSTILE}", members: [ana]}}]
        routing: [{{when: "to == \\"{HOSTILE}\\"", queue: "{HOSTILE}"}}]
        """

    await configuration.apply(ctx, ADMIN, text=text)

    current = await configuration.current(ctx)
    assert current.centre.skills == (HOSTILE,)
    assert (await users(ctx, "ana"))["ana"].name == HOSTILE
    assert not (await configuration.apply(ctx, ADMIN, text=await configuration.export(ctx, ADMIN))).changed


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_applied_is_exported_so_that_applying_it_changes_nothing(
    data: st.DataObject, database_url: str
) -> None:
    text = written(data.draw(centres()))

    async def there_and_back() -> bool:
        database = await Database.open(database_url)
        ctx = context(database, StoppedClock(NOON))
        await configuration.apply(ctx, ADMIN, text=text)
        again = await configuration.apply(ctx, ADMIN, text=await configuration.export(ctx, ADMIN))
        await database.close()
        return again.changed

    assert not asyncio.run(there_and_back())

"""This room's tables: scripts with their drafts and versions, and the runs of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Literal, TypeVar

import msgspec
from sqlalchemy import RowMapping, func, insert, select, tuple_, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from console.db.schema import (
    script,
    script_answer,
    script_draft,
    script_effect,
    script_event,
    script_run,
    script_version,
)
from console.scripts.run import Asked, Given, Run
from console.scripts.script import Effect

T = TypeVar("T")


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """What was published once."""

    script: str
    version: int
    source: str
    title: str
    authors: tuple[str, ...]
    note: str | None
    published_at: datetime
    published_by: str


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What is being written; `version` grows with each saving."""

    script: str
    source: str
    base: int | None
    state: Literal["draft", "in_review"]
    version: int
    authors: tuple[str, ...]
    saved_at: datetime
    saved_by: str
    note: str | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody did with a script."""

    id: str
    script: str
    at: datetime
    by: str
    what: Literal["submitted", "returned", "published", "rolled_back", "withdrawn"]
    version: int | None = None
    why: str | None = None


class Asking(msgspec.Struct, frozen=True):
    """What another system was asked; `id` is this one time's."""

    id: str
    asked: Asked


class RunRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `script_run`."""

    id: str
    case: str
    work: str | None
    script: str
    version: int
    pins: dict[str, int]
    state: Literal["running", "ended", "left"]
    stopped_at: str | None
    started_at: datetime
    started_by: str | None
    moved_at: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None
    outcome: str | None = None
    why: str | None = None
    asking: Asking | None = None


class EffectRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a run did, or tried to do, to its case."""

    id: str
    run: str
    step: str
    effect: Effect
    at: datetime
    by: str | None
    problem: str | None = None


# --- scripts ----------------------------------------------------------------------------------------------------------


async def in_force(db: AsyncConnection) -> dict[str, int]:
    """The version that new runs take, of each script that has one."""
    s = script.c
    rows = await db.execute(select(s.name, s.in_force).where(s.in_force.is_not(None)))
    return {row.name: row.in_force for row in rows}


async def sources(db: AsyncConnection, versions: Collection[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """What stands in those versions."""
    v = script_version.c
    if not versions:
        return {}
    wanted = tuple_(v.script, v.version).in_(list(versions))
    rows = await db.execute(select(v.script, v.version, v.source).where(wanted))
    return {(row.script, row.version): row.source for row in rows}


async def lock_published(db: AsyncConnection) -> None:
    """Until the transaction ends nobody else publishes: two scripts could go through each other otherwise."""
    await db.execute(select(script.c.name).order_by(script.c.name).with_for_update())


async def there_is(db: AsyncConnection, name: str, *, lock: bool = False) -> bool:
    found = select(script.c.name).where(script.c.name == name)
    return await db.scalar(found.with_for_update() if lock else found) is not None


async def put_script(db: AsyncConnection, name: str, *, at: datetime, by: str) -> bool:
    """Make one; False: there is one of that name."""
    made = postgresql.insert(script).values(name=name, created_at=at, created_by=by).on_conflict_do_nothing()
    return (await db.execute(made.returning(script.c.name))).first() is not None


async def set_in_force(db: AsyncConnection, name: str, version: int | None) -> None:
    await db.execute(update(script).where(script.c.name == name).values(in_force=version))


async def find_version(db: AsyncConnection, name: str, version: int) -> Version | None:
    v = script_version
    row = (await db.execute(select(v).where(v.c.script == name, v.c.version == version))).mappings().first()
    return _read(row, Version) if row else None


async def versions_of(db: AsyncConnection, name: str) -> tuple[Version, ...]:
    """The last one first."""
    v = script_version
    rows = await db.execute(select(v).where(v.c.script == name).order_by(v.c.version.desc()))
    return tuple(_read(row, Version) for row in rows.mappings())


async def put_version(db: AsyncConnection, version: Version) -> None:
    await db.execute(insert(script_version).values(**_columns(version)))


async def next_version(db: AsyncConnection, name: str) -> int:
    v = script_version.c
    return (await db.scalar(select(func.max(v.version)).where(v.script == name)) or 0) + 1


async def find_draft(db: AsyncConnection, name: str, *, lock: bool = False) -> Draft | None:
    found = select(script_draft).where(script_draft.c.script == name)
    row = (await db.execute(found.with_for_update() if lock else found)).mappings().first()
    return _read(row, Draft) if row else None


async def put_draft(db: AsyncConnection, draft: Draft) -> None:
    columns = _columns(draft)
    put = postgresql.insert(script_draft).values(**columns)
    await db.execute(put.on_conflict_do_update(index_elements=["script"], set_=columns))


async def drop_draft(db: AsyncConnection, name: str) -> None:
    await db.execute(script_draft.delete().where(script_draft.c.script == name))


async def put_event(db: AsyncConnection, event: Event) -> None:
    await db.execute(insert(script_event).values(**_columns(event)))


async def events_of(db: AsyncConnection, name: str, *, limit: int) -> tuple[Event, ...]:
    """The last one first."""
    e = script_event
    rows = await db.execute(select(e).where(e.c.script == name).order_by(e.c.at.desc()).limit(limit))
    return tuple(_read(row, Event) for row in rows.mappings())


# --- runs -------------------------------------------------------------------------------------------------------------


async def put_run(db: AsyncConnection, run: RunRow) -> None:
    """Raises IntegrityError where another of this case is running."""
    await db.execute(insert(script_run).values(**_columns(run)))


async def find_run(db: AsyncConnection, run_id: str, *, lock: bool = False) -> RunRow | None:
    found = select(script_run).where(script_run.c.id == run_id)
    row = (await db.execute(found.with_for_update() if lock else found)).mappings().first()
    return _read(row, RunRow) if row else None


async def runs_of_case(db: AsyncConnection, case_id: str) -> tuple[RunRow, ...]:
    """The first started first."""
    r = script_run
    rows = await db.execute(select(r).where(r.c.case == case_id).order_by(r.c.started_at, r.c.id))
    return tuple(_read(row, RunRow) for row in rows.mappings())


async def save_run(db: AsyncConnection, run: RunRow) -> None:
    columns = _columns(run)
    await db.execute(update(script_run).where(script_run.c.id == columns.pop("id")).values(**columns))


async def answers_of(db: AsyncConnection, run_id: str) -> Run:
    """Those that hold, in their order."""
    a = script_answer.c
    columns = (a.step, a.answer, a.kind, a.why, a.by, a.at, a.sent)
    rows = await db.execute(select(*columns).where(a.run == run_id, a.forgotten_at.is_(None)).order_by(a.nth))
    return tuple(Given(**row) for row in rows.mappings())


async def forget(db: AsyncConnection, run_id: str, since: int, *, at: datetime, by: str) -> None:
    """The answers from that place on hold no longer; they are kept for the reports."""
    a = script_answer.c
    held = (a.run == run_id, a.nth >= since, a.forgotten_at.is_(None))
    await db.execute(update(script_answer).where(*held).values(forgotten_at=at, forgotten_by=by))


class NewAnswer(msgspec.Struct, frozen=True):
    id: str
    nth: int
    given: Given
    took_s: int | None


async def add_answers(db: AsyncConnection, run_id: str, answers: Sequence[NewAnswer]) -> None:
    rows = [
        {"id": one.id, "run": run_id, "nth": one.nth, "took_s": one.took_s, **_columns(one.given)} for one in answers
    ]
    if rows:
        await db.execute(insert(script_answer), rows)


async def effects_of(db: AsyncConnection, run_id: str) -> tuple[EffectRow, ...]:
    """In their order."""
    e = script_effect
    rows = await db.execute(select(e).where(e.c.run == run_id).order_by(e.c.at, e.c.id))
    return tuple(_read(row, EffectRow) for row in rows.mappings())


async def add_effect(db: AsyncConnection, effect: EffectRow) -> None:
    await db.execute(insert(script_effect).values(**_columns(effect)))


def _read(row: RowMapping, kind: type[T]) -> T:
    # The driver's keys are no plain text, and a decoder wants that.
    return msgspec.convert({"".join(key): value for key, value in row.items()}, kind)


def _columns(row: msgspec.Struct) -> dict[str, Any]:
    """A value as its table keeps it: what is inside of it as JSON."""
    columns: dict[str, Any] = msgspec.structs.asdict(row)
    return {
        name: msgspec.to_builtins(value)
        if isinstance(value, msgspec.Struct)
        else list(value)
        if isinstance(value, tuple)
        else value
        for name, value in columns.items()
    }

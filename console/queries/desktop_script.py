"""The guided script on a desk: the run of the case that is shown, and the scripts that could be started."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from console.cases import store as cases
from console.queries import dialogs, knowledge
from console.queries.knowledge import Named
from console.queries.stream import Card
from console.scripts import run as runs
from console.scripts import store
from console.scripts.run import Run
from console.scripts.script import Script, Text
from console.scripts.store import RunRow


class Offer(msgspec.Struct, frozen=True):
    """A script that somebody may start by hand."""

    name: str
    title: Text


class OnDesk(msgspec.Struct, frozen=True, kw_only=True):
    """What the script's part is drawn from."""

    number: str
    """Of the case."""
    row: RunRow | None = None
    """The last run, whether it goes on or has ended; None: there was none."""
    script: Script | None = None
    run: Run = ()
    facts: dict[str, Any] = {}
    names: dict[str, str] = {}
    """People by their user names."""
    problems: tuple[tuple[str, str], ...] = ()
    """Steps, and why something that they were to do was not done."""
    article: Named | None = None
    """What the step that it stands at shows."""
    offers: tuple[Offer, ...] = ()


async def of_case(db: AsyncConnection, username: str, case_id: str, card: Card | None) -> OnDesk | None:
    """None: there is no script at all, and was none."""
    rows = await store.runs_of_case(db, case_id)
    case = await cases.find_case_by_id(db, case_id) if rows or await store.in_force(db) else None
    if case is None:
        return None
    running = next((row for row in rows if row.state == "running"), None)
    offers: tuple[Offer, ...] = ()
    if running is None:
        library, _ = await dialogs.published(db)
        offers = tuple(Offer(one.name, one.title) for one in sorted(library.values(), key=lambda one: one.order))
    row = running or (rows[-1] if rows else None)
    if row is None:
        return OnDesk(number=case.number, offers=offers)
    script, run = await dialogs.program(db, row.script, row.pins), await store.answers_of(db, row.id)
    article = runs.standing(script, run).article
    effects = await store.effects_of(db, row.id)
    done = [one.effect for one in effects if one.problem is None]
    return OnDesk(
        number=case.number,
        row=row,
        script=script,
        run=run,
        facts=await dialogs.facts(db, case, card, username),
        names=await dialogs.names_of(db, {given.by for given in run if given.by}),
        problems=tuple((one.step, one.problem) for one in effects if one.problem and one.effect not in done),
        article=await knowledge.named(db, article) if article and row.state == "running" else None,
        offers=offers,
    )

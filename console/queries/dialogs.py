"""Runs of scripts on a case: with the script they are pinned to, the facts they go by, and in words for a handover."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from console.cases import store as cases
from console.cases.case import Case
from console.cases.store import contracts
from console.db.schema import routing_item, user_account, work
from console.queries.stream import Card
from console.scripts import parse, store
from console.scripts import run as runs
from console.scripts.answer import worded
from console.scripts.link import linked
from console.scripts.run import Run
from console.scripts.script import Ask, Call, Leave, Script, in_language
from console.scripts.store import RunRow


class AnswerOfRun(msgspec.Struct, frozen=True, kw_only=True):
    """One answer that holds."""

    step: str
    question: str
    answer: str | None
    """In words; None: the step asked nothing, was skipped, or asked a system that gave none."""
    kind: str
    """given, skipped, filled."""
    why: str | None
    by: str | None
    at: datetime
    silent: str | None = None
    """Why another system gave no answer."""


class RunOfCase(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    script: str
    title: str
    version: int
    state: str
    """running, ended, left."""
    started_at: datetime
    started_by: str | None
    ended_at: datetime | None
    outcome: str | None
    why: str | None
    """Why it was left."""
    stopped_at: str | None
    """The step it waits at or was left at."""
    stopped_title: str | None
    answers: tuple[AnswerOfRun, ...] = ()


async def of_case(db: AsyncConnection, case_id: str) -> tuple[RunOfCase, ...]:
    """Every run on this case, the first started first, in the words of its script's own language."""
    return tuple([await _worded(db, row) for row in await store.runs_of_case(db, case_id)])


async def _worded(db: AsyncConnection, row: RunRow) -> RunOfCase:
    script = await program(db, row.script, row.pins)
    stopped = script.steps.get(row.stopped_at) if row.stopped_at else None
    return RunOfCase(
        id=row.id,
        script=row.script,
        title=in_language(script.title, script.language),
        version=row.version,
        state=row.state,
        started_at=row.started_at,
        started_by=row.started_by,
        ended_at=row.ended_at,
        outcome=row.outcome,
        why=row.why,
        stopped_at=row.stopped_at,
        stopped_title=in_language(stopped.title, script.language) if stopped else None,
        answers=tuple(_answers(script, await store.answers_of(db, row.id))),
    )


def _answers(script: Script, run: Run) -> list[AnswerOfRun]:
    found = []
    for given in run:
        step = script.steps[given.step]
        if isinstance(step, Ask | Call):
            answer = None if given.answer is None else worded(step, given.answer, script.language)
        else:
            answer = given.answer if isinstance(step, Leave) and isinstance(given.answer, str) else None
        found.append(
            AnswerOfRun(
                step=given.step,
                question=in_language(step.title, script.language),
                answer=answer,
                kind=given.kind,
                why=given.why,
                by=given.by,
                at=given.at,
                silent=runs.silent(given),
            )
        )
    return found


# --- scripts ----------------------------------------------------------------------------------------------------------


async def program(db: AsyncConnection, name: str, pins: Mapping[str, int]) -> Script:
    """The script of a run with its sub-scripts, each in the version that the run is pinned to."""
    found = await store.sources(db, list(pins.items()))
    return _linked(name, tuple(sorted((one, text) for (one, _), text in found.items())))


@lru_cache(maxsize=256)
def _linked(name: str, texts: tuple[tuple[str, str], ...]) -> Script:
    library = {one: parse.parse(text) for one, text in texts}
    return linked(library[name], library)


async def published(db: AsyncConnection) -> tuple[dict[str, Script], dict[str, int]]:
    """The scripts that new runs take, and their versions."""
    versions = await store.in_force(db)
    found = await store.sources(db, list(versions.items()))
    return {name: parse.parse(text) for (name, _), text in found.items()}, versions


def pins_of(name: str, library: Mapping[str, Script], versions: Mapping[str, int]) -> dict[str, int]:
    """The version of a script and of all that it goes through."""
    found: dict[str, int] = {}
    todo = [name]
    while todo:
        one = todo.pop()
        if one not in found:
            found[one] = versions[one]
            todo += library[one].subs
    return found


# --- facts ------------------------------------------------------------------------------------------------------------


async def facts(db: AsyncConnection, case: Case, card: Card | None, agent: str | None) -> dict[str, Any]:
    """What conditions and texts of scripts name; `card` is the work on the case, where there is some."""
    customer = await cases.find_customer(db, case.customer) if case.customer else None
    contract = await contracts.find(db, case.contract) if case.contract else None
    called = card is not None and card.call is not None
    return {
        "channel": "voice" if card is None or card.kind == "voice" else card.kind,
        "to": card.dialled if card else None,
        "from": card.caller if card else None,
        "queue": (card.queue if card else None) or case.queue,
        "priority": case.priority,
        "topic": case.topic,
        "subject": case.subject,
        "source": card.source if card and called else case.via,
        "call": {"source": card.source, "id": card.external_id, "from": card.caller, "to": card.dialled}
        if card and called
        else None,
        "case": {
            "number": case.number,
            "subject": case.subject,
            "status": case.status.value,
            "priority": case.priority,
            "description": case.description,
        },
        "customer": {
            "id": customer.id,
            "name": customer.name,
            "phone": next(iter(customer.phones), None),
            "email": next(iter(customer.emails), None),
            "company": customer.company,
        }
        if customer
        else None,
        "agent": {"name": await _name(db, agent)} if agent else None,
        "contract": contract.named if contract else None,
        "attributes": (card.attributes if card else None) or {},
    }


async def _name(db: AsyncConnection, username: str) -> str:
    return await db.scalar(select(user_account.c.name).where(user_account.c.username == username)) or username


async def names_of(db: AsyncConnection, usernames: set[str]) -> dict[str, str]:
    """People by their user names."""
    u = user_account.c
    if not usernames:
        return {}
    rows = await db.execute(select(u.username, u.name).where(u.username.in_(usernames)))
    return {row.username: row.name for row in rows if row.name}


async def in_hand(db: AsyncConnection, case_id: str, username: str | None) -> str | None:
    """The work on this case that they have in hand, a call before anything else."""
    w, i = work.c, routing_item.c
    rows = await db.execute(
        select(w.item, w.kind)
        .select_from(work.join(routing_item, i.id == w.item))
        .where(w.case == case_id, i.agent == username, i.state.in_(("assigned", "wrap_up")))
        .order_by(w.registered_at.desc())
    )
    found = list(rows)
    calls = [row.item for row in found if row.kind != "case"]
    return next(iter([*calls, *(row.item for row in found)]), None)


async def same_matter(db: AsyncConnection, item: str, others: set[str]) -> bool:
    """Whether this work is of the same call as one of the others, or no call at all."""
    w = work.c
    rows = {row.item: row.call for row in await db.execute(select(w.item, w.call).where(w.item.in_([item, *others])))}
    call = rows.get(item)
    return call is None or any(rows.get(other) == call for other in others)

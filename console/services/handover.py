"""What goes along with a case that is handed over: assembled in the handing transaction, read, and acknowledged."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from console.cases import handover as packets
from console.cases import store as cases
from console.cases.case import Case
from console.cases.handover import Packet, Row, Why
from console.cases.store import handovers
from console.cases.store.handovers import Handover
from console.cases.timeline import Activity, Entry
from console.db import notices as kept
from console.db.engine import Transaction
from console.errors import NotAllowed, NotFound
from console.ids import new_id
from console.live.messages import Notice
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.queries import dialogs, stream
from console.queries import handover as ask
from console.services import clocks, contracts
from console.services.context import Context
from console.services.notices import Code
from console.services.seeing import seen_case
from console.services.telling import Told, tell, tell_case_changed
from console.sla import clock as sla
from console.sla.clock import Clock


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """As `GET /cases/{number}/handover` answers: where it went and what came of that, and the packet as it was then."""

    id: str
    case: str
    """Its number."""
    trigger: str
    level: int
    ladder: str | None
    reason: str | None
    by: str | None
    made_at: datetime
    to: dict[str, str]
    item: str
    take_by: datetime | None
    taken_at: datetime | None
    taken_by: str | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    under_way: bool
    packet: Packet


async def assemble(db: Transaction, case: Case, why: Why, *, at: datetime) -> Packet:
    """The whole case as it is in this transaction. The caller holds its row."""
    found = await ask.material(db, case.id)
    covered = await contracts.of_case(db, case)
    running = await clocks.of_case(db, case.id)
    spoken = {run.id: msgspec.to_builtins(run) for run in await dialogs.of_case(db, case.id)}
    acts = {(event["clock"], event["kind"]): event for event in found.clock_events}
    return Packet(
        made_at=at,
        why=why,
        case=found.case,
        customer=found.customer,
        account=found.account,
        contract=None if found.contract is None else {**found.contract, "left": _left(covered)},
        clocks=tuple(_clock(clock, acts, at) for clock in running),
        owners=packets.owners(found.timeline, since=case.created_at, until=at),
        timeline=found.timeline,
        work=found.work,
        calls=found.calls,
        scripts=tuple({**run, "spoken": spoken.get(run["id"])} for run in found.scripts),
        articles=found.articles,
        feedback=found.feedback,
        tried=packets.tried(found.timeline, found.articles),
        promised=packets.promised(found.timeline, found.tasks),
        tasks=found.tasks,
        attachments=found.attachments,
        links=found.links,
        children=found.children,
        time_spent=found.time_spent,
        handovers=found.handovers,
        last_note=packets.last_note(found.timeline, case.owner),
        drafts=found.drafts,
        names=found.names,
    )


def _left(covered: contracts.Covered | None) -> Row | None:
    if covered is None:
        return None
    left = covered.entitlement
    return {
        "included_cases": left.included_cases,
        "used_cases": left.used_cases,
        "cases_left": left.cases_left,
        "included_hours": left.included_hours,
        "used_hours": left.used_hours,
        "hours_left": left.hours_left,
        "exhausted": left.exhausted,
    }


def _clock(clock: Clock, acts: dict[tuple[str, str], Row], at: datetime) -> Row:
    """One promise: its terms, where it stands, and the segments that add up to that."""
    counted = sla.elapsed(clock, at)
    done: dict[str, Any] = {
        kind: {"due_at": act["due_at"], "acted_at": act["acted_at"]}
        for kind in ("warned", "breached")
        if (act := acts.get((clock.id, kind))) is not None
    }
    return {
        "id": clock.id,
        "name": clock.name,
        "policy": clock.policy,
        "state": clock.state.value,
        "target_s": clock.target.total_seconds(),
        "counted_s": counted.total_seconds(),
        "left_s": sla.left(clock, at).total_seconds(),
        "due_at": sla.due_at(clock),
        "warn_at": sla.warn_at(clock),
        "warned_at": clock.warned_at,
        "breached_at": clock.breached_at,
        "started_at": clock.started_at,
        "changed_at": clock.changed_at,
        "acts": done,
        "segments": [
            {
                "from": segment.since,
                "to": segment.until,
                "kind": segment.kind,
                "why": segment.why,
                "by": segment.by,
                "calendar_version": segment.calendar_version,
            }
            for segment in sla.segments(clock, at)
        ],
    }


async def show(ctx: Context, who: Principal, *, number: str) -> Given:
    """The last one of the case, with its packet. Raises NotFound, also where the case was never handed over.

    Whoever is asked to take the case reads it before they do, whether its queue is theirs or not.
    """
    require(who, Permission.SEE_CASES)
    async with ctx.db.snapshot() as db:
        case = await reached_case(ctx, db, who, number)
        found = await handovers.latest(db, case.id)
        if found is None:
            raise NotFound("This case was never handed over.")
    return given(case, *found)


async def reached_case(ctx: Context, db: Transaction, who: Principal, number: str, *, lock: bool = False) -> Case:
    """A case that they may see, or are asked to take. Raises NotFound."""
    case = await cases.find_case(db, number=number, lock=lock)
    under_way = await handovers.under_way(db, case.id) if case is not None else None
    if case is not None and under_way is not None and await _is_asked(db, under_way, who.username):
        return case
    return await seen_case(ctx, db, who, number, lock=lock)


def given(case: Case, handover: Handover, packet: Packet) -> Given:
    to = {"queue": handover.to_queue} if handover.to_agent is None else {"agent": handover.to_agent}
    return Given(
        id=handover.id,
        case=case.number,
        trigger=handover.trigger,
        level=handover.level,
        ladder=handover.ladder,
        reason=handover.reason,
        by=handover.by,
        made_at=handover.made_at,
        to=to,
        item=handover.item,
        take_by=handover.take_by,
        taken_at=handover.taken_at,
        taken_by=handover.taken_by,
        acknowledged_at=handover.acknowledged_at,
        acknowledged_by=handover.acknowledged_by,
        under_way=handover.ended_at is None,
        packet=packet,
    )


async def _is_asked(db: Transaction, handover: Handover, username: str | None) -> bool:
    card = (await stream.cards(db, [handover.item])).get(handover.item)
    return username is not None and username in (handover.to_agent, card.agent if card else None)


async def acknowledge(ctx: Context, who: Principal, *, number: str) -> None:
    """The new owner has read it. Taking the case from its offer says so too; said again, it changes nothing.

    Raises NotFound, NotAllowed (it is not theirs: nobody has taken it, or somebody else has).
    """
    username = require(who, Permission.CHANGE_CASES)
    async with ctx.db.transaction() as db:
        case = await seen_case(ctx, db, who, number, lock=True)
        found = await handovers.latest(db, case.id)
        if found is None:
            raise NotFound("This case was never handed over.")
        handover = found[0]
        if handover.acknowledged_by == username:
            return
        if handover.ended_at is not None or handover.taken_by != username:
            raise NotAllowed("Only who has taken the case acknowledges its handover.")
        at = ctx.clock.now()
        await _set_acknowledged(db, handover, username, at)
        await cases.add_activities(db, [_acknowledged(handover, case.customer, username, at)])
        await tell_case_changed(db, case.id)
    ctx.nudges.ring("frames")


async def taken(db: Transaction, card: stream.Card, agent: str, *, at: datetime, accepted: bool) -> list[Activity]:
    """An agent has the work in hand now: the entries that follow from it, to be kept.

    Accepting the offer acknowledges what was shown in it. Who was given it by hand acknowledges by themselves.
    """
    handover = await handovers.of_work(db, card.item)
    if handover is None:
        return []
    await handovers.change(db, handover.id, taken_at=at, taken_by=agent)
    if not accepted:
        return []
    await _set_acknowledged(db, handover, agent, at)
    if handover.from_agent not in (None, agent):
        await _tell_former(db, handover, card, agent, at)
    return [_acknowledged(handover, card.customer, agent, at)]


async def _set_acknowledged(db: Transaction, handover: Handover, agent: str, at: datetime) -> None:
    await handovers.change(db, handover.id, acknowledged_at=at, acknowledged_by=agent, ended_at=at)


def _acknowledged(handover: Handover, customer: str | None, agent: str, at: datetime) -> Activity:
    return Activity(
        id=new_id(),
        at=at,
        kind=Entry.ACKNOWLEDGED,
        case=handover.case,
        customer=customer,
        work=handover.item,
        by=agent,
        data={"handover": handover.id, "level": handover.level},
    )


async def _tell_former(db: Transaction, handover: Handover, card: stream.Card, agent: str, at: datetime) -> None:
    assert handover.from_agent is not None
    text = f"{agent} has taken {card.case_number}, which was yours."
    notice = kept.Notice(
        id=new_id(),
        at=at,
        to_agent=handover.from_agent,
        by=agent,
        code=Code.HANDOVER_TAKEN,
        text=text,
        data={"case": card.case_number, "subject": card.subject, "level": handover.level},
    )
    await kept.put(db, [notice])
    await tell(db, [Told(handover.from_agent, Notice(code=Code.HANDOVER_TAKEN, text=text))])

"""A back-test: the centre's own record, run again through another configuration, beside what is in force and what was."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec

from console.clock import from_instant, to_instant
from console.config.classify import Arrival, classify
from console.config.document import Centre, ServiceLevel
from console.config.rules import routing_rules
from console.errors import BadInput, NotFound
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.queries import past
from console.queries.past import PastItem
from console.routing import store
from console.routing.agent import Agent, Presence
from console.routing.backtest import Again, Came, Run, as_it_was, as_it_would_be, people
from console.routing.facts import Fact, PresenceSet, StreamOpened
from console.routing.queue import Instant, Requirement, Span
from console.routing.rows import Snapshot
from console.services.context import Context
from console.services.simulating import VERSION
from console.services.uncollected import uncollected

Route = tuple[int, str, Requirement, int | None]
SPAN_MAX = timedelta(days=93)


class Backtest(msgspec.Struct, frozen=True, kw_only=True):
    """The same time three times over."""

    since: datetime
    until: datetime
    version: int
    """Of the configuration that was in force when it began: `old`."""
    seed: int
    recorded: Run
    """As it was."""
    old: Run
    """Run again under that configuration: what the model makes of it."""
    new: Run
    """Run again under the changed one."""
    added: tuple[str, ...]
    """Agents of whom there is no record: taken to be there all the time."""


async def backtest(
    ctx: Context,
    who: Principal,
    *,
    centre: Centre,
    since: datetime,
    until: datetime,
    seed: int,
    progress: Callable[[str], None] = lambda _: None,
) -> Backtest:
    """Run what came between two instants again, through the configuration in force then and through this one.

    Raises NotFound where nothing was recorded, BadInput for a time that is none.
    """
    require(who, Permission.CONFIGURE)
    if not since < until <= since + SPAN_MAX:
        raise BadInput("--from must be earlier than --to, and by no more than 93 days.")
    progress("reading the record")
    async with ctx.db.snapshot() as db:
        items = await past.items(db, since, until)
        before = await store.decision_before(db, since)
        rows = await store.snapshot_then(db, before) if before else None
        present = await past.presence(db, since, until)
        version = rows.meta.config_version if rows else max(await store.versions_after(db, 0), default=0)
        in_force = await ctx.centres.of_version(db, version)
    if not items:
        raise NotFound("Nothing came in that time, or it is no longer in the journal.")
    start, end = to_instant(since), to_instant(until)
    # Nothing more came in within the limit than is run again.
    end = end if len(items) < past.ITEMS_MAX else items[-1].waiting_since
    record = _Record(items, _at_first(rows, start) + present, start, end, seed)
    progress("running it under the configuration in force")
    old = record.again(in_force.document, known=in_force.document)
    progress("running it under the changed configuration")
    new = record.again(centre, known=in_force.document)
    within = _within(in_force.document)
    was = as_it_was([_came(item) for item in items], within, old.signed_in, end)
    return Backtest(
        since=since,
        until=from_instant(end),
        version=version,
        seed=seed,
        recorded=was,
        old=as_it_would_be(old, list(within)),
        new=as_it_would_be(new, list(_within(centre))),
        added=tuple(_added(centre, in_force.document)),
    )


class _Record:
    def __init__(
        self, items: Sequence[PastItem], present: Sequence[Fact], start: Instant, end: Instant, seed: int
    ) -> None:
        self._items = items
        self._came = [_came(item) for item in items]
        self._present = present
        self._start, self._end, self._seed = start, end, seed

    def again(self, centre: Centre, *, known: Centre) -> Again:
        """That time under this configuration; the same chance each time."""
        within = _within(centre)
        rules = routing_rules(VERSION, centre, from_instant(self._start))
        run = Again(rules, list(within.values()), self._present, start=self._start, until=self._end)
        for name in _added(centre, known):
            run.come(name)
        streams = {queue: number for number, queue in enumerate(within)}
        routes = [_route(centre, item, streams) for item in self._items]
        chance = random.Random(self._seed)  # noqa: S311 - nothing here is secret
        with uncollected():
            run.run(iter(people(self._came, routes, chance)), drain=True)
        run.over()
        return run


def _route(centre: Centre, item: PastItem, streams: dict[str, int]) -> Route:
    """Where it would go now that it comes anew; what was handed on keeps the queue that somebody chose for it."""
    own_word = (
        item.parent is not None or item.kind == "callback" or (item.rule is None and item.asked.get("queue") is None)
    )
    queue = item.queue if own_word and centre.queue(item.queue) is not None else item.asked.get("queue")
    decision = classify(
        centre,
        Arrival(
            channel=item.kind,
            queue=queue if queue is not None and centre.queue(queue) is not None else None,
            to=item.call["to"] if item.call else None,
            from_=item.call["from"] if item.call else None,
            priority=item.asked.get("priority") if item.call else item.priority,
            requires=item.asked.get("requires") or {} if item.call and not own_word else item.requires,
            attributes=item.attributes,
            topic=item.topic,
            subject=item.subject,
            source=item.source,
            call=item.call,
            case=item.case,
            customer=item.customer,
        ),
    )
    target = decision.queue if decision.queue in streams else next(iter(streams), "")
    return streams.get(target, 0), target, decision.requires, decision.priority


def _came(item: PastItem) -> Came:
    return Came(
        item=item.item,
        kind=item.kind,
        queue=item.queue,
        needs=item.needs,
        at=item.waiting_since,
        waited=item.waited,
        state=item.state,
        agent=item.agent,
        handle=item.handle,
        wrap_up=item.wrap_up,
    )


def _at_first(rows: Snapshot | None, start: Instant) -> list[Fact]:
    """Who was there when it began, the longest idle first."""
    facts: list[Fact] = []
    agents: Sequence[Agent] = rows.agents if rows else ()
    for agent in sorted(agents, key=lambda one: one.idle_seq):
        facts += [StreamOpened(at=start, agent=agent.username, node=node) for node in sorted(agent.nodes)]
        if agent.presence is not Presence.OFFLINE:
            facts.append(PresenceSet(at=start, agent=agent.username, presence=agent.presence, reason=agent.reason))
    return facts


def _within(centre: Centre) -> dict[str, Span]:
    """By queue, within what time an answer is in target."""
    second = timedelta(microseconds=1)
    found = {queue.name: queue.service_level.within // second for queue in centre.queues}
    return found or {"": ServiceLevel().within // second}


def _added(centre: Centre, known: Centre) -> list[str]:
    there = {agent.username for agent in known.agents}
    return [agent.username for agent in centre.agents if agent.username not in there and "agent" in agent.roles]

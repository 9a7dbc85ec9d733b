"""The order in which agents were given work, worked out again from the journal by plain scans.

It knows the configuration from the test, the rows from the journal, and nothing of the console's code: for each
decision it asks everybody about everything.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import asyncpg

from tests.load.floor import QUEUES, agents

PROFILES = agents()

Row = dict[str, Any]


class Order:
    """Fed one decision after the other, it says what was out of order."""

    def __init__(self) -> None:
        self._qualified: dict[str, set[str]] = {}
        """Item to the agents who serve its queue and have its skills: neither ever changes here."""
        self._waiting: dict[str, Row] = {}
        self._agents: dict[str, Row] = {}
        self._free: set[str] = set()
        self.offers = 0
        self.contended = 0
        """Offers made while something else waited that the same agent could have taken."""
        self.rivalled = 0
        """Offers of an arriving item that another free agent could have taken."""

    def feed(self, at: int, fact: Row, rows: list[tuple[str, Row]]) -> Iterator[str]:
        """One decision: what was wrong with it."""
        made = []
        for kind, row in rows:
            if kind == "item":
                self._waiting.pop(row["id"], None)
                if row["state"] == "waiting":
                    self._waiting[row["id"]] = row
            elif kind == "agent":
                self._agents[row["username"]] = row
                (self._free.add if free(row) else self._free.discard)(row["username"])
            elif row["state"] == "open":
                made.append(row)
        items = {row["id"]: row for kind, row in rows if kind == "item"}
        for offer in made:
            yield from self._given(offer, items[offer["item"]], at)
            if fact["fact"] == "WorkItemQueued" and fact["item"] == offer["item"]:
                yield from self._longest_idle(offer, items[offer["item"]], at)
        yield from self._nothing_left(at)

    def _given(self, offer: Row, item: Row, at: int) -> Iterator[str]:
        self.offers += 1
        if offer["agent"] not in self._who(item):
            yield f"{offer['agent']} was asked for {item['id']} and does not qualify"
        rivals = [other for other in self._waiting.values() if self._may_take(offer["agent"], other, at)]
        self.contended += bool(rivals)
        for other in rivals:
            if place(other) < place(item):
                yield f"{offer['agent']} was given {item['id']} before {other['id']}"

    def _longest_idle(self, offer: Row, item: Row, at: int) -> Iterator[str]:
        chosen = self._agents[offer["agent"]]
        rivals = [self._agents[name] for name in self._free if self._may_take(name, item, at)]
        self.rivalled += bool(rivals)
        for other in rivals:
            if other["idle_since"] < chosen["idle_since"]:
                yield f"{item['id']} went to {offer['agent']}, and {other['username']} was idle longer"

    def _nothing_left(self, at: int) -> Iterator[str]:
        for name in self._free:
            for item in self._waiting.values():
                if self._may_take(name, item, at):
                    yield f"{item['id']} was left waiting, and {name} was free"

    def _may_take(self, name: str, item: Row, at: int) -> bool:
        if name not in self._who(item):
            return False
        hold = item["holds"].get(name)
        # Who declined three times is asked again only where nobody else qualifies, which the engine's own tests prove.
        return hold is None or (hold["until"] <= at and hold["declines"] < 3)

    def _who(self, item: Row) -> set[str]:
        if item["id"] not in self._qualified:
            self._qualified[item["id"]] = {name for name in PROFILES if qualifies(name, item)}
        return self._qualified[item["id"]]


def place(item: Row) -> tuple[int, int, int]:
    priority = QUEUES[item["queue"]]["priority"] if item["own_priority"] is None else item["own_priority"]
    return (-priority, item["waiting_since"], item["seq"])


def free(agent: Row) -> bool:
    there = agent["nodes"] or agent["absent_since"] is not None
    barred = agent["not_responding"] or agent["pending"] or agent["offer"] or agent["work"]
    return agent["presence"] == "available" and bool(there) and not barred


def qualifies(name: str, item: Row) -> bool:
    profile = PROFILES[name]
    if profile["queues"] is not None and item["queue"] not in profile["queues"]:
        return False
    needs: Mapping[str, int] = QUEUES[item["queue"]].get("requires", {})
    return all(
        profile["skills"].get(skill, 0) >= max(needs.get(skill, 0), item["requires"].get(skill, 0))
        for skill in {*needs, *item["requires"]}
    )


async def out_of_order(connection: asyncpg.Connection[Any]) -> tuple[Order, list[str]]:
    """The whole journal, read through."""
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=repr, decoder=json.loads)
    decisions = await connection.fetch(
        "select number, (extract(epoch from at) * 1000000)::bigint as at, fact from decision order by number"
    )
    rows: dict[int, list[tuple[str, Row]]] = {}
    for found in await connection.fetch("select decision, kind, row from decision_row order by decision, kind, id"):
        rows.setdefault(found["decision"], []).append((found["kind"], found["row"]))
    order = Order()
    wrong = [
        f"decision {decision['number']}: {fault}"
        for decision in decisions
        for fault in order.feed(decision["at"], decision["fact"], rows.get(decision["number"], []))
    ]
    return order, wrong

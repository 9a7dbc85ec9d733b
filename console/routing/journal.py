"""A decision as it is journalled: the fact, the orders, and every row as it was afterwards."""

from __future__ import annotations

import msgspec

from console.routing.agent import Agent
from console.routing.engine import Engine
from console.routing.facts import ConfigChanged, Fact
from console.routing.orders import Order
from console.routing.queue import Instant
from console.routing.rows import Changes
from console.routing.work_item import Offer, WorkItem


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """One step that changed something, or gave orders."""

    number: int
    at: Instant
    fact_id: str | None
    """None: the router's own (time passed, it resumed)."""
    fact: Fact
    orders: list[Order]
    changes: Changes

    @property
    def config_version(self) -> int:
        return self.changes.meta.config_version


class Journalled(msgspec.Struct, frozen=True, kw_only=True):
    """A decision as it is read back: the rows it changed, as they were after it."""

    number: int
    at: Instant
    config_version: int
    items: tuple[WorkItem, ...] = ()
    agents: tuple[Agent, ...] = ()
    offers: tuple[Offer, ...] = ()


def journalled(decision: Decision) -> Journalled:
    """What will be read back of this decision."""
    changes = decision.changes
    return Journalled(
        number=decision.number,
        at=decision.at,
        config_version=decision.config_version,
        items=changes.items,
        agents=changes.agents,
        offers=changes.offers,
    )


def decide(engine: Engine, fact: Fact, fact_id: str | None = None) -> Decision | None:
    """Step the fact; the decision to be kept and carried out, or None where nothing came of it."""
    before = engine.decision
    orders = engine.step(fact)
    if engine.decision == before:
        return None
    changes = engine.take_changes()
    return Decision(
        number=engine.decision,
        at=changes.meta.now,
        fact_id=fact_id,
        fact=_brief(fact),
        orders=orders,
        changes=changes,
    )


def _brief(fact: Fact) -> Fact:
    """Rules are kept once, by their version."""
    return ConfigChanged(at=fact.at, version=fact.version) if isinstance(fact, ConfigChanged) else fact

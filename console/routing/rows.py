"""The engine's rows together: what a step changed, and all that an engine needs to go on."""

from __future__ import annotations

import msgspec

from console.routing.agent import Agent
from console.routing.queue import Instant
from console.routing.work_item import Assignment, Offer, WorkItem


class Meta(msgspec.Struct, frozen=True, kw_only=True):
    """The engine's counters and clock; one row, `routing_meta`."""

    decision: int = 0
    item_seq: int = 0
    idle_seq: int = 0
    offer_seq: int = 0
    now: Instant = 0
    config_version: int = 0


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """Rows as they are after a step (copies), and the counters."""

    meta: Meta
    items: tuple[WorkItem, ...] = ()
    agents: tuple[Agent, ...] = ()
    offers: tuple[Offer, ...] = ()
    assignments: tuple[Assignment, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.items or self.agents or self.offers or self.assignments)


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """All that an engine needs to go on: what is open, what ended within `RECALL`, every agent."""

    meta: Meta
    items: tuple[WorkItem, ...] = ()
    agents: tuple[Agent, ...] = ()
    offers: tuple[Offer, ...] = ()

"""The configuration as use cases ask it: where something goes, who sits where, which names there are."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any

import msgspec

from console.cases.call import Call
from console.cases.case import Case
from console.cases.contract import Contract
from console.cases.customer import Customer
from console.config import store
from console.config.classify import Arrival, Decision, classify
from console.config.document import Centre as Document
from console.config.document import PhoneSystem
from console.config.rules import routing_rules
from console.db.engine import Transaction
from console.errors import FieldError
from console.routing.queue import Requirement, Rules
from console.telephony import ORDERS_TAKEN, CallArrived

UNROUTED = "unrouted"
"""Where work waits that no rule sent anywhere, in a centre without a fallback queue: listed, and never lost."""
VERSIONS_KEPT = 4


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """Where an item goes, and its own requirement and priority."""

    queue: str
    requires: Requirement
    priority: int | None
    record: dict[str, Any]
    """Kept with the work: the rule that held, the conditions that failed, the configuration's version."""


class Centre:
    """One version of the configuration."""

    def __init__(self, version: int, document: Document, applied_at: datetime | None = None) -> None:
        self.version = version
        self.document = document
        self.applied_at = applied_at

    @cached_property
    def rules(self) -> Rules:
        """As the engine is given them."""
        return routing_rules(self.version, self.document, self.applied_at)

    @property
    def phone_systems(self) -> tuple[PhoneSystem, ...]:
        return self.document.telephony

    @cached_property
    def _kinds(self) -> dict[str, str]:
        return {system.name: system.kind for system in self.document.telephony}

    @cached_property
    def _endpoints(self) -> dict[str, str]:
        return {agent.username: agent.endpoint for agent in self.document.agents if agent.endpoint}

    @cached_property
    def _agents_by_endpoint(self) -> dict[str, str]:
        return {endpoint: username for username, endpoint in self._endpoints.items()}

    def endpoint_of(self, username: str) -> str | None:
        return self._endpoints.get(username)

    def agent_at(self, endpoint: str | None) -> str | None:
        return self._agents_by_endpoint.get(endpoint) if endpoint else None

    def takes_orders(self, source: str) -> bool:
        """Whether that phone system connects and hangs up at our word."""
        return self._kinds.get(source) in ORDERS_TAKEN

    def rings_on_offer(self, source: str | None) -> bool:
        """Whether agents' phones ring with the offer, not after its acceptance."""
        return any(system.name == source and system.ring == "on_offer" for system in self.phone_systems)

    def queues_of(self, username: str) -> frozenset[str] | None:
        """The queues an agent serves; None: every one."""
        agent = self.document.agent(username)
        if agent is None:
            return frozenset()
        return None if agent.queues is None else frozenset(agent.queues)

    def unknown_names(self, queue: str | None, requires: Requirement, prefix: str = "") -> tuple[FieldError, ...]:
        """What is wrong with names that somebody sent; `prefix` stands before the field's name."""
        errors = []
        if queue is not None and self.document.queue(queue) is None:
            errors.append(FieldError(f"{prefix}queue", f"there is no queue {queue!r}"))
        errors += [
            FieldError(f"{prefix}requires.{skill}", f"there is no skill {skill!r}")
            for skill in requires
            if skill not in self.document.skills
        ]
        return tuple(errors)

    def route_call(
        self, event: CallArrived, call: Call, *, case: Case | None, customer: Customer | None, contract: Contract | None
    ) -> Route:
        """Where a call goes that has just arrived."""
        return self._route(
            Arrival(
                channel="voice",
                to=call.dialled,
                from_=call.caller,
                queue=event.queue,
                priority=event.priority,
                requires=event.requires,
                attributes=event.attributes,
                source=call.source,
                call={"source": call.source, "id": call.external_id, "from": call.caller, "to": call.dialled},
                case=_case(case),
                customer=_customer(customer),
                contract=contract.named if contract else None,
                topic=case.topic if case else None,
                subject=case.subject if case else None,
            )
        )

    def route_case(
        self,
        case: Case,
        queue: str | None,
        requires: Requirement,
        *,
        customer: Customer | None,
        contract: Contract | None,
    ) -> Route:
        """Where a case goes that has just been registered."""
        return self._route(
            Arrival(
                channel="case",
                queue=queue,
                priority=case.priority,
                requires=requires,
                topic=case.topic,
                subject=case.subject,
                source=case.via,
                case=_case(case),
                customer=_customer(customer),
                contract=contract.named if contract else None,
            )
        )

    def _route(self, arrival: Arrival) -> Route:
        decision = classify(self.document, arrival)
        return Route(
            queue=decision.queue or UNROUTED,
            requires=decision.requires,
            priority=decision.priority,
            record=_record(decision, self.version),
        )


class Centres:
    """Versions of the configuration, each read once."""

    def __init__(self) -> None:
        self._kept: dict[int, Centre] = {}

    async def in_force(self, db: Transaction) -> Centre:
        """The last one applied, as this transaction sees it."""
        return await self.of_version(db, await store.current_version(db))

    async def of_version(self, db: Transaction, version: int) -> Centre:
        """A version that there is; they never change."""
        if version not in self._kept:
            found = await store.find(db, version)
            assert found is not None, f"configuration {version} is not in the database"
            self._kept[version] = Centre(version, found.centre, found.applied_at)
            while len(self._kept) > VERSIONS_KEPT:
                del self._kept[min(self._kept)]
        return self._kept[version]


def _case(case: Case | None) -> dict[str, Any] | None:
    if case is None:
        return None
    return {"number": case.number, "subject": case.subject, "status": case.status.value, "priority": case.priority}


def _customer(customer: Customer | None) -> dict[str, Any] | None:
    if customer is None:
        return None
    return {"id": customer.id, "name": customer.name, "phone": next(iter(customer.phones), None)}


def _record(decision: Decision, version: int) -> dict[str, Any]:
    record: dict[str, Any] = {"version": version, "rule": decision.rule}
    if decision.failed:
        record["failed"] = [{"rule": failed.rule, "error": failed.error} for failed in decision.failed]
    return record

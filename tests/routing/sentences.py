"""Short words for facts, so that tests read as sentences."""

from console.routing.agent import Presence
from console.routing.engine import Engine
from console.routing.facts import (
    CallAnswered,
    CallEnded,
    ConfigChanged,
    ConnectFailed,
    ConsultAsked,
    ConsultOver,
    Fact,
    OfferAccepted,
    OfferDeclined,
    PresenceSet,
    StreamClosed,
    StreamOpened,
    TimePassed,
    WorkAssigned,
    WorkCompleted,
    WorkItemQueued,
    WorkMoved,
    WorkTransferred,
)
from console.routing.ids import offer_id
from console.routing.orders import CloseItem, CloseOffer, MakeOffer, MoveItem, Order, Refuse
from console.routing.queue import SECOND, AgentProfile, Queue, Requirement, Rules
from console.routing.work_item import ItemState, WorkItem

NOON = 1_795_262_400 * SECOND
ANA, BEN, CYD = "ana", "ben", "cyd"


def item_id(number: int) -> str:
    return f"00000000-0000-7000-8000-{number:012d}"


def rules_of(*queues: Queue, agents: list[AgentProfile], version: int = 1, fallback: str | None = None) -> Rules:
    return Rules(
        version=version,
        queues={queue.name: queue for queue in queues},
        agents={agent.username: agent for agent in agents},
        fallback_queue=fallback,
    )


def voice(name: str = "faults", **rules) -> Queue:
    return Queue(name=name, channel="voice", **rules)


def agent(name: str, *, cases: int = 0, queues: tuple[str, ...] | None = None, voice: int = 1, **skills: int):
    return AgentProfile(
        username=name,
        skills=skills,
        capacity={"voice": voice, "case": cases},
        queues=None if queues is None else frozenset(queues),
    )


def centre(*queues: Queue, agents: list[AgentProfile], fallback: str | None = None) -> Engine:
    """An engine with a configuration, in which everybody became available a minute before noon, in this order."""
    engine = Engine()
    engine.step(configured(rules_of(*queues, agents=agents, fallback=fallback), at=NOON - 60 * SECOND))
    for number, profile in enumerate(agents):
        for fact in available(profile.username, at=NOON - (60 - number) * SECOND):
            engine.step(fact)
    return engine


def configured(rules: Rules, *, at: int) -> Fact:
    return ConfigChanged(at=at, version=rules.version, rules=rules)


def available(name: str, *, at: int) -> list[Fact]:
    return [StreamOpened(at=at, agent=name, node="n1"), says(name, "available", at=at)]


def says(name: str, presence: str, *, at: int, reason: str | None = None) -> Fact:
    return PresenceSet(at=at, agent=name, presence=Presence(presence), reason=reason)


def closes(name: str, *, at: int, node: str = "n1") -> Fact:
    return StreamClosed(at=at, agent=name, node=node)


def opens(name: str, *, at: int, node: str = "n1") -> Fact:
    return StreamOpened(at=at, agent=name, node=node)


def call(
    number: int,
    *,
    at: int,
    queue: str = "faults",
    priority: int | None = None,
    requires: Requirement | None = None,
    takes_orders: bool = False,
    preferred: tuple[str, ...] = (),
    due: int | None = None,
) -> Fact:
    return WorkItemQueued(
        at=at,
        item=item_id(number),
        kind="voice",
        queue=queue,
        priority=priority,
        requires=requires or {},
        takes_orders=takes_orders,
        preferred=preferred,
        due=due,
    )


def case(number: int, *, at: int, queue: str = "desk", priority: int | None = None) -> Fact:
    return WorkItemQueued(at=at, item=item_id(number), kind="case", queue=queue, priority=priority)


def callback(number: int, *, at: int, queue: str = "faults") -> Fact:
    return WorkItemQueued(at=at, item=item_id(number), kind="callback", queue=queue)


def accept(nth: int, name: str, *, at: int) -> Fact:
    """Yes to the engine's nth offer, which was made one second ago."""
    return OfferAccepted(at=at, offer=offer_id(at - SECOND, nth), agent=name)


def yes(engine: Engine, name: str, *, at: int) -> Fact:
    """Yes to what rings at this agent's."""
    return OfferAccepted(at=at, offer=ringing(engine, name), agent=name)


def no(engine: Engine, name: str, *, at: int) -> Fact:
    return OfferDeclined(at=at, offer=ringing(engine, name), agent=name, reason="busy")


def ringing(engine: Engine, name: str) -> str:
    offer = engine.floor.agents[name].offer
    assert offer is not None, f"nothing rings at {name}'s"
    return offer


def asked(orders: list[Order]) -> list[tuple[str, int]]:
    """Who is asked to take which item, of an answer to a fact."""
    return [(order.agent, number(order.item)) for order in orders if isinstance(order, MakeOffer)]


def closed(orders: list[Order]) -> list[tuple[str, str, str | None]]:
    return [(order.agent, order.outcome, order.reason) for order in orders if isinstance(order, CloseOffer)]


def refused(orders: list[Order]) -> str | None:
    return next((order.problem for order in orders if isinstance(order, Refuse)), None)


def number(item: str) -> int:
    return int(item[-12:])


def item(engine: Engine, number: int) -> WorkItem:
    return engine.floor.items[item_id(number)]


def moved(orders: list[Order]) -> list[tuple[int, str, str]]:
    """Which item waits in which other queue now, and why."""
    return [(number(order.item), order.queue, order.cause) for order in orders if isinstance(order, MoveItem)]


def sent(orders: list[Order]) -> list[tuple[int, str | None, str | None, bool]]:
    """Which item its queue sent out of routing, where to, why, and whether it had waited at all."""
    return [
        (number(order.item), order.overflow, order.cause, order.blocked)
        for order in orders
        if isinstance(order, CloseItem) and order.state is ItemState.OVERFLOWED
    ]


def transferred(number: int, *, at: int, queue: str | None = None, agent: str | None = None) -> Fact:
    """Its successor has the number plus 100."""
    return WorkTransferred(at=at, item=item_id(number), queue=queue, agent=agent, successor=item_id(number + 100))


def given(number: int, name: str, *, at: int) -> Fact:
    return WorkAssigned(
        at=at, item=item_id(number), agent=name, by="sue", reason="urgent", successor=item_id(number + 100)
    )


def put_into(number: int, queue: str, *, at: int) -> Fact:
    return WorkMoved(
        at=at, item=item_id(number), queue=queue, by="sue", reason="urgent", successor=item_id(number + 100)
    )


def consults(number: int, by: str, name: str, *, at: int) -> Fact:
    return ConsultAsked(at=at, item=item_id(number), by=by, agent=name)


def consulted(number: int, name: str, outcome: str, *, at: int) -> Fact:
    return ConsultOver(at=at, item=item_id(number), agent=name, outcome=outcome, successor=item_id(number + 100))


def call_ends(number: int, *, at: int) -> Fact:
    return CallEnded(at=at, item=item_id(number))


def completes(number: int, name: str, *, at: int) -> Fact:
    return WorkCompleted(at=at, item=item_id(number), agent=name)


def answers(number: int, name: str, *, at: int) -> Fact:
    return CallAnswered(at=at, item=item_id(number), agent=name)


def fails(number: int, name: str, *, at: int) -> Fact:
    return ConnectFailed(at=at, item=item_id(number), agent=name, reason="busy")


def time(at: int) -> Fact:
    return TimePassed(at=at)

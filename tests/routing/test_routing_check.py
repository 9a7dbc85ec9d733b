"""`check` finds nothing in what the engine decided, and every fault that is planted there."""

from collections.abc import Callable

import msgspec
import pytest

from console.routing.agent import Presence
from console.routing.check import Checker, Violation, check
from console.routing.engine import Engine
from console.routing.facts import ConfigChanged, Fact, WorkAssigned
from console.routing.journal import Journalled, decide, journalled
from console.routing.queue import SECOND, AgentProfile, Queue, RelaxStep, Rules
from console.routing.rows import Snapshot
from console.routing.work_item import ItemState, OfferState
from tests.routing.sentences import (
    ANA,
    BEN,
    NOON,
    accept,
    agent,
    available,
    call,
    call_ends,
    case,
    item_id,
    rules_of,
    time,
)
from tests.routing.streams import live

replace = msgspec.structs.replace


def lived(facts, engine: Engine | None = None) -> tuple[list[Journalled], dict[int, Rules]]:
    """The journal of a life, and the rules it was lived under."""
    engine = engine or Engine()
    journal, rules = [], {}
    for fact in facts(engine) if callable(facts) else facts:
        if isinstance(fact, ConfigChanged):
            rules[fact.version] = fact.rules
        decision = decide(engine, fact)
        if decision is not None:
            journal.append(journalled(decision))
    return journal, rules


@pytest.mark.parametrize("seed", range(40))
def test_it_finds_nothing_in_what_the_engine_decided(seed: int) -> None:
    journal, rules = lived(lambda engine: live(seed, engine, 400))

    assert list(check(journal, rules)) == []


@pytest.mark.parametrize("seed", range(10))
def test_it_can_begin_in_the_middle(seed: int) -> None:
    engine = Engine()
    facts = live(seed, engine, 400)
    rules = {}
    for _ in range(300):
        fact = next(facts)
        decide(engine, fact)
        if isinstance(fact, ConfigChanged):
            rules[fact.version] = fact.rules
    floor = engine.floor
    copied = msgspec.json.decode(
        msgspec.json.encode(
            Snapshot(
                meta=engine.meta,
                items=tuple(floor.items.values()),
                agents=tuple(floor.agents.values()),
                offers=tuple(floor.offers.values()),
            )
        ),
        type=Snapshot,
    )
    later, new_rules = lived(facts, engine)

    assert list(check(later, rules | new_rules, copied)) == []


# --- planted faults --------------------------------------------------------------------------------------------------


def a_day() -> list[Fact]:
    """Two agents, a voice queue that needs fibre, and one call each, waiting ones and a case."""
    return [
        ConfigChanged(
            at=NOON,
            version=1,
            rules=rules_of(
                Queue(name="faults", channel="voice", requires={"fibre": 2}, decline_pause=60 * SECOND),
                Queue(name="desk", channel="case"),
                agents=[
                    AgentProfile(username=ANA, skills={"fibre": 3}, capacity={"voice": 1, "case": 1}),
                    AgentProfile(username=BEN, skills={"fibre": 4}, capacity={"voice": 1, "case": 1}),
                    AgentProfile(username="cyd", skills={"fibre": 1}, capacity={"voice": 1, "case": 1}),
                ],
            ),
        ),
        *available(ANA, at=NOON),
        *available(BEN, at=NOON + SECOND),
        *available("cyd", at=NOON + 2 * SECOND),
        call(1, at=NOON + 3 * SECOND),  # ana
        accept(1, ANA, at=NOON + 4 * SECOND),
        call(2, at=NOON + 5 * SECOND),  # ben
        accept(2, BEN, at=NOON + 6 * SECOND),
        call(3, at=NOON + 7 * SECOND),
        call(4, at=NOON + 8 * SECOND),
        call_ends(1, at=NOON + 9 * SECOND),  # ana: call 3
        accept(3, ANA, at=NOON + 10 * SECOND),
        case(5, at=NOON + 11 * SECOND, queue="desk"),  # cyd
    ]


Plant = Callable[[list[Journalled]], None]


def changed(journal: list[Journalled], at: int, **rows) -> None:
    """Replace rows of one decision: `item=("id", {...})`."""
    decision = journal[at]
    for kind, (key, changes) in rows.items():
        table = list(getattr(decision, f"{kind}s"))
        for index, row in enumerate(table):
            if (row.username if kind == "agent" else row.id) == key:
                table[index] = replace(row, **changes)
        decision = replace(decision, **{f"{kind}s": tuple(table)})
    journal[at] = decision


def row(journal: list[Journalled], kind: str, key: str, upto: int):
    """The row as it was after that decision."""
    for decision in reversed(journal[: upto + 1]):
        for found in getattr(decision, f"{kind}s"):
            if (found.username if kind == "agent" else found.id) == key:
                return found
    raise AssertionError(key)


def added(journal: list[Journalled], at: int, **rows) -> None:
    decision = journal[at]
    journal[at] = replace(decision, **{f"{k}s": (*getattr(decision, f"{k}s"), *new) for k, new in rows.items()})


def offers_made(journal: list[Journalled]) -> list[tuple[int, str, str, str]]:
    """(index of decision, offer, item, agent) of each."""
    return [
        (index, offer.id, offer.item, offer.agent)
        for index, decision in enumerate(journal)
        for offer in decision.offers
        if offer.state is OfferState.OPEN
    ]


def two_owners(journal: list[Journalled]) -> None:
    (_, _, item, _), *_ = offers_made(journal)
    at = next(i for i, d in enumerate(journal) if any(x.id == item and x.state is ItemState.ASSIGNED for x in d.items))
    added(journal, at, agent=[replace(row(journal, "agent", BEN, at), work=[item])])


def two_offers_to_one_agent(journal: list[Journalled]) -> None:
    at, offer, _, agent = offers_made(journal)[1]
    another = replace(row(journal, "offer", offer, at), id=item_id(99), item=item_id(98), agent=agent)
    added(journal, at, offer=[replace(another, why=replace(another.why, decision=1))])


def over_capacity(journal: list[Journalled]) -> None:
    at = len(journal) - 1
    calls = [row(journal, "item", i, at) for _, _, i, _ in offers_made(journal)[1:3]]
    extra = replace(calls[0], id=calls[0].id[:-2] + "77", seq=77, agent=ANA)
    ana = row(journal, "agent", ANA, at)
    added(journal, at, item=[extra], agent=[replace(ana, work=[*ana.work, extra.id])])


def unqualified(journal: list[Journalled]) -> None:
    at, offer, item, agent = offers_made(journal)[0]
    changed(journal, at, offer=(offer, {"agent": "cyd"}), item=(item, {"agent": "cyd"}))
    changed(journal, at, agent=(agent, {"offer": None}))
    added(journal, at, agent=[replace(row(journal, "agent", "cyd", at), offer=offer)])


def looser_than_in_force(journal: list[Journalled]) -> None:
    at, _, item, _ = offers_made(journal)[0]
    changed(journal, at, item=(item, {"needs": {"fibre": 1}}))


def asked_while_away(journal: list[Journalled]) -> None:
    at, _, _, agent = offers_made(journal)[0]
    changed(journal, at, agent=(agent, {"presence": Presence.AWAY}))


def left_waiting(journal: list[Journalled]) -> None:
    at, _offer, item, agent = offers_made(journal)[0]
    changed(
        journal,
        at,
        agent=(agent, {"offer": None}),
        item=(item, {"state": ItemState.WAITING, "agent": None, "offer": None}),
    )
    journal[at] = replace(journal[at], offers=())


def a_worse_item(journal: list[Journalled]) -> None:
    at, offer, item, agent = offers_made(journal)[2]
    later = next(d.items[0] for d in journal if d.items and d.items[0].seq == 4)
    earlier = row(journal, "item", item, at - 1)
    changed(journal, at, offer=(offer, {"item": later.id}))
    items = [
        replace(later, state=ItemState.OFFERED, offer=offer, agent=agent),
        replace(earlier, state=ItemState.WAITING),
    ]
    journal[at] = replace(journal[at], items=tuple(i for i in journal[at].items if i.id not in (later.id, item)))
    added(journal, at, item=items)


def idle_less_long(journal: list[Journalled]) -> None:
    at, offer, item, agent = offers_made(journal)[0]
    changed(journal, at, offer=(offer, {"agent": BEN}), item=(item, {"agent": BEN}), agent=(agent, {"offer": None}))
    added(journal, at, agent=[replace(row(journal, "agent", BEN, at), offer=offer)])


def ended_twice(journal: list[Journalled]) -> None:
    done = next(x for d in journal for x in d.items if x.state is ItemState.COMPLETED)
    added(journal, len(journal) - 1, item=[replace(done, state=ItemState.ABANDONED)])


def lost_place(journal: list[Journalled]) -> None:
    at, _, item, _ = offers_made(journal)[2]
    changed(journal, at, item=(item, {"waiting_since": NOON + 8 * SECOND}))


@pytest.mark.parametrize(
    ("guarantee", "code", "plant"),
    [
        (1, "two_owners", two_owners),
        (1, "two_offers_to_agent", two_offers_to_one_agent),
        (2, "over_capacity", over_capacity),
        (3, "not_qualified", unqualified),
        (3, "requirement_wrong", looser_than_in_force),
        (3, "not_routable", asked_while_away),
        (4, "left_waiting", left_waiting),
        (5, "better_item", a_worse_item),
        (6, "idle_longer", idle_less_long),
        (7, "ended_twice", ended_twice),
        (7, "lost_place", lost_place),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_a_planted_fault_is_found_with_its_decision(guarantee: int, code: str, plant: Plant) -> None:
    journal, rules = lived(a_day())
    assert list(check(journal, rules)) == []
    untouched = list(journal)
    plant(journal)
    broken = next(i for i, d in enumerate(journal) if d is not untouched[i])

    found: list[Violation] = list(check(journal, rules))

    assert (guarantee, code) in {(v.guarantee, v.code) for v in found}
    assert min(v.decision for v in found) == journal[broken].number


def test_time_alone_is_no_fault() -> None:
    journal, rules = lived([*a_day(), time(NOON + 9000 * SECOND)])
    checker = Checker(rules)

    assert [v for d in journal for v in checker.feed(d)] == []


# --- what time opens, and what a hand may do -------------------------------------------------------------------------


def a_ladder() -> list[Fact]:
    """A call that nobody may take for 30 s, and then ben; before it one that is kept for ana, who is on a call."""
    queue = Queue(
        name="faults",
        channel="voice",
        requires={"fibre": 2},
        relax=(RelaxStep(after=30 * SECOND, require={"fibre": 1}),),
        prefer_for=20 * SECOND,
    )
    rules = rules_of(queue, agents=[agent(ANA, fibre=2), agent(BEN, fibre=1)])
    return [
        ConfigChanged(at=NOON, version=1, rules=rules),
        *available(ANA, at=NOON),
        *available(BEN, at=NOON + SECOND),
        call(1, at=NOON + 2 * SECOND),
        accept(1, ANA, at=NOON + 3 * SECOND),
        replace(call(2, at=NOON + 4 * SECOND), preferred=(ANA,)),
        time(NOON + 24 * SECOND),
        time(NOON + 34 * SECOND),
    ]


def test_a_ladder_and_a_preference_are_no_fault() -> None:
    journal, rules = lived(a_ladder())

    assert list(check(journal, rules)) == []
    assert offers_made(journal)[-1][3] == BEN


def test_a_preference_that_outlasts_its_time_is_found() -> None:
    journal, rules = lived(a_ladder())
    item = item_id(2)
    kept = row(journal, "item", item, len(journal) - 3)
    journal[-2:] = [replace(journal[-2], items=(), agents=()), replace(journal[-1], items=(), agents=(), offers=())]

    assert kept.preferred == [ANA]
    assert {(v.guarantee, v.code) for v in check(journal, rules)} == {(4, "waits_for_nobody"), (4, "not_relaxed")}


def test_an_offer_past_a_preference_in_force_is_found() -> None:
    journal, rules = lived(a_ladder())
    at = offers_made(journal)[-1][0]
    changed(journal, at, item=(item_id(2), {"preferred": [ANA], "prefer_until": NOON + 99 * SECOND}))

    assert (3, "held_back") in {(v.guarantee, v.code) for v in check(journal, rules)}


def test_an_offer_by_a_step_that_was_not_yet_due_is_found() -> None:
    journal, rules = lived(a_ladder())
    at = offers_made(journal)[-1][0]
    journal[at] = replace(journal[at], at=NOON + 33 * SECOND)

    assert (3, "requirement_wrong") in {(v.guarantee, v.code) for v in check(journal, rules)}


def test_a_supervisors_hand_may_exceed_capacity() -> None:
    given = WorkAssigned(
        at=NOON + 5 * SECOND, item=item_id(2), agent=ANA, by="sue", reason="knows", successor=item_id(9)
    )
    journal, rules = lived([*a_ladder()[:-2], given])

    assert len(row(journal, "agent", ANA, len(journal) - 1).work) == 2
    assert list(check(journal, rules)) == []

"""Events a second of the routing engine, by its index and by a plain scan, in the same run.

An event is one fact: work arrives, an offer is accepted, a call ends. Both engines are the same but for the index,
start from the same rows, and are stepped through the same facts. `ratio` is index over scan. Times are of the
processor, so that what else the machine does is not counted.

    python -m bench.engine            all rows of the table (some minutes)
    python -m bench.engine --quick    small rows, few events (seconds)
    python -m bench.engine --row 10k  rows whose name contains this
"""

import argparse
import copy
import gc
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from time import thread_time_ns

from bench.scan import Scan
from console.routing.agent import Presence
from console.routing.engine import Engine
from console.routing.facts import (
    CallEnded,
    ConfigChanged,
    Fact,
    OfferAccepted,
    PresenceSet,
    StreamOpened,
    WorkItemQueued,
)
from console.routing.matching import Index, Matching
from console.routing.orders import Assign, MakeOffer, Order
from console.routing.queue import SECOND, AgentProfile, Queue, Rules
from console.routing.rows import Snapshot

NOON = 1_795_262_400 * SECOND


@dataclass(frozen=True)
class Row:
    name: str
    agents: int
    queues: int
    skills: int
    waiting: int
    """Items waiting all the time; 0: nobody waits, and 70 % of the agents are busy."""
    queues_each: tuple[int, int] = (2, 8)
    needs: tuple[int, ...] = (0, 1, 2, 2)
    levels: int = 5
    scan_events: int = 3_000


ROWS = (
    Row("100, no skills, rho .7", 100, 5, 0, 0, (1, 3), scan_events=30_000),
    Row("100, skills, 1,000 waiting", 100, 5, 20, 1_000, (1, 3), scan_events=30_000),
    Row("1k, no skills, rho .7", 1_000, 50, 0, 0, scan_events=10_000),
    Row("1k, no skills, 10,000 waiting", 1_000, 50, 0, 10_000, scan_events=10_000),
    Row("1k, skills, rho .7", 1_000, 50, 50, 0, scan_events=10_000),
    Row("1k, skills, 10,000 waiting", 1_000, 50, 50, 10_000, scan_events=10_000),
    Row("10k, no skills, rho .7", 10_000, 500, 0, 0),
    Row("10k, no skills, 100,000 waiting", 10_000, 500, 0, 100_000),
    Row("10k, 200 skills, rho .7", 10_000, 500, 200, 0),
    Row("10k, ~11,000 classes, 100,000 waiting", 10_000, 500, 200, 100_000, needs=(1, 2)),
    Row("10k, generalists in all 500 queues, 100,000 waiting", 10_000, 500, 200, 100_000, (500, 500)),
    Row("10k, one mega queue, 1-2 of 200 skills, rho .7", 10_000, 1, 200, 0, (1, 1), needs=(1, 2)),
    Row("10k, one mega queue, 1-2 of 200 skills, 100,000 waiting", 10_000, 1, 200, 100_000, (1, 1), needs=(1, 2)),
)
QUICK = tuple(row for row in ROWS if row.agents <= 1_000)


class Centre:
    """A centre, and a source of facts for whatever engine it is told the orders of."""

    def __init__(self, row: Row, seed: int = 1) -> None:
        self.row = row
        self.random = Random(seed)
        self.queue_names = [f"queue{n}" for n in range(row.queues)]
        self.skills = [f"skill{n}" for n in range(row.skills)]
        self.rules = self._rules()
        self.patterns = self._patterns()
        self.arrived = 0
        self.at = NOON

    def _rules(self) -> Rules:
        row, random = self.row, self.random
        queues = {name: Queue(name=name, channel="voice", offer_timeout=10**15) for name in self.queue_names}
        agents = {}
        for n in range(row.agents):
            name = f"agent{n:05d}"
            agents[name] = AgentProfile(
                username=name,
                skills={s: random.randint(1, row.levels) for s in random.sample(self.skills, min(8, len(self.skills)))},
                capacity={"voice": 1},
                queues=frozenset(random.sample(self.queue_names, random.randint(*row.queues_each))),
            )
        return Rules(version=1, queues=queues, agents=agents)

    def _patterns(self) -> list[tuple[str, dict[str, int]]]:
        """What customers ask for: something that at least one agent could serve."""
        random, agents = self.random, list(self.rules.agents.values())
        found = []
        for _ in range(12_000 if self.row.skills else self.row.queues):
            agent = random.choice(agents)
            queue = random.choice(sorted(agent.queues or ()))
            count = random.choice(self.row.needs) if agent.skills else 0
            needs = {s: random.randint(1, agent.skills[s]) for s in random.sample(sorted(agent.skills), count)}
            found.append((queue, needs))
        return found

    def arrival(self) -> Fact:
        self.arrived += 1
        self.at += 1000
        queue, needs = self.random.choice(self.patterns)
        item = f"00000000-0000-7000-8000-{self.arrived:012d}"
        return WorkItemQueued(at=self.at, item=item, kind="voice", queue=queue, requires=needs)


@dataclass
class Day:
    """What is in hand, from one engine's orders; both engines' days go alike."""

    centre: Centre
    random: Random
    offers: list[MakeOffer]
    talks: list[str]

    def heard(self, orders: list[Order]) -> None:
        for order in orders:
            if isinstance(order, MakeOffer):
                self.offers.append(order)
            elif isinstance(order, Assign):
                self.talks.append(order.item)

    def next(self) -> Fact:
        """Answer what rings; else keep as many talking and waiting as the row says."""
        centre = self.centre
        if self.offers:
            offer = self.offers.pop()
            return OfferAccepted(at=centre.at, offer=offer.offer, agent=offer.agent)
        calm = centre.row.waiting == 0
        busy = len(self.talks) >= (0.7 * centre.row.agents if calm else centre.row.agents * 0.95)
        if busy and (calm or self.random.random() < 0.5):
            last = self.random.randrange(len(self.talks))
            self.talks[last], self.talks[-1] = self.talks[-1], self.talks[last]
            centre.at += 1000
            return CallEnded(at=centre.at, item=self.talks.pop())
        return centre.arrival()


def prepared(centre: Centre) -> tuple[Snapshot, Day]:
    """The rows from which both engines start."""
    engine = Engine()
    day = Day(centre, Random(2), [], [])

    def step(fact: Fact) -> None:
        day.heard(engine.step(fact))

    step(ConfigChanged(at=NOON, version=1, rules=centre.rules))
    for name in centre.rules.agents:
        step(StreamOpened(at=NOON, agent=name, node="n1"))
        step(PresenceSet(at=NOON, agent=name, presence=Presence.AVAILABLE))
    if centre.row.waiting:
        while len(engine.floor.items) < centre.row.waiting + centre.row.agents:
            step(day.next() if day.offers else centre.arrival())
    else:
        while len(day.talks) < 0.7 * centre.row.agents:
            step(day.next())
    changes = engine.take_changes()
    return Snapshot(meta=changes.meta, items=changes.items, agents=changes.agents, offers=changes.offers), day


def measured(matching: Matching, centre: Centre, snapshot: Snapshot, day: Day, events: int) -> list[int]:
    """Nanoseconds of each event, without the clock's own."""
    engine = Engine.load(copied(snapshot), centre.rules, matching)
    clock = min(-(thread_time_ns() - thread_time_ns()) for _ in range(1000))
    engine.settle()
    taken = []
    step, now = engine.step, thread_time_ns
    gc.disable()
    for count in range(events):
        fact = day.next()
        start = now()
        orders = step(fact)
        taken.append(now() - start - clock)
        day.heard(orders)
        if not count % 256:
            engine.take_changes()
    gc.enable()
    gc.unfreeze()
    return taken


def copied(snapshot: Snapshot) -> Snapshot:
    return Snapshot(
        meta=snapshot.meta,
        items=tuple(map(copy.copy, snapshot.items)),
        agents=tuple(map(copy.copy, snapshot.agents)),
        offers=tuple(map(copy.copy, snapshot.offers)),
    )


def run(row: Row, scale: float) -> None:
    figures = []
    kinds: tuple[tuple[Callable[[], Matching], int], ...] = (
        (Index, max(20_000, 5 * row.scan_events)),
        (Scan, row.scan_events),
    )
    for kind, events in kinds:
        centre = Centre(row)
        snapshot, day = prepared(centre)
        taken = sorted(measured(kind(), centre, snapshot, day, int(events * scale)))
        figures.append((sum(taken) / len(taken) / 1000, *(taken[int(len(taken) * q)] / 1000 for q in (0.99, 0.999))))
    (mean, p99, p999), (scan_mean, scan_p99, _) = figures
    print(
        f"{row.name:<58} {1e6 / mean:>9,.0f} ({mean:5.1f} /{p99:6.0f} /{p999:6.0f})"
        f" {1e6 / scan_mean:>9,.0f} ({scan_mean:6.1f} /{scan_p99:6.0f}) {scan_mean / mean:>6.1f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="rows up to 1,000 agents, a tenth of the events")
    parser.add_argument("--row", default="", help="only rows whose name contains this")
    arguments = parser.parse_args()
    print(f"{'agents':<58} {'index ev/s (mean / p99 / p99.9 µs)':>35} {'scan ev/s (mean / p99)':>24} {'ratio':>6}")
    for row in QUICK if arguments.quick else ROWS:
        if arguments.row in row.name:
            run(row, 0.1 if arguments.quick else 1.0)


if __name__ == "__main__":
    main()

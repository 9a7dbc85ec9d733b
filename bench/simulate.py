"""Calls a second that `console simulate` serves in one process, at 100 agents, 90 % busy.

The floor, taken in the same run, is a bare loop over the very same customers: a heap of integers, a list of free agents, and a
frozen struct for each fact that the engine would be told; no queues, no skills, no rules, no orders. Both in CPU time, which is
what the clock on the wall shows where nobody else wants the core.

    python -m bench.simulate            some ten seconds
    python -m bench.simulate --quick    seconds
    python -m bench.simulate --profile  where the time goes
"""

import argparse
import cProfile
import gc
import heapq
import pstats
from collections import deque
from time import process_time

import yaml

from console.config.document import Centre
from console.config.parse import parse
from console.config.rules import routing_rules
from console.routing.facts import CallEnded, OfferAccepted, WorkItemQueued
from console.routing.queue import MINUTE
from console.routing.simulate import START, simulated_day
from console.routing.traffic import Draws, Exponential, Phase, Stream, customers
from console.services.simulating import draws

AGENTS = 100
BUSY = 0.9
TALK = 3 * MINUTE
HOUR = 60 * MINUTE
SKILLS = ("fibre", "billing", "english", "polish")


def plain() -> tuple[Centre, list[Stream]]:
    """One queue, no skills."""
    centre = parse(
        f"""
        version: 1
        queues: [{{name: q, channel: voice, wrap_up: 0s}}]
        agents: [{{count: {AGENTS}, name: pool}}]
        """,
        by_number=True,
    )
    return centre, [_stream("q", 1)]


def skilled() -> tuple[Centre, list[Stream]]:
    """Eight queues, four skills at five levels, wrap-up."""
    queues = [
        {
            "name": f"q{n}",
            "channel": "voice",
            "priority": n % 3,
            "requires": {SKILLS[n % 4]: 1 + n % 2},
            "wrap_up": "20s",
        }
        for n in range(8)
    ]
    agents = [
        {"username": f"agent{n}", "skills": {SKILLS[(n + k) % 4]: 1 + (n + k) % 5 for k in range(3)}}
        for n in range(AGENTS)
    ]
    centre = parse(yaml.safe_dump({"version": 1, "skills": list(SKILLS), "queues": queues, "agents": agents}))
    return centre, [_stream(f"q{n}", 8 * 1.15) for n in range(8)]


def _stream(queue: str, share: float) -> Stream:
    rate = AGENTS * BUSY / (TALK / 1_000_000) / share
    return Stream(
        name=queue,
        kind="voice",
        queue=queue,
        phases=(Phase(1000 * HOUR, rate),),
        handle_time=Exponential(TALK),
        patience=Exponential(2 * MINUTE),
    )


def floor(streams: list[Stream], chance: Draws, lasts: int) -> int:
    """Calls served."""
    free: deque[int] = deque(range(AGENTS))
    waiting: deque[tuple[str, int, int]] = deque()
    ends: list[tuple[int, int, str]] = []
    served = 0

    def serve(item: str, at: int, handle: int) -> None:
        agent = free.popleft()
        OfferAccepted(at=at, offer=item, agent="agent")
        heapq.heappush(ends, (at + handle, agent, item))

    def end() -> None:
        nonlocal served
        at, agent, item = heapq.heappop(ends)
        CallEnded(at=at, item=item)
        free.append(agent)
        served += 1
        while waiting:
            item, handle, leaves = waiting.popleft()
            if leaves >= at:
                serve(item, at, handle)
                return

    for customer in customers(streams, chance, lasts, START):
        while ends and ends[0][0] <= customer.at:
            end()
        WorkItemQueued(at=customer.at, item=customer.item, kind="voice", queue="q")
        if free:
            serve(customer.item, customer.at, customer.handle)
        else:
            assert customer.patience is not None
            waiting.append((customer.item, customer.handle, customer.at + customer.patience))
    while ends:
        end()
    return served


def rate(work: object, count: int, best_of: int = 3) -> float:
    """The best of a few, for others share the machine."""
    assert callable(work)
    taken = []
    for _ in range(best_of):
        gc.collect()
        began = process_time()
        work()
        taken.append(process_time() - began)
    return count / min(taken)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="a tenth of the calls")
    options.add_argument("--profile", action="store_true", help="where the time goes")
    arguments = options.parse_args()
    lasts = HOUR if arguments.quick else 10 * HOUR
    gc.disable()
    for name, (centre, streams) in {"one queue": plain(), "8 queues, skills, wrap-up": skilled()}.items():
        rules = routing_rules(1, centre)
        count = sum(1 for _ in customers(streams, draws(1, 1), lasts, START))
        bare = rate(lambda s=streams: floor(s, draws(1, 1), lasts), count)
        real = rate(lambda r=rules, s=streams: simulated_day(r, s, draws(1, 1), lasts=lasts), count)
        print(
            f"{AGENTS} agents, {name:<26} {real:>9,.0f} calls/s   floor {bare:>9,.0f} calls/s   ratio {real / bare:6.3f}",
            flush=True,
        )
        if arguments.profile:
            profile = cProfile.Profile()
            profile.runcall(simulated_day, rules, streams, draws(1, 1), lasts=lasts)
            pstats.Stats(profile).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    main()

"""A simulated day: the engine decides, and everything else is played as the contract says."""

import pytest

from console.config import parse, traffic
from console.routing.figures import Outcome, Simulated
from console.routing.queue import MINUTE, SECOND, Overflow, Queue, Rules
from console.routing.simulate import numbered, shared_name, simulated_day
from console.routing.traffic import Fixed, Phase, Stream
from console.services import simulating
from tests.routing.sentences import agent, rules_of, voice

HOUR = 60 * MINUTE


class AlwaysTheMean:
    """Chance without chance."""

    def random(self) -> float:
        return 0.5

    def expovariate(self, lambd: float) -> float:
        return 1.0 / lambd

    gammavariate = lognormvariate = None


def day(
    rules: Rules, *, handle: int, patience: int | None = None, lasts: int = HOUR, drain: bool = True, **more
) -> Outcome:
    """One customer each ten minutes, from the tenth on."""
    stream = Stream(
        name="s",
        kind=more.pop("kind", "voice"),
        queue="faults",
        phases=(Phase(lasts, 1 / 600),),
        handle_time=Fixed(handle),
        patience=None if patience is None else Fixed(patience),
        **more,
    )
    return simulated_day(rules, [stream], lambda _: AlwaysTheMean(), lasts=lasts, drain=drain)


def test_whoever_finds_a_free_agent_does_not_wait() -> None:
    found = day(rules_of(voice(), agents=[agent("ana")]), handle=5 * MINUTE)
    [tally] = found.streams

    assert (tally.offered, tally.answered, tally.in_target, tally.had_to_wait, tally.waited) == (5, 5, 5, 0, 0)
    assert found.busy == {"ana": pytest.approx(25 / 60)}


def test_who_waits_is_answered_in_order_and_the_wait_is_counted() -> None:
    [tally] = day(rules_of(voice(), agents=[agent("ana")]), handle=12 * MINUTE).streams

    # Each comes ten minutes after the last, and is served for twelve: waits of 0, 2, 4, 6 and 8 minutes.
    assert (tally.answered, tally.had_to_wait, tally.waited, tally.waited_most) == (5, 4, 20 * MINUTE, 8 * MINUTE)
    assert tally.in_target == 1


def test_a_target_counts_up_to_its_last_moment() -> None:
    [tally] = day(rules_of(voice(), agents=[agent("ana")]), handle=12 * MINUTE, within=4 * MINUTE).streams

    assert tally.in_target == 3


def test_whose_patience_ends_hangs_up_and_every_abandon_counts() -> None:
    [tally] = day(rules_of(voice(), agents=[agent("ana")]), handle=15 * MINUTE, patience=3 * SECOND).streams

    # The second comes while the first talks and leaves; the third is taken; and so on.
    assert (tally.offered, tally.answered, tally.abandoned, tally.waited) == (5, 3, 2, 6 * SECOND)


def test_with_draining_the_last_are_served_after_the_day_and_occupancy_is_of_the_day() -> None:
    found = day(rules_of(voice(), agents=[agent("ana")]), handle=3 * HOUR)

    assert found.streams[0].answered == 5
    assert found.busy == {"ana": pytest.approx(50 / 60)}


def test_without_draining_the_day_is_cut_off() -> None:
    [tally] = day(rules_of(voice(), agents=[agent("ana")]), handle=3 * HOUR, drain=False).streams

    # The first is served; four wait, since the minutes 20, 30, 40 and 50.
    assert (tally.offered, tally.answered, tally.abandoned, tally.waited) == (5, 1, 0, 100 * MINUTE)


def test_wrap_up_of_the_queue_is_work_too() -> None:
    found = day(rules_of(voice(wrap_up=2 * MINUTE), agents=[agent("ana")]), handle=3 * MINUTE)

    assert found.busy == {"ana": pytest.approx(25 / 60)}


def test_an_open_wrap_up_is_over_at_once() -> None:
    found = day(rules_of(voice(wrap_up=None), agents=[agent("ana")]), handle=3 * MINUTE)

    assert found.busy == {"ana": pytest.approx(15 / 60)}


def test_agents_given_by_number_have_one_name_together() -> None:
    pool = [agent(numbered("pool", n)) for n in (1, 2)]

    assert day(rules_of(voice(), agents=pool), handle=6 * MINUTE).busy == {"pool": pytest.approx(15 / 60)}
    assert shared_name("ana") == "ana"


def test_cases_are_worked_on_side_by_side_and_their_time_counts_once() -> None:
    rules = rules_of(Queue(name="faults", channel="case"), agents=[agent("ana", cases=2)])
    found = day(rules, handle=15 * MINUTE, kind="case")

    assert found.streams[0].answered == 5
    assert found.streams[0].waited == 0
    assert found.busy == {"ana": pytest.approx(50 / 60)}


def test_who_finds_too_many_waiting_is_blocked_and_not_offered() -> None:
    full = voice(overflow=(Overflow(to="end", waiting_more_than=0),))
    [tally] = day(rules_of(full, agents=[agent("ana")]), handle=15 * MINUTE).streams

    assert (tally.offered, tally.answered, tally.blocked, tally.abandoned) == (3, 3, 2, 0)


def test_who_is_sent_away_after_waiting_was_offered_but_did_not_abandon() -> None:
    short = voice(overflow=(Overflow(to="voicemail", waited=MINUTE),))
    [tally] = day(rules_of(short, agents=[agent("ana")]), handle=15 * MINUTE).streams

    assert (tally.offered, tally.answered, tally.blocked, tally.abandoned, tally.waited) == (5, 3, 0, 0, 2 * MINUTE)


def test_who_is_called_back_is_served_but_counted_once() -> None:
    short = voice(overflow=(Overflow(to="callback", waited=MINUTE),))
    found = day(rules_of(short, agents=[agent("ana")]), handle=12 * MINUTE, lasts=30 * MINUTE)
    [tally] = found.streams

    assert (tally.offered, tally.answered, tally.abandoned) == (2, 1, 0)
    assert found.busy == {"ana": pytest.approx(20 / 30)}


CENTRE = """
version: 1
skills: [fibre]
queues: [{name: faults, channel: voice, wrap_up: 0s}]
agents: [{count: 3, name: pool}]
"""
TRAFFIC = """
duration: 30m
replications: 4
streams: [{name: s, queue: faults, rate: 2/min, handle_time: {exponential: 1m}, patience: {exponential: 1m}}]
"""


def simulated(seed: int, **more) -> Simulated:
    centre = parse.parse(CENTRE, by_number=True)
    return simulating.simulate(centre, traffic.parse(TRAFFIC, centre, str), seed=seed, **more)


def test_the_same_seed_gives_the_same_figures_and_another_gives_others() -> None:
    assert simulated(1) == simulated(1)
    assert simulated(1).total != simulated(2).total


def test_replications_are_days_of_their_own() -> None:
    low, high = simulated(1).total.offered.ci95

    assert low is not None
    assert high is not None
    assert low < high


def test_processes_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = simulated(1, cores=1)
    monkeypatch.setattr(simulating, "WORTH_PROCESSES", 0)

    assert simulated(1, cores=2) == alone


def test_progress_hears_of_each_day() -> None:
    heard: list[int] = []
    simulated(1, progress=heard.append)

    assert heard == [1, 2, 3, 4]

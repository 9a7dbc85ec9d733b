"""The index answers as a plain scan does, in every shape of centre, and its bugs of the past stay away."""

from random import Random

import pytest

from bench.scan import Scan
from console.routing.facts import OfferDeclined
from console.routing.matching import FEW, Index
from console.routing.queue import SECOND, AgentProfile, Queue, Rules
from console.routing.roster import ROAMER_QUEUES
from console.routing.work_item import Hold, ItemState, WorkItem, place
from tests.routing.sentences import (
    ANA,
    NOON,
    agent,
    asked,
    call,
    call_ends,
    centre,
    configured,
    item_id,
    ringing,
    rules_of,
    says,
    time,
    voice,
)

SHAPES = {
    "few agents": (8, 3, 4, (1, 2), 3),
    "many in one queue": (3 * FEW, 1, 3, (1, 1), 2),
    "many, no skills": (4 * FEW, 4, 0, (1, 4), 0),
    "roamers": (40, 3 * ROAMER_QUEUES, 5, (1, 3 * ROAMER_QUEUES), 3),
    "many skills each": (40, 3, 30, (1, 3), 12),
}


def rules_of_shape(shape: str, random: Random) -> Rules:
    agents, queues, skills, queues_each, skills_each = SHAPES[shape]
    names = [f"q{n}" for n in range(queues)]
    known = [f"s{n}" for n in range(skills)]
    profiles = {}
    for n in range(agents):
        name = f"a{n}"
        serves = frozenset(random.sample(names, random.randint(*queues_each))) if random.random() < 0.9 else None
        skilled = {skill: random.randint(1, 4) for skill in random.sample(known, skills_each)}
        profiles[name] = AgentProfile(username=name, skills=skilled, capacity={"voice": 1, "case": 2}, queues=serves)
    return Rules(version=1, queues={n: Queue(name=n, channel="voice") for n in names}, agents=profiles)


def random_item(seq: int, rules: Rules, random: Random) -> WorkItem:
    skills = sorted({skill for profile in rules.agents.values() for skill in profile.skills})
    needs = {s: random.randint(1, 3) for s in random.sample(skills, min(len(skills), random.choice((0, 1, 1, 2, 3))))}
    holds = {
        name: Hold(declines=random.choice((0, 1, 3)), until=NOON + random.choice((-1, 1)))
        for name in random.sample(sorted(rules.agents), random.choice((0, 0, 0, 1, 4)))
    }
    return WorkItem(
        id=item_id(seq),
        seq=seq,
        kind=random.choice(("voice", "voice", "case", "callback")),
        queue=random.choice([*rules.queues, "gone"]),
        requires={},
        own_priority=None,
        state=ItemState.WAITING,
        waiting_since=NOON + random.randrange(50),
        needs=needs,
        priority=random.randrange(3),
        holds=holds,
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("shape", SHAPES)
def test_the_index_answers_as_a_plain_scan_does(shape: str, seed: int) -> None:
    random = Random(seed)
    rules = rules_of_shape(shape, random)
    index, scan = Index(), Scan()
    index.configure(rules)
    scan.configure(rules)
    seqs = {name: n + 1 for n, name in enumerate(rules.agents)}
    last = len(seqs)
    waiting: dict[int, WorkItem] = {}
    left: list[WorkItem] = []
    for seq in range(1, 1200):
        name = random.choice(list(seqs))
        if random.random() < 0.3:
            last += 1
            seqs[name] = last
        rooms = frozenset(random.sample(("voice", "case", "callback"), random.choice((0, 0, 1, 2, 3))))
        willing = bool(rooms) or random.random() < 0.5
        news = {m.seat(name, rooms, seqs[name], willing=willing) for m in (index, scan)}
        assert len(news) == 1
        item = left.pop() if left and random.random() < 0.3 else random_item(seq, rules, random)
        assert index.agent_for(item, NOON) == scan.agent_for(item, NOON)
        for matching in (index, scan):
            matching.wait(item)
        waiting[item.seq] = item
        if random.random() < 0.6:
            gone = random.choice(list(waiting.values()))
            if random.random() < 0.5:
                gone = min(waiting.values(), key=place)
            del waiting[gone.seq]
            left.append(gone)
            for matching in (index, scan):
                matching.leave(gone)
        for name in random.sample(sorted(seqs), 3):
            assert index.item_for(name, NOON) is scan.item_for(name, NOON)


def test_leaving_what_does_not_wait_changes_nothing() -> None:
    index, random = Index(), Random(1)
    rules = rules_of_shape("few agents", random)
    index.configure(rules)
    item = random_item(1, rules, random)

    index.leave(item)
    index.wait(item)
    index.leave(item)
    index.leave(item)

    assert all(index.item_for(name, NOON) is None for name in rules.agents)


def test_an_item_that_waits_again_in_another_class_is_not_found_in_its_old_one() -> None:
    engine = centre(voice(requires={"fibre": 2}), agents=[agent(ANA, fibre=2)])
    engine.step(says(ANA, "away", at=NOON))
    engine.step(call(1, at=NOON))
    engine.step(configured(rules_of(voice(requires={"fibre": 3}), agents=[agent(ANA, fibre=2)], version=2), at=NOON))

    assert asked(engine.step(says(ANA, "available", at=NOON))) == []


def test_an_item_that_waits_again_in_the_same_class_is_there_once() -> None:
    engine = centre(voice(decline_pause=SECOND), agents=[agent(ANA)])
    engine.step(call(1, at=NOON))
    for second in range(5):
        decline = OfferDeclined(at=NOON + second * SECOND, offer=ringing(engine, ANA), agent=ANA)
        assert asked(engine.step(decline)) == []
        assert asked(engine.step(time(NOON + (second + 1) * SECOND))) == [(ANA, 1)]
    engine.step(call_ends(1, at=NOON + 5 * SECOND))

    assert engine.floor.agents[ANA].offer is None


def test_who_has_not_the_skill_at_all_or_asks_an_impossible_level_finds_nobody() -> None:
    engine = centre(voice(), agents=[agent(ANA, fibre=10)])

    assert asked(engine.step(call(1, at=NOON, requires={"unheard of": 1}))) == []
    assert asked(engine.step(call(2, at=NOON, requires={"fibre": 11}))) == []
    assert asked(engine.step(call(3, at=NOON, requires={"fibre": 10}))) == [(ANA, 3)]

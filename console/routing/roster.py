"""What a configuration says of its agents, turned round: who has a skill, who serves a queue. Agents are bits here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from console.routing.queue import AgentProfile, Requirement, Rules

ROAMER_QUEUES = 16
"""Who serves more queues than this looks along aisles, not shelf by shelf."""

Bits: TypeAlias = int
"""A set of agents, one bit each."""


class Roster:
    """What a configuration says of its agents, turned round: who has a skill, who serves a queue."""

    def __init__(self, rules: Rules) -> None:
        self.names = sorted(rules.agents)
        self.number = {name: number for number, name in enumerate(self.names)}
        self.bit: list[Bits] = [1 << number for number in range(len(self.names))]
        self.profiles: list[AgentProfile] = [rules.agents[name] for name in self.names]
        self.roams = [
            (len(p.queues) if p.queues is not None else len(rules.queues)) > ROAMER_QUEUES for p in self.profiles
        ]
        self.roamers = self.bits([number for number, roams in enumerate(self.roams) if roams])
        skilled: dict[str, list[tuple[int, int]]] = {}
        serving: dict[str, list[int]] = {queue: [] for queue in rules.queues}
        for number, profile in enumerate(self.profiles):
            for skill, level in profile.skills.items():
                skilled.setdefault(skill, []).append((level, number))
            for queue in rules.queues if profile.queues is None else sorted(profile.queues):
                if queue in serving:
                    serving[queue].append(number)
        self.serving = {queue: self.bits(numbers) for queue, numbers in serving.items()}
        self.skilled = {
            skill: [self.bits([number for has, number in held if has >= level]) for level in range(11)]
            for skill, held in skilled.items()
        }
        self.rarity = {skill: len(held) for skill, held in skilled.items()}

    def able(self, queue: str, needs: Requirement) -> Bits:
        """Everyone who serves the queue and has all that is needed."""
        found = self.serving.get(queue, 0)
        for skill, level in needs.items():
            levels = self.skilled.get(skill)
            found &= levels[level] if levels and level < len(levels) else 0
        return found

    def having(self, queue: str | None, skills: Sequence[str]) -> Bits:
        """Everyone who has all these skills, at whatever level: of those who serve the queue, or of those who roam."""
        found = self.roamers if queue is None else self.serving.get(queue, 0) & ~self.roamers
        for skill in skills:
            levels = self.skilled.get(skill)
            found &= levels[1] if levels else 0
        return found

    def rarest_first(self, skills: Requirement) -> list[str]:
        return sorted(skills, key=lambda skill: (self.rarity.get(skill, 0), skill))

    def bits(self, numbers: list[int]) -> Bits:
        """Of these agents. One integer at a time would copy it for every agent."""
        room = bytearray(len(self.names) // 8 + 1)
        for number in numbers:
            room[number >> 3] |= 1 << (number & 7)
        return int.from_bytes(room, "little")


def numbers_in(bits: Bits) -> Iterator[int]:
    """The agents of a set; looking for the ones in its digits is many times faster than taking bit after bit off."""
    digits = bin(bits)[:1:-1]
    found = digits.find("1")
    while found >= 0:
        yield found
        found = digits.find("1", found + 1)

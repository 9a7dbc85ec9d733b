"""Callers: they ring at random instants, and one of them when the free seat waits for a call."""

from __future__ import annotations

import asyncio
import math
import random

import msgspec

from adapters.telephony.simulator import Simulator
from console.cli.demo.population import Caller, Population

AT_FIRST_S = 90.0
"""The callers of so much time ring at the start, that the centre is in its stride when somebody looks."""
AT_FIRST_EVERY_S = 1.0


class Callers:
    def __init__(self, dice: random.Random, per_hour: int) -> None:
        self._dice = dice
        self._per_hour = per_hour
        self._population = Population(dice)
        self._phones: Simulator | None = None
        self._called_seat: str | None = None

    def phone_system(self, name: str) -> Simulator:
        """The one that they call; asked for again, after a change of the configuration, another."""
        self._phones = Simulator(name, chance=self._dice)
        return self._phones

    async def run(self) -> None:
        """Until cancelled."""
        if not self._per_hour:
            return
        for _ in range(math.ceil(self._per_hour * AT_FIRST_S / 3600)):
            await asyncio.sleep(self._dice.uniform(0, 2 * AT_FIRST_EVERY_S))
            self._ring(self._population.anyone())
        while True:
            await asyncio.sleep(self._dice.expovariate(self._per_hour / 3600))
            self._ring(self._population.anyone())

    def call_the_seat(self) -> None:
        """One of its own customers rings, unless one does so already."""
        if self._phones is None or self._called_seat not in self._phones.calls:
            self._called_seat = self._ring(self._population.for_the_seat())

    def _ring(self, caller: Caller) -> str | None:
        if self._phones is None:
            return None
        said = msgspec.structs.asdict(caller)
        return self._phones.ring_in(said.pop("number"), said.pop("dialled"), **said)

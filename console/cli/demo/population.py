"""Who calls Northlink, what they choose in the menu, how long they wait and talk."""

from __future__ import annotations

import math
import random
from typing import Literal

import msgspec

from console.cli.demo.material import SEAT, Customer, customers

EVERYBODY = "+448081570100"
BUSINESS = "+448081570200"
POLISH = "+448081570300"

MENU: dict[str, float] = {
    "Something is broken": 0.42,
    "A bill or payment": 0.24,
    "Moving home": 0.11,
    "Buying something": 0.14,
    "Leaving us": 0.09,
}
"""What callers press, and how often."""

KNOWN = 0.35
"""The share of callers whose number is on file."""
BUSINESS_SHARE = 0.2
"""Of the callers whom nobody knows."""
POLISH_SHARE = 0.04
WITHHELD = 0.02

PATIENCE_S = 150.0
"""Mean; exponential. Nobody hangs up before `PATIENCE_MIN_S`."""
PATIENCE_MIN_S = 4.0
GOLD_PATIENCE_S = 60.0
TALK_MEAN_S = 106.0
TALK_SPREAD = 0.6
"""Standard deviation of the logarithm: most calls are short, some are not."""
TALK_S = (15.0, 600.0)
"""No shorter, no longer."""
MEAN_OF_SPREAD = math.exp(TALK_SPREAD**2 / 2)
"""The mean of a lognormal of that spread about 1."""

ENDED_BY_CALLER = 0.7

FICTIONAL = ("+441314960", "+441414960", "+441614960", "+442079460", "+447700900")
"""Ranges that Ofcom keeps free for drama; three digits follow."""


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    number: str
    dialled: str
    attributes: dict[str, str]
    patience_s: float
    talk_s: float
    ended_by: Literal["caller", "agent"]


class Population:
    """Everybody who may call. Customers of the free seat do not ring by themselves."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._kept = [customer for customer in customers() if customer.owner == SEAT]
        self._known = [customer for customer in customers() if customer.owner != SEAT]

    def anyone(self) -> Caller:
        """The next caller."""
        luck = self._dice.random()
        if luck < KNOWN:
            return self._customer(self._dice.choice(self._known))
        if luck < KNOWN + WITHHELD:
            return self._caller("anonymous", EVERYBODY, {"menu": self._choice()})
        if luck < KNOWN + WITHHELD + POLISH_SHARE:
            return self._caller(self._number(), POLISH, {"language": "Polish"})
        dialled = BUSINESS if self._dice.random() < BUSINESS_SHARE else EVERYBODY
        return self._caller(self._number(), dialled, {"menu": self._choice()})

    def for_the_seat(self) -> Caller:
        """A customer with Gold care, whose case the free seat has and whom nobody else serves; they wait long."""
        customer = self._dice.choice(self._kept)
        attributes = {"menu": "Something is broken", "care": "Gold", "account": customer.account}
        caller = self._caller(customer.phones[0], BUSINESS, attributes)
        return msgspec.structs.replace(caller, patience_s=GOLD_PATIENCE_S)

    def _customer(self, customer: Customer) -> Caller:
        number = self._dice.choice(customer.phones)
        attributes = {"menu": self._choice(), "account": customer.account}
        return self._caller(number, BUSINESS if customer.business else EVERYBODY, attributes)

    def _caller(self, number: str, dialled: str, attributes: dict[str, str]) -> Caller:
        talk = self._dice.lognormvariate(0, TALK_SPREAD) * TALK_MEAN_S / MEAN_OF_SPREAD
        return Caller(
            number=number,
            dialled=dialled,
            attributes=attributes,
            patience_s=PATIENCE_MIN_S + self._dice.expovariate(1 / PATIENCE_S),
            talk_s=min(max(talk, TALK_S[0]), TALK_S[1]),
            ended_by="caller" if self._dice.random() < ENDED_BY_CALLER else "agent",
        )

    def _choice(self) -> str:
        return self._dice.choices(list(MENU), list(MENU.values()))[0]

    def _number(self) -> str:
        return f"{self._dice.choice(FICTIONAL)}{self._dice.randrange(1000):03}"

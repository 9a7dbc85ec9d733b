"""What happened at Northlink before the demo began: customers, their cases, and who did what."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from console.cases import store
from console.cases.account import Account
from console.cases.case import UNFINISHED, Case, Status
from console.cases.contract import Contract
from console.cases.customer import Described, Particulars
from console.cases.store import contracts, tasks
from console.cases.task import Kind, Task
from console.cases.timeline import Activity, Entry
from console.cli.demo.material import SEAT, SOURCE, WRITTEN, Customer, Story, chance, customers, stories
from console.db.engine import Transaction
from console.ids import new_id
from console.services import clocks
from console.services.context import Context
from console.services.contracts import count_case, covering

SEED = 4471
"""The same past at every first start."""
PAST_DAYS = 400
REOPEN_WITHIN = timedelta(days=7)
OFFICE = ("Residential faults", "Billing", "Moving home", "Sales", "Retention", WRITTEN)
BUSINESS = ("Business faults", "Business faults", "Billing", "Sales")
POLISH = ("Polish line", "Billing", "Moving home")
WROTE_AGAIN = 0.7
"""Of the customers whose case is open: they wait for the next word from us, some of them for too long."""
PAST_CASES = ((0, 2), (1, 6), (2, 10), (3, 9), (4, 5), (6, 2), (9, 1))
"""How many past cases a customer has, and how often that is so."""


class Matter(msgspec.Struct, frozen=True, kw_only=True):
    """A case to be told of."""

    at: datetime
    customer: Customer
    queue: str
    story: Story
    owner: str
    via: str
    status: Status


Told = tuple[datetime, Entry, str | None, dict[str, Any]]
"""When, what, by whom, and what is kept of it."""


async def seed(ctx: Context, agents: Sequence[str]) -> int:
    """Write the past, once; how many cases there are in it, or 0 where it was written before.

    `agents` are those who are there; whoever of the files is not among them is stood in for.
    """
    async with ctx.db.transaction() as db:
        if await store.customer_of_phone(db, customers()[0].phones[0]) is not None:
            return 0
        past = Past(dice=chance(SEED), now=ctx.clock.now(), agents=agents)
        ids = {customer.account: await _put_customer(db, customer, past) for customer in customers()}
        matters = sorted(past.matters(), key=lambda matter: matter.at)
        for matter in matters:
            case = await _put(db, matter, ids[matter.customer.account], past)
            if case.status in UNFINISHED:
                await _promise(ctx, db, case, past)
    return len(matters)


@dataclass(frozen=True)
class Past:
    """What may have happened before `now`, by the fall of the dice."""

    dice: random.Random
    now: datetime
    agents: Sequence[str]

    def matters(self) -> Iterator[Matter]:
        counts, weights = zip(*PAST_CASES, strict=True)
        for customer in customers():
            told: set[str] = set()
            if customer.open:
                yield self._open(customer, customer.open, told)
            for _ in range(self.dice.choices(counts, weights)[0]):
                yield self._over(customer, told)

    def _over(self, customer: Customer, told: set[str]) -> Matter:
        queue = self.dice.choice(self._queues(customer))
        at = self._office_hour(self.now - timedelta(days=self.dice.uniform(6, PAST_DAYS)))
        return Matter(
            at=at,
            customer=customer,
            queue=queue,
            story=self._story(queue, told),
            owner=self.dice.choice([SEAT, *self.agents]),
            via=self._via(queue),
            status=Status.RESOLVED if self.now - at < REOPEN_WITHIN else Status.CLOSED,
        )

    def _open(self, customer: Customer, queue: str, told: set[str]) -> Matter:
        owner = customer.owner if customer.owner in (SEAT, *self.agents) else self.dice.choice(self.agents)
        return Matter(
            at=self.now - timedelta(hours=self.dice.uniform(1, 60)),
            customer=customer,
            queue=queue,
            story=self._story(queue, told),
            owner=owner,
            via=self._via(queue),
            status=Status.PENDING if self.dice.random() < 0.25 else Status.OPEN,
        )

    def _queues(self, customer: Customer) -> tuple[str, ...]:
        """Where such a customer's matters go."""
        if customer.polish and self.dice.random() < 0.5:
            return POLISH
        return BUSINESS if customer.business else OFFICE

    def _story(self, queue: str, told: set[str]) -> Story:
        """One that this customer has not come with yet, as long as there is one."""
        known = stories()[queue]
        story = self.dice.choice([story for story in known if story.subject not in told] or known)
        told.add(story.subject)
        return story

    def _via(self, queue: str) -> str:
        if queue == WRITTEN:
            return self.dice.choice(("email", "web"))
        return self.dice.choices(("phone", "web", "email"), (8, 1, 1))[0]

    def _office_hour(self, at: datetime) -> datetime:
        dice = self.dice
        return at.replace(hour=dice.randint(8, 18), minute=dice.randint(0, 59), second=dice.randint(0, 59))

    def told(self, matter: Matter) -> Iterator[Told]:
        """The timeline, oldest first, none of it later than now."""
        at, phoned = matter.at, matter.via == "phone"
        began = {"via": matter.via, "subject": matter.story.subject}
        yield at, Entry.REGISTERED, matter.owner if phoned else None, began
        if not phoned:
            at = self._later(at, timedelta(hours=2))
            yield at, Entry.OWNER, matter.owner, {"owner": matter.owner}
        for number, note in enumerate(_notes(matter)):
            at = self._later(at, timedelta(hours=30) if number else timedelta(minutes=6))
            if phoned or number:
                yield at, Entry.CALL, matter.owner, self._call(matter)
            yield self._later(at, timedelta(minutes=1)), Entry.NOTE, matter.owner, {"text": note, "outward": False}
        if self.dice.random() < 0.15:
            missed = {**self._call(matter), "agent": None, "outcome": "abandoned", "short": False}
            yield self._later(at, timedelta(hours=8)), Entry.MISSED_CALL, None, missed
        if matter.status is not Status.OPEN:
            at = self._later(at, timedelta(hours=20))
            yield at, Entry.CHANGED, matter.owner, {"status": [Status.OPEN.value, matter.status.value]}

    def _later(self, at: datetime, most: timedelta) -> datetime:
        """A while later, but in the past."""
        return at + min(most, (self.now - at) / 2) * self.dice.uniform(0.1, 1)

    def _call(self, matter: Matter) -> dict[str, Any]:
        return {
            "call": f"{SOURCE}-{self.dice.randrange(16**10):010x}",
            "from": self.dice.choice(matter.customer.phones),
            "to": "+448081570100",
            "queue": matter.queue,
            "agent": matter.owner,
            "outcome": "completed",
            "disposition": self.dice.choice(("solved", "information", "follow_up")),
            "waited_s": round(self.dice.uniform(2, 70), 1),
        }


def _notes(matter: Matter) -> tuple[str, ...]:
    """Of a case that goes on, the last word is still to be said."""
    notes = matter.story.notes
    return notes if matter.status in (Status.RESOLVED, Status.CLOSED) else notes[: max(1, len(notes) - 1)]


async def _put_customer(db: Transaction, customer: Customer, past: Past) -> str:
    since = past.now - timedelta(days=past.dice.randint(PAST_DAYS, 2600))
    described = Described(
        name=customer.name, email=customer.email, external_id=customer.account, phone=customer.phones[0]
    )
    found = await store.find_or_make_customer(db, described, new_id(), since)
    known = Particulars(
        name=customer.name,
        company=customer.company,
        external_id=customer.account,
        account=await _put_account(db, customer, since) if customer.company else None,
        phones=customer.phones,
        emails=(customer.email,) if customer.email else (),
        address=customer.address,
        languages=("en", "pl") if customer.polish else ("en",),
    )
    await store.change_customer(db, found, known, at=since)
    if customer.business and not customer.company:
        await _agree(db, customer, since, customer_id=found)
    if customer.note:
        pinned_at = past.now - timedelta(days=past.dice.randint(3, PAST_DAYS))
        await store.pin_note(db, found, customer.note, by=customer.owner or SEAT, at=pinned_at)
    return found


async def _put_account(db: Transaction, customer: Customer, since: datetime) -> str:
    assert customer.company is not None, "whoever has an account has a company"
    account = Account(id=new_id(), name=customer.company, created_at=since, changed_at=since)
    await contracts.put_account(db, account)
    await _agree(db, customer, since, account_id=account.id)
    return account.id


async def _agree(
    db: Transaction,
    customer: Customer,
    since: datetime,
    *,
    account_id: str | None = None,
    customer_id: str | None = None,
) -> None:
    """What a business is entitled to: those whose note says so have Platinum care, the others Gold."""
    level = "Platinum care" if customer.note and "Platinum" in customer.note else "Gold care"
    contract = Contract(
        id=new_id(),
        account=account_id,
        customer=customer_id,
        number=customer.account.removeprefix("NL-"),
        name="Business Fibre 900",
        level=level,
        sla="gold",
        starts_on=since.date(),
        time_zone="Europe/London",
        included_cases=24,
        included_hours=12,
        created_at=since,
        changed_at=since,
    )
    await contracts.put(db, contract)


async def _promise(ctx: Context, db: Transaction, case: Case, past: Past) -> None:
    """What its customer is owed: registered a while ago, answered in time, and most have written again since."""
    since = past.now - timedelta(minutes=past.dice.uniform(70, 200))
    await clocks.start_for(ctx, db, case, at=since, why="registered")
    answered = since + timedelta(minutes=past.dice.uniform(2, 14))
    await clocks.on_outward(db, case.id, at=answered, by=case.owner)
    if case.status is Status.OPEN and past.dice.random() < WROTE_AGAIN:
        wrote = past.now - timedelta(minutes=past.dice.uniform(5, 64))
        await clocks.on_customer_word(ctx, db, case.id, at=wrote)


async def _put_tasks(db: Transaction, case: Case, past: Past) -> None:
    """What the free seat still has to do: somebody waits for her call, and something is to be looked up before it."""
    due_at = past.now + timedelta(hours=past.dice.uniform(0.5, 20))
    for kind, text, at in (
        (Kind.CALLBACK, "Ring back with the engineer's window", due_at),
        (Kind.TASK, "Ask the depot for the window", None),
    ):
        task = Task(
            id=new_id(),
            case=case.id,
            kind=kind,
            text=text,
            due_at=at,
            remind_at=at - timedelta(minutes=15) if at else None,
            by=SEAT,
            created_at=case.changed_at,
        )
        await tasks.put(db, task)


async def _put(db: Transaction, matter: Matter, customer: str, past: Past) -> Case:
    told = list(past.told(matter))
    changed_at, over = max(at for at, *_ in told), matter.status in (Status.RESOLVED, Status.CLOSED)
    contract = await covering(db, customer, matter.at)
    case = Case(
        id=new_id(),
        number=await store.next_number(db),
        subject=matter.story.subject,
        description=None if matter.via == "phone" else matter.story.words,
        via=matter.via,
        status=matter.status,
        priority=2 if matter.customer.business else None,
        topic=None,
        queue=matter.queue,
        owner=matter.owner,
        customer=customer,
        contract=contract.id if contract else None,
        created_at=matter.at,
        changed_at=changed_at,
        resolved_at=changed_at if over else None,
        reopen_until=changed_at + REOPEN_WITHIN if over else None,
        version=1 + len(told),
    )
    await store.put_case(db, case)
    if not over and matter.owner == SEAT:
        await _put_tasks(db, case, past)
    await count_case(db, case, matter.at)
    entries = [
        Activity(id=new_id(), at=at, kind=kind, case=case.id, customer=customer, by=by, data=data)
        for at, kind, by, data in told
    ]
    await store.add_activities(db, entries)
    return case

"""What happened at Northlink before the demo began: customers, their cases, and who did what."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from console.cases import store
from console.cases.case import Case, Status
from console.cases.customer import Described
from console.cases.timeline import Activity, Entry
from console.cli.demo.material import SEAT, SOURCE, WRITTEN, Customer, Story, chance, customers, stories
from console.db.engine import Transaction
from console.ids import new_id
from console.services.context import Context

SEED = 4471
"""The same past at every first start."""
PAST_DAYS = 400
OFFICE = ("Residential faults", "Billing", "Moving home", "Sales", "Retention", WRITTEN)
BUSINESS = ("Business faults", "Business faults", "Billing", "Sales")
POLISH = ("Polish line", "Billing", "Moving home")
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


async def seed(ctx: Context, agents: Sequence[str]) -> int:
    """Write the past, once; how many cases there are in it, or 0 where it was written before.

    `agents` are those who are there; whoever of the files is not among them is stood in for.
    """
    async with ctx.db.transaction() as db:
        if await store.customer_of_phone(db, customers()[0].phones[0]) is not None:
            return 0
        dice, now = chance(SEED), ctx.clock.now()
        ids = {customer.account: await _put_customer(db, customer, dice, now) for customer in customers()}
        matters = sorted(_matters(dice, now, agents), key=lambda matter: matter.at)
        for matter in matters:
            await _put(db, matter, ids[matter.customer.account], dice, now)
    return len(matters)


async def _put_customer(db: Transaction, customer: Customer, dice: random.Random, now: datetime) -> str:
    since = now - timedelta(days=dice.randint(PAST_DAYS, 2600))
    described = Described(
        name=customer.name, email=customer.email, external_id=customer.account, phone=customer.phones[0]
    )
    found = await store.find_or_make_customer(db, described, new_id(), since)
    for phone in customer.phones[1:]:
        await store.find_or_make_customer(db, Described(external_id=customer.account, phone=phone), new_id(), since)
    if customer.note:
        await store.pin_note(db, found, customer.note)
    return found


def _matters(dice: random.Random, now: datetime, agents: Sequence[str]) -> Iterator[Matter]:
    counts, weights = zip(*PAST_CASES, strict=True)
    for customer in customers():
        told: set[str] = set()
        if customer.open:
            yield _open(customer, _story(customer.open, dice, told), dice, now, agents)
        for _ in range(dice.choices(counts, weights)[0]):
            queue = dice.choice(_queues(customer, dice))
            yield _past(customer, queue, _story(queue, dice, told), dice, now, agents)


def _queues(customer: Customer, dice: random.Random) -> tuple[str, ...]:
    """Where such a customer's matters go."""
    if customer.polish and dice.random() < 0.5:
        return POLISH
    return BUSINESS if customer.business else OFFICE


def _story(queue: str, dice: random.Random, told: set[str]) -> Story:
    """One that this customer has not come with yet, as long as there is one."""
    known = stories()[queue]
    story = dice.choice([story for story in known if story.subject not in told] or known)
    told.add(story.subject)
    return story


def _past(
    customer: Customer, queue: str, story: Story, dice: random.Random, now: datetime, agents: Sequence[str]
) -> Matter:
    at = _office_hour(now - timedelta(days=dice.uniform(6, PAST_DAYS)), dice)
    return Matter(
        at=at,
        customer=customer,
        queue=queue,
        story=story,
        owner=dice.choice([SEAT, *agents]),
        via=_via(queue, dice),
        status=Status.RESOLVED if now - at < timedelta(days=30) else Status.CLOSED,
    )


def _open(customer: Customer, story: Story, dice: random.Random, now: datetime, agents: Sequence[str]) -> Matter:
    assert customer.open is not None
    owner = customer.owner if customer.owner in (SEAT, *agents) else dice.choice(agents)
    return Matter(
        at=now - timedelta(hours=dice.uniform(1, 60)),
        customer=customer,
        queue=customer.open,
        story=story,
        owner=owner,
        via=_via(customer.open, dice),
        status=Status.PENDING if dice.random() < 0.25 else Status.OPEN,
    )


def _via(queue: str, dice: random.Random) -> str:
    if queue == WRITTEN:
        return dice.choice(("email", "web"))
    return dice.choices(("phone", "web", "email"), (8, 1, 1))[0]


def _office_hour(at: datetime, dice: random.Random) -> datetime:
    return at.replace(hour=dice.randint(8, 18), minute=dice.randint(0, 59), second=dice.randint(0, 59))


async def _put(db: Transaction, matter: Matter, customer: str, dice: random.Random, now: datetime) -> None:
    told = list(_told(matter, dice, now))
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
        created_at=matter.at,
        changed_at=max(at for at, *_ in told),
        version=1 + len(told),
    )
    await store.put_case(db, case)
    entries = [
        Activity(id=new_id(), at=at, kind=kind, case=case.id, customer=customer, by=by, data=data)
        for at, kind, by, data in told
    ]
    await store.add_activities(db, entries)


Told = tuple[datetime, Entry, str | None, dict[str, Any]]


def _told(matter: Matter, dice: random.Random, now: datetime) -> Iterator[Told]:
    """The timeline, oldest first, none of it later than now."""
    at, phoned = matter.at, matter.via == "phone"
    yield (
        at,
        Entry.REGISTERED,
        matter.owner if phoned else None,
        {"via": matter.via, "subject": matter.story.subject},
    )
    if not phoned:
        at = _later(at, dice, timedelta(hours=2), now)
        yield at, Entry.OWNER, matter.owner, {"owner": matter.owner}
    over = matter.status in (Status.RESOLVED, Status.CLOSED)
    notes = matter.story.notes if over else matter.story.notes[: max(1, len(matter.story.notes) - 1)]
    for number, note in enumerate(notes):
        at = _later(at, dice, timedelta(minutes=6) if number == 0 else timedelta(hours=30), now)
        if phoned or number > 0:
            yield at, Entry.CALL, matter.owner, _call(matter, dice)
        yield at + timedelta(seconds=20), Entry.NOTE, matter.owner, {"text": note, "outward": False}
    if dice.random() < 0.15:
        waited = round(dice.uniform(20, 200), 1)
        yield (
            _later(at, dice, timedelta(hours=8), now),
            Entry.MISSED_CALL,
            None,
            {**_call(matter, dice), "waited_s": waited, "short": False},
        )
    if matter.status is not Status.OPEN:
        at = _later(at, dice, timedelta(hours=20), now)
        yield at, Entry.CHANGED, matter.owner, {"status": [Status.OPEN.value, matter.status.value]}


def _later(at: datetime, dice: random.Random, most: timedelta, now: datetime) -> datetime:
    """A while later, but in the past."""
    return at + min(most, (now - at) / 2) * dice.uniform(0.1, 1)


def _call(matter: Matter, dice: random.Random) -> dict[str, Any]:
    return {
        "call": f"{SOURCE}-{dice.randrange(16**10):010x}",
        "from": dice.choice(matter.customer.phones),
        "to": "+448081570100",
        "queue": matter.queue,
        "agent": matter.owner,
        "outcome": "completed",
        "disposition": dice.choice(("solved", "information", "follow_up")),
        "waited_s": round(dice.uniform(2, 70), 1),
    }

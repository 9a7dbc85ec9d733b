"""What Northlink has promised, what it asks its callers and what it knows: for tools/screens_centre.py."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from console.cases.contract import Terms
from console.cases.customer import Particulars
from console.cases.handover import Result
from console.cases.task import Kind
from console.cli.demo import known, scripted
from console.people.who import OPERATOR, Principal
from console.queries.knowledge import Where
from console.services import (
    accounts,
    authoring,
    bringing,
    cases,
    contracts,
    customers,
    dialogs,
    escalation,
    manuscripts,
    publishing,
    scripting,
    tasks,
)
from console.services.context import Context
from console.services.escalation import Target

ILSE = Principal(username="ilse", name="Ilse Vermeer", roles=frozenset({"author"}))
JONAS = Principal(username="jonas", name="Jonas Berg", roles=frozenset({"author"}))
TOMASZ = Principal(username="tomasz", name="Tomasz Wójcik", roles=frozenset({"agent"}))
SCRIPT = "fibre-no-service"
RED = "Optical light is red or off"
ANSWERS: tuple[tuple[str, object], ...] = (
    ("caller/method", "postcode"),
    ("stopped", "internet"),
    ("power", True),
)
LADDER = "Platinum restore"
POLICIES: dict[str, Any] = {
    "standard": {
        "clocks": {"first_response": {"target": "1h"}, "resolution": {"target": "1d", "pause_when": ["pending"]}}
    },
    "gold": {
        "clocks": {
            "first_response": {"target": "30m"},
            "next_update": {"target": "16m", "warn": "3m"},
            "resolution": {"target": "4h", "warn": "80%", "pause_when": ["pending"]},
        }
    },
    "platinum": {"clocks": {"first_response": {"target": "15m"}, "resolution": {"target": "4h", "warn": "80%"}}},
}
LADDERS = [{"name": LADDER, "levels": [{"queue": "Second line", "take_within": "15m"}]}]

KNOWN = (
    ("Harbour Street Dental", "Marta Kowalczyk", "+441314960182", "4471-0926", "Business Fibre 900", "gold"),
    ("Castlegate Pharmacy", "Iain Fraser", "+441314960655", "4480-2231", "Managed Sites 6", "platinum"),
    ("J. Adeyemi Architects", "Joy Adeyemi", "+441314960433", "4480-3310", "Business Fibre 500", "gold"),
)
"""Account, whoever calls for it, their number; the contract's number, name and level."""
TRIED = (
    ("Restarted the routers at two sites: dropped again twenty minutes later.", Result.NO_CHANGE),
    ("Line tests on all six access circuits: clean for a day.", Result.RULED_OUT),
    ("Packet capture: every session ends in the same second.", Result.FOUND),
    ("Longer keepalive at one site.", Result.NO_CHANGE),
    ("Lease timer of the core router: change request CR-880 written, not sent.", Result.NOT_FINISHED),
)


async def agreed(ctx: Context) -> None:
    """Accounts, the people who call for them, and their contracts."""
    for account, name, phone, number, contract, level in KNOWN:
        made = await accounts.create(ctx, OPERATOR, name=account)
        person = Particulars(name=name, company=account, account=made.id, phones=(phone,), languages=("en", "pl"))
        await customers.create(ctx, OPERATOR, particulars=person)
        terms = Terms(
            number=number,
            name=contract,
            starts_on=date(2025, 4, 1),
            ends_on=date(2027, 3, 31),
            time_zone="Europe/London",
            level=level,
            sla=level,
            included_cases=12,
        )
        await contracts.create(ctx, OPERATOR, terms=terms, account=made.id, customer=None)


async def written(ctx: Context) -> None:
    """Articles and scripts, by one author and read by the other; something new of each is being written."""
    await bringing.bring_in(ctx, ILSE, known.articles(), publish=True, topic=None)
    for name in scripted.SCRIPTS:
        draft = await scripting.create(ctx, ILSE, name=name, title=name)
        draft = await scripting.save(ctx, ILSE, name=name, source=scripted.source(name), if_match=draft.version)
        draft = await scripting.submit(ctx, ILSE, name=name, note=None, if_match=draft.version)
        await scripting.publish(ctx, JONAS, name=name, if_match=draft.version)


async def rewritten(ctx: Context) -> str:
    """An article in review and a script's draft; the article's number."""
    source = scripted.source(SCRIPT).replace("wait half a minute", "wait a whole minute")
    await scripting.save(ctx, ILSE, name=SCRIPT, source=source, if_match=0)
    number = await article(ctx)
    text = (await manuscripts.editing(ctx, ILSE, number=number)).revision.text
    body = text.body.replace("Below −27 dBm", "Say that the photo is for the engineer only. Below −26 dBm")
    changed = msgspec.structs.replace(text, body=body, note="Photo note, −26 dBm")
    await authoring.write(ctx, ILSE, number=number, text=changed)
    await publishing.submit(ctx, ILSE, number=number, reviewers=("jonas", "fiona"))
    await publishing.approve(ctx, JONAS, number=number)
    return number


async def article(ctx: Context) -> str:
    """The number of the one that callers with a red light need."""
    rows, _ = await manuscripts.listed(ctx, ILSE, where=Where(), topic=None, limit=100, after=None)
    return next(row.number for row in rows if row.title == RED)


async def led(ctx: Context, who: Principal, run: str) -> None:
    """The script to the question for the light's colour."""
    for step, value in ANSWERS:
        await dialogs.answer(ctx, who, run_id=run, step=step, answer=value)


async def promised(ctx: Context, who: Principal, *, number: str, text: str, due_at: datetime) -> None:
    await tasks.add_to_case(ctx, who, number=number, text=text, kind=Kind.CALLBACK, due_at=due_at)


async def handed_up(ctx: Context, *, number: str) -> None:
    """By its owner, with all that was tried."""
    for text, result in TRIED:
        await cases.add_note(ctx, TOMASZ, number=number, text=text, tried=result)
    due = ctx.clock.now() + timedelta(minutes=39)
    await promised(ctx, TOMASZ, number=number, text="A network engineer calls Iain Fraser on his mobile", due_at=due)
    reason = "Not a fault of the sites: all six drop within the same second. The core needs the second line."
    await escalation.send_up(ctx, TOMASZ, number=number, to=Target(ladder=LADDER), reason=reason)

"""Northlink at half past two on a Tuesday, as near to the mockups as the product can show: for tools/screens.py.

Everything in it came the way it comes in work: by the phone system's events, services and the router. Only the clock
is ours; it stands still until the story moves it.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from console import bootstrap
from console.cases.case import Change, Status
from console.cases.customer import Described
from console.db import embedded
from console.db.engine import Database, driver
from console.db.partitions import ensure_partitions
from console.errors import Refusal
from console.live.nudge import Nudges
from console.people.who import OPERATOR, Principal
from console.routing.agent import Presence
from console.services import cases, configuration, intake, notices, offers, people, presence, work
from console.services.context import Context
from console.settings import load
from console.telephony import CallAnswered, CallArrived, CallEnded, CallEvent, CallHeld
from tools import screens_matters as matters

NOON = datetime(2026, 5, 12, 13, 32, 8, tzinfo=UTC)
"""14:32:08 in London, the instant of the mockups."""
PASSWORD = "correct horse battery staple"
COMES_WITHIN_S = 20
MARTA = "+441314960182"

QUEUES = {
    "Residential faults": {"fibre": 2},
    "Billing": {"billing": 3},
    "Residential moves": {"moves": 2},
    "Business faults": {"fibre": 3, "english": 3},
    "Network faults L2": {"mpls": 3},
    "Sales": {"sales": 2},
    "Retention": {"retention": 3},
    "Persian line": {"persian": 3},
}
NADIA = {"fibre": 4, "english": 5, "moves": 3, "persian": 5}
HER_QUEUES = ["Business faults", "Network faults L2", "Persian line", "Written", "Second line"]
AGENTS = {
    "nadia": ("Nadia Rahimi", NADIA),
    "bilal": ("Bilal Khan", {"billing": 4, "moves": 3}),
    "leila": ("Leila Farahani", {"billing": 4, "retention": 4}),
    "callum": ("Callum Reid", {"fibre": 4, "english": 5, "moves": 3}),
    "amina": ("Amina Yusuf", {"billing": 5}),
    "chen": ("Chen Wei", {"fibre": 2}),
    "jonas": ("Jonas Berg", {"fibre": 2}),
    "ruth": ("Ruth Okafor", {"billing": 3}),
    "diego": ("Diego Santos", {"mpls": 4, "fibre": 5}),
    "yuki": ("Yuki Tanaka", {"fibre": 2}),
    "fiona": ("Fiona MacLeod", {"fibre": 2}),
    "hannah": ("Hannah Schulz", {"fibre": 2}),
    "priya": ("Priya Nair", {"fibre": 3, "english": 5}),
    "elena": ("Elena Petrova", {"moves": 4}),
    "sofia": ("Sofia Rossi", {"moves": 3}),
    "owen": ("Owen Pritchard", {"sales": 3}),
    "piotr": ("Piotr Zieliński", {"mpls": 4, "fibre": 4}),
    "grace": ("Grace Mensah", {"billing": 4}),
    "ingrid": ("Ingrid Dahl", {"sales": 4}),
    "nora": ("Nora Fitzgerald", {"sales": 4, "retention": 4}),
    "kenji": ("Kenji Mori", {"sales": 3}),
    "rory": ("Rory Baxter", {"fibre": 2}),
    "tomasz": ("Tomasz Wójcik", {"mpls": 3}),
}
AWAY = {"elena": "break", "kenji": "break", "owen": "meeting", "hannah": "training"}
CUSTOMERS = (
    ("Number port stuck at “validating”", "Orla Brennan", "+441314960790", "Residential moves"),
    ("Static IP not reachable after router swap", "J. Adeyemi Architects", "+441314960433", "Business faults"),
    ("Wi-Fi weak in the loft flat, third contact", "Dariush Moradi", "+441314960391", "Persian line"),
    ("Invoice shows two line rentals", "Ferry Road Studio", "+441314960512", "Business faults"),
    ("Move broadband to 8 Pilrig Gardens", "Anna Lindqvist", "+441314960108", "Residential moves"),
)
HANDED = ("EPOS terminals drop every 20 minutes at all six sites", "Iain Fraser", "+441314960655")
HERS = ("No internet since power cut, ONT optical light red", "Marta Kowalczyk", MARTA, "Business faults")


def centre_yaml() -> str:
    dialled = {name: f"+44131496{n:04}" for n, name in enumerate(QUEUES, 100)}
    return yaml.safe_dump(
        {
            "version": 1,
            "skills": sorted({skill for needs in QUEUES.values() for skill in needs}),
            "calendars": {"northlink": {"time_zone": "Europe/London", "open": {"mon-sun": ["00:00-24:00"]}}},
            "telephony": [{"name": "northlink", "kind": "simulator"}],
            "systems": {"line-test": {"url": "https://line.northlink.example/test"}},
            "queues": [
                {
                    "name": name,
                    "channel": "voice",
                    "requires": needs,
                    "offer": {"timeout": "20s"},
                    "wrap_up": "120s",
                    "service_level": {"within": "20s", "target": "80%"},
                }
                for name, needs in QUEUES.items()
            ]
            + [
                {"name": "Written", "channel": "case", "requires": {"persian": 3}},
                {"name": "Written L2", "channel": "case", "requires": {"mpls": 3}},
                {"name": "Second line", "channel": "case", "requires": {"persian": 3}, "offer": {"timeout": "15m"}},
            ],
            "sla": matters.POLICIES,
            "escalations": matters.LADDERS,
            "agents": [
                *(
                    {
                        "username": username,
                        "name": name,
                        "skills": skills,
                        "capacity": {"voice": 1, "case": 3},
                        "endpoint": f"SIM/{username}",
                        **({"queues": HER_QUEUES} if username == "nadia" else {}),
                        **({"roles": ["agent", "author"]} if username in ("jonas", "fiona") else {}),
                    }
                    for username, (name, skills) in AGENTS.items()
                ),
                {"username": "gareth", "name": "Gareth Owen", "roles": ["supervisor"]},
                {"username": "ilse", "name": "Ilse Vermeer", "roles": ["author"]},
            ],
            "routing": [
                {"when": f'channel == "voice" && to == "{number}"', "queue": name} for name, number in dialled.items()
            ],
            "routing_defaults": {"fallback_queue": "Business faults", "sla": "standard"},
        },
        sort_keys=False,
    )


class Still:
    """A clock that somebody moves; no two readings are one."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        self.at += timedelta(microseconds=1)
        return self.at


class Centre:
    """The running example, and the words in which its story is told."""

    def __init__(self, ctx: Context, clock: Still, port: int) -> None:
        self.ctx = ctx
        self.clock = clock
        self.port = port
        self._events = 0

    def who(self, username: str, role: str = "agent") -> Principal:
        return Principal(username=username, name=AGENTS.get(username, (username,))[0], roles=frozenset({role}))

    def is_it(self, clock_time: str) -> None:
        """Move the clock on to that time of the day, in London."""
        hour, minute, *second = (int(part) for part in clock_time.split(":"))
        self.clock.at = NOON.replace(hour=hour - 1, minute=minute, second=second[0] if second else 0, microsecond=0)

    async def settle(self) -> None:
        """Until the router has taken every fact."""
        self.ctx.nudges.ring("router", "timekeeper")
        end = asyncio.get_running_loop().time() + COMES_WITHIN_S
        while await self._count("select count(*) from inbox"):
            assert asyncio.get_running_loop().time() < end, "the router stands still"
            await asyncio.sleep(0.01)

    async def become(self, username: str, state: Presence, reason: str | None = None) -> None:
        await presence.set_own(self.ctx, self.who(username), presence=state, reason=reason)
        await self.settle()

    async def ring(self, call: str, caller: str, queue: str, **attributes: str) -> None:
        dialled = f"+44131496{100 + list(QUEUES).index(queue):04}"
        await self.tell(CallArrived, call, caller=caller, dialled=dialled, attributes=attributes)

    async def waiting(self, since: str, queue: str, count: int) -> None:
        """Callers for whom nobody is free."""
        self.is_it(since)
        for number in range(count):
            await self.ring(f"{queue} {number}", f"+44770090{list(QUEUES).index(queue):02}{number:02}", queue)

    async def tell(self, kind: type[CallEvent], call: str, **about: Any) -> None:
        self._events += 1
        head = {"source": "northlink", "event_id": f"e{self._events}", "call": call, "at": self.clock.now()}
        await intake.on_call(self.ctx, kind(**head, **about))
        await self.settle()

    async def open_offer(self, where: str, value: str) -> tuple[str, str] | None:
        """The offer that rings, and at whom."""
        query = (
            "select o.id::text, o.agent from routing_offer o join work w on w.item = o.item"
            f" left join call c on c.id = w.call where o.state = 'open' and {where}"
        )
        found = await self._row(query, value)
        return (found[0], found[1]) if found else None

    async def taken(self, call: str) -> str | None:
        """Whoever it rings at answers; their name, or None where it rings at nobody."""
        found = await self.open_offer("c.external_id = $1", call)
        if found is None:
            return None
        offer, agent = found
        await offers.accept(self.ctx, self.who(agent), offer_id=offer)
        await self.settle()
        await self.tell(CallAnswered, call, endpoint=f"SIM/{agent}")
        return agent

    async def talked(self, call: str, caller: str, queue: str, *, waited_s: int, talked_s: int) -> str | None:
        """A whole call, from its arrival to the end of the wrap-up."""
        await self.ring(call, caller, queue)
        self.clock.at += timedelta(seconds=waited_s)
        agent = await self.taken(call)
        if agent is None:
            await self.tell(CallEnded, call, cause="caller", answered=False)
            return None
        self.clock.at += timedelta(seconds=talked_s)
        await self.tell(CallEnded, call, cause="caller", answered=True)
        self.clock.at += timedelta(seconds=52)
        await self.done(call, agent)
        return agent

    async def done(self, call: str, agent: str) -> None:
        found = await self._row(
            "select w.item::text from work w join call c on c.id = w.call where c.external_id = $1", call
        )
        assert found is not None
        with suppress(Refusal):  # a wrap-up may be over by itself
            await work.complete(self.ctx, self.who(agent), item=found[0])
        await self.settle()

    async def number_of(self, subject: str) -> str:
        found = await self._row('select number from "case" where subject = $1', subject)
        assert found is not None
        return str(found[0])

    async def led(self) -> None:
        """Nadia's script with Marta, to its question for the light."""
        found = await self._row(
            'select r.id::text from script_run r join "case" c on c.id = r."case"'
            " where c.subject = $1 and r.state = 'running'",
            HERS[0],
        )
        assert found is not None
        await matters.led(self.ctx, self.who("nadia"), found[0])

    async def _count(self, query: str) -> int:
        found = await self._row(query)
        assert found is not None
        return int(found[0])

    async def _row(self, query: str, *values: Any) -> tuple[Any, ...] | None:
        async with self.ctx.db.transaction() as db:
            row = await (await driver(db)).fetchrow(query, *values)
        return tuple(row) if row else None


@asynccontextmanager
async def northlink(directory: Path) -> AsyncIterator[Centre]:
    """The centre at half past two, its day behind it; nobody rings."""
    settings = load({"CONSOLE_SECRET_KEY": "k" * 32, "CONSOLE_DATA_DIR": str(directory / "data")})
    clock = Still(NOON)
    async with AsyncExitStack() as stack:
        url = stack.enter_context(embedded.running(settings.database, lambda _: None))
        database = await Database.open(url)
        stack.push_async_callback(database.close)
        await bootstrap.at_this_version(database, own=True)
        async with database.transaction() as db:
            await ensure_partitions(db, NOON)
        nudges = await stack.enter_async_context(Nudges(None).running())
        ctx = bootstrap.context(settings, database, nudges, clock)
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setblocking(False)
        centre = Centre(ctx, clock, listener.getsockname()[1])
        centre.is_it("07:55")
        await configuration.apply(ctx, OPERATOR, text=centre_yaml())
        for username in ("nadia", "gareth", "ilse"):
            await people.set_password(ctx, OPERATOR, username=username, password=PASSWORD)
        await matters.agreed(ctx)
        await matters.written(ctx)
        ready = asyncio.Event()
        serving = asyncio.create_task(bootstrap.Node(ctx, settings).run(listener=listener, ready=ready.set))
        stack.push_async_callback(_ended, serving)
        await asyncio.wait_for(ready.wait(), COMES_WITHIN_S)
        for username in AGENTS:
            await stack.enter_async_context(presence.listening(ctx, centre.who(username)))
        await day(centre)
        yield centre


async def _ended(serving: asyncio.Task[None]) -> None:
    serving.cancel()
    with suppress(asyncio.CancelledError):
        await serving


async def day(centre: Centre) -> None:
    """From eight to half past two."""
    await centre.become("nadia", Presence.AVAILABLE)
    await registered(centre)
    centre.is_it("08:40")
    for username in AGENTS:
        if username != "tomasz":
            await centre.become(username, Presence.AVAILABLE)
    await calls(centre)
    await notes(centre)
    centre.is_it("14:20")
    for username, reason in AWAY.items():
        await centre.become(username, Presence("away"), reason)
    await centre_at_work(centre)
    centre.is_it("14:24")
    text = "Outage, Musselburgh, 212 lines: fibre cut, repair expected 18:00."
    await notices.send(centre.ctx, OPERATOR, to=["nadia"], text=text)


async def registered(centre: Centre) -> None:
    """The written cases of the morning, which Nadia took; one is Tomasz'."""
    for number, (subject, name, phone, _) in enumerate((*CUSTOMERS, HERS)):
        centre.is_it(f"8:{number * 5:02}")
        await taken_in(centre, subject, name, phone, "Written")
    await centre.become("tomasz", Presence.AVAILABLE)
    centre.is_it("8:35")
    await taken_in(centre, *HANDED, "Written L2")
    await centre.become("tomasz", Presence("away"), "training")


async def taken_in(centre: Centre, subject: str, name: str, phone: str, queue: str) -> None:
    """Registered, taken by whoever it is offered to, and answered."""
    about = Described(phone=phone, name=name)
    registration = cases.Registration(subject=subject, via="web", customer=about, queue=queue)
    case = await cases.register(centre.ctx, OPERATOR, registration=registration)
    await centre.settle()
    offer, agent = await centre.open_offer("o.item = $1::uuid", case.work_item) or ("", "")
    await offers.accept(centre.ctx, centre.who(agent), offer_id=offer)
    await centre.settle()
    number = await centre.number_of(subject)
    await cases.add_note(centre.ctx, centre.who(agent), number=number, text="Thank you, we look into it.", outward=True)
    await work.complete(centre.ctx, centre.who(agent), item=case.work_item)
    await centre.settle()


async def calls(centre: Centre) -> None:
    """Nadia's customers call and become hers; then everybody's."""
    centre.is_it("8:55")
    await cases.change(
        centre.ctx, OPERATOR, number=await centre.number_of(HERS[0]), change=Change(status=Status.PENDING)
    )
    for number, (_, _, phone, queue) in enumerate(CUSTOMERS):
        centre.is_it(f"{9 + number // 2}:{10 + 20 * (number % 2)}")
        await centre.talked(f"c{number}", phone, queue, waited_s=9, talked_s=340 + 40 * number)
    for number, queue in enumerate(list(QUEUES) * 2):
        centre.is_it(f"{12 + number // 8}:{2 + 6 * (number % 8)}")
        caller = f"+4413149602{number:02}"
        await centre.talked(f"d{number}", caller, queue, waited_s=6 + 9 * (number % 4), talked_s=300)


async def notes(centre: Centre) -> None:
    number = await centre.number_of(HERS[0])
    for at, who, text, outward in (
        ("14:04", "priya", "Could you send a photo of the lights on the white box in the cellar?", True),
        ("14:10", "amina", "Two outages this month, asking for 5 days’ credit. Finance answers in one day.", False),
    ):
        centre.is_it(at)
        await cases.add_note(centre.ctx, OPERATOR_AS[who], number=number, text=text, outward=outward)
    for subject, text, hour in (
        ("Number port stuck at “validating”", "Tell Orla the new date of the port", 14),
        ("Wi-Fi weak in the loft flat, third contact", "In Persian: has the mesh unit come?", 15),
    ):
        due = NOON.replace(hour=hour, minute=0, second=0)
        number = await centre.number_of(subject)
        await matters.promised(centre.ctx, centre.who("nadia"), number=number, text=text, due_at=due)


OPERATOR_AS = {
    username: Principal(username=username, name=AGENTS[username][0], roles=frozenset({"agent", "admin"}))
    for username in ("priya", "amina")
}


async def centre_at_work(centre: Centre) -> None:
    """Everybody else talks, two of them to a caller on hold."""
    centre.is_it("14:21")
    for username in ("nadia", "callum"):
        await centre.become(username, Presence("away"), "break")
    number, waits = 0, False
    for queue in QUEUES:
        while not waits:
            number += 1
            centre.clock.at += timedelta(seconds=7)
            await centre.ring(f"w{number}", f"+4477009004{number:02}", queue)
            agent = await centre.taken(f"w{number}")
            if agent in ("rory", "diego"):
                await centre.tell(CallHeld, f"w{number}")
            waits = agent is None
        await centre.tell(CallEnded, f"w{number}", cause="caller", answered=False)
        waits = False

"""Desks to draw, one for each state of the Bar; nobody in them exists, and all that people typed is Cyrillic.

So whatever Latin letter stands on a page in another language is a word of ours that escaped translation.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from console.cases.attachment import Attachment
from console.cases.call import Consult, ConsultState
from console.cases.contract import Contract, Entitlement
from console.cases.customer import Customer
from console.cases.draft import Draft
from console.cases.task import Kind, Task
from console.clock import to_instant
from console.queries import desktop as d
from console.queries import desktop_case as case
from console.queries import desktop_idle as lists
from console.queries.case_context import Linked
from console.queries.desktop_articles import Unjudged
from console.queries.desktop_bar import Asked, Missed
from console.queries.desktop_tasks import Around, Viewer
from console.queries.knowledge import Result
from console.queries.notices import Notice
from console.queries.stream import Card
from console.routing.work_item import Why
from console.sla import clock as sla
from console.sla.face import Face, face
from console.web import words
from console.web.fragment import View
from tests.web.dialogs import LINE_ASKED, ON_DESK, line_at
from tests.web.instants import NOW, ago, ahead
from tests.web.packets import HANDED, HANDOVER, PACKET

VIEW = View(words=words.load("en"), zone=ZoneInfo("Europe/Kyiv"))
SHELL = {
    "csrf": "t",
    "stream": "/desk/stream",
    "rooms": ("desk", "supervisor"),
    "room": "desk",
    "refusal": None,
    "prefs": VIEW.prefs,
}
"""What the frame of a page needs beside the screen and the person's `name`."""
ME = d.Me(
    username="0031",
    name="Надія Рахімі",
    presence="available",
    routing_state="idle",
    state_since=ago(minutes=2, seconds=14),
)

CALL = Card(
    item="019aa0c0-0000-7000-8000-000000000001",
    kind="voice",
    call="019aa0c0-0000-7000-8000-0000000000c1",
    source="17",
    external_id="171",
    caller="+441314960182",
    dialled="+441314960100",
    call_state="talking",
    takes_orders=True,
    attributes={"меню": "2", "мова": "польська"},
    case="019aa0c0-0000-7000-8000-0000000000a1",
    case_number="204817",
    subject="Немає інтернету після вимкнення світла",
    status="open",
    case_priority=10,
    customer="019aa0c0-0000-7000-8000-0000000000b1",
    customer_name="Марта Ковальчик",
    phone="+441314960182",
    queue="бізнес",
    state="assigned",
    agent="0031",
    waiting_since=ago(minutes=3, seconds=30),
    assigned_at=ago(minutes=3, seconds=12),
    talk_since=ago(minutes=3, seconds=10),
)
RINGING = msgspec.structs.replace(
    CALL, state="offered", call_state="waiting", waiting_since=ago(seconds=14), assigned_at=None
)
CASE = Card(
    item="019aa0c0-0000-7000-8000-000000000002",
    kind="case",
    case="019aa0c0-0000-7000-8000-0000000000a2",
    case_number="204790",
    subject="Перенесення номера",
    status="open",
    customer="019aa0c0-0000-7000-8000-0000000000b2",
    customer_name="Орла Бреннан",
    queue="переїзди",
    state="assigned",
    agent="0031",
    waiting_since=ago(hours=2),
    assigned_at=ago(hours=1),
)

WHY = Why(
    rule="longest_idle",
    idle_since=to_instant(ago(minutes=2, seconds=14)),
    waiting_since=to_instant(ago(seconds=14)),
    candidates=3,
    matched={"оптика": (3, 4), "польська": (3, 5)},
    decision=7,
)
OFFER = d.Offered(
    offer="019aa0c0-0000-7000-8000-0000000000f1",
    card=RINGING,
    made_at=ago(seconds=4),
    expires_at=ahead(seconds=16),
    why=WHY,
    case_owner="0031",
)

CUSTOMER = Customer(
    id="019aa0c0-0000-7000-8000-0000000000b1",
    name="Марта Ковальчик",
    external_id="4471-0926",
    company="Стоматологія «Гавань»",
    address="вул. Гаванська, 14",
    languages=("uk", "pl"),
    note="Термінал стоїть у підвалі, потрібен ліхтар.\nПацієнти з 08:30.",
    note_by="0033",
    note_at=ago(days=100),
    created_at=datetime(2019, 3, 4, 9, 0, tzinfo=UTC),
    changed_at=datetime(2019, 3, 4, 9, 0, tzinfo=UTC),
    phones=("+441314960182", "+447700900417"),
    emails=("1@2.3",),
)
MATTER = case.Matter(
    id="019aa0c0-0000-7000-8000-0000000000a1",
    number="204817",
    subject="Немає інтернету після вимкнення світла",
    description="Світло повернулося о пів на дев’яту, а інтернет ні. Термінал оплати не працює.",
    via="phone",
    status="open",
    priority=10,
    topic="оптика",
    queue="бізнес",
    owner="0031",
    owner_name="Надія Рахімі",
    created_at=ago(hours=5),
    changed_at=ago(minutes=3),
    version=4,
)


def entry(number: int, kind: str, at: datetime, /, *, by: str | None = "0032", **data: object) -> case.Entry:
    name = {"0031": "Надія Рахімі", "0032": "Прія Наїр"}.get(by or "")
    return case.Entry(
        id=f"019aa0c0-0000-7000-8000-0000000e{number:04}", at=at, kind=kind, by=by, by_name=name, data=dict(data)
    )


TIMELINE = (
    entry(21, "word", ago(seconds=20), by=None, text="Досі червоне", via="email"),
    entry(20, "reopened", ago(seconds=21), by=None, was="resolved", why="customer"),
    entry(
        19,
        "task",
        ago(seconds=30),
        by="0031",
        task="з",
        kind="callback",
        text="Зателефонувати Марті",
        happening="added",
    ),
    entry(
        18,
        "attachment",
        ago(seconds=31),
        by="0031",
        attachment="019aa0c0-0000-7000-8000-0000000000d1",
        name="індикатори.пнг",
        media_type="image/png",
        bytes=412_000,
        happening="added",
    ),
    entry(17, "link", ago(seconds=32), by="0032", kind="parent", other="204700", happening="added"),
    entry(16, "time", ago(seconds=33), by="0031", seconds=1800, note="лист"),
    entry(15, "owner", ago(seconds=34), by=None, owner=None, was="0033", why="left"),
    entry(
        13, "clock", ago(minutes=1), by=None, clock="next_update", id="к", what="warned", due_at=None, acted_late_s=0.2
    ),
    entry(
        12,
        "clock",
        ago(minutes=1),
        by="0031",
        clock="resolution",
        id="к",
        what="rebased",
        target_s=14400.0,
        reason="так",
    ),
    entry(
        11, "clock", ago(minutes=2), by="0031", clock="first_response", id="к", what="met", elapsed_s=1080.0, late_s=0.0
    ),
    entry(10, "identity", ago(minutes=2), by="0031", result="verified"),
    entry(9, "changed", ago(minutes=3), by="0031", priority=[None, 10], subject=["Немає зв’язку", "Немає інтернету"]),
    entry(
        14, "clock", ago(minutes=3), by=None, clock="classify", id="к", what="breached", due_at=None, acted_late_s=62.0
    ),
    entry(8, "owner", ago(minutes=3, seconds=12), by="0031", owner="0031"),
    entry(7, "missed_call", ago(minutes=34), by=None, waited_s=42.0, short=False),
    entry(
        6,
        "note",
        ago(hours=3),
        text="Просить повернути гроші за п’ять днів.\nФінанси відповідають за день.",
        outward=False,
    ),
    entry(5, "note", ago(hours=4), text="Надішліть, будь ласка, світлину індикаторів.", outward=True),
    entry(4, "call", ago(hours=4, minutes=10), disposition="follow_up"),
    entry(3, "changed", ago(hours=4, minutes=20), status=["new", "open"]),
    entry(2, "transferred", ago(hours=4, minutes=40), by=None, to="бізнес"),
    entry(1, "registered", ago(hours=5), by=None, via="web", subject="Немає інтернету"),
)


def promise(
    name: str, target: timedelta, run: timedelta, *, paused: timedelta | None = None, met: bool = False
) -> Face:
    """A clock of that target that has run for so long, and has been paused or met since."""
    terms = sla.Terms(target=target, warn=target * 3 / 4, version=1)
    since = NOW - run - (paused or timedelta())
    clock = sla.started(id=f"к-{name}", case="к", name=name, policy="золота", terms=terms, at=since, why="registered")
    if paused is not None:
        clock = sla.step(clock, sla.Happening.PAUSED, at=since + run, why="pending", by="0031")
    elif met:
        clock = sla.step(clock, sla.Happening.MET, at=NOW, why="answered", by="0031")
    shown = face(clock, NOW)
    assert shown is not None
    return shown


M, H = timedelta(minutes=1), timedelta(hours=1)
BREACHED = promise("first_response", 15 * M, 33 * M + 42 * timedelta(seconds=1))
WARNED = promise("next_update", 60 * M, 48 * M)
FINE = promise("resolution", 4 * H, 99 * M)
PAUSED = promise("resolution", 8 * H, 2 * H, paused=3 * H)
MET = promise("first_response", 30 * M, 18 * M, met=True)
LATE = promise("classify", 30 * M, 48 * M, met=True)
CLOCKS = (WARNED, FINE, msgspec.structs.replace(PAUSED, name="classify"), MET)

PAST = (
    case.PastCase(number="204512", subject="Повернення за простій", status="pending", changed_at=ago(hours=3)),
    case.PastCase(number="203117", subject="Замінено роутер", status="resolved", changed_at=ago(days=120)),
)
DRAFT = Draft(text="Червоний індикатор з 08:30, роутер справний.", version=7, saved_at=ago(seconds=20))

FILE = Attachment(
    id="019aa0c0-0000-7000-8000-0000000000d1",
    case=MATTER.id,
    name="індикатори.пнг",
    media_type="image/png",
    bytes=412_000,
    by="0031",
    at=ago(hours=1),
)


def task(number: int, kind: str, text: str, due_at: datetime | None, **more: Any) -> Task:
    known = {"case": MATTER.id, "by": "0031", "created_at": ago(hours=1), **more}
    return Task(
        id=f"019aa0c0-0000-7000-8000-0000000001{number:02d}", kind=Kind(kind), text=text, due_at=due_at, **known
    )


AROUND = Around(
    tasks=(
        task(1, "callback", "Зателефонувати Марті", ago(minutes=4), assignee="0031"),
        task(2, "promise", "Повернути гроші за п’ять днів", ahead(hours=20), assignee="0032"),
        task(3, "task", "Перевірити кабель", None),
        task(4, "task", "Спитати в депо", None, done_at=ago(minutes=30), done_by="0031", result="done"),
    ),
    attachments=(FILE,),
    links=(
        Linked(kind="parent", number="204700", subject="Аварія", status="open", owner="0032", queue="бізнес"),
        Linked(kind="duplicated_by", number="204812", subject="Немає зв’язку", status="new", owner=None, queue=None),
    ),
    viewers=(Viewer(username="0032", name="Аміна Юсуф"),),
    contract=Contract(
        id="019aa0c0-0000-7000-8000-0000000000e1",
        account="019aa0c0-0000-7000-8000-0000000000e2",
        number="4471",
        name="Волокно 900",
        level="Золотий",
        sla="золото",
        starts_on=date(2026, 1, 1),
        ends_on=date(2027, 3, 31),
        created_at=ago(days=300),
        changed_at=ago(days=300),
    ),
    entitlement=Entitlement(included_cases=24, used_cases=7, included_hours=12, used_hours=12.5),
    names={"0031": "Надія Рахімі", "0032": "Аміна Юсуф"},
)

SUGGESTED = (
    Result(
        id="019aa0c0-0000-7000-8000-0000000000f1",
        number="1187",
        external_id=None,
        lang="uk",
        title="Оптичний індикатор червоний",
        title_marked="Оптичний індикатор <mark>червоний</mark>",
        snippet="…після <mark>вимкнення</mark> світла почекайте 90 секунд…",
        score=7.1,
        version=7,
        kind="problem",
        audience="customers",
        published_at=ago(days=9),
        used=38,
        helped=27,
        not_helped=11,
        because=("світло", "червоний"),
    ),
)

SHOWN = case.Shown(
    card=CALL,
    customer=CUSTOMER,
    note_by_name="Каллум Рід",
    case=MATTER,
    timeline=TIMELINE,
    happened=len(TIMELINE),
    past_cases=PAST,
    past=11,
    draft=DRAFT,
    identity=case.Identity(result="verified", by="0031", by_name="Надія Рахімі", at=ago(minutes=2)),
    clocks=CLOCKS,
    around=AROUND,
    script=ON_DESK,
    suggested=SUGGESTED,
)
OPEN = tuple(
    lists.OpenCase(
        number=number,
        subject=subject,
        status=status,
        queue=queue,
        customer_name=name,
        created_at=ago(hours=hours),
        changed_at=changed,
        last_kind=kind,
        last_at=changed,
    )
    for number, subject, status, queue, name, kind, changed, hours in (
        ("204655", "Термінали зникають кожні 20 хвилин", "open", "мережа", "Аптека", "note", ago(minutes=26), 30),
        ("204817", MATTER.subject, "open", "бізнес", "Марта Ковальчик", "missed_call", ago(minutes=34), 5),
        ("204512", "У рахунку дві оренди лінії", "pending", "рахунки", None, "owner", ago(days=3), 90),
        ("204108", "Переїзд на нову адресу", "new", None, "Анна Ліндквіст", None, ago(hours=6), 6),
    )
)
RAIL_CLOCKS = {"204655": BREACHED, "204817": WARNED, "204512": PAUSED}
BY_CLOCK = tuple(
    msgspec.structs.replace(one, clock=shown) for one, shown in zip(OPEN, (BREACHED, WARNED, PAUSED, None), strict=True)
)
IDLE_AREA = lists.Idle(
    groups=lists.ordered(OPEN, lists.Order.STATE),
    queues=(
        lists.QueueGlance(name="бізнес", level=0.88, target=0.8, place=1, waiting=1, waiting_since=ago(seconds=8)),
        lists.QueueGlance(name="оселі", level=0.74, target=0.8, place=3, waiting=3, waiting_since=ago(seconds=72)),
        lists.QueueGlance(name="переїзди", waiting=0, waiting_since=None),
    ),
    day=lists.Day(
        since=ago(hours=14, minutes=32, seconds=8), answered=18, handle_s=402, wrap_up_s=52, missed=1, finished=4
    ),
)
NOTICES = tuple(
    Notice(
        id=f"019aa0c0-0000-7000-8000-0000000000d{number}",
        at=ago(minutes=10 * number + 1),
        by="0040",
        by_name="Гарет О’Ніл",
        code=code,
        text=text,
        data=data,
        read_at=read,
    )
    for number, (code, text, data, read) in enumerate(
        (
            ("message", "Аварія в Масселборо, 212 ліній.\nРемонт до 18:00.", {}, None),
            ("state_set", "", {"presence": "away", "state": "training", "reason": "навчання"}, None),
            ("signed_out", "", {"reason": "кінець зміни"}, ago(minutes=1)),
            ("work_assigned", "", {"item": CASE.item, "queue": "рахунки", "reason": "знає"}, ago(minutes=1)),
            ("work_taken", "", {"item": CASE.item, "queue": "рахунки", "reason": "знає"}, ago(minutes=1)),
        )
    )
)


def me(**changes: object) -> d.Me:
    return msgspec.structs.replace(ME, **changes)


def screen(**fields: object) -> d.DeskScreen:
    return d.DeskScreen(**{"now": NOW, "me": ME, "idle": IDLE_AREA, "notices": NOTICES, "unread": 2, **fields})


def working(card: Card, **changes: object) -> d.DeskScreen:
    """With that work in hand and on the screen."""
    held = (CASE, card) if card.kind != "case" else (card,)
    shown = msgspec.structs.replace(SHOWN, card=card, **changes)
    return screen(
        me=me(routing_state="wrap_up" if card.state == "wrap_up" else "busy" if card.kind != "case" else "idle"),
        work=held,
        rail=d.rail(held, OPEN, shown, RAIL_CLOCKS),
        rail_more=2,
        shown=shown,
        idle=None,
    )


def opened(**changes: object) -> d.DeskScreen:
    """With a case on the screen that is nobody's work now."""
    shown = msgspec.structs.replace(SHOWN, card=None, identity=None, **changes)
    return screen(rail=d.rail((), OPEN, shown), shown=shown, idle=None)


WRAPPING = msgspec.structs.replace(
    CALL, state="wrap_up", call_state="ended", wrap_up_until=ahead(minutes=1, seconds=24)
)

HELD = msgspec.structs.replace(CALL, call_state="held", held_at=ago(minutes=1, seconds=4))
CONSULT = Consult(endpoint="171", name="Дієго Сантос", agent="0034", state="talking", since=ago(seconds=22))


def asking(state: ConsultState, card: Card = HELD) -> d.DeskScreen:
    """A colleague is asked about the call."""
    consult = msgspec.structs.replace(CONSULT, state=state)
    return working(msgspec.structs.replace(card, consult=consult, held_at=ago(seconds=38)))


GIVEN = msgspec.structs.replace(
    OFFER,
    card=msgspec.structs.replace(
        CASE,
        item=HANDOVER.item,
        state="offered",
        assigned_at=None,
        case=HANDOVER.case,
        case_number=HANDED.number,
        subject=PACKET.case["subject"],
        customer_name="Аптека на Замковій",
        queue=HANDOVER.to_queue,
    ),
    made_at=ago(seconds=38),
    expires_at=ahead(minutes=11, seconds=18),
    handed=HANDED,
)
"""A case that went up is handed to me."""

SCREENS: dict[str, d.DeskScreen] = {
    "handover": screen(me=me(routing_state="offered", state_since=ago(seconds=38)), offer=GIVEN),
    "handover-read": screen(
        me=me(routing_state="offered", state_since=ago(seconds=38)), offer=GIVEN, handed=HANDED, idle=None
    ),
    "handover-by-hand": screen(
        handed=msgspec.structs.replace(
            HANDED,
            handover=msgspec.structs.replace(HANDOVER, taken_at=ago(minutes=1), taken_by=ME.username),
            waits=False,
        ),
        idle=None,
    ),
    "away": screen(me=me(presence="away", reason="break")),
    "offline": screen(me=me(presence="offline", reason="connection")),
    "idle": screen(),
    "idle-nothing": screen(idle=lists.Idle(day=lists.Day(since=ago(hours=9))), notices=(), unread=0),
    "offer": screen(me=me(routing_state="offered", state_since=ago(seconds=4)), offer=OFFER),
    "offer-case": screen(
        me=me(routing_state="offered"),
        offer=msgspec.structs.replace(
            OFFER,
            card=msgspec.structs.replace(CASE, state="offered", assigned_at=None),
            why=msgspec.structs.replace(WHY, rule="longest_waiting", candidates=1, matched={}),
            case_owner=None,
        ),
    ),
    "call": working(CALL),
    "call-pausing": msgspec.structs.replace(
        working(CALL), me=me(routing_state="busy", pending="away", pending_reason="break")
    ),
    "call-connecting": working(msgspec.structs.replace(CALL, call_state="ringing")),
    "muted": working(msgspec.structs.replace(CALL, muted=True), script=LINE_ASKED),
    "hold": working(HELD, script=line_at({"_2": True, "_3": -28.5})),
    "consult-ringing": asking("ringing"),
    "consult": asking("talking"),
    "conference": asking("conference", CALL),
    "asked": screen(
        me=me(routing_state="busy"),
        asked=Asked(card=HELD, by_name="Прія Наїр", state="talking", since=ago(seconds=22)),
    ),
    "call-unknown": working(
        msgspec.structs.replace(
            CALL,
            customer=None,
            customer_name=None,
            caller=None,
            subject=None,
            case=None,
            case_number=None,
            attributes=None,
        ),
        customer=None,
        case=None,
        timeline=(),
        past_cases=(),
        draft=None,
    ),
    "wrap-up": working(
        WRAPPING,
        unjudged=(
            Unjudged(number="1187", title="Оптичний індикатор червоний", lang="uk"),
            Unjudged(number="942", title="Після вимкнення світла", lang="uk"),
        ),
    ),
    "wrap-up-open": working(msgspec.structs.replace(WRAPPING, wrap_up_until=None), disposition="solved"),
    "callback": working(msgspec.structs.replace(CALL, kind="callback", call_state="ended", takes_orders=False)),
    "case": working(CASE),
    "call-rivals": working(
        CALL,
        draft=msgspec.structs.replace(DRAFT, outward=True, rival="Кабель зігнуто.", rival_at=ago(seconds=9)),
        identity=case.Identity(result="failed", by="0032", by_name="Прія Наїр", at=ago(minutes=1)),
    ),
    "call-new-customer": working(
        CALL,
        customer=Customer(
            id=CUSTOMER.id,
            name=None,
            external_id=None,
            note=None,
            created_at=ago(minutes=4),
            changed_at=ago(minutes=4),
        ),
        past_cases=(),
        identity=None,
        disposition="solved",
    ),
    "opened": opened(),
    "opened-escalated": opened(handover=HANDOVER),
    "opened-late": opened(clocks=(BREACHED, LATE)),
    "opened-plain": opened(
        customer=None, past_cases=(), draft=None, timeline=(), case=msgspec.structs.replace(MATTER, owner=None)
    ),
    "lists": screen(work=(CASE,), rail=d.rail((CASE,), OPEN, None)),
    "idle-clocks": screen(
        idle=msgspec.structs.replace(
            IDLE_AREA, order=lists.Order.CLOCK, groups=lists.ordered(BY_CLOCK, lists.Order.CLOCK)
        )
    ),
    "idle-customers": screen(
        idle=msgspec.structs.replace(
            IDLE_AREA, order=lists.Order.CUSTOMER, groups=lists.ordered(OPEN, lists.Order.CUSTOMER)
        ),
        notices=(),
        unread=0,
    ),
    "idle-newest": screen(
        idle=msgspec.structs.replace(
            IDLE_AREA, order=lists.Order.NEWEST, groups=lists.ordered(OPEN, lists.Order.NEWEST)
        )
    ),
    "missed": screen(
        me=me(routing_state="not_responding", state_since=ago(seconds=42)),
        missed=Missed(
            queue="бізнес",
            kind="voice",
            made_at=ago(seconds=62),
            closed_at=ago(seconds=42),
            went_to="Каллум Рід",
        ),
    ),
}

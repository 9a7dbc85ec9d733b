"""A handover to draw: a case that went up after its clock ran out, with all that can go along. All words are Cyrillic."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from console.cases.handover import LateClock, Level, Owner, Packet, Promise, Result, Tried, Trigger, Why
from console.cases.store.handovers import Handover
from console.cases.timeline import Activity, Entry
from console.queries.desktop_handover import Going, Handed
from tests.web.instants import NOW, ago, ahead

CASE = "019aa0c0-0000-7000-8000-0000000000a7"
NUMBER = "204655"
ME, OLENA, TARAS = "0031", "0032", "0033"


def at(hours: float) -> datetime:
    """So long before the packet was made."""
    return ago(hours=hours)


def activity(nth: int, kind: Entry, hours: float, by: str | None, **data: Any) -> Activity:
    return Activity(
        id=f"019aa0c0-0000-7000-8000-0000000000{nth:02x}", at=at(hours), kind=kind, case=CASE, by=by, data=data
    )


def segment(since: float, until: float, kind: str) -> dict[str, Any]:
    return {"from": at(since), "to": at(until), "kind": kind, "why": "", "by": None, "calendar_version": 1}


TIMELINE = (
    activity(1, Entry.REGISTERED, 4.5, OLENA, via="phone", subject="-"),
    activity(2, Entry.NOTE, 4.2, OLENA, text="Перезапустили два маршрутизатори", outward=False, tried="no_change"),
    activity(3, Entry.OWNER, 3.8, TARAS, owner=TARAS),
    activity(
        4, Entry.NOTE, 2, TARAS, text="Захоплення пакетів: усі сеанси рвуться одночасно", outward=False, tried="found"
    ),
    activity(5, Entry.NOTE, 1, TARAS, text="Інженер зателефонує до п'ятнадцятої", outward=True),
    activity(6, Entry.NOTE, 0.5, TARAS, text="Схоже на ядро мережі; зміну підготовлено, не надіслано.", outward=False),
    activity(
        7,
        Entry.CLOCK,
        0.3,
        None,
        clock="resolution",
        what="breached",
        due_at=at(0.3).isoformat(),
    ),
    activity(8, Entry.ESCALATED, 0, None, handover="-", trigger="breach", level=1, queue="друга лінія", agent=None),
)

PACKET = Packet(
    made_at=NOW,
    why=Why(
        trigger=Trigger.BREACH,
        level=1,
        ladder="аварія",
        clock=LateClock(name="resolution", policy="платина", target_s=4 * 3600, due_at=at(0.3), late_s=0.4),
        to_queue="друга лінія",
        take_by=ahead(minutes=11),
    ),
    case={
        "id": CASE,
        "number": NUMBER,
        "subject": "Термінали зникають кожні двадцять хвилин у всіх шести крамницях",
        "topic": "мережа",
        "priority": 50,
    },
    customer={"name": "Аптека на Замковій", "company": None, "phones": ["+447700900417"]},
    account=None,
    contract={"name": "Платина", "left": {"cases_left": 7}},
    clocks=(
        {
            "id": "1",
            "name": "resolution",
            "policy": "платина",
            "state": "running",
            "target_s": 4 * 3600,
            "counted_s": 4.3 * 3600 - 840,
            "left_s": -1080,
            "due_at": at(0.3),
            "warn_at": None,
            "warned_at": None,
            "breached_at": at(0.3),
            "started_at": at(4.5),
            "segments": [segment(4.5, 3.2, "counted"), segment(3.2, 2.97, "paused"), segment(2.97, 0, "counted")],
        },
        {
            "id": "2",
            "name": "next_update",
            "policy": "платина",
            "state": "running",
            "target_s": 3600,
            "counted_s": 2700,
            "left_s": 900,
            "due_at": ahead(minutes=15),
            "warn_at": None,
            "warned_at": at(0.1),
            "breached_at": None,
            "started_at": at(0.75),
            "segments": [segment(0.75, 0, "counted")],
        },
    ),
    owners=(
        Owner(agent=OLENA, since=at(4.5), until=at(3.8)),
        Owner(agent=TARAS, since=at(3.8), until=at(0.3)),
        Owner(agent=None, queue="друга лінія", since=at(0.3), until=NOW),
    ),
    timeline=TIMELINE,
    work=(),
    calls=(),
    scripts=(
        {
            "id": "1",
            "script": "аварія",
            "title": "Аварія в бізнес-клієнта",
            "version": 8,
            "stopped_at": "7",
            "spoken": {
                "title": "Аварія в бізнес-клієнта",
                "stopped_title": "Статичні маршрути?",
                "answers": [
                    {
                        "question": "Скільки крамниць?",
                        "answer": "Усі шість",
                        "why": None,
                        "kind": "given",
                        "silent": None,
                    },
                    {"question": "Є запасний канал?", "answer": "Ні", "why": None, "kind": "given", "silent": None},
                    {
                        "question": "Хто налаштував мережу?",
                        "answer": None,
                        "why": "не знає",
                        "kind": "skipped",
                        "silent": None,
                    },
                    {
                        "question": "Що каже лінія?",
                        "answer": None,
                        "why": "timed_out",
                        "kind": "filled",
                        "silent": "timed_out",
                    },
                ],
            },
        },
    ),
    articles=(
        {
            "number": "718",
            "version": 4,
            "title": "Сеанси рвуться через рівні проміжки",
            "kind": "not_helped",
            "by": TARAS,
            "at": at(2),
            "why": "без змін",
        },
        {
            "number": "655",
            "version": 9,
            "title": "Захоплення пакетів",
            "kind": "helped",
            "by": TARAS,
            "at": at(1),
            "why": None,
        },
    ),
    feedback=(),
    tried=(
        Tried(result=Result.NO_CHANGE, text="Перезапустили два маршрутизатори", by=OLENA, at=at(4.2), source="note"),
        Tried(result=Result.RULED_OUT, text="Перевірили всі шість ліній", by=OLENA, at=at(4), source="note"),
        Tried(
            result=Result.FOUND, text="Захоплення пакетів: сеанси рвуться одночасно", by=TARAS, at=at(2), source="note"
        ),
        Tried(result=Result.NOT_FINISHED, text="Таймер оренди адрес у ядрі", by=TARAS, at=at(1), source="note"),
    ),
    promised=(
        Promise(
            text="Мережний інженер зателефонує на мобільний",
            by=TARAS,
            at=at(1),
            due_at=ahead(minutes=39),
            kind="callback",
        ),
    ),
    tasks=(
        {"id": "1", "kind": "callback", "text": "Зателефонувати Іванові", "due_at": ahead(minutes=39), "done_at": None},
        {"id": "2", "kind": "task", "text": "Зміну погодити", "due_at": None, "done_at": None},
        {"id": "3", "kind": "promise", "text": "Надіслати схему", "due_at": ahead(hours=3), "done_at": None},
    ),
    attachments=({"name": "захоплення.пакети"},),
    links=({"number": "204600", "subject": "Та сама крамниця торік"},),
    children=(),
    time_spent=(),
    handovers=(),
    last_note=TIMELINE[5],
    drafts=({"username": TARAS, "text": "Спитати другу лінію про", "rival": None},),
    names={OLENA: "Олена Приймак", TARAS: "Тарас Вовк", ME: "Надія Рахімі"},
)

HANDOVER = Handover(
    id="019aa0c0-0000-7000-8000-0000000000d7",
    case=CASE,
    trigger=Trigger.BREACH,
    level=1,
    ladder="аварія",
    above=(Level(queue="ядро"),),
    made_at=NOW,
    from_agent=TARAS,
    to_queue="друга лінія",
    item="019aa0c0-0000-7000-8000-000000000007",
    take_by=ahead(minutes=11),
)

HANDED = Handed(
    number=NUMBER,
    handover=HANDOVER,
    packet=PACKET,
    waits=True,
    open_tasks=frozenset(("1", "2")),
    going=Going(run="1", at=3),
)

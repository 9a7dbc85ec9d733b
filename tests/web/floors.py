"""A floor to draw; as in tests.web.screens, no Latin letter in it is data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

import msgspec

from console.live.floor import HOUR_SPANS, AgentFloor, Floor, QueueFloor, RiskFloor
from console.live.messages import AgentChanged, AgentsByState, AgentWork, QueueChanged
from console.queries.clocks import ClockOfCase, Listed
from console.sla.kpi import NOTHING, Counted
from console.web.supervisor.lens import Lens
from console.web.supervisor.picture import Picture, picture
from tests.web.screens import BREACHED, FINE, NOW, PAUSED, WARNED, ago

KYIV = ZoneInfo("Europe/Kyiv")


def counted(level: float | None, *, offered: int = 100, abandoned: int = 4, wait_s: float = 31.0) -> Counted:
    """Figures with that service level."""
    if level is None:
        return NOTHING
    answered = offered - abandoned
    return Counted(answered=answered, in_time=round(level * offered), abandoned=abandoned, waited_s=wait_s * answered)


def hour(*levels: float | None, **more: float) -> tuple[Counted, ...]:
    """The recent window through the last hour; the first level holds until the others begin."""
    whole = (levels[0],) * (HOUR_SPANS + 1 - len(levels)) + levels
    return tuple(counted(level, **more) for level in whole)


def queue(name: str, waiting: int = 0, longest: float = 0, level: float | None = None, **changes: object) -> QueueFloor:
    own = {key: changes.pop(key) for key in ("channel", "today", "hour", "free_elsewhere") if key in changes}
    told = QueueChanged(
        **{
            "name": name,
            "waiting": waiting,
            "longest_wait_s": longest,
            "agents": AgentsByState(idle=2, offered=1, busy=5, wrap_up=1, not_responding=0, away=2),
            "service_level": level,
            "service_level_target": 0.8,
            "service_level_within_s": 20.0,
            "answered": 40 if level is not None else 0,
            "abandoned": 2 if level is not None else 0,
            **changes,
        }
    )
    return QueueFloor(**{"told": told, "channel": "voice", "today": counted(level), "hour": hour(level), **own})


def agent(username: str, name: str, state: str, *, minutes: float = 2, **changes: object) -> AgentFloor:
    own = {
        key: changes.pop(key)
        for key in ("queues", "pending", "held_at", "missed", "missed_at", "long", "usual_s")
        if key in changes
    }
    presence = {"offline": "offline", "away": "away"}.get(state, "available")
    work = (
        (AgentWork(work_item=f"1{username}", kind="voice", queue="оселі", state="assigned", case="204817"),)
        if state in ("busy", "wrap_up")
        else ()
    )
    told = AgentChanged(
        **{
            "username": username,
            "name": name,
            "presence": presence,
            "reason": None,
            "routing_state": "idle" if presence != "available" else state,
            "since": ago(minutes=minutes),
            "work": work,
            **changes,
        }
    )
    return AgentFloor(**{"told": told, "queues": ("оселі", "рахунки"), **own})


def floor(
    queues: Iterable[QueueFloor] = (),
    agents: Iterable[AgentFloor] = (),
    *,
    risks: Sequence[RiskFloor] = (),
    later: timedelta = timedelta(0),
) -> Floor:
    return Floor(
        now=NOW + later,
        zone=KYIV,
        midnight=ago(hours=14, minutes=32),
        recent_since=ago(minutes=32, seconds=8),
        queues=tuple(queues),
        agents=tuple(agents),
        risks=tuple(risks),
        risks_count=len(risks) and len(risks) + 2,
    )


def seen(queues: Iterable[QueueFloor] = (), agents: Iterable[AgentFloor] = (), lens: Lens | None = None) -> Picture:
    """Those queues and agents, as somebody sees them."""
    queues, agents = tuple(queues), tuple(agents)
    return picture(floor(queues, agents, risks=RISKS if queues or agents else ()), lens or Lens())


def waiting(found: QueueFloor, number: int) -> QueueFloor:
    """The same queue, in which so many wait."""
    return msgspec.structs.replace(found, told=msgspec.structs.replace(found.told, waiting=number))


QUEUES = (
    queue("бізнес", 1, 8, 0.88),
    queue(
        "оселі та малі підприємства",
        6,
        252,
        0.61,
        hour=hour(0.82, 0.80, 0.78, 0.79, 0.74, 0.72, 0.70, 0.66, 0.65, 0.63, 0.62, 0.61, abandoned=8, wait_s=58),
        free_elsewhere=3,
    ),
    queue("рахунки", 4, 75, 0.74),
    queue("переїзди", 0, 0, 0.81),
    queue("перська", 0, 0, None),
    queue("листи", 2, 3700, 0.2, channel="case"),
)
AGENTS = (
    agent("11", "Білал Хан", "not_responding", minutes=3.7, missed=2, missed_at=ago(minutes=3.7)),
    agent("12", "Лейла Фарахані", "idle", minutes=0.5),
    agent("13", "Надія Рахімі", "busy", minutes=3.2, pending=True),
    agent("14", "Каллум Рід", "idle", minutes=4, queues=None),
    agent("15", "Аміна Юсуф", "busy", minutes=22, long="call", usual_s=420.0),
    agent("16", "Чень Вей", "wrap_up", minutes=3, long="wrap_up", usual_s=120.0),
    agent("17", "Йонас Берг", "offered", minutes=0.1, queues=()),
    agent("18", "Рут Окафор", "away", minutes=9, reason="break"),
    agent("19", "Дієго Сантос", "away", minutes=12, reason="обід до третьої"),
    agent("20", "Юкі Танака", "offline", minutes=190, reason="connection"),
    agent("21", "Рорі Бакстер", "busy", minutes=6, held_at=ago(minutes=1)),
)
RISKS = tuple(
    RiskFloor(case=number, subject="Переїзд", customer_name=name, queue=queue, owner_name=owner, face=face)
    for number, name, queue, owner, face in (
        ("204655", "Аптека", "мережа", "Надія Рахімі", BREACHED),
        ("204858", None, "листи", None, WARNED),
        ("204602", "Школа", None, None, FINE),
    )
)
LISTED = Listed(
    items=tuple(
        ClockOfCase(
            face=face,
            case=number,
            subject="Немає інтернету після вимкнення світла",
            customer_name=name,
            queue="мережа",
            owner="0031" if name else None,
            owner_name=name,
        )
        for number, name, face in (
            ("204655", "Надія Рахімі", BREACHED),
            ("204858", None, WARNED),
            ("204108", None, PAUSED),
        )
    ),
    count=5,
)
CLOCKS_PAGE = {"risky": LISTED, "paused": LISTED, "within_h": 1, "longer_h": 168, "now": NOW, "zone": KYIV}
FLOOR: Picture = seen(QUEUES, AGENTS)
NOBODY: Picture = seen()

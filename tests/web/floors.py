"""A floor to draw; as in tests.web.screens, no Latin letter in it is data."""

from __future__ import annotations

from console.live.messages import AgentChanged, AgentsByState, AgentWork, QueueChanged
from console.web.supervisor.board import Picture, picture
from tests.web.screens import NOW, ago


def queue(
    name: str, waiting: int = 0, longest: float = 0, level: float | None = None, **changes: object
) -> QueueChanged:
    return QueueChanged(
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


def agent(username: str, name: str, state: str, *, minutes: float = 2, **changes: object) -> AgentChanged:
    presence = {"offline": "offline", "away": "away"}.get(state, "available")
    work = (
        (AgentWork(work_item=f"1{username}", kind="voice", queue="оселі", state="assigned", case="204817"),)
        if state in ("busy", "wrap_up")
        else ()
    )
    return AgentChanged(
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


QUEUES = (
    queue("бізнес", 1, 8, 0.88),
    queue("оселі та малі підприємства", 6, 252, 0.61),
    queue("рахунки", 4, 75, 0.74),
    queue("переїзди", 0, 0, 0.81),
    queue("перська", 0, 0, None),
)
AGENTS = (
    agent("11", "Білал Хан", "not_responding", minutes=3.7),
    agent("12", "Лейла Фарахані", "idle", minutes=0.5),
    agent("13", "Надія Рахімі", "busy", minutes=3.2),
    agent("14", "Каллум Рід", "idle", minutes=4),
    agent("15", "Аміна Юсуф", "busy", minutes=22),
    agent("16", "Чень Вей", "wrap_up", minutes=1),
    agent("17", "Йонас Берг", "offered", minutes=0.1),
    agent("18", "Рут Окафор", "away", minutes=9, reason="break"),
    agent("19", "Дієго Сантос", "away", minutes=12, reason="meeting"),
    agent("20", "Юкі Танака", "offline", minutes=190, reason="connection"),
)
FLOOR: Picture = picture(QUEUES, AGENTS, NOW)

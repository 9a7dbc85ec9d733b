"""A handover packet as the desk shows it: what of it is read at a glance, worked out for the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from console.cases.handover import Owner, Packet, Row
from console.cases.timeline import Activity, Entry
from console.queries.desktop_handover import Going, Handed
from console.web.words import Words

TIMELINE_MAX = 12
AXIS_STEPS = 6
"""Instants on the axis of the clocks: more do not fit beside each other."""
ENDED = {"met", "canceled"}
PROVEN = {"helped": 0, "not_helped": 1, "sent": 2, "used": 3, "opened": 4, "shown": 5}
"""What somebody did with an article, the most telling first."""


class Span(msgspec.Struct, frozen=True):
    """A stretch of a strip, in percent of its width."""

    kind: str
    x: float
    wide: float


class Instant(msgspec.Struct, frozen=True):
    at: datetime
    x: float
    anchor: str
    bad: bool = False


class Strip(msgspec.Struct, frozen=True, kw_only=True):
    """One clock, as it stood."""

    name: str
    policy: str
    state: str
    target_s: float
    counted_s: float
    over_s: float
    """0: not over."""
    paused_s: float
    due_at: datetime | None
    spans: tuple[Span, ...]


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """Whose it was; the last has it, or waits for it, now."""

    name: str | None
    queue: str | None
    seconds: float
    span: Span


class ToDo(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    """clock, or a task's."""
    text: str
    """Of a clock its name."""
    due_at: datetime | None
    state: str
    """ok, warn, breached, paused; of a task ok or breached."""
    task: str | None = None
    """Its id, while it is still to be done."""
    done: bool = False
    """Somebody has done it since, or found that it need not be."""
    phone: str | None = None
    """Whom a promised call is owed to."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    answer: str | None
    why: str | None
    silent: str | None = None
    """Why another system gave no answer."""


class Guided(msgspec.Struct, frozen=True, kw_only=True):
    """A run of a script."""

    title: str
    version: int
    questions: tuple[Question, ...]
    stopped_at: str | None
    goes_on_at: int | None
    """The step at which whoever has the case now goes on, from 1; None: the run is over."""


class Used(msgspec.Struct, frozen=True, kw_only=True):
    number: str
    title: str
    version: int
    how: str
    name: str
    why: str | None


class HandedView(msgspec.Struct, frozen=True, kw_only=True):
    handed: Handed
    to_do: tuple[ToDo, ...]
    axis: tuple[Instant, ...]
    strips: tuple[Strip, ...]
    turns: tuple[Turn, ...]
    total_s: float
    guided: tuple[Guided, ...]
    used: tuple[Used, ...]
    timeline: tuple[Activity, ...]
    """The newest first."""
    happened: int

    @property
    def packet(self) -> Packet:
        return self.handed.packet

    def name(self, username: str | None) -> str | None:
        return self.packet.names.get(username, username) if username else None


def view_of(handed: Handed, words: Words) -> HandedView:
    packet = handed.packet
    began = min([_at(clock["started_at"]) for clock in packet.clocks], default=packet.made_at)
    scale = Scale(began, packet.made_at, flipped=words.direction == "rtl")
    timeline = [entry for entry in reversed(packet.timeline) if entry.kind is not Entry.CHANGED]
    return HandedView(
        handed=handed,
        to_do=to_do(handed),
        axis=_axis(packet, scale) if packet.clocks else (),
        strips=tuple(_strip(clock, scale) for clock in packet.clocks),
        turns=_turns(packet, words),
        total_s=sum(owner.seconds for owner in packet.owners),
        guided=tuple(_guided(run, handed.going) for run in packet.scripts),
        used=_used(packet),
        timeline=tuple(timeline[:TIMELINE_MAX]),
        happened=len(packet.timeline),
    )


class Scale:
    """Instants to percent of a strip's width, in the direction of reading."""

    def __init__(self, began: datetime, ended: datetime, *, flipped: bool) -> None:
        self.began = began
        self.ended = ended
        self.whole = max((ended - began).total_seconds(), 1.0)
        self.flipped = flipped

    def x(self, at: datetime) -> float:
        along = min(max((at - self.began).total_seconds() / self.whole, 0.0), 1.0)
        return round(100 * (1 - along if self.flipped else along), 2)

    def span(self, kind: str, since: datetime, until: datetime) -> Span:
        start, end = sorted((self.x(since), self.x(until)))
        return Span(kind, start, round(max(end - start, 0.2), 2))


def _at(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def _maybe(value: Any) -> datetime | None:
    return None if value is None else _at(value)


def _axis(packet: Packet, scale: Scale) -> tuple[Instant, ...]:
    step = timedelta(seconds=scale.whole / AXIS_STEPS)
    breaches = [_at(clock["due_at"]) for clock in packet.clocks if clock["breached_at"] and clock["due_at"]]
    near = step * 0.6
    plain = [scale.began + step * number for number in range(AXIS_STEPS + 1)]
    plain = [at for at in plain if all(abs(at - breach) > near for breach in breaches)]
    found = [(at, False) for at in plain] + [(at, True) for at in breaches]
    return tuple(Instant(at, x := scale.x(at), _anchor(x), bad) for at, bad in sorted(found))


def _anchor(x: float) -> str:
    return "start" if x < 5 else "end" if x > 95 else "middle"


def _strip(clock: Row, scale: Scale) -> Strip:
    due = _maybe(clock["due_at"])
    spans: list[Span] = []
    paused = 0.0
    for segment in clock["segments"]:
        since, until, kind = _at(segment["from"]), _at(segment["to"]), segment["kind"]
        if kind == "paused":
            paused += (until - since).total_seconds()
        if kind == "counted" and due is not None and until > due:
            if since < due:
                spans.append(scale.span("counted", since, due))
            spans.append(scale.span("over", max(since, due), until))
        else:
            spans.append(scale.span(kind, since, until))
    return Strip(
        name=clock["name"],
        policy=clock["policy"],
        state=clock["state"],
        target_s=clock["target_s"],
        counted_s=clock["counted_s"],
        over_s=max(-clock["left_s"], 0.0),
        paused_s=paused,
        due_at=due,
        spans=tuple(spans),
    )


def to_do(handed: Handed) -> tuple[ToDo, ...]:
    """Open clocks and tasks, the first due first; what has no time comes last."""
    packet = handed.packet
    phone = next(iter((packet.customer or {}).get("phones") or ()), None)
    found = [
        ToDo(
            kind="clock",
            text=clock["name"],
            due_at=_maybe(clock["due_at"]),
            state=_state(clock),
        )
        for clock in packet.clocks
        if clock["state"] not in ENDED
    ]
    for task in packet.tasks:
        if task["done_at"] is None:
            due = _maybe(task["due_at"])
            late = due is not None and due < packet.made_at
            still = task["id"] in handed.open_tasks
            found.append(
                ToDo(
                    kind=task["kind"],
                    text=task["text"],
                    due_at=due,
                    state="breached" if late and still else "ok",
                    task=task["id"] if still else None,
                    done=not still,
                    phone=phone if still and task["kind"] == "callback" else None,
                )
            )
    return tuple(sorted(found, key=lambda one: (one.due_at is None, one.due_at or packet.made_at)))


def _state(clock: Row) -> str:
    if clock["state"] == "paused":
        return "paused"
    if clock["breached_at"] is not None or clock["left_s"] <= 0:
        return "breached"
    return "warn" if clock["warned_at"] is not None else "ok"


def _turns(packet: Packet, words: Words) -> tuple[Turn, ...]:
    owners: Sequence[Owner] = packet.owners
    if not owners:
        return ()
    scale = Scale(owners[0].since, owners[-1].until, flipped=words.direction == "rtl")
    return tuple(
        Turn(
            name=packet.names.get(owner.agent, owner.agent) if owner.agent else None,
            queue=owner.queue,
            seconds=owner.seconds,
            span=scale.span("owned" if owner.agent else "queue", owner.since, owner.until),
        )
        for owner in owners
    )


def _guided(run: Row, going: Going | None) -> Guided:
    spoken = run.get("spoken") or {}
    return Guided(
        title=spoken.get("title") or run["title"] or run["script"],
        version=run["version"],
        questions=tuple(
            Question(text=said["question"], answer=said["answer"], why=said["why"], silent=said["silent"])
            for said in spoken.get("answers", ())
            if said["answer"] is not None or said["silent"] or said["kind"] == "skipped"
        ),
        stopped_at=spoken.get("stopped_title") or run["stopped_at"],
        goes_on_at=going.at if going is not None and going.run == run["id"] else None,
    )


def _used(packet: Packet) -> tuple[Used, ...]:
    """Each article once, by what tells most of it."""
    best: dict[tuple[str, int], Row] = {}
    for use in packet.articles:
        key = (use["number"], use["version"])
        if key not in best or PROVEN.get(use["kind"], 9) < PROVEN.get(best[key]["kind"], 9):
            best[key] = use
    return tuple(_one_used(use, packet.names) for use in _by_proof(best.values()))


def _by_proof(uses: Iterable[Row]) -> list[Row]:
    return sorted(uses, key=lambda use: (PROVEN.get(use["kind"], 9), str(use["at"])))


def _one_used(use: Row, names: Mapping[str, str]) -> Used:
    return Used(
        number=use["number"],
        title=use["title"],
        version=use["version"],
        how=use["kind"],
        name=names.get(use["by"], use["by"]),
        why=use["why"],
    )

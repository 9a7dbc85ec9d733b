"""What an apply would change, in words: one line a change."""

from __future__ import annotations

from collections.abc import Iterator

from console.config import plain
from console.config.document import Calendar, Centre
from console.config.plain import Plain

TEXT_MAX = 200
"""Of one value; longer ones are cut, they stand in the file."""

_DEFAULT = object()


def difference(old: Centre, new: Centre) -> list[str]:
    """`+` comes, `-` goes, `~` becomes otherwise; empty where the two are equal."""
    return [
        *_names("skill", old.skills, new.skills),
        *_section(
            "calendar",
            {name: _calendar(calendar) for name, calendar in old.calendars.items()},
            {name: _calendar(calendar) for name, calendar in new.calendars.items()},
            ordered=False,
        ),
        *_section(
            "sla",
            {name: plain.policy(policy) for name, policy in old.sla.items()},
            {name: plain.policy(policy) for name, policy in new.sla.items()},
            ordered=False,
        ),
        *_section(
            "telephony",
            {system.name: plain.phone_system(system) for system in old.telephony},
            {system.name: plain.phone_system(system) for system in new.telephony},
        ),
        *_section(
            "system",
            {name: plain.system(system) for name, system in old.systems.items()},
            {name: plain.system(system) for name, system in new.systems.items()},
            ordered=False,
        ),
        *_section(
            "queue",
            {queue.name: plain.queue(queue) for queue in old.queues},
            {queue.name: plain.queue(queue) for queue in new.queues},
        ),
        *_section(
            "agent",
            {agent.username: plain.agent(agent) for agent in old.agents},
            {agent.username: plain.agent(agent) for agent in new.agents},
            gone=" (deactivated when their work in hand has ended)",
        ),
        *_section(
            "team",
            {team.name: plain.team(team) for team in old.teams},
            {team.name: plain.team(team) for team in new.teams},
        ),
        *_section(
            "escalation",
            {ladder.name: plain.ladder(ladder) for ladder in old.escalations},
            {ladder.name: plain.ladder(ladder) for ladder in new.escalations},
        ),
        *_routing([plain.rule(rule) for rule in old.routing], [plain.rule(rule) for rule in new.routing]),
        *_values("routing_defaults", plain.defaults(old.routing_defaults), plain.defaults(new.routing_defaults)),
    ]


def _calendar(calendar: Calendar) -> Plain:
    """With how far its holidays were copied."""
    words = plain.calendar(calendar)
    if calendar.holiday_dates:
        words["holidays"] = f"{calendar.holidays}, copied until {calendar.holiday_dates[-1].year}"
    return words


def _names(kind: str, old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[str]:
    yield from (f"+ {kind} {name}" for name in new if name not in set(old))
    yield from (f"- {kind} {name}" for name in old if name not in set(new))
    yield from _order(kind, list(old), list(new))


def _order(kind: str, old: list[str], new: list[str]) -> Iterator[str]:
    common = set(old) & set(new)
    if [name for name in old if name in common] != [name for name in new if name in common]:
        yield f"~ {kind}s stand in another order"


def _section(
    kind: str, old: dict[str, Plain], new: dict[str, Plain], *, gone: str = "", ordered: bool = True
) -> Iterator[str]:
    for name, value in new.items():
        if name not in old:
            yield f"+ {kind} {name}"
        else:
            yield from _values(f"{kind} {name}", old[name], value)
    yield from (f"- {kind} {name}{gone}" for name in old if name not in new)
    if ordered:
        yield from _order(kind, list(old), list(new))


def _values(path: str, old: Plain, new: Plain) -> Iterator[str]:
    """Key by key, and into mappings that are on both sides; lists are one value."""
    for key in [*new, *(key for key in old if key not in new)]:
        before, after = old.get(key, _DEFAULT), new.get(key, _DEFAULT)
        if isinstance(before, dict) and isinstance(after, dict):
            yield from _values(f"{path}: {key}" if ": " not in path else f"{path}.{key}", before, after)
        elif before != after:
            yield _change(f"~ {path}{'.' if ': ' in path else ': '}{key}", key, before, after)


def _change(place: str, key: str, before: object, after: object) -> str:
    if key == "secret":
        return f"{place} becomes another"
    return f"{place} {_value(before)} → {_value(after)}"


def _value(value: object) -> str:
    if value is _DEFAULT:
        return "(default)"
    text = plain.shown(value)
    return text if len(text) <= TEXT_MAX else f"{text[:TEXT_MAX]}…"


def _routing(old: list[Plain], new: list[Plain]) -> Iterator[str]:
    """Rules have no name but their number, and their order is their meaning."""
    for number in range(max(len(old), len(new))):
        before = old[number] if number < len(old) else None
        after = new[number] if number < len(new) else None
        if before is None and after is not None:
            yield f"+ routing rule {number + 1} {_value(after)}"
        elif after is None and before is not None:
            yield f"- routing rule {number + 1} {_value(before)}"
        elif before != after:
            yield f"~ routing rule {number + 1} {_value(before)} → {_value(after)}"

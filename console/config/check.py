"""What only the whole file shows: names that nobody declared, and things that do not go together."""

from __future__ import annotations

from collections.abc import Mapping

from console.config.document import Centre, SlaClock
from console.durations import OpeningDays
from console.reading import Problem, Report, Use, Value, did_you_mean, listed, shown

SECTIONS = {
    "skill": "skills",
    "queue": "queues",
    "calendar": "calendars",
    "sla": "sla",
    "agent": "agents",
    "escalation": "escalations",
}
"""Where each kind of name is declared."""


def names(centre: Centre, report: Report) -> None:
    """Note every name that is used and not declared, and what contradicts something elsewhere in the file."""
    declared = {
        "skill": tuple(centre.skills),
        "queue": tuple(queue.name for queue in centre.queues),
        "calendar": tuple(centre.calendars),
        "sla": tuple(centre.sla),
        "agent": tuple(agent.username for agent in centre.agents),
        "escalation": tuple(ladder.name for ladder in centre.escalations),
    }
    known = {kind: frozenset(found) for kind, found in declared.items()}
    for use in report.uses:
        if use.kind in known and use.name not in known[use.kind] and not report.full:
            report.note(_undeclared(use, declared[use.kind]))
    _overflow_goes_on(centre, report)
    _one_agent_per_phone(report)


def _undeclared(use: Use, declared: tuple[str, ...]) -> Problem:
    where = f"{use.kind} {shown(use.name)} is not declared under {SECTIONS[use.kind]}"
    return Problem(use.line, use.key, f"{where}{did_you_mean(use.name, declared)}; {listed(declared)}")


def _overflow_goes_on(centre: Centre, report: Report) -> None:
    """To a queue of the same channel; and the last resort sends nothing away."""
    channels = {queue.name: queue.channel for queue in centre.queues}
    for use in report.uses:
        queue, found, _ = use.key.partition("].overflow[")
        if not found or use.kind != "queue":
            continue
        own = channels.get(queue.removeprefix("queues["))
        other = channels.get(use.name)
        if own and other and own != other:
            report.note(Problem(use.line, use.key, f"must be a queue of channel {own}; {use.name} is of {other}"))
    for use in report.uses:
        fallback = centre.queue(use.name) if use.key == "routing_defaults.fallback_queue" else None
        if fallback is not None and fallback.overflow:
            report.note(
                Problem(use.line, use.key, f"{use.name} has an overflow; the last resort must keep what it is given")
            )


def _one_agent_per_phone(report: Report) -> None:
    """A phone that answers is an agent who accepts: it must be clear who."""
    holders: dict[str, Use] = {}
    for use in report.uses:
        if use.kind != "phone":
            continue
        holder = holders.setdefault(use.name, use)
        if holder is not use:
            detail = f"{shown(use.name)} is another agent's phone already, on line {holder.line}"
            report.note(Problem(use.line, use.key, detail))


def opening_days_without_calendar(value: Value, clocks: Mapping[str, SlaClock]) -> None:
    """Note targets in opening days where no calendar says which days those are."""
    for name, clock in clocks.items():
        if isinstance(clock.target, OpeningDays) or isinstance(clock.warn, OpeningDays):
            value.note(f"{name} counts opening days (bd), so the policy needs a calendar")

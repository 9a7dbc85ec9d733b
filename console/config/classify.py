"""To which queue something goes that has just arrived, and what it then requires."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from console import conditions
from console.conditions import Vocabulary
from console.config.document import Centre
from console.routing.queue import Requirement, merged


def vocabulary(skills: Iterable[str]) -> Vocabulary:
    """What conditions of routing may name: the fields of an arrival."""
    objects: dict[str, tuple[str, ...] | None] = {
        "call": ("source", "id", "from", "to"),
        "case": ("number", "subject", "status", "priority"),
        "customer": ("id", "name", "phone"),
        "contract": ("number", "name", "level", "sla"),
        "attributes": None,
    }
    plain = ("channel", "to", "from", "queue", "priority", "topic", "subject", "source")
    return Vocabulary(plain, {"requires": tuple(skills), **objects}, {"priority": 1, "requires": {}})


ANY = vocabulary(())
"""For evaluating: a condition that was applied names nothing else."""


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of it: the names that conditions may use. Absent is None."""

    channel: str
    to: str | None = None
    from_: str | None = msgspec.field(name="from", default=None)
    queue: str | None = None
    """The one it asked for, which then decides; no rule is asked."""
    priority: int | None = None
    requires: Requirement = {}
    attributes: dict[str, str] = {}
    topic: str | None = None
    subject: str | None = None
    source: str | None = None
    call: dict[str, Any] | None = None
    case: dict[str, Any] | None = None
    customer: dict[str, Any] | None = None
    contract: dict[str, Any] | None = None


class Failed(msgspec.Struct, frozen=True):
    """A condition that could not be evaluated, and so did not hold."""

    rule: int
    """Its number, from 1."""
    error: str


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    queue: str | None
    """None: nothing decided, and there is no fallback queue."""
    rule: int | None
    """Number of the rule that held, from 1; None: the arrival's own word, or the fallback."""
    priority: int | None
    """The item's own; None: the queue's."""
    requires: Requirement
    """The item's own: of the arrival and the rule, the higher level wins. The engine adds the queue's."""
    needs: Requirement
    """All of it: the queue's too."""
    failed: tuple[Failed, ...] = ()


def classify(document: Centre, arrival: Arrival) -> Decision:
    """The arrival's own queue, else that of the first rule that holds, else the fallback queue."""
    if arrival.queue is not None:
        return _decision(document, arrival, queue=arrival.queue, rule=None, failed=())
    names = msgspec.to_builtins(arrival)
    failed: list[Failed] = []
    for number, rule in enumerate(document.routing, start=1):
        answer = conditions.Answer(holds=True) if rule.when is None else conditions.answer(rule.when, names, ANY)
        if answer.error is not None:
            failed.append(Failed(number, answer.error))
        if answer.holds:
            return _decision(document, arrival, queue=rule.queue, rule=number, failed=tuple(failed))
    fallback = document.routing_defaults.fallback_queue
    return _decision(document, arrival, queue=fallback, rule=None, failed=tuple(failed))


def _decision(
    document: Centre, arrival: Arrival, *, queue: str | None, rule: int | None, failed: tuple[Failed, ...]
) -> Decision:
    held = None if rule is None else document.routing[rule - 1]
    own = merged(arrival.requires, held.requires if held else {})
    target = document.queue(queue) if queue is not None else None
    return Decision(
        queue=queue,
        rule=rule,
        priority=held.priority if held and held.priority is not None else arrival.priority,
        requires=own,
        needs=merged(target.requires if target else {}, own),
        failed=failed,
    )

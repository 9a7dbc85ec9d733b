"""Agents given by number, for simulations: `{count: 12, name: pool, skills: …}` stands for twelve alike."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from console.config.document import Agent
from console.nodes import Map, Node, Scalar
from console.reading import Value
from console.routing.simulate import numbered

COUNT_MAX = 20_000
"""In one entry: twice the largest centre that the engine is made for."""

_STAND_IN = "by-number"


def by_number(read: Callable[[Value], Agent]) -> Callable[[Value], tuple[Agent, ...]]:
    """A reader of one entry of the section: one agent, as `read` knows it, or so many.

    Those have usernames of their own and a name together; entries of the same name go on counting.
    """
    given: dict[str, int] = {}

    def group(entry: Value) -> tuple[Agent, ...]:
        keys = {key.text: node for key, node in entry.node.entries} if isinstance(entry.node, Map) else {}
        if "count" not in keys:
            return (read(entry),)
        for key in ("username", "endpoint"):
            if key in keys:
                entry.note(f"{key} is one person's; agents given by number (count) have a name together")
        if "name" not in keys:
            raise entry.wrong("name is missing: agents given by number (count) have one together")
        name = Value(keys["name"], f"{entry.key}.name", entry.report).name()
        entry = entry.beside(f"agents[{name}]")
        count = Value(keys["count"], f"{entry.key}.count", entry.report).whole(1, COUNT_MAX)
        one = read(_alike(entry, keys))
        first = given.get(name, 0) + 1
        given[name] = first + count - 1
        return tuple(
            msgspec.structs.replace(one, username=numbered(name, number), name=name)
            for number in range(first, first + count)
        )

    return group


def _alike(entry: Value, keys: dict[str, Node]) -> Value:
    """One of them, as it would be written alone."""
    rest = {key: node for key, node in keys.items() if key not in ("count", "name", "username", "endpoint")}
    alike = rest | {"username": Scalar(_STAND_IN, entry.line)}
    node = Map(tuple((Scalar(key, node.line), node) for key, node in alike.items()), entry.line)
    return Value(node, entry.key, entry.report)

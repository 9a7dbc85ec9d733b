"""The text of a script with one step changed: only that step's lines are other than they were.

The text stays the single truth. What is written in brackets or on odd lines is understood too: a step in brackets is
written anew on lines of its own when it changes, and a script whose steps stand in one pair of brackets as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from console import nodes
from console.nodes import Map, Node, Scalar, Seq
from console.scripts.keys import BY_KIND, STEP
from console.scripts.written import Plain, Raw, alike, lines, listed, raw

Keys = dict[str, Raw]
"""A step as its keys say it."""

_KIND_KEYS = [key for keys in BY_KIND.values() for key in keys if key != "go"]
ORDER = tuple(dict.fromkeys([*STEP, *BY_KIND, *_KIND_KEYS, "go"]))
"""Of keys in a step: a new one is put where this says, behind those that are there."""


class Unwritable(Exception):
    """There is no such step, or it is written in a way that only its author can change."""


_ODD = frozenset("\r\x85\u2028\u2029")
"""Ends of lines to YAML, and not to us."""


def steps(source: str) -> dict[str, Keys]:
    """The steps of a script by their names, as they are written; of doubles the first."""
    try:
        _, items = _steps(nodes.compose(source))
    except (nodes.Unreadable, Unwritable):
        return {}
    found: dict[str, Keys] = {}
    for item in items:
        if isinstance(item, Map):
            found.setdefault(_name(item), {key.text: raw(value) for key, value in item.entries})
    return {name: keys for name, keys in found.items() if name}


def changed(source: str, step: str, keys: Mapping[str, Raw | None]) -> str:
    """With those keys of the step saying that, or gone; its other keys, and comments between them, as they were.

    Raises Unwritable.
    """
    before = steps(source)
    if step not in before:
        raise Unwritable
    keys = {key: value for key, value in keys.items() if not alike(before[step].get(key), value)}
    if not keys:
        return source
    text, items = _blocks(source)
    item = _find(items, step)
    first, last = _first(text, item), item.end
    dash = text[first - 1].index("-")
    if item.flow:
        whole = {key.text: raw(value) for key, value in item.entries} | keys
        new = [*listed(_ordered({key: value for key, value in whole.items() if value is not None}), dash)]
    else:
        new = [*_rewritten(text, item, first, keys)]
    after = _joined([*text[: first - 1], *new, *text[last:]])
    meant = {key: value for key, value in (before[step] | keys).items() if value is not None}
    return _sure(after, {**before, step: meant})


def added(source: str, after: str, keys: Mapping[str, Raw]) -> str:
    """With another step below that one. Raises Unwritable."""
    text, items = _blocks(source)
    place = _find(items, after)
    dash = text[_first(text, place) - 1].index("-")
    new = _joined([*text[: place.end], *listed(_ordered(keys), dash), *text[place.end :]])
    return _sure(new, {**steps(source), str(keys["step"]): dict(keys)})


def removed(source: str, step: str) -> str:
    """Without the step; what is said of it in a comment above stays, and so do the ways that led to it. Raises Unwritable."""
    text, items = _blocks(source)
    item = _find(items, step)
    new = _joined([*text[: _first(text, item) - 1], *text[item.end :]])
    return _sure(new, {name: keys for name, keys in steps(source).items() if name != step})


def moved(source: str, step: str, after: str | None) -> str:
    """With its lines below those of another step, or before all. Raises Unwritable."""
    text, items = _blocks(source)
    item = _find(items, step)
    first, last = _first(text, item) - 1, item.end
    target = _find(items, after).end if after is not None else _first(text, items[0]) - 1
    own = text[first:last]
    if first <= target <= last:
        return source
    if target < first:
        new = [*text[:target], *own, *text[target:first], *text[last:]]
    else:
        new = [*text[:first], *text[last:target], *own, *text[target:]]
    return _sure(_joined(new), steps(source))


def _sure(source: str, meant: Mapping[str, Keys]) -> str:
    """The text, if it says what was meant and nothing else."""
    if steps(source) != meant:
        raise Unwritable
    return source


def name_like(wanted: str, taken: Sequence[str]) -> str:
    """A name for a new step, from what it is called; one that no step has."""
    letters = "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in wanted.lower())
    base = "_".join(part for part in letters.split("_") if part)[:34].strip("_")
    if not base or not base[0].isalpha():
        base = "step"
    names = (f"{base}_{number}" if number > 1 else base for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


# --- where things stand -----------------------------------------------------------------------------------------------


def _steps(root: Node) -> tuple[Scalar, tuple[Node, ...]]:
    if isinstance(root, Map):
        for key, value in root.entries:
            if key.text == "steps" and isinstance(value, Seq):
                return key, value.items
    raise Unwritable


def _blocks(source: str) -> tuple[list[str], list[Map]]:
    """Its lines, and its steps, each of which has lines of its own."""
    if _ODD & set(source):
        raise Unwritable
    text = source if source.endswith("\n") else source + "\n"
    root = nodes.compose(text)
    key, items = _steps(root)
    assert isinstance(root, Map)
    value = next(value for one, value in root.entries if one is key)
    if root.flow:
        return _blocks(_joined([line for one, inner in root.entries for line in lines(one.text, raw(inner), 0)]))
    if isinstance(value, Seq) and value.flow:
        every = text.split("\n")[:-1]
        new = [
            f"{every[key.line - 1][: key.column]}steps:",
            *(line for item in items for line in listed(raw(item), key.column + 2)),
        ]
        return _blocks(_joined([*every[: key.line - 1], *new, *every[value.end :]]))
    return text.split("\n")[:-1], [item for item in items if isinstance(item, Map) and item.entries]


def _find(items: Sequence[Map], step: str) -> Map:
    for item in items:
        if _name(item) == step:
            return item
    raise Unwritable


def _name(item: Map) -> str:
    for key, value in item.entries:
        if key.text == "step" and isinstance(value, Scalar):
            return value.text
    return ""


def _first(text: Sequence[str], item: Map) -> int:
    """The line of the dash before a step, which may stand above its first key."""
    line = item.line
    while not text[line - 1][: item.column if line == item.line else None].lstrip().startswith("-"):
        line -= 1
    return line


def _joined(text: Sequence[str]) -> str:
    return "\n".join(text) + "\n"


# --- one step ---------------------------------------------------------------------------------------------------------


def _rewritten(text: list[str], item: Map, first: int, keys: Mapping[str, Raw | None]) -> Iterator[str]:
    """The lines of a step with some of its keys written anew."""
    indent = item.column
    head = text[first - 1 : item.line - 1]
    opening = text[item.line - 1][:indent]
    pieces: list[tuple[str, list[str]]] = []
    line = item.line
    for key, value in item.entries:
        between, own = text[line - 1 : key.line - 1], text[key.line - 1 : value.end]
        if key.text in keys:
            told = keys[key.text]
            own = [*lines(key.text, told, indent)] if told is not None else []
        pieces.append((key.text, [*between, *own]))
        line = max(value.end, key.line) + 1
    there = [name for name, _ in pieces]
    for name in sorted((name for name in keys if name not in there), key=_place):
        told = keys[name]
        if told is not None:
            at = max((n + 1 for n, (one, _) in enumerate(pieces) if _place(one) <= _place(name)), default=0)
            pieces.insert(at, (name, [*lines(name, told, indent)]))
    body = [each for _, piece in pieces for each in piece]
    yield from head
    begun = False
    for each in body:
        if begun or not each.strip() or each.lstrip().startswith("#"):
            yield each
        else:
            yield opening + each[indent:]
            begun = True


def _place(key: str) -> int:
    return ORDER.index(key) if key in ORDER else len(ORDER)


def _ordered(keys: Mapping[str, Raw]) -> dict[str, Raw]:
    return {key: keys[key] for key in sorted(keys, key=_place)}


NOTHING = Plain("")
"""A key that is there without a value, as in `end:`."""

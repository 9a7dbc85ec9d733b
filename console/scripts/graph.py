"""Where a script leads: what can be reached, what goes in circles, what ends; and where each step is drawn.

Everything here is a walk over steps and their ways, without recursion: the longest script takes milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from console.scripts.script import AUTOMATIC, AnyStep, End, Script, ways


class Walk(msgspec.Struct, frozen=True):
    """One walk through the script, depth first from its first step."""

    order: tuple[str, ...]
    """Steps that can be reached, each after all that it leads to, ways back left out."""
    returns: frozenset[tuple[str, str]]
    """Ways back: from a step to one that it was reached by."""


def walk(script: Script) -> Walk:
    steps, done, within = script.steps, dict[str, None](), set[str]()
    returns: set[tuple[str, str]] = set()
    todo: list[tuple[str, Iterator[str]]] = []

    def enter(step: str) -> None:
        within.add(step)
        todo.append((step, iter(_ways(steps, step))))

    enter(script.first)
    while todo:
        at, following = todo[-1]
        step = next(following, None)
        if step is None:
            todo.pop()
            within.discard(at)
            done[at] = None
        elif step in within:
            returns.add((at, step))
        elif step not in done:
            enter(step)
    return Walk(tuple(done), frozenset(returns))


def _ways(steps: Mapping[str, AnyStep], step: str) -> tuple[str, ...]:
    """Those of its ways that lead to a step that there is."""
    return tuple(way for way in ways(steps[step]) if way in steps)


def ending(script: Script) -> frozenset[str]:
    """Steps from which an end can be reached."""
    before: dict[str, list[str]] = {}
    for id_ in script.steps:
        for way in _ways(script.steps, id_):
            before.setdefault(way, []).append(id_)
    found: set[str] = set()
    todo = [id_ for id_, step in script.steps.items() if isinstance(step, End)]
    while todo:
        at = todo.pop()
        if at not in found:
            found.add(at)
            todo += before.get(at, [])
    return frozenset(found)


def unasked_circle(script: Script) -> tuple[str, ...]:
    """A way round on which nobody is asked anything, so that a run could go on it for ever; or nothing."""
    done: set[str] = set()
    for start, step in script.steps.items():
        way: list[str] = []
        todo = [(start, 0)] if isinstance(step, AUTOMATIC) and start not in done else []
        while todo:
            at, nth = todo.pop()
            if nth == 0:
                if at in way:
                    return (*way[way.index(at) :], at)
                if at in done or not isinstance(script.steps[at], AUTOMATIC):
                    continue
                way.append(at)
            following = _ways(script.steps, at)
            if nth < len(following):
                todo += [(at, nth + 1), (following[nth], 0)]
            else:
                way.pop()
                done.add(at)
    return ()


def longest(script: Script) -> dict[str, int]:
    """Of each step, how many a person has from it to an end at most, it too; ways back left out."""
    walked = walk(script)
    found: dict[str, int] = {}
    for id_ in walked.order:
        step = script.steps[id_]
        own = 0 if isinstance(step, (*AUTOMATIC, End)) else 1
        ahead = [found[way] for way in _ways(script.steps, id_) if (id_, way) not in walked.returns]
        found[id_] = own + max(ahead, default=0)
    return found


# --- drawing ----------------------------------------------------------------------------------------------------------

WIDE, HIGH = 148, 42
"""Of a step's box, in the units of the drawing."""
ACROSS, DOWN = 62, 22
"""Between boxes."""
MARGIN = 16


class Box(msgspec.Struct, frozen=True):
    """A step where it is drawn."""

    step: AnyStep
    number: int
    """Its place in the file, from 1."""
    x: int
    y: int
    lost: bool
    """Cannot be reached."""


class Line(msgspec.Struct, frozen=True):
    """A way from one box to another, as a curve."""

    start: str
    end: str
    path: str
    x: int
    y: int
    """Where it ends."""
    back: bool


class Drawing(msgspec.Struct, frozen=True):
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    width: int
    height: int


def drawn(script: Script) -> Drawing:
    """The script as columns of boxes: each step stands right of all that lead to it, the lost ones last.

    Within a column steps stand near those that lead to them, which keeps most lines from crossing.
    """
    walked = walk(script)
    column = _columns(script, walked)
    deepest = max(column.values(), default=0)
    lost = [id_ for id_ in script.steps if id_ not in column]
    shelves: list[list[str]] = [[] for _ in range(deepest + 1)]
    for id_ in reversed(walked.order):
        shelves[column[id_]].append(id_)
    row = _rows(script, walked, shelves)
    bottom = max(row.values(), default=0)
    places = {id_: (column[id_], row[id_]) for id_ in column}
    places |= {id_: (nth % (deepest + 1), bottom + 1 + nth // (deepest + 1)) for nth, id_ in enumerate(lost)}
    numbers = {id_: number for number, id_ in enumerate(script.steps, start=1)}
    boxes = {
        id_: Box(
            step=script.steps[id_],
            number=numbers[id_],
            x=MARGIN + at * (WIDE + ACROSS),
            y=MARGIN + down * (HIGH + DOWN),
            lost=id_ not in column,
        )
        for id_, (at, down) in places.items()
    }
    lowest = max((box.y for box in boxes.values()), default=0) + HIGH
    lines = [
        _line(boxes[id_], boxes[way], back=(id_, way) in walked.returns, lowest=lowest)
        for id_ in script.steps
        for way in _ways(script.steps, id_)
    ]
    return Drawing(
        boxes=tuple(boxes[id_] for id_ in script.steps),
        lines=tuple(lines),
        width=2 * MARGIN + (deepest + 1) * (WIDE + ACROSS) - ACROSS,
        height=lowest + 3 * MARGIN,
    )


def _columns(script: Script, walked: Walk) -> dict[str, int]:
    """Of each step that can be reached, how many steps lie before it on the longest way."""
    found = dict.fromkeys(walked.order, 0)
    for id_ in reversed(walked.order):
        for way in _ways(script.steps, id_):
            if (id_, way) not in walked.returns:
                found[way] = max(found[way], found[id_] + 1)
    return found


def _rows(script: Script, walked: Walk, shelves: list[list[str]]) -> dict[str, int]:
    """Rows column by column: near the middle of what leads there, in the order of the file among equals."""
    before: dict[str, list[str]] = {}
    for id_ in walked.order:
        for way in _ways(script.steps, id_):
            if (id_, way) not in walked.returns:
                before.setdefault(way, []).append(id_)
    place = {id_: number for number, id_ in enumerate(script.steps)}
    row: dict[str, int] = {}
    for shelf in shelves:
        wished = {
            id_: sum(row[other] for other in before.get(id_, [])) / max(1, len(before.get(id_, []))) for id_ in shelf
        }
        taken = -1
        for id_ in sorted(shelf, key=lambda one: (wished[one], place[one])):
            taken = max(taken + 1, int(wished[id_]))
            row[id_] = taken
    return row


def _line(start: Box, end: Box, *, back: bool, lowest: int) -> Line:
    """From the right side of one to the left side of the other; a way back goes round below everything."""
    x1, y1, x2, y2 = start.x + WIDE, start.y + HIGH // 2, end.x, end.y + HIGH // 2
    if back or x2 <= x1:
        under = lowest + MARGIN
        path = f"M{x1} {y1}C{x1 + ACROSS} {y1} {x1 + ACROSS} {under} {x1} {under}H{x2}C{x2 - ACROSS} {under} {x2 - ACROSS} {y2} {x2} {y2}"
    else:
        half = (x2 - x1) // 2 if x2 - x1 <= 2 * ACROSS else ACROSS
        path = f"M{x1} {y1}C{x1 + half} {y1} {x2 - half} {y2} {x2} {y2}"
    return Line(start.step.id, end.step.id, path, x2, y2, back)

"""Where a script leads: what can be reached, what goes in circles, what ends; and where each step is drawn.

Everything here is a walk over steps and their ways, without recursion: the longest script takes milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from console.scripts.script import AUTOMATIC, AnyStep, Ask, Call, Check, End, Script, Text, ways


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
        own = 0 if isinstance(step, (*AUTOMATIC, Call, End)) else 1
        ahead = [found[way] for way in _ways(script.steps, id_) if (id_, way) not in walked.returns]
        found[id_] = own + max(ahead, default=0)
    return found


# --- drawing ----------------------------------------------------------------------------------------------------------

WIDE, HIGH = 124, 42
"""Of a step's box, in the units of the drawing."""
PORT = 22
"""Height of an answer in the box of the chosen step."""
PORTS_MAX = 9
"""Of more answers the box would leave no room for others."""
ACROSS, DOWN = 70, 22
"""Between boxes."""
MARGIN = 20
LANES = 4
"""Lines that pass above a row beside each other."""
LABELS_MAX = 2
"""Labelled lines into one box; more would stand upon each other."""


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """A step where it is drawn, and which is next to it for a hand on the arrow keys."""

    step: AnyStep
    number: int
    """Its place in the file, from 1."""
    x: int
    y: int
    high: int = HIGH
    lost: bool
    """Cannot be reached."""
    chosen: bool = False
    ports: tuple[int, ...] = ()
    """Heights at which its answers stand, of the chosen step."""
    ahead: str = ""
    behind: str = ""
    above: str = ""
    below: str = ""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A way from one box to another, as a curve."""

    start: str
    end: str
    path: str
    x: int
    y: int
    """Where it ends."""
    back: bool
    on: bool = False
    """On the shortest way to the chosen step."""
    label: Text | None = None


class Drawing(msgspec.Struct, frozen=True):
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    width: int
    height: int


def drawn(script: Script, chosen: str | None = None) -> Drawing:
    """The script as columns of boxes: each step stands right of all that lead to it, the lost ones last.

    Within a column steps stand near those that lead to them, which keeps most lines from crossing. The chosen step is
    drawn with its answers.
    """
    walked = walk(script)
    column = _columns(script, walked)
    deepest = max(column.values(), default=0)
    lost = [id_ for id_ in script.steps if id_ not in column]
    shelves: list[list[str]] = [[] for _ in range(deepest + 1)]
    for id_ in reversed(walked.order):
        shelves[column[id_]].append(id_)
    ports = _ports(script.steps.get(chosen or ""))
    tall = {chosen: -(-PORT * len(ports) // (HIGH + DOWN))} if chosen is not None and chosen in column else {}
    row = _rows(script, walked, shelves, tall)
    bottom = max((row[id_] + tall.get(id_, 0) for id_ in row), default=0)
    places = {id_: (column[id_], row[id_]) for id_ in column}
    places |= {id_: (nth % (deepest + 1), bottom + 1 + nth // (deepest + 1)) for nth, id_ in enumerate(lost)}
    beside = _beside(script, walked, places)
    boxes = {
        id_: Box(
            step=script.steps[id_],
            number=number,
            x=MARGIN + places[id_][0] * (WIDE + ACROSS),
            y=MARGIN + places[id_][1] * (HIGH + DOWN),
            high=HIGH + (PORT * len(ports) + 4 if id_ == chosen and ports else 0),
            lost=id_ not in column,
            chosen=id_ == chosen,
            ports=ports if id_ == chosen else (),
            **beside[id_],
        )
        for number, id_ in enumerate(script.steps, start=1)
    }
    lowest = max((box.y + box.high for box in boxes.values()), default=0)
    return Drawing(
        boxes=tuple(boxes.values()),
        lines=tuple(_lines(script, walked, boxes, chosen, lowest)),
        width=2 * MARGIN + (deepest + 1) * (WIDE + ACROSS) - ACROSS,
        height=lowest + 3 * MARGIN,
    )


def _ports(step: AnyStep | None) -> tuple[int, ...]:
    count = len(step.options) if isinstance(step, Ask) else 0
    return tuple(HIGH + PORT * nth + PORT // 2 for nth in range(count)) if count <= PORTS_MAX else ()


def _columns(script: Script, walked: Walk) -> dict[str, int]:
    """Of each step that can be reached, how many steps lie before it on the longest way."""
    found = dict.fromkeys(walked.order, 0)
    for id_ in reversed(walked.order):
        for way in _ways(script.steps, id_):
            if (id_, way) not in walked.returns:
                found[way] = max(found[way], found[id_] + 1)
    return found


def _before(script: Script, walked: Walk) -> dict[str, list[str]]:
    """Which steps lead to each, ways back left out."""
    found: dict[str, list[str]] = {}
    for id_ in walked.order:
        for way in _ways(script.steps, id_):
            if (id_, way) not in walked.returns:
                found.setdefault(way, []).append(id_)
    return found


def _rows(script: Script, walked: Walk, shelves: list[list[str]], tall: Mapping[str, int]) -> dict[str, int]:
    """Rows column by column: near the middle of what leads there, in the order of the file among equals.

    `tall`: how many rows more a box takes.
    """
    before = _before(script, walked)
    place = {id_: number for number, id_ in enumerate(script.steps)}
    row: dict[str, int] = {}
    for shelf in shelves:
        wished = {
            id_: sum(row[other] for other in before.get(id_, [])) / max(1, len(before.get(id_, []))) for id_ in shelf
        }
        free = 0
        for id_ in sorted(shelf, key=lambda one: (wished[one], place[one])):
            row[id_] = max(free, int(wished[id_]))
            free = row[id_] + 1 + tall.get(id_, 0)
    return row


def _beside(script: Script, walked: Walk, places: Mapping[str, tuple[int, int]]) -> dict[str, dict[str, str]]:
    """Of each step those that the arrow keys lead to: along its first way, back, and in its own column."""
    before = _before(script, walked)
    column: dict[int, list[str]] = {}
    for id_ in sorted(places, key=lambda one: places[one]):
        column.setdefault(places[id_][0], []).append(id_)
    found = {}
    for id_, (at, _) in places.items():
        shelf = column[at]
        nth = shelf.index(id_)
        found[id_] = {
            "ahead": next(iter(_ways(script.steps, id_)), ""),
            "behind": next(iter(before.get(id_, [])), ""),
            "above": shelf[nth - 1] if nth else "",
            "below": shelf[nth + 1] if nth + 1 < len(shelf) else "",
        }
    return found


def _lines(script: Script, walked: Walk, boxes: Mapping[str, Box], chosen: str | None, lowest: int) -> Iterator[Line]:
    """Every way as a curve; those that come into one box end beneath each other."""
    leaving = [(id_, way, at) for id_ in script.steps for way, at in _leaving(boxes[id_]) if way in boxes]
    into: dict[str, list[tuple[int, str, int]]] = {}
    for id_, way, at in leaving:
        into.setdefault(way, []).append((boxes[id_].y + at, id_, at))
    for coming in into.values():
        coming.sort()
    on = _way_to(script, chosen)
    for nth, (id_, way, at) in enumerate(leaving):
        box, coming = boxes[way], into[way]
        y = box.y + HIGH * (coming.index((boxes[id_].y + at, id_, at)) + 1) // (len(coming) + 1)
        back = (id_, way) in walked.returns
        yield Line(
            start=id_,
            end=way,
            path=_path(boxes[id_], at, box, y, back=back, lowest=lowest, lane=nth),
            x=box.x,
            y=y,
            back=back,
            on=(id_, way) in on,
            label=_label(script.steps[id_], way) if len(coming) <= LABELS_MAX and not boxes[id_].ports else None,
        )


def _leaving(box: Box) -> Iterator[tuple[str, int]]:
    """Where a box leads, and at which height the line begins: of the chosen question at its answers."""
    if not box.ports or not isinstance(box.step, Ask):
        yield from ((way, box.high // 2) for way in ways(box.step))
        return
    yield from ((option.go, port) for option, port in zip(box.step.options, box.ports, strict=True))
    if box.step.skip and box.step.go not in [option.go for option in box.step.options]:
        yield box.step.go, HIGH // 2


def _way_to(script: Script, chosen: str | None) -> set[tuple[str, str]]:
    """The pieces of the shortest way from the first step to that one."""
    came: dict[str, str] = {script.first: ""}
    todo = [script.first]
    for at in todo:
        for way in _ways(script.steps, at):
            if way not in came:
                came[way] = at
                todo.append(way)
    found, at = set(), chosen or ""
    while came.get(at):
        found.add((came[at], at))
        at = came[at]
    return found


def _label(step: AnyStep, way: str) -> Text | None:
    """What leads there, where it is one thing."""
    match step:
        case Ask(options=options):
            said: list[Text | None] = [option.label for option in options if option.go == way]
        case Check(branches=branches):
            said = [branch.because for branch in branches if branch.go == way]
        case _:
            return None
    return said[0] if len(said) == 1 else None


def _path(start: Box, at: int, end: Box, y2: int, *, back: bool, lowest: int, lane: int) -> str:
    """From the right side of one to the left side of the other.

    Past boxes between them it goes through the gap above their rows, each in a lane of its own; a way back goes round
    below everything.
    """
    x1, y1, x2 = start.x + WIDE, start.y + at, end.x
    if back or x2 <= x1:
        under = lowest + MARGIN
        return f"M{x1} {y1}C{x1 + ACROSS} {y1} {x1 + ACROSS} {under} {x1} {under}H{x2}C{x2 - ACROSS} {under} {x2 - ACROSS} {y2} {x2} {y2}"
    half = ACROSS // 2
    if x2 - x1 <= ACROSS:
        return f"M{x1} {y1}C{x1 + half} {y1} {x2 - half} {y2} {x2} {y2}"
    over = min(start.y, end.y) - 4 - 4 * (lane % LANES)
    return (
        f"M{x1} {y1}C{x1 + half} {y1} {x1 + half} {over} {x1 + ACROSS} {over}"
        f"H{x2 - ACROSS}C{x2 - half} {over} {x2 - half} {y2} {x2} {y2}"
    )

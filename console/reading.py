"""Reading values off nodes, so that every mistake of a file is told at once, each with its line and key.

A reader function takes a `Value` and returns what it means or raises `Wrong`. `Fields.take` and `Value.each`
catch that, note it, and go on: what they then return is a stand-in, for a file with a problem is never used.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import TypeVar

import msgspec

from console import durations, nodes
from console.durations import OpeningDays, Share
from console.errors import BadInput, FieldError
from console.nodes import Map, Node, Scalar, Seq

T = TypeVar("T")
D = TypeVar("D")

PROBLEMS_MAX = 100
"""Told of one file; whoever has more will not read further."""
TEXT_MAX = 200
NAME_MAX = 64
NAMES_SHOWN_MAX = 12

_WHOLE = re.compile(r"[-+]?[0-9]{1,12}", re.ASCII)
_USERNAME = re.compile(r"[a-z0-9._-]{1,64}", re.ASCII)
_TRUTH = {"true": True, "false": False}


class Problem(msgspec.Struct, frozen=True):
    """One mistake: where it stands, and what would be right."""

    line: int
    key: str
    detail: str

    def at(self, file: str) -> str:
        """As compilers write it: `centre.yaml:12: queues[faults].priority: …`."""
        place = f"{file}:{self.line}: "
        return place + (f"{self.key}: {self.detail}" if self.key else self.detail)


class Misconfigured(BadInput):
    """The configuration was not applied: something in it is not as it must be."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        super().__init__(errors=tuple(FieldError(p.key, f"line {p.line}: {p.detail}") for p in self.problems))


class Wrong(Exception):
    """This value is not as it must be; caught within this package."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.detail)


class Use(msgspec.Struct, frozen=True):
    """A name that is used, and is checked against the rest of the file when all of it has been read."""

    kind: str
    name: str
    line: int
    key: str


class Report:
    """What was found while reading one file."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.uses: list[Use] = []

    @property
    def full(self) -> bool:
        return len(self.problems) >= PROBLEMS_MAX

    def note(self, problem: Problem) -> None:
        if not self.full:
            self.problems.append(problem)


class Value:
    """One node, the key it stands at, and the report of its file."""

    def __init__(self, node: Node, key: str, report: Report) -> None:
        self.node = node
        self.key = key
        self.report = report

    @property
    def line(self) -> int:
        return self.node.line

    @property
    def is_null(self) -> bool:
        return isinstance(self.node, Scalar) and self.node.is_null

    def wrong(self, detail: str) -> Wrong:
        return Wrong(Problem(self.line, self.key, detail))

    def note(self, detail: str) -> None:
        self.report.note(Problem(self.line, self.key, detail))

    def beside(self, key: str) -> Value:
        """The same place under a key that reads better."""
        return Value(self.node, key, self.report)

    # --- one value ---------------------------------------------------------------------------------------------

    def scalar(self, allowed: str) -> Scalar:
        if not isinstance(self.node, Scalar):
            raise self.wrong(f"must be {allowed}, not a {_shape(self.node)}")
        if self.node.is_null:
            raise self.wrong(f"is empty; must be {allowed}")
        return self.node

    def text(self, allowed: str = "text", *, longest: int = TEXT_MAX) -> str:
        """Text of one line, without control characters (which no key has a use for, and the database refuses)."""
        text = self.scalar(allowed).text.strip()
        if not text:
            raise self.wrong(f"is empty; must be {allowed}")
        if len(text) > longest:
            raise self.wrong(f"has {len(text):,} characters; at most {longest} are taken")
        if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in text):
            raise self.wrong(f"must be {allowed} on one line, without control characters")
        return text

    def name(self) -> str:
        return self.text("a name", longest=NAME_MAX)

    def username(self) -> str:
        allowed = "a user name: 1 to 64 of a-z 0-9 . _ -"
        text = self.scalar(allowed).text
        if not _USERNAME.fullmatch(text):
            raise self.wrong(f"must be {allowed}; not {shown(text)}")
        return text

    def matching(self, pattern: re.Pattern[str], allowed: str) -> str:
        text = self.text(allowed)
        if not pattern.fullmatch(text):
            raise self.wrong(f"must be {allowed}; not {shown(text)}")
        return text

    def whole(self, lowest: int, highest: int) -> int:
        allowed = f"a whole number from {lowest} to {highest}"
        scalar = self.scalar(allowed)
        if not scalar.plain or not _WHOLE.fullmatch(scalar.text) or not lowest <= int(scalar.text) <= highest:
            raise self.wrong(f"must be {allowed}; not {shown(scalar.text)}")
        return int(scalar.text)

    def truth(self) -> bool:
        text = self.scalar("true or false").text
        if text not in _TRUTH:
            raise self.wrong(f"must be true or false; not {shown(text)}")
        return _TRUTH[text]

    def choice(self, allowed: Sequence[str]) -> str:
        words = f"one of {', '.join(allowed)}" if len(allowed) > 1 else allowed[0]
        text = self.text(words)
        if text not in allowed:
            raise self.wrong(f"must be {words}; not {shown(text)}{did_you_mean(text, allowed)}")
        return text

    def duration(self, lowest: timedelta = timedelta(0), highest: timedelta = durations.DURATION_MAX) -> timedelta:
        text = self.text(durations.ALLOWED)
        value = durations.duration(text)
        if value is None:
            raise self.wrong(f"must be {durations.ALLOWED}; not {shown(text)}")
        if not lowest <= value <= highest:
            limits = f"from {durations.written(lowest)} to {durations.written(highest)}"
            raise self.wrong(f"must be {limits}; not {shown(text)}")
        return value

    def term(self) -> timedelta | OpeningDays:
        text = self.text(durations.ALLOWED_TERM)
        value = durations.duration(text) or durations.opening_days(text)
        if value is None:
            raise self.wrong(f"must be {durations.ALLOWED_TERM}, and more than nothing; not {shown(text)}")
        return value

    def share(self) -> Share:
        text = self.text("a share such as 80%")
        value = durations.share(text)
        if value is None:
            raise self.wrong(f"must be a share such as 80%, at most 100%; not {shown(text)}")
        return value

    def used(self, kind: str) -> str:
        """The name of something that the file declares; checked when all of it has been read."""
        name = self.username() if kind == "agent" else self.name()
        self.report.uses.append(Use(kind, name, self.line, self.key))
        return name

    # --- several -----------------------------------------------------------------------------------------------

    def items(self) -> list[Value]:
        if self.is_null:
            return []
        if not isinstance(self.node, Seq):
            raise self.wrong(f"must be a list, not a {_shape(self.node)}")
        return [Value(item, f"{self.key}[{number}]", self.report) for number, item in enumerate(self.node.items)]

    def each(self, read: Callable[[Value], T]) -> tuple[T, ...]:
        """What each item of a list means; a wrong one is noted and left out."""
        return tuple(good(read, self.items()))

    def unique(self, read: Callable[[Value], T]) -> tuple[T, ...]:
        """As `each`, of which none may come twice."""
        seen: set[T] = set()

        def once(value: Value) -> T:
            item = read(value)
            if item in seen:
                raise value.wrong(f"{item} is there twice")
            seen.add(item)
            return item

        return self.each(once)

    def pairs(self) -> list[tuple[Value, Value]]:
        """Keys and values of a mapping; a key that comes twice is noted."""
        if self.is_null:
            return []
        if not isinstance(self.node, Map):
            raise self.wrong(f"must be a mapping (key: value), not a {_shape(self.node)}")
        seen: dict[str, int] = {}
        found = []
        for key, node in self.node.entries:
            path = f"{self.key}.{key.text[:NAME_MAX]}" if self.key else key.text[:NAME_MAX]
            if key.text in seen:
                self.report.note(Problem(key.line, path, f"is there twice, first on line {seen[key.text]}"))
                continue
            seen[key.text] = key.line
            found.append((Value(key, path, self.report), Value(node, path, self.report)))
        return found

    def named(self, read: Callable[[Value], T], *, name: Callable[[Value], str] | None = None) -> dict[str, T]:
        """A mapping from names of the writer's choice."""
        found: dict[str, T] = {}
        for key, value in self.pairs():
            names, meanings = good(name or Value.name, [key]), good(read, [value])
            found.update(zip(names, meanings, strict=False))
        return found

    def fields(self, keys: Sequence[str]) -> Fields:
        """A mapping whose keys are given; an unknown one is noted."""
        found: dict[str, Value] = {}
        for key, value in self.pairs():
            assert isinstance(key.node, Scalar)
            if key.node.text not in keys:
                allowed = f"allowed here: {', '.join(keys)}"
                key.note(f"unknown key{did_you_mean(key.node.text, keys)}; {allowed}")
            elif not value.is_null:
                found[key.node.text] = value
        return Fields(self, found)


class Fields:
    """The keys of one mapping. A key without a value (`calendar:`) is as one that is absent."""

    def __init__(self, whole: Value, found: dict[str, Value]) -> None:
        self.whole = whole
        self._found = found

    def __contains__(self, key: str) -> bool:
        return key in self._found

    def value(self, key: str) -> Value:
        return self._found[key]

    def take(self, key: str, read: Callable[[Value], T], default: D) -> T | D:
        """What the key means, or the default where it is absent or (noted) wrong."""
        value = self._found.get(key)
        if value is None:
            return default
        found = good(read, [value])
        return found[0] if found else default

    def need(self, key: str, read: Callable[[Value], T], default: D) -> T | D:
        """As `take`, of a key that must be there."""
        if key not in self._found:
            self.whole.note(f"{key} is missing")
        return self.take(key, read, default)


def whole(text: str, allowed: str, read: Callable[[Value], T]) -> T:
    """What a file means, which is a mapping at its top; `allowed` says which.

    Raises Misconfigured with every mistake in it, each with its line, its key, and what would be right.
    """
    report = Report()
    try:
        root = nodes.compose(text)
    except nodes.Unreadable as error:
        raise Misconfigured([Problem(error.line, "", error.detail)]) from None
    if not isinstance(root, Map):
        raise Misconfigured([Problem(root.line, "", f"must be {allowed}")])
    meant = read(Value(root, "", report))
    if report.problems:
        raise Misconfigured(report.problems)
    return meant


def good(read: Callable[[Value], T], values: Iterable[Value]) -> list[T]:
    """What they mean; whatever is wrong is noted and left out."""
    found = []
    for value in values:
        try:
            found.append(read(value))
        except Wrong as wrong:
            value.report.note(wrong.problem)
    return found


def shown(text: str) -> str:
    """A stranger's text, short and in quotes."""
    return repr(text if len(text) <= 40 else f"{text[:40]}…")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The nearest known name as a question, or nothing."""
    nearest = difflib.get_close_matches(name[:NAME_MAX], list(known), n=1, cutoff=0.6)
    return f"; did you mean {nearest[0]!r}?" if nearest else ""


def listed(names: Sequence[str]) -> str:
    """Some of the names there are, in words."""
    if not names:
        return "none is declared"
    more = f" and {len(names) - NAMES_SHOWN_MAX} more" if len(names) > NAMES_SHOWN_MAX else ""
    return f"declared: {', '.join(names[:NAMES_SHOWN_MAX])}{more}"


def _shape(node: Node) -> str:
    match node:
        case Map():
            return "mapping"
        case Seq():
            return "list"
        case Scalar():
            return "single value"

"""YAML as a small tree of nodes that know their line, and nothing that YAML could do to us.

Only text, lists and mappings come through: tags, aliases and merges are refused, size and depth are bounded.
What a scalar means is decided by whoever reads it, so that `holidays: NO` is a country and not a refusal.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import msgspec
import yaml

SIZE_MAX = 1024 * 1024
"""Bytes of a file; a centre of a thousand agents takes a fifth of it."""
DEPTH_MAX = 16
"""Levels of nesting; the deepest key of a configuration stands on the ninth."""

NULLS = frozenset({"", "~", "null", "Null", "NULL"})

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Scalar(msgspec.Struct, frozen=True):
    text: str
    line: int
    plain: bool = True
    """Without quotes."""
    column: int = 0
    """Where it begins in its line, from 0."""
    end: int = 0
    """Its last line."""

    @property
    def is_null(self) -> bool:
        return self.plain and self.text in NULLS


class Seq(msgspec.Struct, frozen=True):
    items: tuple[Node, ...]
    line: int
    column: int = 0
    end: int = 0
    flow: bool = False
    """Written in brackets."""


class Map(msgspec.Struct, frozen=True):
    entries: tuple[tuple[Scalar, Node], ...]
    line: int
    column: int = 0
    end: int = 0
    flow: bool = False


Node: TypeAlias = Scalar | Seq | Map


class Unreadable(Exception):
    """This is no YAML, or more than a configuration may use of it."""

    def __init__(self, line: int, detail: str) -> None:
        self.line = line
        self.detail = detail
        super().__init__(f"line {line}: {detail}")


def compose(text: str) -> Node:
    """The tree of a file's one document; an empty file is an empty mapping.

    Raises Unreadable.
    """
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise Unreadable(line, "a character that is no text; the file must be UTF-8") from None
    if size > SIZE_MAX:
        raise Unreadable(1, f"the file has {size:,} bytes; at most {SIZE_MAX:,} are taken")
    try:
        return _document(yaml.parse(text, Loader=Loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise Unreadable(line, f"not YAML: {error.problem or error.context}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise Unreadable(line, "a control character; only text is taken") from None


def _document(events: Iterator[Any]) -> Node:
    root: Node | None = None
    for event in events:
        match event:
            case yaml.StreamStartEvent() | yaml.DocumentEndEvent() | yaml.StreamEndEvent():
                continue
            case yaml.DocumentStartEvent():
                if root is not None:
                    raise Unreadable(_line(event), "a second document (---); one file is one document")
            case _:
                root = _node(event, events, depth=1)
    if root is None or (isinstance(root, Scalar) and root.is_null):
        return Map((), 1)
    return root


def _node(event: Any, events: Iterator[Any], *, depth: int) -> Node:
    line = _line(event)
    if depth > DEPTH_MAX:
        raise Unreadable(line, f"nested more than {DEPTH_MAX} levels deep")
    if isinstance(event, yaml.AliasEvent):
        raise Unreadable(line, f"an alias (*{event.anchor}); write the value out instead")
    if event.tag is not None:
        raise Unreadable(line, f"a tag ({event.tag}); write plain values, in quotes where they are text")
    column = int(event.start_mark.column)
    match event:
        case yaml.ScalarEvent():
            return Scalar(event.value, line, not event.style, column, _end(event))
        case yaml.SequenceStartEvent():
            items, ending = _items(events, depth=depth)
            end = _end(ending) if event.flow_style else max((item.end for item in items), default=line)
            return Seq(items, line, column, end, bool(event.flow_style))
        case _:
            entries, ending = _entries(events, depth=depth)
            end = _end(ending) if event.flow_style else max((value.end for _, value in entries), default=line)
            return Map(entries, line, column, end, bool(event.flow_style))


def _items(events: Iterator[Any], *, depth: int) -> tuple[tuple[Node, ...], Any]:
    """The items of a list, and the event that ends it."""
    found = []
    for event in events:
        if isinstance(event, yaml.SequenceEndEvent):
            break
        found.append(_node(event, events, depth=depth + 1))
    return tuple(found), event


def _entries(events: Iterator[Any], *, depth: int) -> tuple[tuple[tuple[Scalar, Node], ...], Any]:
    found = []
    for event in events:
        if isinstance(event, yaml.MappingEndEvent):
            break
        key = _node(event, events, depth=depth + 1)
        if not isinstance(key, Scalar):
            raise Unreadable(key.line, "a key that is a list or a mapping; keys are names")
        found.append((key, _node(next(events), events, depth=depth + 1)))
    return tuple(found), event


def _end(event: Any) -> int:
    """Its last line; a block of text (`|`) is over where the next line begins."""
    mark = event.end_mark
    return max(int(mark.line) + bool(mark.column), _line(event))


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1

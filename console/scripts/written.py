"""Values as lines of YAML that a person who does not program can read, and back from nodes.

Text is written as it is where that is safe, else in quotes; several lines as a block. Lists and mappings stand on lines
of their own, and what is small within them in brackets on one line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TypeAlias

from console.nodes import NULLS, Map, Node, Scalar, Seq


class Plain(str):
    """A word of YAML's own, such as a number, `true`, or nothing: written without quotes."""

    __slots__ = ()


Raw: TypeAlias = "str | list[Raw] | dict[str, Raw]"

WIDE = 110
"""Characters of a line in brackets; what is longer stands on lines of its own."""

_NUMBER = re.compile(r"[-+]?[0-9.]+\Z", re.ASCII)
_SAFE = re.compile(r"(?:\w|-?[0-9])(?:[^:#\n]|:(?=[^\s])|(?<=\S)#)*\Z")
_BRACKETS = frozenset(",[]{}:?#")
_WORDS = NULLS | {"true", "false"}
_UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def raw(node: Node) -> Raw:
    """What a node says, without its place."""
    match node:
        case Scalar(is_null=True):
            return Plain("")
        case Scalar(text=text, plain=plain):
            return Plain(text) if plain else text
        case Seq(items=items):
            return [raw(item) for item in items]
        case Map(entries=entries):
            return {key.text: raw(value) for key, value in entries}


def lines(key: str, value: Raw, indent: int) -> Iterator[str]:
    """A key with its value, on lines of its own."""
    yield from _after(f"{' ' * indent}{scalar(key)}:", value, indent)


def listed(item: Raw, indent: int) -> Iterator[str]:
    """An item of a list, on lines of its own."""
    if isinstance(item, dict) and item:
        inner = [line for key, value in item.items() for line in lines(key, value, indent + 2)]
        yield f"{' ' * indent}- {inner[0][indent + 2 :]}"
        yield from inner[1:]
    else:
        yield from _after(f"{' ' * indent}-", item, indent)


def _after(head: str, value: Raw, indent: int) -> Iterator[str]:
    match value:
        case str() if _is_block(value):
            yield f"{head} |-"
            yield from (f"{' ' * (indent + 2)}{line}" if line else "" for line in value.split("\n"))
        case str():
            yield f"{head} {scalar(value)}".rstrip(" ")
        case dict() if value:
            yield head
            for key, inner in value.items():
                yield from _small(f"{' ' * (indent + 2)}{scalar(key)}:", inner, indent + 2)
        case list() if value:
            yield head
            for inner in value:
                yield from _small(f"{' ' * (indent + 2)}-", inner, indent + 2)
        case _:
            yield f"{head} {'{}' if isinstance(value, dict) else '[]'}"


def _small(head: str, value: Raw, indent: int) -> Iterator[str]:
    """In brackets where it fits."""
    line = f"{head} {flow(value)}"
    if isinstance(value, str) or len(line) > WIDE:
        yield from _after(head, value, indent)
    else:
        yield line


def flow(value: Raw) -> str:
    """On one line."""
    match value:
        case str():
            return scalar(value, within=True)
        case dict():
            return "{" + ", ".join(f"{scalar(key, within=True)}: {flow(one)}" for key, one in value.items()) + "}"
        case list():
            return "[" + ", ".join(flow(one) for one in value) + "]"


def scalar(text: str, *, within: bool = False) -> str:
    """Text on one line; `within` brackets more has to be in quotes."""
    if isinstance(text, Plain):
        if text in NULLS:
            return "null" if within else ""
        if _is_safe(text, within=within):
            return str(text)
    elif _is_safe(text, within=within) and text not in _WORDS and not _NUMBER.match(text):
        return text
    if '"' in text and "'" not in text and "\n" not in text and not _UNSEEN.search(text):
        return f"'{text}'"
    return _UNSEEN.sub(lambda sign: f"\\u{ord(sign[0]):04x}", json.dumps(text, ensure_ascii=False))


def _is_safe(text: str, *, within: bool) -> bool:
    if not _SAFE.match(text) or text != text.strip() or _UNSEEN.search(text):
        return False
    return not (within and _BRACKETS & set(text))


def _is_block(text: str) -> bool:
    """Whether it reads well as lines of its own."""
    if "\n" not in text or _UNSEEN.search(text):
        return False
    every = text.split("\n")
    return bool(every[0] and every[-1]) and all(line == line.strip() for line in every)


def alike(one: Raw | None, other: Raw | None) -> bool:
    """Whether both say the same, in the same order."""
    if isinstance(one, dict) and isinstance(other, dict):
        return [*one] == [*other] and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(alike(*pair) for pair in zip(one, other, strict=True))
    return one == other

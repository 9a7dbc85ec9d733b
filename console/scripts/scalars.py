"""Single values of a script's file: what each kind of them may look like."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TypeVar

from console.nodes import Map
from console.nodes import Scalar as Written
from console.reading import Value, did_you_mean, good, shown
from console.scripts import names
from console.scripts.script import TOLD, Kind, Scalar, Text
from console.scripts.script import Value as Answer

_STEP = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?", re.ASCII)
_RESERVED = frozenset(
    [
        "as",
        "break",
        "const",
        "continue",
        "else",
        "false",
        "for",
        "function",
        "if",
        "import",
        "in",
        "let",
        "loop",
        "namespace",
        "null",
        "package",
        "return",
        "true",
        "var",
        "void",
        "while",
    ]
)
"""Words of CEL, which could not be named in a condition."""
_MEMBER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}", re.ASCII)
MEMBER_ALLOWED = "a name of letters, digits and _ that begins with a letter, such as optical_power"
MEMBERS_MAX = 20
"""Sent to another system, or kept of what it tells."""
STEP_ALLOWED = "a name of a-z, 0-9 and _ that begins with a letter, such as power_light"
EFFECTS_MAX = 10
"""Of one step."""
TASK_MAX = timedelta(days=366)
SAY_MAX = 2_000
T = TypeVar("T")


def answer(value: Value) -> Answer:
    """A test's answer of one step; of another system what it tells."""
    if isinstance(value.node, Map):
        return members(value, plain)
    return plain(value)


def plain(value: Value) -> Scalar:
    """A value as it is written: a number, true or false, nothing, or text."""
    if not isinstance(value.node, Written):
        raise value.wrong("must be one value: text, a number, true or false")
    if value.node.is_null:
        return None
    text = value.node.text
    if value.node.plain and text in ("true", "false"):
        return text == "true"
    if value.node.plain and _NUMBER.fullmatch(text):
        return _as_number(text)
    return value.text("text", longest=SAY_MAX)


def members(value: Value, read: Callable[[Value], T]) -> dict[str, T]:
    """What is sent to another system, or told by it, by name."""
    found = value.named(read, name=lambda key: key.matching(_MEMBER, MEMBER_ALLOWED))
    if len(found) > MEMBERS_MAX:
        raise value.wrong(f"has {len(found)} entries; at most {MEMBERS_MAX} are taken")
    return found


def gives(value: Value) -> dict[str, Kind]:
    kinds = [kind.value for kind in TOLD]
    return members(value, lambda kind: Kind(kind.choice(kinds)))


def given_facts(value: Value) -> dict[str, object]:
    """Facts of a test: `{queue: faults, contract: {sla: gold}}`."""
    found: dict[str, object] = {}
    for key, item in value.pairs():
        for name in good(lambda k: k.choice((*names.PLAIN, *names.MEMBERS)), [key]):
            found.update((name, one) for one in good(partial(_fact, members=names.MEMBERS.get(name, ())), [item]))
    return found


def _fact(value: Value, *, members: tuple[str, ...] | None) -> object:
    """A value, or what an object's members are."""
    if not isinstance(value.node, Map):
        return plain(value)
    inner = {key.text("a name"): plain(item) for key, item in value.pairs()}
    for member in inner:
        if members is not None and member not in members:
            value.note(f"unknown member {shown(member)}{did_you_mean(member, members)}")
    return inner


def _as_number(text: str) -> float:
    return float(text) if "." in text else int(text)


def number(value: Value) -> float:
    scalar = value.scalar("a number")
    if not _NUMBER.fullmatch(scalar.text):
        raise value.wrong(f"must be a number such as 4 or 2.5; not {shown(scalar.text)}")
    return _as_number(scalar.text)


def prose(value: Value, *, longest: int) -> str:
    """Text of any number of lines, without other control characters."""
    text = value.scalar("text").text.strip()
    if not text:
        raise value.wrong("is empty; must be text")
    if len(text) > longest:
        raise value.wrong(f"has {len(text):,} characters; at most {longest:,} are taken")
    if any(unicodedata.category(sign) in ("Cc", "Cs") and sign != "\n" for sign in text):
        raise value.wrong("must be text without control characters")
    return text


def language_of(value: Value) -> str:
    return value.matching(_LANGUAGE, "a language such as en, uk or zh-Hans")


def condition(value: Value) -> str:
    scalar = value.scalar('a condition such as contract.sla == "gold"')
    return scalar.text.strip()


def span(value: Value) -> timedelta:
    return value.duration(timedelta(minutes=1), TASK_MAX)


def step_id(value: Value) -> str:
    text = value.matching(_STEP, STEP_ALLOWED)
    if text in _RESERVED:
        raise value.wrong(f"{text} is a word of the conditions' own; choose another")
    return text


def id_of(value: Value) -> str:
    """The name of a step, before it is known to be one."""
    if not isinstance(value.node, Map):
        return ""
    for key, node in value.node.entries:
        if key.text == "step" and isinstance(node, Written):
            return node.text[:40]
    return ""


def title_of(id_: str, say: Text | None) -> Text:
    """Without a title: the beginning of what is said, else its name."""
    if say is None:
        return {"": id_.replace("_", " ").capitalize()}
    return {language: _short(text) for language, text in say.items()}


def _short(text: str) -> str:
    first = text.replace("**", "").split("\n", 1)[0]
    return first if len(first) <= 60 else first[:59].rstrip() + "…"


def some(value: Value, found: tuple[T, ...]) -> tuple[T, ...]:
    count = len(value.items())
    if not 1 <= count <= EFFECTS_MAX:
        raise value.wrong(f"has {count} entries; 1 to {EFFECTS_MAX} are taken")
    return found


def a_kind(kind: Kind) -> str:
    return {"yes_no": "yes or no", "text": "text", "moment": "a day and a time"}.get(kind.value, f"a {kind.value}")

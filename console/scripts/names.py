"""What scripts may name: the facts of the case, and the answers of their own steps; and texts filled from both."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from console.conditions import Token, Vocabulary, tokens_of
from console.reading import did_you_mean
from console.scripts.script import AnyStep, Ask, Call, Kind, Script, Sub

MEMBERS: dict[str, tuple[str, ...] | None] = {
    "call": ("source", "id", "from", "to"),
    "case": ("number", "subject", "status", "priority", "description"),
    "customer": ("id", "name", "phone", "email", "company"),
    "agent": ("name",),
    "contract": None,
    "attributes": None,
}
PLAIN = ("channel", "to", "from", "queue", "priority", "topic", "subject", "source")
ANSWERS = "answers"
SAMPLES: dict[Kind, object] = {
    Kind.CHOICE: "text",
    Kind.TEXT: "text",
    Kind.NUMBER: 1.0,
    Kind.DATE: "2026-11-22",
    Kind.MOMENT: "2026-11-24T15:30+02:00",
    Kind.PHONE: "+441314960000",
    Kind.YES_NO: True,
}
CASE = Vocabulary(PLAIN, MEMBERS, {"priority": 1})
"""Of the condition on which a script starts: nothing is answered yet."""

MISSING = "…"
"""Stands where a text for people has nothing to be filled with."""

_PLACE = re.compile(r"\{([^{}|]*)(?:\|([^{}]*))?\}")
_COMPARED = frozenset({"==", "!=", "<", ">", "<=", ">="})
_ORDERED = frozenset({"<", ">", "<=", ">="})


def vocabulary(steps: Iterable[AnyStep]) -> Vocabulary:
    """Of conditions within the script that has these steps."""
    answering = [step for step in steps if isinstance(step, Ask | Call | Sub)]
    members = {**MEMBERS, ANSWERS: tuple(step.own for step in answering)}
    inner = {f"{ANSWERS}.{step.own}": tuple(step.gives) for step in answering if isinstance(step, Call)}
    return Vocabulary(PLAIN, members, {"priority": 1, ANSWERS: {s.own: _sample(s) for s in answering}}, inner)


def _sample(step: Ask | Call | Sub) -> object:
    if isinstance(step, Call):
        return {member: SAMPLES[kind] for member, kind in step.gives.items()}
    return SAMPLES[step.kind] if isinstance(step, Ask) else "text"


def offered(script: Script) -> tuple[tuple[str, str], ...]:
    """Every name that an author may use in it, with the kind of its value."""
    found = [(name, "number" if name == "priority" else "text") for name in PLAIN]
    for name, members in MEMBERS.items():
        found += [(f"{name}.{member}", "text") for member in members or ("…",)]
    for step in script.steps.values():
        if isinstance(step, Ask):
            found.append((f"{ANSWERS}.{step.id}", step.kind.value))
        elif isinstance(step, Call):
            found += [(f"{ANSWERS}.{step.id}.{member}", kind.value) for member, kind in step.gives.items()]
        elif isinstance(step, Sub):
            found.append((f"{ANSWERS}.{step.id}", "text"))
    return tuple(found)


# --- types ------------------------------------------------------------------------------------------------------------


def misfits(condition: str, script: Script) -> Iterator[str]:
    """Where an answer is compared with what it can never be: a word with a number, a choice with a code it lacks.

    CEL alone would answer false for ever, and nobody would learn why.
    """
    asked = _asked(script)
    tokens = _joined(list(tokens_of(condition)), asked)
    for at, token in enumerate(tokens):
        if token.kind == "answer" and token.text in asked:
            yield from _beside(tokens, at, asked[token.text])


class _Asked(NamedTuple):
    """A name that has a kind."""

    called: str
    kind: Kind
    codes: tuple[str, ...] = ()


def _asked(script: Script) -> dict[str, _Asked]:
    found = []
    for step in script.steps.values():
        called = f"{ANSWERS}.{step.id}"
        if isinstance(step, Ask):
            found.append(_Asked(called, step.kind, tuple(option.code for option in step.options)))
        elif isinstance(step, Call):
            found += [_Asked(f"{called}.{member}", kind) for member, kind in step.gives.items()]
    return {one.called: one for one in found}


def _joined(tokens: list[Token], asked: Mapping[str, _Asked]) -> list[Token]:
    """With `answers.x` and `answers.x.y` as one word, and `==` as one sign."""
    found: list[Token] = []
    at = 0
    while at < len(tokens):
        texts = [token.text for token in tokens[at : at + 5]]
        if texts[:2] == [ANSWERS, "."] and len(texts) >= 3:
            length = 5 if "".join(texts) in asked else 3
            found.append(Token("answer", "".join(texts[:length])))
            at += length
        elif "".join(texts[:2]) in _COMPARED and tokens[at].kind == "sign" and len(texts) > 1:
            found.append(Token("sign", "".join(texts[:2])))
            at += 2
        else:
            found.append(tokens[at])
            at += 1
    return found


def _beside(tokens: list[Token], at: int, asked: _Asked) -> Iterator[str]:
    def token(place: int) -> Token | None:
        return tokens[place] if 0 <= place < len(tokens) else None

    for sign, literal in ((token(at + 1), token(at + 2)), (token(at - 1), token(at - 2))):
        if sign is not None and literal is not None and sign.text in _COMPARED:
            yield from _against(asked, sign.text, literal)
    after, opening = token(at + 1), token(at + 2)
    if after is not None and after.text == "in" and opening is not None and opening.text == "[":
        for literal in tokens[at + 3 :]:
            if literal.text == "]":
                break
            yield from _against(asked, "==", literal)


def _against(asked: _Asked, sign: str, literal: Token) -> Iterator[str]:
    kind, called = _kind(literal), asked.called
    if kind is None or literal.text == "null":
        return
    wanted = {Kind.NUMBER: "number", Kind.YES_NO: "truth"}.get(asked.kind, "text")
    if kind != wanted:
        words = {"number": "a number", "truth": "true or false", "text": 'text in "quotes"'}
        yield f"{called} is {words[wanted]}, so it is never {sign} {literal.text[:40]}"
    elif sign in _ORDERED and asked.kind in (Kind.CHOICE, Kind.YES_NO):
        yield f"{called} is {_called(asked.kind)}: compare it with == or !="
    elif asked.kind is Kind.CHOICE:
        code, codes = literal.text[1:-1], asked.codes
        if code not in codes:
            yield f"{called} has no answer {code[:40]!r}{did_you_mean(code, codes)}; there are {', '.join(codes)}"


def _kind(literal: Token) -> str | None:
    match literal.kind:
        case "string":
            return "text"
        case "number":
            return "number"
        case "word" if literal.text in ("true", "false"):
            return "truth"
        case _:
            return None


def _called(kind: Kind) -> str:
    return "a choice" if kind is Kind.CHOICE else "yes or no"


# --- texts ------------------------------------------------------------------------------------------------------------


def places(text: str) -> Iterator[str]:
    """What the `{…}` of a text name."""
    for found in _PLACE.finditer(text):
        yield found[1].strip()


def unfilled(text: str, known: Vocabulary) -> Iterator[str]:
    """What is wrong with the places of a text, in words."""
    if "{" in _PLACE.sub("", text) or "}" in _PLACE.sub("", text):
        yield "has a bracket { or } that belongs to no place such as {customer.name}"
    names = _places_of(known)
    for place in places(text):
        name, _, member = place.partition(".")
        if place in names or (member and "." not in member and known.objects.get(name, ()) is None):
            continue
        yield f"unknown place {{{place[:40]}}}{did_you_mean(place, names)}"


def _places_of(known: Vocabulary) -> list[str]:
    """Every place that there is; a step with members is none itself."""
    members = [f"{o}.{m}" for o, ms in known.objects.items() for m in ms or ()]
    inner = [f"{member}.{one}" for member, ones in known.inner.items() for one in ones]
    return [*known.plain, *(member for member in members if member not in known.inner), *inner]


def filled(text: str, facts: Mapping[str, Any], shown: Callable[[str, object], str], *, missing: str = MISSING) -> str:
    """The text with its places filled; `{customer.name|there}` says what stands there without one.

    `shown` words a value for its reader, given the name it has.
    """

    def fill(found: re.Match[str]) -> str:
        place = found[1].strip()
        value: Any = facts
        for part in place.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        if value is None or value == "":
            return found[2] if found[2] is not None else missing
        return shown(place, value)

    return _PLACE.sub(fill, text)

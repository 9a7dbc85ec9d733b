"""Conditions as rows that a person who does not program can fill in, and back as CEL.

Rows are comparisons of one name with a value, joined by `and` or by `or`. Whatever says more than that has no rows, and
is edited as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from console.conditions import Token, tokens_of
from console.scripts.script import Scalar as Value


class Sign(StrEnum):
    """How a name is compared."""

    IS = "is"
    IS_NOT = "is_not"
    ABOVE = "above"
    BELOW = "below"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    ONE_OF = "one_of"
    KNOWN = "known"
    UNKNOWN = "unknown"


_SIGNS = {
    "==": Sign.IS,
    "!=": Sign.IS_NOT,
    ">": Sign.ABOVE,
    "<": Sign.BELOW,
    ">=": Sign.AT_LEAST,
    "<=": Sign.AT_MOST,
    "in": Sign.ONE_OF,
}
_WRITTEN = {sign: text for text, sign in _SIGNS.items()}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*){0,2}\Z", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?\Z", re.ASCII)
_CONSTANTS: Mapping[str, Value] = {"true": True, "false": False}
_RESERVED = frozenset({*_CONSTANTS, "in", "null"})


class Row(msgspec.Struct, frozen=True):
    """`line.optical` below −30."""

    name: str
    sign: Sign
    values: tuple[Value, ...] = ()
    """Of ONE_OF several, of KNOWN and UNKNOWN none, else one."""


class Rows(msgspec.Struct, frozen=True):
    rows: tuple[Row, ...]
    any: bool = False
    """One of them is enough."""


def rows_of(condition: str) -> Rows | None:
    """A condition as rows; None: it says more than rows can."""
    tokens = _joined([*tokens_of(condition)])
    joints = {token.text for token in tokens if token.text in ("&&", "||")}
    if len(joints) > 1 or "//" in condition:
        return None
    rows = [_row(part) for part in _split(tokens, ("&&", "||"))]
    if any(row is None for row in rows):
        return None
    return Rows(tuple(row for row in rows if row is not None), any=joints == {"||"})


def condition_of(rows: Rows) -> str:
    """Rows as a condition."""
    return (" || " if rows.any else " && ").join(_said(row) for row in rows.rows)


def _said(row: Row) -> str:
    values = [literal(value) for value in row.values]
    match row.sign:
        case Sign.KNOWN:
            return f"{row.name} != null"
        case Sign.UNKNOWN:
            return f"{row.name} == null"
        case Sign.ONE_OF:
            return f"{row.name} in [{', '.join(values)}]"
        case _:
            return f"{row.name} {_WRITTEN[row.sign]} {values[0]}"


def literal(value: Value) -> str:
    """A value as CEL writes it."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case _:
            return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


# --- what people type -------------------------------------------------------------------------------------------------


def fits(row: Row, kind: str | None) -> bool:
    """Whether its values come back as they are from a form."""
    return all(typed(shown(value, kind), kind) == value for value in row.values)


def shown(value: Value, kind: str | None) -> str:
    """A value as it stands in a field. Where nobody knows what the name holds (`kind` is None), text that looks like
    something else stands in quotes.
    """
    if isinstance(value, str):
        return value if kind is not None or _guessed(value) == value else literal(value)
    return literal(value)


def typed(text: str, kind: str | None) -> Value:
    """What was typed, for a name of that kind: `number`, `yes_no`, else text; None: nobody knows."""
    text = text.strip()
    match kind:
        case None:
            return _guessed(text)
        case "number":
            return _number(text) if _NUMBER.match(text) else 0
        case "yes_no":
            return text == "true"
        case _:
            return text


def _guessed(text: str) -> Value:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _NUMBER.match(text):
        return _number(text)
    unquoted = _text(text)
    return text if unquoted is None else unquoted


def _number(text: str) -> float:
    return float(text) if "." in text else int(text)


# --- reading ----------------------------------------------------------------------------------------------------------


def _joined(tokens: Sequence[Token]) -> list[Token]:
    """With `a.b` as one word, `&&` as one sign, and `-3` as one number."""
    found: list[Token] = []
    for token in tokens:
        last = found[-1] if found else Token("", "")
        pair = last.text + token.text
        if last.kind == "sign" and token.kind == "sign" and pair in (*_SIGNS, "&&", "||"):
            found[-1] = Token("sign", pair)
        elif (last.kind == "word" and token.text == ".") or (last.text.endswith(".") and token.kind == "word"):
            found[-1] = Token("word", pair)
        elif last.text == "-" and token.kind == "number":
            found[-1] = Token("number", pair)
        else:
            found.append(token)
    return found


def _split(tokens: Sequence[Token], at: Sequence[str]) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token.kind == "sign" and token.text in at:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _row(tokens: Sequence[Token]) -> Row | None:
    negated = bool(tokens) and tokens[0].text == "!"
    own = tokens[1:] if negated else tokens
    if not own or own[0].kind != "word" or not _NAME.match(own[0].text) or own[0].text in _RESERVED:
        return None
    name, rest = own[0].text, own[1:]
    if not rest:
        return Row(name, Sign.IS, (not negated,))
    sign = _SIGNS.get(rest[0].text)
    if negated or sign is None:
        return None
    if len(rest) == 2 and rest[1].text == "null" and sign in (Sign.IS, Sign.IS_NOT):
        return Row(name, Sign.UNKNOWN if sign is Sign.IS else Sign.KNOWN)
    values = _list(rest[1:]) if sign is Sign.ONE_OF else _values([rest[1:]])
    return Row(name, sign, values) if values else None


def _list(tokens: Sequence[Token]) -> tuple[Value, ...] | None:
    if len(tokens) < 3 or tokens[0].text != "[" or tokens[-1].text != "]":
        return None
    values = _values(_split(tokens[1:-1], (",",)))
    return None if values is None or any(isinstance(one, str) and (not one or "," in one) for one in values) else values


def _values(parts: Sequence[Sequence[Token]]) -> tuple[Value, ...] | None:
    found: list[Value] = []
    for part in parts:
        if len(part) != 1:
            return None
        token = part[0]
        text = _text(token.text)
        if token.kind == "string" and text is not None and text == text.strip():
            found.append(text)
        elif token.kind == "number" and _NUMBER.match(token.text):
            found.append(_number(token.text))
        elif token.text in _CONSTANTS:
            found.append(_CONSTANTS[token.text])
        else:
            return None
    return tuple(found)


def _text(text: str) -> str | None:
    """What stands in quotes, where nothing in it means more than itself."""
    if len(text) < 2 or text[0] != text[-1] or text[0] not in "\"'" or text[:3] in ('"""', "'''"):
        return None
    inner = text[1:-1]
    bare = inner.replace("\\\\", "").replace('\\"', "").replace("\\'", "")
    if "\\" in bare or "\n" in inner or text[0] in bare:
        return None
    return re.sub(r"\\(.)", r"\1", inner)

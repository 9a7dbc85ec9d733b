"""Conditions in CEL: compiled once, checked against the names there are, and false where they fail.

The library finds an unknown name only when it meets it, so that a misspelt rule would quietly never hold:
`problems` reads the names off the text when a configuration is applied, or a script published.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from console.reading import did_you_mean, shown

if TYPE_CHECKING:
    import cel

LENGTH_MAX = 1000
"""Characters; with no macro inside another, it bounds the work of one evaluation to about a millisecond."""


class Vocabulary(msgspec.Struct, frozen=True):
    """The names that conditions of one kind may use."""

    plain: tuple[str, ...]
    """Without members: text, a number, or null."""
    objects: dict[str, tuple[str, ...] | None]
    """Names with members, and which; None: whichever there are."""
    sample: dict[str, Any] = {}
    """A value of each name's kind, for the trial; where there is none, text."""
    inner: dict[str, tuple[str, ...]] = {}
    """Members that have members themselves, such as `answers.line`, and which."""

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.plain, *self.objects)

    def trial(self) -> dict[str, Any]:
        """Every name with a value of its kind."""
        members = {name: dict.fromkeys(known or (), "text") for name, known in self.objects.items()}
        return {**dict.fromkeys(self.plain, "text"), **members, **self.sample}


_CONVERSIONS = ("bytes", "double", "duration", "dyn", "int", "size", "string", "timestamp", "type", "uint")
_OF_TEXT = ("contains", "endsWith", "matches", "startsWith")
_OF_TIME = ("getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getFullYear", "getHours")
_OF_SMALL_TIME = ("getMilliseconds", "getMinutes", "getMonth", "getSeconds")
FUNCTIONS = frozenset({*_CONVERSIONS, *_OF_TEXT, *_OF_TIME, *_OF_SMALL_TIME})
MACROS = frozenset({"all", "exists", "exists_one", "filter", "map"})

_TOKEN = re.compile(
    r"""
    (?P<space>\s+|//[^\n]*)
  | (?P<string>[rRbB]{0,2}(?:\"\"\"(?:\\.|[^\\])*?\"\"\"|'''(?:\\.|[^\\])*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
  | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<number>[0-9][0-9A-Za-z.]*)
  | (?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_RESERVED = frozenset({"true", "false", "null", "in"})


class Token(msgspec.Struct, frozen=True):
    kind: str
    text: str


class Answer(msgspec.Struct, frozen=True):
    """Whether a condition holds; where it could not be evaluated it does not, and `error` says why."""

    holds: bool
    error: str | None = None


def answer(text: str, names: Mapping[str, Any], vocabulary: Vocabulary) -> Answer:
    """Evaluate a condition that `problems` found nothing against. Names that are absent are null."""
    try:
        result = compiled(text).execute({**dict.fromkeys(vocabulary.names), **names})
    except Exception as error:  # noqa: BLE001 - whatever a condition does wrong counts as false, and is told
        return Answer(holds=False, error=_first_line(error))
    if not isinstance(result, bool):
        return Answer(holds=False, error=f"answers {type(result).__name__}, not true or false")
    return Answer(holds=result)


def problems(text: str, vocabulary: Vocabulary) -> list[str]:
    """What is wrong with a condition, in words; nothing, where it may be applied."""
    if len(text) > LENGTH_MAX:
        return [f"has {len(text):,} characters; at most {LENGTH_MAX} are taken"]
    try:
        program = compiled(text)
    except ValueError as error:
        return [f"is no CEL expression: {_syntax(error)}"]
    tokens = list(tokens_of(text))
    found = [
        *_unknown_names(program, tokens, vocabulary),
        *_unknown_members(tokens, vocabulary),
        *_nesting(tokens),
    ]
    return found or _trial(text, tokens, vocabulary)


@functools.lru_cache(maxsize=4096)
def compiled(text: str) -> cel.Program:
    import cel  # noqa: PLC0415 - it brings a terminal program along, which takes half a second to import

    return cel.compile(text)


def tokens_of(text: str) -> Iterator[Token]:
    """The words and signs of a condition."""
    for found in _TOKEN.finditer(text):
        assert found.lastgroup is not None
        if found.lastgroup != "space":
            yield Token(found.lastgroup, found[0])


def _unknown_names(program: cel.Program, tokens: list[Token], vocabulary: Vocabulary) -> Iterator[str]:
    names = vocabulary.names
    own = _macro_variables(tokens)
    for name in sorted(own & set(names)):
        yield f"gives {name!r} to a macro as its variable; it is the name of something else"
    for name in program.variables():
        if name not in names and name not in own:
            yield f"unknown name {shown(name)}{did_you_mean(name, names)}; known: {', '.join(names)}"
    for name in program.functions():
        if name.isidentifier() and name[0].isalpha() and name not in FUNCTIONS:
            known = sorted(FUNCTIONS | MACROS)
            yield f"unknown function {shown(name)}{did_you_mean(name, known)}; known: has, {', '.join(known)}"
    for word, sign in itertools.pairwise(tokens):
        if word.kind == "word" and word.text not in _RESERVED and sign.text == "{":
            yield f"makes a message ({word.text}{{…}}); there are none here"


def _macro_variables(tokens: list[Token]) -> set[str]:
    """The `v` of `list.exists(v, …)`."""
    return {
        tokens[at + 2].text
        for at in range(len(tokens) - 3)
        if _opens_macro(tokens, at) and tokens[at + 2].kind == "word" and tokens[at + 3].text == ","
    }


def _opens_macro(tokens: list[Token], at: int) -> bool:
    return (
        tokens[at].kind == "word"
        and tokens[at].text in MACROS
        and at > 0
        and tokens[at - 1].text == "."
        and at + 1 < len(tokens)
        and tokens[at + 1].text == "("
    )


def _unknown_members(tokens: list[Token], vocabulary: Vocabulary) -> Iterator[str]:
    for at, token in enumerate(tokens[:-2]):
        if token.kind != "word" or token.text not in vocabulary.names or (at > 0 and tokens[at - 1].text == "."):
            continue
        member = _member(tokens, at)
        if member is None:
            continue
        if token.text in vocabulary.plain:
            yield f"{token.text} has no members, so there is no {token.text}.{member}"
            continue
        yield from _not_among(f"{token.text}.", member, vocabulary.objects[token.text])
        within = f"{token.text}.{member}"
        deeper = _member(tokens, at + 2) if within in vocabulary.inner else None
        if deeper is not None:
            yield from _not_among(f"{within}.", deeper, vocabulary.inner[within])


def _not_among(within: str, member: str, known: tuple[str, ...] | None) -> Iterator[str]:
    if known is not None and member not in known:
        words = f"known: {', '.join(known)}" if known else "there is none"
        yield f"unknown member {within}{member}{did_you_mean(member, known)}; {words}"


def _member(tokens: list[Token], at: int) -> str | None:
    """The `number` of `case.number`; a method's name is none."""
    if at + 2 >= len(tokens):
        return None
    dot, name = tokens[at + 1], tokens[at + 2]
    if dot.text != "." or name.kind != "word":
        return None
    called = at + 3 < len(tokens) and tokens[at + 3].text == "("
    return None if called else name.text


def _nesting(tokens: list[Token]) -> Iterator[str]:
    """A macro inside another multiplies: ten of them would never end."""
    open_: list[bool] = []
    for at, token in enumerate(tokens):
        if token.text in ("(", "[", "{") and token.kind == "sign":
            macro = at > 0 and _opens_macro(tokens, at - 1)
            if macro and any(open_):
                yield f"{tokens[at - 1].text}() stands inside another macro; one at a time is taken"
                return
            open_.append(macro)
        elif token.text in (")", "]", "}") and token.kind == "sign" and open_:
            open_.pop()


def _trial(text: str, tokens: list[Token], vocabulary: Vocabulary) -> list[str]:
    """What only running it shows: a pattern that is none, an answer that is neither true nor false."""
    import cel  # noqa: PLC0415 - as above

    for at, token in enumerate(tokens[:-2]):
        if token.text == "matches" and tokens[at + 2].kind == "string":
            try:
                cel.evaluate(f'"".matches({tokens[at + 2].text})')
            except Exception as error:  # noqa: BLE001 - any failure of a constant pattern is the pattern's
                return [f"{tokens[at + 2].text} is no regular expression: {_first_line(error)}"]
    result = answer(text, vocabulary.trial(), vocabulary)
    if result.error and result.error.startswith("answers "):
        return [result.error]
    return []


def _syntax(error: ValueError) -> str:
    found = re.search(r"<input>:(\d+):(\d+): (.+)", str(error))
    if found is None:
        return _first_line(error)
    words = re.sub(r" expecting \{.*", "", found[3])
    return f"{words} (character {found[2]})"


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:200]

"""What the page of a script posts: the text, which step is looked at, and the fields of its form, each bounded."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from console.errors import BadInput, FieldError
from console.scripts import rows
from console.scripts.acts import Act
from console.scripts.form import DEEDS, Answer, Deed, StepForm, Way
from console.scripts.parse import SOURCE_MAX
from console.scripts.rows import Row, Rows, Sign
from console.scripts.script import AnyStep, Ask, Kind

FIELDS_MAX = 1_000
"""Thirty answers and ten ways out of a check with ten conditions each have half of it."""
FIELD_MAX = 4_000
VERSION_MAX = 1_000_000

_ROW = re.compile(r"(answer|way|deed)-([0-9]{1,4})-(?:row-([0-9]{1,4})-)?([a-z]+)\Z", re.ASCII)
_ACT = re.compile(r"([a-z]+)(?:-([a-z]+)((?:-[0-9]{1,4})*))?\Z", re.ASCII)

Fields = dict[str, str]
Kinds = Mapping[str, str | None]
"""What names hold, as `names.offered` says; of other names nobody knows."""


class Posted(msgspec.Struct, frozen=True):
    source: str
    version: int
    step: str
    language: str
    act: Act
    fields: Fields


def posted(data: Mapping[str, object]) -> Posted:
    """What was posted. Raises BadInput, naming the field."""
    if len(data) > FIELDS_MAX:
        raise BadInput(errors=(FieldError("form", f"Has {len(data)} fields; at most {FIELDS_MAX} are taken."),))
    fields: Fields = {}
    for name, value in data.items():
        longest = SOURCE_MAX if name == "source" else FIELD_MAX
        if not isinstance(value, str) or len(value) > longest or "\x00" in value:
            raise BadInput(errors=(FieldError(name[:100], f"Text of at most {longest:,} characters."),))
        fields[name] = value.replace("\r\n", "\n").replace("\r", "\n")
    version = fields.pop("version", "")
    if not re.fullmatch("[0-9]{1,7}", version, re.ASCII) or int(version) > VERSION_MAX:
        raise BadInput(errors=(FieldError("version", "The number of the draft's version."),))
    return Posted(
        source=fields.pop("source", ""),
        version=int(version),
        step=fields.pop("step", ""),
        language=fields.pop("language", ""),
        act=_act(fields.pop("act", ""), fields),
        fields=fields,
    )


def _act(text: str, fields: Fields) -> Act:
    """`drop-row-2-0`: rows are named by the number they were drawn with, and may have been dragged since."""
    found = _ACT.match(text)
    if found is None:
        return Act("change")
    verb, what, numbers = found[1], found[2] or "", [int(number) for number in (found[3] or "").split("-") if number]
    places: tuple[int, ...] = ()
    groups = _groups(fields)
    for depth, number in enumerate(numbers):
        within = f"way-{numbers[0]}" if depth else "way" if what == "row" else what
        order = groups.get(within, [])
        if number not in order:
            return Act("change")
        places = (*places, order.index(number))
    return Act(verb, what, places)


def _groups(fields: Fields) -> dict[str, list[int]]:
    """The numbers of rows in the order in which they stand in the page."""
    found: dict[str, dict[int, None]] = {}
    for name in fields:
        if row := _ROW.match(name):
            found.setdefault(row[1], {}).setdefault(int(row[2]))
            if row[3]:
                found.setdefault(f"way-{int(row[2])}", {}).setdefault(int(row[3]))
    return {group: [*numbers] for group, numbers in found.items()}


# --- the fields of a step ---------------------------------------------------------------------------------------------


def form(sent: Posted, kind: str, steps: Mapping[str, AnyStep], kinds: Kinds) -> StepForm:
    """The form as it was filled in."""
    fields, groups = sent.fields, _groups(sent.fields)

    def text(name: str) -> str:
        return fields.get(name, "").strip()

    return StepForm(
        id=sent.step,
        kind=kind,
        title=text("title"),
        say=text("say"),
        article=text("article"),
        go=text("go"),
        other=text("other"),
        ask=text("ask") or Kind.TEXT.value,
        lowest=text("from"),
        highest=text("to"),
        save=text("save"),
        skip=bool(text("skip")),
        script=text("script"),
        outcome=text("end"),
        answers=tuple(
            Answer(code=text(f"answer-{n}-code"), label=text(f"answer-{n}-label"), go=text(f"answer-{n}-go"))
            for n in groups.get("answer", [])
        ),
        ways=tuple(_way(fields, n, groups.get(f"way-{n}", []), steps, kinds) for n in groups.get("way", [])),
        deeds=tuple(_deed(fields, n) for n in groups.get("deed", [])),
    )


def _way(fields: Fields, way: int, numbers: Sequence[int], steps: Mapping[str, AnyStep], kinds: Kinds) -> Way:
    def text(name: str) -> str:
        return fields.get(f"way-{way}-{name}", "").strip()

    told = [_row({key: text(f"row-{n}-{key}") for key in ("name", "sign", "value")}, steps, kinds) for n in numbers]
    return Way(
        rows=Rows(tuple(told), any=text("any") == "any") if told else None,
        text=text("text"),
        go=text("go"),
        because=text("because"),
        at=int(text("at")) if re.fullmatch("[0-9]{1,3}", text("at"), re.ASCII) else None,
    )


def _row(said: Fields, steps: Mapping[str, AnyStep], kinds: Kinds) -> Row:
    name, kind = said["name"], kinds.get(said["name"])
    sign = Sign(said["sign"]) if said["sign"] in set(Sign) else Sign.IS
    if sign in (Sign.KNOWN, Sign.UNKNOWN):
        return Row(name, sign)
    step = steps.get(name.removeprefix("answers."))
    codes = [option.code for option in step.options] if isinstance(step, Ask) else []
    if sign is Sign.ONE_OF:
        values = [one.strip() for one in said["value"].split(",") if one.strip()]
        return Row(name, sign, tuple(rows.typed(one, kind) for one in values or codes[:1] or ["?"]))
    value = said["value"]
    if codes and value not in codes:
        value = codes[0]
    return Row(name, sign, (rows.typed(value, kind),))


def _deed(fields: Fields, deed: int) -> Deed:
    kind = fields.get(f"deed-{deed}-kind", "")
    said = {name: fields.get(f"deed-{deed}-{name}", "").strip() for name in DEEDS.get(kind, ())}
    at = fields.get(f"deed-{deed}-place", "")
    return Deed(kind=kind, fields=said, at=int(at) if re.fullmatch("[0-9]{1,3}", at, re.ASCII) else None)

"""A step as a form: what its keys say as fields of one language, and fields as keys again.

What the form does not show stays as it is written: other languages, keys it does not know, effects of other kinds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import msgspec

from console.scripts import rows
from console.scripts.edit import NOTHING, Keys
from console.scripts.keys import BY_KIND
from console.scripts.rows import Rows
from console.scripts.script import Kind
from console.scripts.written import Plain, Raw, alike

Asked: TypeAlias = "dict[str, Raw | None]"
"""Keys of a step as the form wants them; None: gone."""


class Tongue(msgspec.Struct, frozen=True):
    """The language that is being written, and the script's own, which plain text is in."""

    language: str
    own: str

    def read(self, text: Raw | None) -> str:
        """What is said in it; nothing, where it is not there yet."""
        if isinstance(text, dict):
            said = text.get(self.language, "")
            return said if isinstance(said, str) else ""
        return text if isinstance(text, str) and self.language == self.own else ""

    def put(self, text: Raw | None, said: str) -> Raw | None:
        """The text with that said in it; its other languages as they were."""
        if isinstance(text, dict):
            rest = {language: one for language, one in text.items() if language != self.language or said}
            return (rest | {self.language: said} if said else rest) or None
        if self.language == self.own:
            return said or None
        if not said:
            return text
        return {self.own: text, self.language: said} if isinstance(text, str) and text else {self.language: said}


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a choice."""

    code: str
    label: str
    go: str = ""
    """Nothing: where the step's own `go` leads."""


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """A way out of a check."""

    rows: Rows | None
    text: str
    """The condition as it is written; edited as such where it has no rows."""
    go: str
    because: str = ""
    at: int | None = None
    """Its place among those that the text has, whose other languages it keeps; None: it is new."""

    @property
    def condition(self) -> str:
        return rows.condition_of(self.rows) if self.rows is not None else self.text


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a step does; of a kind that the form does not know it keeps its place only."""

    kind: str
    fields: dict[str, str] = {}
    at: int | None = None


DEEDS: dict[str, tuple[str, ...]] = {
    "set": ("field", "value"),
    "add_task": ("text", "due", "at"),
    "callback": ("text", "in", "at"),
    "start_clock": ("name",),
    "meet_clock": ("name",),
    "escalate": ("to", "reason"),
    "transfer": ("to", "note"),
    "show_article": ("article",),
    "send_article": ("article",),
    "note": ("text",),
}
"""What each kind of effect has fields for; of one that is a single value the only one."""


class StepForm(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of one step, as typed."""

    id: str
    kind: str
    title: str = ""
    say: str = ""
    article: str = ""
    go: str = ""
    """Nothing: the step below."""
    other: str = ""
    """Where a check leads when nothing holds, a call without an answer."""
    ask: str = "text"
    answers: tuple[Answer, ...] = ()
    lowest: str = ""
    highest: str = ""
    save: str = ""
    skip: bool = False
    ways: tuple[Way, ...] = ()
    deeds: tuple[Deed, ...] = ()
    script: str = ""
    outcome: str = ""


def kind_of(keys: Mapping[str, Raw]) -> str:
    """The key that makes a step of its kind."""
    return next((kind for kind in BY_KIND if kind in keys and kind != "say"), "say")


# --- from keys --------------------------------------------------------------------------------------------------------


def form_of(id_: str, keys: Keys, tongue: Tongue) -> StepForm:
    """The step as fields."""
    kind = kind_of(keys)
    form = StepForm(
        id=id_,
        kind=kind,
        title=tongue.read(keys.get("title")),
        say=tongue.read(keys.get("say")),
        article=_text(keys.get("article")),
        go=_text(keys.get("go")),
        other=_text(keys.get("else")),
        ask=_text(keys.get("ask")) or Kind.TEXT.value,
        lowest=_text(keys.get("from")),
        highest=_text(keys.get("to")),
        save=_text(keys.get("save")),
        skip=keys.get("skip") == "true",
        script=_text(keys.get("script")),
        outcome=_text(keys.get("end")),
    )
    return msgspec.structs.replace(
        form,
        answers=tuple(_answer(code, one, tongue) for code, one in _items(keys.get("answers"))),
        ways=tuple(_way(at, one, tongue) for at, one in enumerate(_list(keys.get("check")))),
        deeds=tuple(_deed(at, one) for at, one in enumerate(_list(keys.get("do")))),
    )


def _answer(code: str, value: Raw, tongue: Tongue) -> Answer:
    if isinstance(value, dict) and ("label" in value or "go" in value):
        return Answer(code=code, label=tongue.read(value.get("label")), go=_text(value.get("go")))
    return Answer(code=code, label=tongue.read(value))


def _way(at: int, value: Raw, tongue: Tongue) -> Way:
    keys = value if isinstance(value, dict) else {}
    text = _text(keys.get("when")).strip()
    return Way(
        rows=rows.rows_of(text),
        text=text,
        go=_text(keys.get("go")),
        because=tongue.read(keys.get("because")),
        at=at,
    )


def _deed(at: int, value: Raw) -> Deed:
    kind, said = next(iter(value.items())) if isinstance(value, dict) and len(value) == 1 else ("", "")
    names = DEEDS.get(kind, ())
    if kind == "set" and isinstance(said, dict) and len(said) == 1:
        field, text = next(iter(said.items()))
        return Deed(kind=kind, fields={"field": field, "value": _text(text)}, at=at)
    if isinstance(said, str) and names:
        return Deed(kind=kind, fields={names[0]: _text(said)}, at=at)
    if not isinstance(said, dict) or kind not in DEEDS:
        return Deed(kind="", at=at)
    fields = {name: _text(said.get(name)) for name in names if name != "to"}
    if "to" in names:
        whom = next((kind_ for kind_ in ("queue", "agent") if kind_ in said), "queue")
        fields = {"to": f"{whom}:{_text(said.get(whom))}", **fields}
    return Deed(kind=kind, fields=fields, at=at)


def _text(value: Raw | None) -> str:
    return str(value) if isinstance(value, str) else ""


def _items(value: Raw | None) -> Sequence[tuple[str, Raw]]:
    return [*value.items()] if isinstance(value, dict) else []


def _list(value: Raw | None) -> list[Raw]:
    return value if isinstance(value, list) else []


# --- to keys ----------------------------------------------------------------------------------------------------------


def keys_of(form: StepForm, keys: Keys, tongue: Tongue) -> Asked:
    """Every key that the form has a field for, as it should be; `keys` is what the text says now."""
    found: Asked = {
        "title": tongue.put(keys.get("title"), form.title),
        "say": tongue.put(keys.get("say"), form.say),
        "article": form.article or None,
    }
    if form.kind == "check":
        before = _list(keys.get("check"))
        return found | {"check": [_way_keys(way, before, tongue) for way in form.ways], "else": form.other or None}
    if form.kind == "end":
        return found | {"end": form.outcome or NOTHING}
    found["go"] = form.go or None
    match form.kind:
        case "ask":
            return found | _ask_keys(form, keys, tongue)
        case "do":
            return found | {"do": [_deed_keys(deed, _list(keys.get("do"))) for deed in form.deeds]}
        case "call":
            return found | {"else": form.other or None}
        case "script":
            return found | {"script": form.script}
        case _:
            return found


def _ask_keys(form: StepForm, keys: Keys, tongue: Tongue) -> Asked:
    number, choice = form.ask == Kind.NUMBER, form.ask == Kind.CHOICE
    before = dict(_items(keys.get("answers")))
    return {
        "ask": form.ask,
        "answers": {one.code: _answer_keys(one, before.get(one.code), tongue) for one in form.answers}
        if choice
        else None,
        "from": Plain(form.lowest) if number and form.lowest else None,
        "to": Plain(form.highest) if number and form.highest else None,
        "save": form.save or None,
        "skip": Plain("true") if form.skip else None,
    }


def _answer_keys(answer: Answer, before: Raw | None, tongue: Tongue) -> Raw:
    full = isinstance(before, dict) and ("label" in before or "go" in before)
    label = tongue.put(before.get("label") if isinstance(before, dict) and full else before, answer.label)
    if answer.go or label is None:
        return {"label": label if label is not None else "", **({"go": answer.go} if answer.go else {})}
    return label


def _way_keys(way: Way, before: list[Raw], tongue: Tongue) -> Raw:
    old = before[way.at] if way.at is not None and way.at < len(before) else {}
    old = old if isinstance(old, dict) else {}
    because, written = tongue.put(old.get("because"), way.because), _text(old.get("when"))
    as_it_was = way.rows is not None and rows.rows_of(written) == way.rows
    return {
        "when": written if as_it_was else way.condition,
        "go": way.go,
        **({"because": because} if because is not None else {}),
    }


def _deed_keys(deed: Deed, before: list[Raw]) -> Raw:
    fields = deed.fields
    if deed.kind not in DEEDS:
        return before[deed.at] if deed.at is not None and deed.at < len(before) else {}
    if deed.kind == "set":
        return {"set": {fields["field"]: fields["value"]}}
    said: dict[str, Raw] = {}
    for name in DEEDS[deed.kind]:
        text = fields.get(name, "")
        if name == "to":
            whom, _, called = text.partition(":")
            said[whom if whom in ("queue", "agent") else "queue"] = called
        elif text:
            said[name] = text
    single = len(DEEDS[deed.kind]) == 1 or (deed.kind == "add_task" and len(said) < 2)
    return {deed.kind: _text(said.get(DEEDS[deed.kind][0])) if single else said}


def difference(form: StepForm, keys: Keys, tongue: Tongue) -> Asked:
    """Those keys that the form says otherwise than the text: what was not touched keeps the way it is written."""
    wanted, there = keys_of(form, keys, tongue), keys_of(form_of(form.id, keys, tongue), keys, tongue)
    return {key: value for key, value in wanted.items() if not alike(value, there[key])}

"""What a step does, from its lines in the file."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Protocol

from console.nodes import Scalar
from console.reading import Fields, Use, Value
from console.scripts import scalars
from console.scripts.script import (
    FIELDS,
    STATUSES,
    AddNote,
    AddTask,
    BookCallback,
    Effect,
    Escalate,
    MeetClock,
    SendArticle,
    SetField,
    ShowArticle,
    StartClock,
    Transfer,
)

WORDS_MAX = 200
"""Characters of a task, a reason, a field."""

_ARTICLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}", re.ASCII)


def article(value: Value) -> str:
    name = value.matching(_ARTICLE, "an article such as KB-1187")
    value.report.uses.append(Use("article", name, value.line, value.key))
    return name


class Filled(Protocol):
    """Reads text with places, which are judged when all steps are known."""

    def __call__(self, value: Value, *, longest: int = ...) -> str: ...


class Effects:
    """`moment` reads the name of a step that asks for one."""

    def __init__(self, filled: Filled, moment: Callable[[Value], str]) -> None:
        self._filled = filled
        self._moment = moment

    def read(self, value: Value) -> Effect:
        readers: dict[str, Callable[[Value], Effect]] = {
            "set": self.set_field,
            "add_task": self.add_task,
            "callback": self.callback,
            "start_clock": lambda v: StartClock(v.used("clock")),
            "meet_clock": lambda v: MeetClock(v.used("clock")),
            "escalate": self.escalate,
            "transfer": self.transfer,
            "show_article": lambda v: ShowArticle(article(v)),
            "send_article": lambda v: SendArticle(article(v)),
            "note": lambda v: AddNote(self._filled(v)),
        }
        keys = value.fields(tuple(readers))
        there = [key for key in readers if key in keys]
        if len(there) != 1:
            raise value.wrong(f"must be one of {', '.join(readers)}, with a - before each")
        read_it = readers[there[0]]
        return read_it(keys.value(there[0]))

    def set_field(self, value: Value) -> SetField:
        pairs = value.pairs()
        if len(pairs) != 1:
            raise value.wrong(f"sets one thing, such as {{topic: billing}}; one of {', '.join(FIELDS)}, status")
        key, item = pairs[0]
        field = key.choice((*FIELDS, "status"))
        match field:
            case "status":
                return SetField(field, item.choice(STATUSES))
            case "priority":
                return SetField(field, str(item.whole(-1000, 1000)))
            case _:
                return SetField(field, self._filled(item, longest=WORDS_MAX))

    def add_task(self, value: Value) -> AddTask:
        if isinstance(value.node, Scalar):
            return AddTask(self._filled(value, longest=WORDS_MAX))
        keys = value.fields(("text", "due", "at"))
        if "due" in keys and "at" in keys:
            value.note("is due after a time or at a moment that is asked for: due or at, not both")
        text = keys.need("text", partial(self._filled, longest=WORDS_MAX), "")
        return AddTask(text, keys.take("due", scalars.span, None), keys.take("at", self._moment, None))

    def callback(self, value: Value) -> BookCallback:
        keys = value.fields(("text", "in", "at"))
        if ("in" in keys) == ("at" in keys):
            value.note("must say when: in such as 2h, or at with the step that asks for the moment, and one of them")
        text = keys.need("text", partial(self._filled, longest=WORDS_MAX), "")
        return BookCallback(text, keys.take("in", scalars.span, None), keys.take("at", self._moment, None))

    def escalate(self, value: Value) -> Escalate:
        keys = value.fields(("queue", "agent", "reason"))
        queue, agent = self._whither(value, keys)
        return Escalate(queue, agent, keys.need("reason", partial(self._filled, longest=WORDS_MAX), ""))

    def transfer(self, value: Value) -> Transfer:
        keys = value.fields(("queue", "agent", "note"))
        queue, agent = self._whither(value, keys)
        return Transfer(queue, agent, keys.take("note", self._filled, ""))

    def _whither(self, value: Value, keys: Fields) -> tuple[str | None, str | None]:
        queue = keys.take("queue", lambda v: v.used("queue"), None)
        agent = keys.take("agent", lambda v: v.used("agent"), None)
        if ("queue" in keys) == ("agent" in keys):
            raise value.wrong("must name a queue or an agent, and one of them")
        return queue, agent

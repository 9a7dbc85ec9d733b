"""A script on a desk, at its third step; all that its author wrote is Cyrillic."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from console.queries.desktop_script import Offer, OnDesk
from console.queries.knowledge import Named
from console.scripts import run
from console.scripts.parse import parse
from console.scripts.run import Given
from console.scripts.store import Asking, RunRow
from tests.web.instants import NOW

SCRIPT = parse(
    """
script: "0021"
title: Немає зв’язку
language: uk
steps:
  - step: verify
    title: Хто телефонує?
    ask: choice
    answers: {pin: Код і поштовий індекс, no: Не назвали}
  - step: test
    title: Перевірка лінії
    check:
      - {when: queue != null, go: power, because: Втрата світла}
    else: power
  - step: power
    title: Яке світло на ONT?
    say: "{customer.name|Пане}, яке світло **PON** на білій коробці?"
    ask: choice
    skip: true
    article: "1187"
    answers: {green: "Зелене, рівне", red: "Червоне, або блимає", off: Не світить, blind: Клієнт не бачить}
  - step: devices
    title: Скільки пристроїв?
    ask: number
    from: 1
    to: 99
  - step: done
    end: solved
""".replace("ONT", "терміналі").replace("PON", "ПОН")
)
FACTS = {"queue": "бізнес", "customer": {"name": "Марта Ковальчик"}}
ROW = RunRow(
    id="019aa0c0-0000-7000-8000-00000000000d",
    case="019aa0c0-0000-7000-8000-0000000000d1",
    work=None,
    script="0021",
    version=12,
    pins={"0021": 12},
    state="running",
    stopped_at="power",
    started_at=NOW - timedelta(minutes=3),
    started_by=None,
    moved_at=NOW - timedelta(minutes=1),
)


def at(*answers: tuple[str, object]) -> run.Run:
    """The script followed with these answers."""
    moved = run.begin(SCRIPT, FACTS, at=NOW)
    for step, answer in answers:
        moved = run.take(SCRIPT, moved.run, Given(step=step, answer=answer, by="0031", at=NOW), FACTS)  # type: ignore[arg-type]  # read by `take`
    return moved.run


def on_desk(*answers: tuple[str, object], **changes: object) -> OnDesk:
    return OnDesk(
        **{
            "number": "204817",
            "row": ROW,
            "script": SCRIPT,
            "run": at(*answers),
            "facts": FACTS,
            "names": {"0031": "Надія Рахімі"},
            "article": Named(id="1", number="1187", title="Світло на терміналі", version=7),
            **changes,
        }  # type: ignore[arg-type]  # a test names fields that there are
    )


ON_DESK = on_desk(("verify", "pin"))
OFFERED = OnDesk(number="204817", offers=(Offer("0021", {"": "Немає зв’язку"}),))

LINE = parse(
    """
script: "0022"
title: Лінія
language: uk
steps:
  - {step: line, title: Перевірка лінії, call: "0023", send: {_1: "{customer.phone}"},
     gives: {_2: yes_no, _3: number}}
  - {step: when, title: Коли зателефонувати?, ask: moment}
  - {step: book, do: [{callback: {text: Дзвінок, at: when}}]}
  - {step: done, end: solved}
"""
)
ASKED = run.Asked("0023", {"_1": "+441314960182"})
LINE_ASKED = on_desk(
    script=LINE, run=(), row=msgspec.structs.replace(ROW, script="0022", asking=Asking("1", ASKED)), article=None
)
"""Another system is being asked."""


def line_at(answer: object, why: str | None = None) -> OnDesk:
    """It has answered, or has not, and the caller is asked for a moment."""
    given = Given(step="line", answer=answer, why=why, at=NOW, sent=ASKED.sent)  # type: ignore[arg-type]  # read by `told`
    moved = run.told(LINE, (), given, FACTS)
    return on_desk(script=LINE, run=moved.run, row=msgspec.structs.replace(ROW, script="0022"), article=None)

"""A script as a value: its steps, what each leads to, and the tests it carries."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TypeAlias

import msgspec

STEPS_MAX = 300
"""Of one script: nobody oversees more, and longer matters are sub-scripts."""
LINKED_STEPS_MAX = 2_000
"""With all its sub-scripts."""
DEPTH_MAX = 8
"""Sub-scripts within each other."""
OPTIONS_MAX = 30
"""Answers to choose from; the first nine have keys."""

Text: TypeAlias = dict[str, str]
"""What is said, by language (ISO 639); the script's own first."""
Scalar: TypeAlias = str | float | bool | None
"""One answer: the code of a choice, text, a number, a date as 2026-11-22, a moment as 2026-11-24T15:30+02:00, a number
to dial in E.164, yes or no.
"""
Value: TypeAlias = Scalar | dict[str, Scalar]
"""What a step is answered with; of another system its members by name."""


class Kind(StrEnum):
    """Of an answer."""

    CHOICE = "choice"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    MOMENT = "moment"
    PHONE = "phone"
    YES_NO = "yes_no"


TOLD = (Kind.TEXT, Kind.NUMBER, Kind.YES_NO)
"""What a member of a system's answer may be."""
FIELDS = ("subject", "topic", "priority")
"""What of a case an answer or a `set` may fill."""
STATUSES = ("pending", "resolved", "closed")
"""What a `set` may make of it."""


# --- what a step does to the case -------------------------------------------------------------------------------------


class SetField(msgspec.Struct, frozen=True, tag="set"):
    field: str
    """One of FIELDS, or `status`."""
    value: str


class AddTask(msgspec.Struct, frozen=True, tag="add_task"):
    text: str
    due_in: timedelta | None = None
    at: str | None = None
    """The step whose answer says when it is due; once it is done, that answer, empty where there was none."""


class BookCallback(msgspec.Struct, frozen=True, tag="callback"):
    """After a time, or at a moment that was answered: one of the two."""

    text: str
    call_in: timedelta | None = None
    at: str | None = None
    """As of a task."""


class StartClock(msgspec.Struct, frozen=True, tag="start_clock"):
    name: str


class MeetClock(msgspec.Struct, frozen=True, tag="meet_clock"):
    name: str


class Escalate(msgspec.Struct, frozen=True, tag="escalate"):
    queue: str | None
    agent: str | None
    reason: str


class Transfer(msgspec.Struct, frozen=True, tag="transfer"):
    queue: str | None
    agent: str | None
    note: str


class ShowArticle(msgspec.Struct, frozen=True, tag="show_article"):
    article: str


class SendArticle(msgspec.Struct, frozen=True, tag="send_article"):
    article: str


class AddNote(msgspec.Struct, frozen=True, tag="note"):
    text: str


class SetOutcome(msgspec.Struct, frozen=True, tag="outcome"):
    disposition: str


Effect: TypeAlias = (
    SetField
    | AddTask
    | BookCallback
    | StartClock
    | MeetClock
    | Escalate
    | Transfer
    | ShowArticle
    | SendArticle
    | AddNote
    | SetOutcome
)


def summary(effect: Effect) -> str:
    """As a script's tests name it: `set topic`, `add_task`, `start_clock next_update`, `escalate tier2`."""
    match effect:
        case SetField(field=field):
            return f"set {field}"
        case AddTask():
            return "add_task"
        case BookCallback():
            return "callback"
        case StartClock(name=name):
            return f"start_clock {name}"
        case MeetClock(name=name):
            return f"meet_clock {name}"
        case Escalate(queue=queue, agent=agent):
            return f"escalate {queue or agent}"
        case Transfer(queue=queue, agent=agent):
            return f"transfer {queue or agent}"
        case ShowArticle(article=article):
            return f"show_article {article}"
        case SendArticle(article=article):
            return f"send_article {article}"
        case AddNote():
            return "note"
        case SetOutcome(disposition=disposition):
            return f"outcome {disposition}"


# --- steps ------------------------------------------------------------------------------------------------------------


class Option(msgspec.Struct, frozen=True):
    """One answer of a choice."""

    code: str
    label: Text
    go: str


class Branch(msgspec.Struct, frozen=True):
    """One way out of a check: the first whose condition holds."""

    when: str
    go: str
    because: Text | None
    line: int


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """`title` names it in lists and in the trail; `say` is what the agent says."""

    id: str
    line: int
    title: Text
    say: Text | None = None
    article: str | None = None
    scope: str = ""
    """Of the sub-script it stands in, with the stroke at its end; linked scripts alone have it."""

    @property
    def own(self) -> str:
        """Its id as its own script writes it."""
        return self.id.removeprefix(self.scope)


class Say(Step, frozen=True, kw_only=True):
    go: str


class Ask(Step, frozen=True, kw_only=True):
    kind: Kind
    options: tuple[Option, ...] = ()
    lowest: float | None = None
    highest: float | None = None
    go: str
    """Of a choice: where a skip leads; each option has its own way."""
    save: str | None = None
    """The field of the case that the answer fills."""
    skip: bool = False
    """May be passed over, with a reason."""
    ahead: bool = False
    """Something is to be done at the moment that it asks for, so that it has to lie ahead."""

    def option(self, code: object) -> Option | None:
        return next((one for one in self.options if one.code == code), None)


class Check(Step, frozen=True, kw_only=True):
    """A fact of the case decides; nobody is asked."""

    branches: tuple[Branch, ...]
    otherwise: str


class Call(Step, frozen=True, kw_only=True):
    """Another system is asked, and what it tells is this step's answer; the run waits for it."""

    system: str
    """As the configuration names it."""
    send: dict[str, str]
    """What it is told, filled as texts are."""
    gives: dict[str, Kind]
    """What of its answer is kept; of the kinds in TOLD."""
    go: str
    otherwise: str
    """Where it leads without an answer."""


class Do(Step, frozen=True, kw_only=True):
    effects: tuple[Effect, ...]
    go: str


class Sub(Step, frozen=True, kw_only=True):
    """Another script is gone through here; its outcome is this step's answer."""

    script: str
    go: str


class Leave(Step, frozen=True, kw_only=True):
    """The end of a sub-script, once it is linked into another: answers for the step that it stands for."""

    of: str
    outcome: str | None
    go: str


class End(Step, frozen=True, kw_only=True):
    outcome: str | None


AnyStep: TypeAlias = Say | Ask | Check | Call | Do | Sub | Leave | End
AUTOMATIC = (Check, Do, Leave)
"""Steps that wait for nobody."""


def ways(step: AnyStep) -> tuple[str, ...]:
    """The steps that it may lead to."""
    match step:
        case Ask(kind=Kind.CHOICE, options=options, skip=skip, go=go):
            return tuple(dict.fromkeys([*(one.go for one in options), *([go] if skip else [])]))
        case Check(branches=branches, otherwise=otherwise):
            return tuple(dict.fromkeys([*(branch.go for branch in branches), otherwise]))
        case Call(go=go, otherwise=otherwise):
            return tuple(dict.fromkeys([go, otherwise]))
        case End():
            return ()
        case _:
            return (step.go,)


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A test that a script carries: what is given, and what must come of it."""

    name: str
    line: int
    given: dict[str, object] = {}
    """Facts, as conditions name them."""
    answers: tuple[tuple[str, Value], ...] = ()
    """Of steps, in their order; a step that comes again takes its next one."""
    path: tuple[str, ...] | None = None
    """Steps in order, those that wait for nobody among them; None: whichever."""
    ends: str | None = None
    """The outcome at the end; None: it may stop anywhere."""
    effects: tuple[str, ...] | None = None
    """As `summary` names them, in order; None: whichever."""


class Script(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    title: Text
    language: str
    languages: tuple[str, ...]
    """Those it means to be in, its own first."""
    when: str | None
    """On which cases it starts by itself; None: by hand only."""
    order: int
    """Of several that would start, the lowest does."""
    steps: dict[str, AnyStep]
    """In the order of the file; the first is where it begins."""
    tests: tuple[Case, ...] = ()
    entry: str = ""
    """Of a linked script that begins within a sub-script: where."""

    @property
    def first(self) -> str:
        return self.entry or next(iter(self.steps))

    @property
    def subs(self) -> tuple[str, ...]:
        """Scripts that it goes through."""
        return tuple(dict.fromkeys(step.script for step in self.steps.values() if isinstance(step, Sub)))


def in_language(text: Text, language: str) -> str:
    """What is said in that language; without, in the script's own."""
    return text.get(language) or text.get(language.partition("-")[0]) or next(iter(text.values()))

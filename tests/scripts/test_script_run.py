"""The pure machine: a run is its answers, and where it stands follows from them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from console.scripts import run, trial
from console.scripts.link import Unlinkable, circle, linked
from console.scripts.parse import parse
from console.scripts.run import ForASystem, Given, GoesInCircles, NothingBefore, NotSkippable, RunOver, StepOver
from console.scripts.script import AddNote, AddTask, Ask, BookCallback, Call, End, Kind, Say, Script, SetField, summary

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
FIBRE = parse((Path(__file__).parent / "fibre.yaml").read_text())
GOLD = trial.pretend({"contract": {"sla": "gold"}, "customer": {"name": "Marta"}})
PLAIN = trial.pretend({})
TYPED = parse(
    """
script: typed
title: Typed
steps:
  - {step: words, ask: text, save: subject}
  - {step: many, ask: number, from: 1, to: 9}
  - {step: day, ask: date}
  - {step: call, ask: phone}
  - {step: sure, ask: yes_no}
  - {step: weight, ask: number, save: priority}
  - {step: done, end: solved}
"""
)


def follow(script: Script, facts: dict[str, Any], *answers: tuple[str, object]) -> run.Moved:
    moved = run.begin(script, facts, at=AT)
    for step, answer in answers:
        moved = run.take(script, moved.run, Given(step=step, answer=answer, at=AT), facts)  # type: ignore[arg-type]
    return moved


def steps(moved: run.Moved) -> list[str]:
    return [given.step for given in moved.run]


def test_where_it_stands_follows_from_the_answers() -> None:
    moved = follow(FIBRE, PLAIN, ("verify", "pin"), ("stopped", "wifi"))

    assert run.standing(FIBRE, moved.run).id == "light"
    assert steps(moved) == ["verify", "stopped", "care"]
    assert (run.passed(moved.run), run.to_come(FIBRE, moved.run)) == (2, 2)


def test_a_check_goes_by_the_facts_of_its_moment_and_says_so() -> None:
    moved = follow(FIBRE, GOLD, ("verify", "pin"), ("stopped", "internet"))

    assert steps(moved) == ["verify", "stopped", "care", "visit"]
    assert moved.run[2].why == 'contract.sla == "gold" && answers.stopped == "internet"'
    assert isinstance(run.standing(FIBRE, moved.run), End)
    assert [summary(done.effect) for done in moved.effects] == [
        "set topic",
        "add_task",
        "start_clock next_update",
        "outcome solved",
    ]
    [task] = [done.effect for done in moved.effects if isinstance(done.effect, AddTask)]
    assert task.text == "Book a visit for Marta, light unknown"


def test_an_answer_for_another_step_is_refused() -> None:
    moved = follow(FIBRE, PLAIN, ("verify", "pin"))

    for step, nth in (("verify", None), ("stopped", 0), ("light", None)):
        with pytest.raises(StepOver):
            run.take(FIBRE, moved.run, Given(step=step, answer="pin", at=AT), PLAIN, nth=nth)


def test_back_forgets_the_last_answer_and_what_followed_from_it() -> None:
    moved = follow(FIBRE, PLAIN, ("verify", "pin"), ("stopped", "wifi"))

    assert [given.step for given in run.back(FIBRE, moved.run)] == ["verify"]
    with pytest.raises(NothingBefore):
        run.back(FIBRE, ())


def test_another_answer_keeps_what_still_holds() -> None:
    moved = follow(FIBRE, GOLD, ("verify", "pin"), ("stopped", "wifi"), ("light", "green"), ("devices", 3)[:2])
    assert isinstance(run.standing(FIBRE, moved.run), End)
    moved = follow(FIBRE, GOLD, ("verify", "pin"), ("stopped", "wifi"), ("light", "green"))

    same = run.change(FIBRE, moved.run, 0, Given(step="verify", answer="pin", at=AT), GOLD)
    other = run.change(FIBRE, moved.run, 1, Given(step="stopped", answer="internet", at=AT), GOLD)

    assert steps(same) == ["verify", "stopped", "care", "light"]
    assert steps(other) == ["verify", "stopped", "care", "visit"]
    with pytest.raises(StepOver):
        run.change(FIBRE, moved.run, 2, Given(step="care", answer="x", at=AT), GOLD)


def test_only_what_the_script_allows_is_skipped() -> None:
    moved = follow(FIBRE, PLAIN, ("verify", "pin"))
    skipped = Given(step="stopped", kind="skipped", why="in a hurry", at=AT)

    on = run.take(FIBRE, moved.run, skipped, PLAIN)

    assert run.standing(FIBRE, on.run).id == "light"
    with pytest.raises(NotSkippable):
        run.take(FIBRE, on.run, Given(step="light", kind="skipped", why="x", at=AT), PLAIN)


def test_answers_fill_the_case() -> None:
    moved = follow(TYPED, PLAIN, ("words", "no light"))

    assert [done.effect for done in moved.effects] == [SetField("subject", "no light")]


def test_an_ended_run_takes_nothing_more() -> None:
    moved = follow(FIBRE, PLAIN, ("verify", "failed"))

    with pytest.raises(RunOver):
        run.take(FIBRE, moved.run, Given(step="sorry", at=AT), PLAIN)
    with pytest.raises(RunOver):
        run.back(FIBRE, moved.run)


def test_whoever_goes_round_for_ever_is_stopped() -> None:
    script = parse(
        "script: a\ntitle: A\nsteps:\n  - {step: again, ask: yes_no}\n"
        "  - {step: test, check: [{when: answers.again, go: again}], else: done}\n  - {step: done, end: solved}\n"
    )
    answers = ("again", True)

    with pytest.raises(GoesInCircles):
        follow(script, PLAIN, *[answers] * run.ANSWERS_MAX)


# --- other systems ------------------------------------------------------------------------------------------------------

LINE = parse(
    """
script: line
title: Line
steps:
  - {step: light, ask: choice, answers: {green: Green, red: Red}}
  - {step: since, ask: text}
  - step: line
    call: line-test
    send: {phone: "{customer.phone}", light: "{answers.light}", name: "{customer.name|nobody}"}
    gives: {loss: yes_no, optical: number, says: text}
    else: by_hand
  - {step: judge, check: [{when: answers.line.loss && answers.line.optical < -27, go: visit}], else: fine}
  - {step: by_hand, ask: yes_no, go: fine}
  - {step: visit, do: [{note: "Light {answers.line.optical}, {answers.line.says|nothing said}"}], go: when}
  - {step: when, ask: moment, skip: true}
  - {step: book, do: [{callback: {text: Call back, at: when}}, {add_task: {text: Visit, at: when}}], go: fine}
  - {step: fine, end: solved}
"""
)
MARTA = trial.pretend({"customer": {"phone": "+441314960182"}})


def heard(moved: run.Moved, answer: object, why: str | None = None, script: Script = LINE) -> run.Moved:
    given = Given(step=run.standing(script, moved.run).id, answer=answer, why=why, at=AT)  # type: ignore[arg-type]
    return run.told(script, moved.run, given, MARTA)


def waiting(*, light: str = "red") -> run.Moved:
    return follow(LINE, MARTA, ("light", light), ("since", "noon"))


def test_a_run_waits_for_the_system_that_it_asks() -> None:
    moved = waiting()

    assert isinstance(run.standing(LINE, moved.run), Call)
    assert moved.asked == run.Asked("line-test", {"phone": "+441314960182", "light": "red", "name": "nobody"})
    with pytest.raises(ForASystem):
        run.take(LINE, moved.run, Given(step="line", answer="loss", at=AT), MARTA)


def test_what_a_system_tells_is_an_answer_with_members() -> None:
    moved = heard(waiting(), {"loss": True, "optical": -28.5, "says": None, "more": [1, 2]})

    assert moved.run[2].answer == {"loss": True, "optical": -28.5, "says": None}
    assert steps(moved)[2:] == ["line", "judge", "visit"]
    assert run.standing(LINE, moved.run).id == "when"
    assert [done.effect for done in moved.effects] == [AddNote("Light -28.5, nothing said")]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"loss": "yes"}, "unfit loss"),
        ({"optical": True}, "unfit optical"),
        ({"optical": 1e16}, "unfit optical"),
        ({"says": "x" * 501}, "unfit says"),
        ({"says": "a\x00b"}, "unfit says"),
        ({"says": ["a"]}, "unfit says"),
        ([], "unfit"),
    ],
)
def test_an_answer_of_another_kind_counts_as_none(answer: object, why: str) -> None:
    moved = heard(waiting(), answer)

    assert (moved.run[2].answer, run.silent(moved.run[2])) == (None, why)
    assert run.standing(LINE, moved.run).id == "by_hand"


def test_without_an_answer_the_other_way_is_taken() -> None:
    silent = heard(waiting(), None, "timed_out")
    without = run.take(LINE, waiting().run, Given(step="line", kind="skipped", why="slow", at=AT), MARTA)

    assert [run.standing(LINE, one.run).id for one in (silent, without)] == ["by_hand", "by_hand"]
    assert (run.silent(silent.run[2]), run.silent(without.run[2])) == ("timed_out", None)
    back = run.back(LINE, without.run)
    assert run.asked_at(LINE, back, MARTA) == waiting().asked  # asked again


def test_an_answer_counts_once_and_where_it_was_asked() -> None:
    moved = heard(waiting(), {"loss": False})

    with pytest.raises(RunOver):
        heard(moved, {"loss": True})
    with pytest.raises(StepOver):
        heard(follow(LINE, MARTA), {"loss": True})


def test_a_system_is_asked_again_only_where_it_would_be_told_something_else() -> None:
    moved = heard(waiting(), {"loss": True, "optical": -30})

    same = run.change(LINE, moved.run, 1, Given(step="since", answer="one o'clock", at=AT), MARTA)
    other = run.change(LINE, moved.run, 0, Given(step="light", answer="green", at=AT), MARTA)

    assert run.standing(LINE, same.run).id == "when"
    assert run.standing(LINE, other.run).id == "line"
    assert other.asked is not None
    assert other.asked.sent["light"] == "green"


def test_something_is_done_at_the_moment_that_was_answered() -> None:
    at_when = heard(waiting(), {"loss": True, "optical": -30})
    given = Given(step="when", answer="2026-11-24T15:30", at=AT.astimezone(ZoneInfo("Europe/Kyiv")))

    moved = run.take(LINE, at_when.run, given, MARTA)
    unsaid = run.take(LINE, at_when.run, Given(step="when", kind="skipped", why="later", at=AT), MARTA)

    moment = "2026-11-24T15:30+02:00"
    assert [done.effect for done in moved.effects[:2]] == [
        BookCallback("Call back", at=moment),
        AddTask("Visit", at=moment),
    ]
    assert unsaid.effects[0].effect == BookCallback("Call back", at="")


def test_a_system_within_a_script_within_a_script_has_its_own_names() -> None:
    outer = parse("script: outer\ntitle: O\nsteps:\n  - {step: test, script: line}\n  - {step: done, end: solved}\n")
    whole = linked(outer, {"line": LINE})
    moved = follow(whole, MARTA, ("test/light", "red"), ("test/since", "noon"))

    moved = heard(moved, {"loss": True, "optical": -30}, script=whole)

    assert run.standing(whole, moved.run).id == "test/when"


# --- scripts within scripts -------------------------------------------------------------------------------------------

VERIFY = parse(
    "script: verify-caller\ntitle: Verify\nsteps:\n  - {step: pin, ask: yes_no}\n"
    "  - {step: good, check: [{when: answers.pin, go: known}], else: unknown}\n"
    "  - {step: known, end: solved}\n  - {step: unknown, end: information}\n"
)
OUTER = parse(
    "script: outer\ntitle: Outer\nsteps:\n  - {step: first, script: verify-caller}\n"
    "  - {step: who, check: [{when: 'answers.first == \"solved\"', go: done}], else: sorry}\n"
    "  - {step: done, end: solved}\n  - {step: sorry, end: information}\n"
)


def test_a_sub_script_is_gone_through_and_its_outcome_is_an_answer() -> None:
    whole = linked(OUTER, {"verify-caller": VERIFY})

    known, unknown = (follow(whole, PLAIN, ("first/pin", pin)) for pin in (True, False))

    assert steps(known) == ["first/pin", "first/good", "first/known", "who"]
    assert run.standing(whole, known.run).id == "done"
    assert run.standing(whole, unknown.run).id == "sorry"
    assert [done.effect for done in known.effects] == [run.SetOutcome("solved")]


def test_circles_of_scripts_are_found_however_long() -> None:
    subs = {f"s{n}": (f"s{n + 1}",) for n in range(5_000)}

    assert circle("s0", subs) == ()
    assert circle("s0", {**subs, "s5000": ("s4999",)}) == ("s4999", "s5000", "s4999")
    with pytest.raises(Unlinkable):
        linked(
            OUTER,
            {
                "verify-caller": parse(
                    "script: verify-caller\ntitle: V\nsteps:\n  - {step: x, script: outer}\n  - {step: y, end: solved}\n"
                )
            },
        )
    with pytest.raises(Unlinkable):
        linked(OUTER, {})


class AnyRun(RuleBasedStateMachine):
    """Whatever is answered, taken back and changed, a run read again stands where it stood."""

    @initialize(gold=st.booleans())
    def begin(self, gold: bool) -> None:
        self.facts = GOLD if gold else PLAIN
        self.run = run.begin(FIBRE, self.facts, at=AT).run

    def going(self) -> bool:
        return not isinstance(run.standing(FIBRE, self.run), End)

    def any_answer(self, step: Ask | Say, data: st.DataObject) -> object:
        if not isinstance(step, Ask):
            return None
        if step.kind is Kind.CHOICE:
            return data.draw(st.sampled_from([option.code for option in step.options]))
        return data.draw(st.integers(1, 99))

    @precondition(lambda self: self.going())
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        step: Any = run.standing(FIBRE, self.run)
        given = Given(step=step.id, answer=self.any_answer(step, data), at=AT)  # type: ignore[arg-type]
        before = self.run
        self.run = run.take(FIBRE, self.run, given, self.facts).run
        assert self.run[: len(before)] == before

    @precondition(lambda self: self.going() and any(one.kind != "filled" for one in self.run))
    @rule()
    def back(self) -> None:
        shorter = run.back(FIBRE, self.run)
        assert shorter == self.run[: len(shorter)]
        self.run = shorter

    @precondition(lambda self: self.going() and any(one.kind != "filled" for one in self.run))
    @rule(data=st.data())
    def change(self, data: st.DataObject) -> None:
        nth = data.draw(st.sampled_from([n for n, one in enumerate(self.run) if one.kind != "filled"]))
        step: Any = FIBRE.steps[self.run[nth].step]
        given = Given(step=step.id, answer=self.any_answer(step, data), at=AT)  # type: ignore[arg-type]
        changed = run.change(FIBRE, self.run, nth, given, self.facts).run
        assert changed[:nth] == self.run[:nth]
        self.run = changed

    @precondition(lambda self: not self.going())
    @rule()
    def begin_again(self) -> None:
        self.run = run.begin(FIBRE, self.facts, at=AT).run

    @invariant()
    def stands_where_its_answers_lead(self) -> None:
        for place in range(len(self.run)):
            assert run.standing(FIBRE, self.run[:place]).id == self.run[place].step


TestAnyRun = AnyRun.TestCase
TestAnyRun.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)

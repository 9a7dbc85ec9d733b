"""A packet as the page draws it: strips in percent that add up, in the direction of reading; what is to do, in order."""

from __future__ import annotations

import msgspec
import pytest

from console.web import words as w
from console.web.desk.handed import view_of
from tests.web.packets import HANDED, PACKET

ENGLISH, PERSIAN = w.load("en"), w.load("fa")


def test_a_clocks_strip_is_whole_and_turns_red_where_it_was_due() -> None:
    resolution = view_of(HANDED, ENGLISH).strips[0]
    assert [span.kind for span in resolution.spans] == ["counted", "paused", "counted", "over"]
    assert sum(span.wide for span in resolution.spans) == pytest.approx(100, abs=0.5)
    assert (resolution.over_s, resolution.paused_s) == (1080, pytest.approx(828))
    assert [one.bad for one in view_of(HANDED, ENGLISH).axis].count(True) == 1


def test_who_reads_from_the_right_finds_the_beginning_there() -> None:
    there, here = view_of(HANDED, PERSIAN), view_of(HANDED, ENGLISH)
    assert (here.strips[0].spans[0].x, here.axis[0].anchor) == (0, "start")
    first = there.strips[0].spans[0]
    assert first.x + first.wide == pytest.approx(100, abs=0.1)
    assert there.axis[0].anchor == "end"


def test_what_is_to_do_comes_in_order_of_time_and_what_was_done_before_not_at_all() -> None:
    done = {"id": "0", "kind": "task", "text": "-", "due_at": None, "done_at": PACKET.made_at}
    packet = msgspec.structs.replace(PACKET, tasks=(done, *PACKET.tasks))
    shown = view_of(msgspec.structs.replace(HANDED, packet=packet), ENGLISH)
    assert [(one.kind, one.state) for one in shown.to_do] == [
        ("clock", "breached"),
        ("clock", "warn"),
        ("callback", "ok"),
        ("promise", "ok"),
        ("task", "ok"),
    ]


def test_what_others_have_done_since_is_said_and_offers_no_button_and_a_promised_call_has_its_number() -> None:
    _, _, call, promise, task = view_of(HANDED, ENGLISH).to_do
    assert (call.task, call.phone, call.done) == ("1", "+447700900417", False)
    assert (promise.task, promise.done) == (None, True)
    assert (task.task, task.phone) == ("2", None)


def test_a_script_that_goes_on_says_at_which_step_and_one_that_is_over_does_not() -> None:
    assert view_of(HANDED, ENGLISH).guided[0].goes_on_at == 3
    assert view_of(msgspec.structs.replace(HANDED, going=None), ENGLISH).guided[0].goes_on_at is None


def test_an_article_is_told_once_by_what_says_most_of_it() -> None:
    opened = {**PACKET.articles[0], "kind": "opened"}
    packet = msgspec.structs.replace(PACKET, articles=(opened, *PACKET.articles))
    shown = view_of(msgspec.structs.replace(HANDED, packet=packet), ENGLISH)
    assert [(one.number, one.how) for one in shown.used] == [("655", "helped"), ("718", "not_helped")]


def test_a_packet_that_came_back_from_the_database_is_drawn_the_same() -> None:
    kept = msgspec.json.decode(msgspec.json.encode(PACKET), type=type(PACKET))
    again = view_of(msgspec.structs.replace(HANDED, packet=kept), ENGLISH)
    before = view_of(HANDED, ENGLISH)
    assert (again.strips, again.turns, again.to_do, again.used) == (
        before.strips,
        before.turns,
        before.to_do,
        before.used,
    )

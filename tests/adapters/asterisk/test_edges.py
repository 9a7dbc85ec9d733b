"""The instant of an answer, connections lost in each state, ids that come again, and what nobody told."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from adapters.telephony.asterisk.messages import instant
from console.telephony import CallAnswered, CallArrived, CallEnded, CallParked, ConnectFailed, TalkEnded
from tests.adapters.asterisk.ari_server import Switch
from tests.adapters.asterisk.live import ALICE, BOB, Console, arrived, listening, noticed_loss, synchronized, talking


def born(switch: Switch, call: str) -> datetime:
    at = instant(switch.channels[call].created_at)
    assert at is not None
    return at


# --- the instant of the answer ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["caller", "agent"])
async def test_both_gone_in_the_instant_of_the_answer_leave_nothing_behind(
    switch: Switch, console: Console, first: str
) -> None:
    async with listening(switch, console) as phones:
        call = await arrived(switch, console)
        await phones.connect(call, ALICE, "order-1")
        leg = switch.leg()
        gate = switch.hold_back("POST", "/bridges/bridge-of-[^/]+/addChannel")
        switch.pick_up(leg)
        await switch.until_asked("POST", "/bridges/bridge-of-[^/]+/addChannel")
        for id_ in (call, leg) if first == "caller" else (leg, call):
            switch.hang_up(id_)
        gate.set()
        ended = await console.heard(CallEnded)
        await switch.until(lambda: "mixing" not in switch.kinds_there())

        assert not switch.channels
    assert (ended.cause, ended.answered) == ("caller", False)


async def test_a_caller_who_hangs_up_just_after_the_answer_was_answered(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        call = await arrived(switch, console)
        await phones.connect(call, ALICE, "order-1")
        leg = switch.leg()
        switch.pick_up(leg)
        await switch.until(lambda: switch.talks_with(call) == {leg})
        switch.hang_up(call)
        ended = await console.heard(CallEnded)
        await switch.until(lambda: not switch.channels)

    assert (ended.cause, ended.answered) == ("caller", True)


async def test_an_agent_who_hangs_up_just_after_the_answer_has_ended_the_call(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        call = await arrived(switch, console)
        await phones.connect(call, ALICE, "order-1")
        leg = switch.leg()
        switch.pick_up(leg)
        await switch.until(lambda: switch.talks_with(call) == {leg})
        switch.hang_up(leg)
        ended = await console.heard(CallEnded)

    assert (ended.call, ended.cause) == (call, "agent")


async def test_a_phone_that_was_answered_as_it_was_to_stop_ringing_is_let_go(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        call = await arrived(switch, console)
        await phones.connect(call, ALICE, "order-1")
        leg = switch.leg()
        switch.pick_up(leg)
        await console.heard(CallAnswered)
        await phones.disconnect(call, ALICE, "order-2")
        await console.heard(CallParked)

        assert list(switch.channels) == [call]
        assert switch.place(call) == "holding"


# --- a lost connection ------------------------------------------------------------------------------------------------


async def test_a_phone_that_rang_through_a_lost_connection_is_bridged(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        call = await arrived(switch, console)
        await phones.connect(call, ALICE, "order-1")
        leg = switch.leg()
        switch.cut()
        await noticed_loss(phones)
        switch.pick_up(leg)
        await console.heard(CallAnswered)

        assert switch.talks_with(call) == {leg}


async def test_a_phone_that_stopped_ringing_unheard_is_a_failed_connection(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        call = await arrived(switch, console)
        await phones.connect(call, ALICE, "order-1")
        leg = switch.leg()
        switch.cut()
        await noticed_loss(phones)
        switch.destroy(leg)
        failed = await console.heard(ConnectFailed)

        assert switch.place(call) == "holding"
    assert (failed.call, failed.endpoint) == (call, ALICE)


async def test_two_who_talk_go_on_through_a_lost_connection(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        call, leg = await talking(switch, console, phones)
        switch.cut()
        await noticed_loss(phones)
        await synchronized(switch, phones)
        await phones.mute(call, "order-2")

        assert switch.talks_with(call) == {leg}
    assert not console.all(TalkEnded)


async def test_a_caller_who_came_in_unheard_hears_music(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        switch.cut()
        await noticed_loss(phones)
        call = switch.call_in()
        await console.heard(CallArrived)
        await switch.until(lambda: switch.place(call) == "holding")


async def test_the_place_where_callers_wait_is_made_anew_when_it_is_gone(switch: Switch, console: Console) -> None:
    async with listening(switch, console):
        await arrived(switch, console, "2025550101")
        switch.remove_bridge("waiting-in-console")
        second = await arrived(switch, console, "2025550102")

        assert switch.place(second) == "holding"


# --- ids that come again ----------------------------------------------------------------------------------------------


async def test_after_a_restart_a_call_with_an_old_ones_id_is_a_call_of_its_own(
    switch: Switch, console: Console
) -> None:
    async with listening(switch, console) as phones:
        old, _ = await talking(switch, console, phones)
        await switch.restart()
        reused = switch.call_in("2025550102")
        new = await console.heard(CallArrived, times=2)
        ended = await console.heard(CallEnded)

        await synchronized(switch, phones)
        await switch.until(lambda: switch.place(reused) == "holding")
        await phones.connect(new.call, BOB, "order-2")
        switch.pick_up(switch.leg())
        answered = await console.heard(CallAnswered, times=2)
        await phones.hang_up(new.call, "order-3")
        over = await console.heard(CallEnded, times=2)

    assert reused == old, "the switch counts anew"
    assert (ended.call, ended.cause) == (old, "system")
    assert new.call.startswith(f"{old}@")
    assert (new.caller, answered.call, over.call) == ("2025550102", new.call, new.call)
    assert len({event.event_id for event in console.events}) == len(console.events)


async def test_a_node_that_takes_over_after_a_restart_tells_two_calls_with_one_id_apart(
    switch: Switch, console: Console
) -> None:
    reused = switch.call_in("2025550102")
    before = born(switch, reused) - timedelta(minutes=5)
    async with listening(switch, console, {reused: before}):
        came = await console.heard(CallArrived)
        ended = await console.heard(CallEnded)

    assert ended.call == reused
    assert came.call.startswith(f"{reused}@")


async def test_a_node_that_takes_over_knows_a_call_by_the_name_it_was_given(switch: Switch, console: Console) -> None:
    reused = switch.call_in()
    before = born(switch, reused) - timedelta(minutes=5)
    async with listening(switch, console, {reused: before}):
        came = await console.heard(CallArrived)
        await console.heard(CallEnded)
    after = Console()
    async with listening(switch, after, {came.call: came.at}) as other:
        again = await after.heard(CallArrived)
        await other.hang_up(came.call, "order-1")
        ended = await after.heard(CallEnded)

    assert again.event_id == came.event_id
    assert ended.call == came.call


async def test_the_same_call_is_the_same_for_the_node_that_takes_over(switch: Switch, console: Console) -> None:
    call = switch.call_in()
    async with listening(switch, console, {call: born(switch, call)}):
        came = await console.heard(CallArrived)

    assert came.call == call
    assert not console.all(CallEnded)


# --- what nobody told -------------------------------------------------------------------------------------------------


async def test_a_call_that_went_without_a_word_is_told_as_ended_by_the_comparison(
    switch: Switch, console: Console
) -> None:
    async with listening(switch, console) as phones:
        gone, leg = await talking(switch, console, phones)
        here = await arrived(switch, console, "2025550102")
        switch.vanish(gone)
        await phones.reconcile([gone, here, "1795000000.7"])
        await console.heard(CallEnded, times=2)
        await switch.until(lambda: leg not in switch.channels)

    assert {event.call for event in console.all(CallEnded)} == {gone, "1795000000.7"}
    assert {event.cause for event in console.all(CallEnded)} == {None}


async def test_while_the_switch_is_away_nothing_is_compared(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        call, _ = await talking(switch, console, phones)
        switch.answer_next("GET", "/channels", 503)
        await phones.reconcile([call])
        switch.cut()
        await noticed_loss(phones)
        await phones.reconcile([call])

    assert not console.all(CallEnded)

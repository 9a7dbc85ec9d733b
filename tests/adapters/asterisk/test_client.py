"""The live client against a switch that plays calls over real sockets."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from adapters.telephony.asterisk.client import Asterisk
from console.errors import NotReady
from console.telephony import (
    CallAnswered,
    CallArrived,
    CallEnded,
    CallRinging,
    ConnectFailed,
    OrderRefused,
    PhoneSystemUnreachable,
    RingEnded,
    TalkEnded,
)
from tests.adapters.asterisk import recordings
from tests.adapters.asterisk.ari_server import APP, SECRET, USER, Switch
from tests.adapters.asterisk.live import ALICE, BOB, Console, arrived, listening, synchronized, talking


async def test_a_caller_is_told_let_in_and_hears_music(switch: Switch, console: Console) -> None:
    async with listening(switch, console):
        call = switch.call_in("2025550101")
        came = await console.heard(CallArrived)
        await switch.until(lambda: switch.place(call) == "holding")

        assert switch.channels[call].state == "Up"
    assert (came.source, came.call, came.caller, came.dialled) == ("pbx", call, "2025550101", "100")


async def test_where_callers_are_to_hear_it_ring_they_are_not_let_in_before_an_agent(
    switch: Switch, console: Console
) -> None:
    async with listening(switch, console, waiting="ringing") as phones:
        call = switch.call_in()
        await switch.until_asked("POST", f"/channels/{call}/ring")
        await phones.connect(call, ALICE, "order-1")
        await console.heard(CallRinging)
        assert (switch.channels[call].state, switch.place(call)) == ("Ring", "nowhere")

        switch.pick_up(switch.leg())
        await console.heard(CallAnswered)
        assert switch.channels[call].state == "Up"


async def test_two_who_wait_do_not_hear_each_other_and_are_no_conversation(switch: Switch, console: Console) -> None:
    async with listening(switch, console):
        first = await arrived(switch, console, "2025550101")
        second = await arrived(switch, console, "2025550102")

        assert switch.channels[first].bridge == switch.channels[second].bridge
        switch.hang_up(first)
        ended = await console.heard(CallEnded)
    assert (ended.call, ended.cause, ended.answered) == (first, "caller", False)
    assert not console.all(CallAnswered)


async def test_the_switch_is_asked_to_keep_the_noise_to_itself_after_every_connection(
    switch: Switch, console: Console
) -> None:
    async with listening(switch, console):
        switch.cut()
        request = await switch.until_asked("PUT", "/applications/console/eventFilter", times=2)

    assert {"type": "ChannelVarset"} in request.body["disallowed"]


async def test_connect_rings_the_phone_and_bridges_both_when_it_answers(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        call = switch.call_in()
        await console.heard(CallArrived)
        await phones.connect(call, ALICE, "order-1")
        ringing = await console.heard(CallRinging)
        leg = switch.leg()
        switch.pick_up(leg)
        answered = await console.heard(CallAnswered)

        assert (ringing.endpoint, answered.endpoint) == (ALICE, ALICE)
        assert switch.channels[call].state == "Up"
        assert switch.channels[call].bridge == switch.channels[leg].bridge is not None
    [order] = switch.asked("POST", "/channels")
    assert order.query["timeout"] == "10"
    assert order.query["originator"] == call


async def test_when_the_caller_hangs_up_the_agents_phone_is_free_again(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        call, leg = await talking(switch, console, phones)
        switch.hang_up(call)
        ended = await console.heard(CallEnded)
        await switch.until_asked("DELETE", f"/channels/{leg}")
        await switch.until(lambda: "mixing" not in switch.kinds_there())
        await console.heard(TalkEnded)

    assert (ended.cause, ended.answered) == ("caller", True)


async def test_when_the_agent_hangs_up_the_callers_call_is_over(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        call, leg = await talking(switch, console, phones)
        switch.hang_up(leg)
        ended = await console.heard(CallEnded)
        assert call not in switch.channels

    assert (ended.cause, ended.answered) == ("agent", True)


async def test_hang_up_ends_the_call_in_the_agents_name(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        call, leg = await talking(switch, console, phones)
        await phones.hang_up(call, "order-2")
        ended = await console.heard(CallEnded)
        await phones.hang_up(call, "order-2")
        await switch.until_asked("DELETE", f"/channels/{leg}")

    assert (ended.cause, ended.answered) == ("agent", True)


async def test_disconnect_stops_a_ringing_phone_and_is_no_failure(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        call = switch.call_in()
        await console.heard(CallArrived)
        await phones.connect(call, ALICE, "order-1")
        await console.heard(CallRinging)
        await phones.disconnect(call, ALICE, "order-2")
        ended = await console.heard(RingEnded)
        await phones.disconnect(call, ALICE, "order-2")

        assert ended.result == "no_answer"
        assert call in switch.channels, "the caller waits on"
        assert not console.all(ConnectFailed)


@pytest.mark.parametrize(
    ("cause", "result", "reason"),
    [(17, "rejected", "busy"), (21, "rejected", "rejected"), (19, "no_answer", "no_answer")],
)
async def test_a_phone_that_does_not_answer_is_a_failed_connection_and_the_caller_waits_on(
    switch: Switch, console: Console, cause: int, result: str, reason: str
) -> None:
    async with listening(switch, console) as phones:
        call = switch.call_in()
        await console.heard(CallArrived)
        await phones.connect(call, ALICE, "order-1")
        switch.decline(switch.leg(), cause)
        failed = await console.heard(ConnectFailed)

        assert (await console.heard(RingEnded)).result == result
        assert (failed.call, failed.endpoint, failed.reason) == (call, ALICE, reason)
        assert call in switch.channels


async def test_the_same_order_twice_rings_once(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        call = switch.call_in()
        await console.heard(CallArrived)
        await phones.connect(call, ALICE, "order-1")
        await phones.connect(call, ALICE, "order-1")

    assert len(switch.asked("POST", "/channels")) == 1


async def test_an_order_that_another_node_gave_before_finds_its_phone_ringing(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        call = switch.call_in()
        await console.heard(CallArrived)
        await phones.connect(call, ALICE, "order-1")
    async with listening(switch, console, {call: None}) as other:
        await other.connect(call, ALICE, "order-1")  # the switch says 409
        switch.pick_up(switch.leg())
        await console.heard(CallAnswered)

    assert len(switch.channels) == 2


async def test_a_phone_that_another_node_rang_is_bridged_by_the_one_that_took_over(
    switch: Switch, console: Console
) -> None:
    async with listening(switch, console) as phones:
        call = switch.call_in()
        await console.heard(CallArrived)
        await phones.connect(call, ALICE, "order-1")
    switch.pick_up(switch.leg())
    async with listening(switch, console, {call: None}):
        answered = await console.heard(CallAnswered)

    assert (answered.call, answered.endpoint) == (call, ALICE)


async def test_a_caller_who_leaves_before_the_phone_is_picked_up_frees_it(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        call = switch.call_in()
        await console.heard(CallArrived)
        await phones.connect(call, ALICE, "order-1")
        leg = switch.leg()
        switch.hang_up(call)
        switch.pick_up(leg)
        ended = await console.heard(CallEnded)
        await switch.until_asked("DELETE", f"/channels/{leg}")

    assert (ended.cause, ended.answered) == ("caller", False)
    assert not console.all(CallAnswered)


async def test_a_caller_who_leaves_just_after_the_phone_is_picked_up_frees_it(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        call = switch.call_in()
        await console.heard(CallArrived)
        await phones.connect(call, ALICE, "order-1")
        leg = switch.leg()
        gate = switch.hold_back("POST", f"/channels/{call}/answer")
        switch.pick_up(leg)
        await switch.until_asked("POST", f"/channels/{call}/answer")
        switch.hang_up(call)
        gate.set()
        ended = await console.heard(CallEnded)
        await switch.until_asked("DELETE", f"/channels/{leg}")

    assert (ended.cause, ended.answered) == ("caller", False)
    assert not console.all(ConnectFailed), "the caller left: nobody failed"


async def test_an_agent_who_hangs_up_before_the_bridge_is_a_failed_connection(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        call = switch.call_in()
        await console.heard(CallArrived)
        await phones.connect(call, ALICE, "order-1")
        leg = switch.leg()
        gate = switch.hold_back("POST", "/bridges/[^/]+/addChannel")
        switch.pick_up(leg)
        await switch.until_asked("POST", "/bridges/[^/]+/addChannel")
        switch.hang_up(leg)
        gate.set()
        failed = await console.heard(ConnectFailed)

        assert failed.reason == "hung_up"
        assert call in switch.channels
        await switch.until(lambda: "mixing" not in switch.kinds_there())
        await switch.until(lambda: switch.place(call) == "holding")


@pytest.mark.parametrize("status", [400, 404, 500])
async def test_a_phone_that_the_switch_will_not_ring_is_refused(switch: Switch, console: Console, status: int) -> None:
    async with listening(switch, console) as phones:
        call = switch.call_in()
        await console.heard(CallArrived)
        switch.answer_next("POST", "/channels", status, message="Allocation failed")
        with pytest.raises(OrderRefused, match="Allocation failed"):
            await phones.connect(call, ALICE, "order-1")

        await phones.connect(call, BOB, "order-2")
        switch.pick_up(switch.leg())
        assert (await console.heard(CallAnswered)).endpoint == BOB


async def test_a_switch_that_is_unavailable_may_be_asked_again_with_the_same_order(
    switch: Switch, console: Console
) -> None:
    async with listening(switch, console) as phones:
        call = switch.call_in()
        await console.heard(CallArrived)
        switch.answer_next("POST", "/channels", 503)
        with pytest.raises(PhoneSystemUnreachable):
            await phones.connect(call, ALICE, "order-1")

        await phones.connect(call, ALICE, "order-1")
        switch.pick_up(switch.leg())
        await console.heard(CallAnswered)


async def test_a_step_that_finds_the_switch_unavailable_is_tried_again(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        call = switch.call_in()
        await console.heard(CallArrived)
        await phones.connect(call, ALICE, "order-1")
        switch.answer_next("POST", "/bridges/[^/]+/addChannel", 503)
        switch.pick_up(switch.leg())

        await console.heard(CallAnswered)


async def test_an_order_for_a_caller_who_is_gone_is_refused(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        with pytest.raises(OrderRefused, match="gone"):
            await phones.connect("1795297898.99", ALICE, "order-1")

    assert not switch.asked("POST", "/channels")


async def test_slow_answers_hold_up_no_events(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        first = switch.call_in("2025550101")
        await console.heard(CallArrived)
        switch.hold_back("POST", "/channels")
        ordering = asyncio.create_task(phones.connect(first, ALICE, "order-1"))
        await switch.until_asked("POST", "/channels")
        switch.call_in("2025550102")
        arrived = await console.heard(CallArrived, times=2)
        ordering.cancel()

    assert arrived.caller == "2025550102"


async def test_orders_wait_for_a_connection(switch: Switch, console: Console) -> None:
    phones = Asterisk(name="pbx", url=switch.url, app=APP, user=USER, secret=SECRET)
    with pytest.raises(PhoneSystemUnreachable):
        await phones.connect("1795297898.1", ALICE, "order-1")


async def test_what_happened_in_a_gap_is_told_after_it(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        talked, leg = await talking(switch, console, phones)
        waited = switch.call_in("2025550102")
        goes_on = switch.call_in("2025550103")
        await console.heard(CallArrived, times=3)
        switch.cut()
        await switch.until(lambda: not switch.connected())
        for id_ in (talked, leg, waited):
            switch._destroy(switch.channels[id_], 16)
        new = switch.call_in("2025550104")
        await console.heard(CallEnded, times=2)
        arrived = await console.heard(CallArrived, times=4)

        ended = {event.call: event for event in console.all(CallEnded)}
        assert arrived.call == new
        assert ended.keys() == {talked, waited}
        assert {event.cause for event in ended.values()} == {None}
        assert (ended[talked].answered, ended[waited].answered) == (True, False)
        await synchronized(switch, phones)
        await phones.connect(goes_on, BOB, "order-2")


async def test_a_killed_switch_ends_its_calls_when_it_is_back(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        talked, _ = await talking(switch, console, phones)
        waited = switch.call_in("2025550102")
        await console.heard(CallArrived, times=2)
        await switch.die()
        switch.answer_next("GET", "/channels", 503)  # it answers errors for a moment while it starts
        await switch.start()
        await console.heard(CallEnded, times=2)
        after = switch.call_in("2025550103")
        arrived = await console.heard(CallArrived, times=3)

    ended = {event.call: event for event in console.all(CallEnded)}
    assert {event.cause for event in ended.values()} == {"system"}
    assert (ended[talked].answered, ended[waited].outcome) == (True, "lost")
    assert arrived.call == after


async def test_calls_of_a_former_run_that_are_gone_are_told_as_ended(switch: Switch, console: Console) -> None:
    here = switch.call_in()
    async with listening(switch, console, {"1795000000.1": None, here: None}):
        ended = await console.heard(CallEnded)

    assert (ended.call, ended.cause) == ("1795000000.1", None)
    assert [event.call for event in console.all(CallArrived)] == [here]
    assert len(console.all(CallEnded)) == 1


async def test_an_event_that_the_console_could_not_keep_is_told_again_before_the_next(
    switch: Switch, console: Console
) -> None:
    async with listening(switch, console):
        console.problems = [NotReady(), NotReady()]
        first = switch.call_in()
        switch.hang_up(first)
        await console.heard(CallEnded)

    assert [type(event) for event in console.events] == [CallArrived, CallEnded]


async def test_an_event_at_which_the_console_always_stumbles_does_not_stop_the_next(
    switch: Switch, console: Console
) -> None:
    async with listening(switch, console):
        console.problems = [RuntimeError("a bug") for _ in range(10)]
        switch.hang_up(switch.call_in())
        ended = await console.heard(CallEnded)

    assert [type(event) for event in console.events] == [CallEnded]
    assert ended.cause == "caller"


async def test_words_that_are_no_ari_are_passed_over(switch: Switch, console: Console) -> None:
    async with listening(switch, console):
        for nonsense in ("", "{", "[]", "null", '{"type": 5}', '{"type": "StasisStart", "channel": 7}', "[" * 5000):
            switch.say_raw(nonsense)
        switch.call_in("<script>alert(1)</script>\x00\u202e")
        arrived = await console.heard(CallArrived)

    assert arrived.caller == "<script>alert(1)</script>"


async def test_a_message_too_large_costs_the_connection_and_not_the_console(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        switch.say_raw('{"type": "ChannelVarset", "value": "' + "x" * (2 << 20) + '"}')
        await switch.until(lambda: not switch.connected())
        await synchronized(switch, phones)
        switch.call_in()
        await console.heard(CallArrived)


async def test_a_wrong_secret_is_no_connection(switch: Switch, console: Console) -> None:
    async with listening(switch, console, secret="wrong") as phones:
        await switch.until(switch.connected)
        with pytest.raises(PhoneSystemUnreachable):
            await phones.connect("1", ALICE, "order-1")


async def test_recorded_messages_are_understood_live(switch: Switch, console: Console) -> None:
    async with listening(switch, console):
        for message in recordings.messages("a1"):
            switch.say(**{"type_": message.pop("type"), **message})
        ended = await console.heard(CallEnded)
        await console.heard(TalkEnded)

    kinds: list[Any] = [type(event).__name__ for event in console.events if event.call == ended.call]
    assert kinds == [
        "CallArrived", "CallRinging", "RingEnded", "CallAnswered", "CallHeld", "CallResumed", "CallEnded", "TalkEnded",
    ]  # fmt: skip

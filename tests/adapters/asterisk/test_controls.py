"""Hold, mute, keys, and handing the caller on: against a switch that plays calls over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from adapters.telephony.asterisk.client import Asterisk
from console.telephony import (
    CallAnswered,
    CallEnded,
    CallHeld,
    CallMuted,
    CallParked,
    CallResumed,
    CallTransferred,
    CallUnmuted,
    ConnectFailed,
    OrderRefused,
    PhoneSystemUnreachable,
    TalkEnded,
)
from tests.adapters.asterisk.ari_server import Switch
from tests.adapters.asterisk.live import ALICE, BOB, Console, arrived, listening, noticed_loss, synchronized, talking

OUTSIDE = "PJSIP/2025550199@trunk"


async def test_on_hold_the_caller_hears_music_and_the_agent_nothing(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        call, leg = await talking(switch, console, phones)
        await phones.hold(call, "order-2")
        held = await console.heard(CallHeld)

        assert switch.place(call) == "holding"
        assert switch.talks_with(leg) == set()
        await phones.resume(call, "order-3")
        resumed = await console.heard(CallResumed)
        assert switch.talks_with(call) == {leg}

    assert held.call == resumed.call == call
    assert held.at <= resumed.at
    assert not console.all(TalkEnded), "a hold is part of the talk"
    assert len(console.all(CallAnswered)) == 1


async def test_hold_and_resume_given_twice_change_nothing_the_second_time(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        call, _ = await talking(switch, console, phones)
        await phones.resume(call, "order-2")
        for _ in range(2):
            await phones.hold(call, "order-3")
            await console.heard(CallHeld)
        for _ in range(2):
            await phones.resume(call, "order-4")
            await console.heard(CallResumed)

    assert (len(console.all(CallHeld)), len(console.all(CallResumed))) == (1, 1)


async def test_a_held_caller_who_hangs_up_frees_the_agent(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        call, leg = await talking(switch, console, phones)
        await phones.hold(call, "order-2")
        await console.heard(CallHeld)
        switch.hang_up(call)
        ended = await console.heard(CallEnded)
        await switch.until(lambda: leg not in switch.channels)
        await switch.until(lambda: switch.kinds_there() == ["holding"])  # where the others wait

    assert (ended.cause, ended.answered) == ("caller", True)


async def test_an_agent_who_hangs_up_on_a_held_caller_ends_the_call(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        call, leg = await talking(switch, console, phones)
        await phones.hold(call, "order-2")
        await console.heard(CallHeld)
        switch.hang_up(leg)
        ended = await console.heard(CallEnded)

    assert (ended.call, ended.cause) == (call, "agent")


async def test_muted_the_agents_words_are_not_passed_on(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        call, leg = await talking(switch, console, phones)
        await phones.mute(call, "order-2")
        await phones.mute(call, "order-2")
        await console.heard(CallMuted)
        [asked] = switch.asked("POST", f"/channels/{leg}/mute")
        assert switch.channels[leg].muted

        await phones.unmute(call, "order-3")
        await console.heard(CallUnmuted)
        assert not switch.channels[leg].muted

    assert asked.query == {"direction": "in"}
    assert len(console.all(CallMuted)) == 1


async def test_keys_go_down_the_callers_line_once(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        call, _ = await talking(switch, console, phones)
        await phones.send_digits(call, "12#", "order-2")
        await phones.send_digits(call, "12#", "order-2")
        await phones.send_digits(call, "3", "order-3")

        assert switch.channels[call].digits == "12#3"


async def test_a_phone_taken_out_of_the_call_leaves_the_caller_waiting_with_music(
    switch: Switch, console: Console
) -> None:
    async with listening(switch, console) as phones:
        call, leg = await talking(switch, console, phones)
        await phones.disconnect(call, ALICE, "order-2")
        await console.heard(CallParked)
        await console.heard(TalkEnded)
        assert leg not in switch.channels
        assert switch.place(call) == "holding"

        await phones.connect(call, BOB, "order-3")
        switch.pick_up(switch.leg())
        answered = await console.heard(CallAnswered, times=2)
        assert switch.place(call) == "mixing"

    assert answered.endpoint == BOB
    assert not console.all(CallEnded)
    assert not console.all(ConnectFailed)


async def test_a_held_caller_may_be_taken_back_to_wait(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        call, leg = await talking(switch, console, phones)
        await phones.hold(call, "order-2")
        await phones.disconnect(call, ALICE, "order-3")
        await console.heard(CallParked)
        await console.heard(TalkEnded)

        assert leg not in switch.channels
        assert switch.channels[call].bridge == "waiting-in-console"


async def test_a_blind_transfer_out_frees_the_agent_and_rings_outside(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        call, leg = await talking(switch, console, phones)
        await phones.transfer(call, OUTSIDE, "order-2")
        told = await console.heard(CallTransferred)
        await switch.until(lambda: leg not in switch.channels)
        assert switch.place(call) == "holding", "the caller hears music while it rings outside"

        outside = switch.leg()
        switch.pick_up(outside)
        answered = await console.heard(CallAnswered, times=2)
        assert switch.talks_with(call) == {outside}
        switch.hang_up(outside)
        ended = await console.heard(CallEnded)

    assert (told.kind, told.to_endpoint, told.by_endpoint, told.ordered) == ("blind", OUTSIDE, ALICE, True)
    assert answered.endpoint == OUTSIDE
    assert ended.call == call


@pytest.mark.parametrize("cause", [17, 19, 21])
async def test_where_nobody_answers_outside_the_caller_waits_again(
    switch: Switch, console: Console, cause: int
) -> None:
    async with listening(switch, console) as phones:
        call, leg = await talking(switch, console, phones)
        await phones.transfer(call, OUTSIDE, "order-2")
        await switch.until(lambda: leg not in switch.channels)
        switch.decline(switch.leg(), cause)
        await console.heard(CallParked)

        assert switch.channels[call].bridge == "waiting-in-console"
    assert not console.all(CallEnded)


async def test_an_outside_phone_that_the_switch_will_not_ring_leaves_everything_as_it_was(
    switch: Switch, console: Console
) -> None:
    async with listening(switch, console) as phones:
        call, leg = await talking(switch, console, phones)
        switch.answer_next("POST", "/channels", 400, message="Invalid endpoint")
        with pytest.raises(OrderRefused, match="Invalid endpoint"):
            await phones.transfer(call, OUTSIDE, "order-2")
        await switch.until(lambda: switch.talks_with(call) == {leg})

    assert not console.all(CallTransferred)
    assert not console.all(CallEnded)


async def test_a_caller_whom_the_centre_does_not_take_goes_on_in_the_dialplan(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        call = await arrived(switch, console)
        await phones.divert(call, "voicemail", "order-1")
        ended = await console.heard(CallEnded)
        await phones.divert(call, "voicemail", "order-1")

    [asked] = switch.asked("POST", f"/channels/{call}/continue")
    assert asked.query == {"context": "console-overflow", "extension": "voicemail", "priority": "1"}
    assert (ended.answered, ended.outcome) == (False, "overflow")


Order = Callable[[Asterisk, str], Awaitable[None]]

ORDERS: dict[str, Order] = {
    "hold": lambda phones, call: phones.hold(call, "o"),
    "resume": lambda phones, call: phones.resume(call, "o"),
    "mute": lambda phones, call: phones.mute(call, "o"),
    "unmute": lambda phones, call: phones.unmute(call, "o"),
    "digits": lambda phones, call: phones.send_digits(call, "1", "o"),
    "transfer": lambda phones, call: phones.transfer(call, OUTSIDE, "o"),
    "consult": lambda phones, call: phones.consult(call, BOB, "o"),
    "complete": lambda phones, call: phones.consult_complete(call, "o"),
    "conference": lambda phones, call: phones.consult_conference(call, "o"),
    "return": lambda phones, call: phones.consult_return(call, "o"),
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
async def test_what_needs_a_conversation_is_refused_without_one(switch: Switch, console: Console, order: Order) -> None:
    async with listening(switch, console) as phones:
        waiting = await arrived(switch, console)
        for call in (waiting, "1795297898.99"):
            with pytest.raises(OrderRefused):
                await order(phones, call)

        assert switch.place(waiting) == "holding"


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
async def test_no_order_is_taken_while_the_switch_is_not_there(switch: Switch, console: Console, order: Order) -> None:
    async with listening(switch, console) as phones:
        call, _ = await talking(switch, console, phones)
        await switch.die()
        await noticed_loss(phones)
        with pytest.raises(PhoneSystemUnreachable):
            await order(phones, call)


async def test_a_hold_that_the_switch_does_not_answer_does_not_happen_later(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        call, leg = await talking(switch, console, phones)
        gate = switch.hold_back("POST", "/bridges/hold-of-[^/]+")
        holding = asyncio.create_task(phones.hold(call, "order-2"))
        await switch.until_asked("POST", "/bridges/hold-of-[^/]+")
        holding.cancel()  # as the line does after its two seconds
        await asyncio.gather(holding, return_exceptions=True)
        gate.set()
        await phones.mute(call, "order-3")
        await console.heard(CallMuted)

        assert switch.talks_with(call) == {leg}
    assert not console.all(CallHeld)


async def test_a_caller_on_hold_stays_so_through_a_lost_connection(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        call, leg = await talking(switch, console, phones)
        await phones.hold(call, "order-2")
        await console.heard(CallHeld)
        switch.cut()
        await noticed_loss(phones)
        await synchronized(switch, phones)
        assert (switch.place(call), switch.talks_with(leg)) == ("holding", set())

        await phones.resume(call, "order-3")
        await console.heard(CallResumed)
        assert switch.talks_with(call) == {leg}
    assert not console.all(CallEnded)


async def test_a_caller_on_hold_is_taken_back_by_the_node_that_took_over(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        call, leg = await talking(switch, console, phones)
        await phones.hold(call, "order-2")
        await console.heard(CallHeld)
    async with listening(switch, console, {call: None}) as other:
        await other.resume(call, "order-3")
        await console.heard(CallResumed)

        assert switch.talks_with(call) == {leg}
    assert not console.all(CallEnded)


async def test_whose_agent_went_while_a_held_caller_was_unheard_is_ended(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        call, leg = await talking(switch, console, phones)
        await phones.hold(call, "order-2")
        await console.heard(CallHeld)
        switch.cut()
        await switch.until(lambda: not switch.connected())
        switch.destroy(leg)
        ended = await console.heard(CallEnded)

    assert ended.call == call


async def test_an_agent_who_went_before_another_node_took_over_leaves_no_caller_in_silence(
    switch: Switch, console: Console
) -> None:
    async with listening(switch, console) as phones:
        call, leg = await talking(switch, console, phones)
    switch.destroy(leg)
    after = Console()
    async with listening(switch, after, {call: None}):
        ended = await after.heard(CallEnded)

    assert ended.call == call


async def test_a_transfer_out_goes_on_when_another_node_takes_over(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        call, _ = await talking(switch, console, phones)
        await phones.transfer(call, OUTSIDE, "order-2")
        await console.heard(CallTransferred)
        await console.heard(TalkEnded)
    async with listening(switch, console, {call: None}):
        outside = switch.leg()
        switch.pick_up(outside)
        await console.heard(CallAnswered, times=2)

        assert switch.talks_with(call) == {outside}
    assert not console.all(CallEnded)

"""Asking a second phone while the caller hears music, and all that can become of it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from adapters.telephony.asterisk.client import Asterisk
from console.telephony import (
    CallAnswered,
    CallEnded,
    CallHeld,
    CallParked,
    CallResumed,
    CallTransferred,
    ConnectFailed,
    ConsultChanged,
    OrderRefused,
    TalkEnded,
)
from console.telephony.record import report
from tests.adapters.asterisk.ari_server import Switch
from tests.adapters.asterisk.live import ALICE, BOB, Console, listening, noticed_loss, synchronized, talking
from tests.adapters.asterisk.words import BEGAN


@dataclass
class Asking:
    """Alice has a caller on hold, and Bob's phone rings."""

    switch: Switch
    console: Console
    phones: Asterisk
    call: str
    alice: str
    bob: str

    async def told(self, *states: str) -> ConsultChanged:
        """Until exactly these states were told."""
        last = await self.console.heard(ConsultChanged, times=len(states))
        assert [event.state for event in self.console.all(ConsultChanged)] == list(states)
        return last

    async def answer(self) -> None:
        self.switch.pick_up(self.bob)
        await self.told("ringing", "talking")


async def asking(switch: Switch, console: Console, phones: Asterisk) -> Asking:
    call, leg = await talking(switch, console, phones)
    await phones.consult(call, BOB, "order-2")
    await console.heard(ConsultChanged)
    return Asking(switch, console, phones, call, leg, switch.leg())


async def test_while_a_phone_is_asked_the_caller_hears_music(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        ask = await asking(switch, console, phones)
        assert switch.place(ask.call) == "holding"

        await ask.answer()
        assert switch.talks_with(ask.alice) == {ask.bob}
        assert switch.place(ask.call) == "holding"

    assert len(console.all(CallHeld)) == 1
    assert {event.endpoint for event in console.all(ConsultChanged)} == {BOB}
    assert len(console.all(CallAnswered)) == 1, "to ask somebody is no answer"


async def test_handed_over_the_caller_is_with_the_one_who_was_asked(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        ask = await asking(switch, console, phones)
        await ask.answer()
        await phones.consult_complete(ask.call, "order-3")
        ended = await ask.told("ringing", "talking", "ended")
        told = await console.heard(CallTransferred)
        answered = await console.heard(CallAnswered, times=2)
        await console.heard(TalkEnded)

        assert ask.alice not in switch.channels
        assert switch.talks_with(ask.call) == {ask.bob}
        switch.hang_up(ask.call)
        await console.heard(CallEnded)
        await switch.until(lambda: ask.bob not in switch.channels)
        await switch.until(lambda: switch.kinds_there() == ["holding"])
        await console.heard(TalkEnded, times=2)

    assert ended.result == "handed_over"
    assert (told.kind, told.by_endpoint, told.to_endpoint) == ("attended", ALICE, BOB)
    assert answered.endpoint == BOB
    [record] = report(console.events, since=BEGAN).calls
    assert [talk.agent for talk in record.talks] == ["agent1001", "agent1002"]
    assert (record.outcome, record.ended_by, len(record.rung)) == ("answered", "caller", 1)


async def test_in_a_conference_all_three_hear_each_other_until_one_leaves(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        ask = await asking(switch, console, phones)
        await ask.answer()
        await phones.consult_conference(ask.call, "order-3")
        await ask.told("ringing", "talking", "conference")
        assert switch.talks_with(ask.call) == {ask.alice, ask.bob}

        switch.hang_up(ask.bob)
        ended = await ask.told("ringing", "talking", "conference", "ended")
        assert switch.talks_with(ask.call) == {ask.alice}

    assert ended.result == "hung_up"
    assert not console.all(CallEnded)


async def test_an_agent_who_leaves_a_conference_hands_over(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        ask = await asking(switch, console, phones)
        await ask.answer()
        await phones.consult_conference(ask.call, "order-3")
        await ask.told("ringing", "talking", "conference")
        await phones.consult_complete(ask.call, "order-4")
        ended = await ask.told("ringing", "talking", "conference", "ended")

        assert switch.talks_with(ask.call) == {ask.bob}
    assert ended.result == "handed_over"
    assert not console.all(CallEnded)


@pytest.mark.parametrize("answered", [False, True])
async def test_back_to_the_caller_and_the_other_phone_is_free(
    switch: Switch, console: Console, *, answered: bool
) -> None:
    async with listening(switch, console) as phones:
        ask = await asking(switch, console, phones)
        if answered:
            await ask.answer()
        await phones.consult_return(ask.call, "order-3")
        await console.heard(CallResumed)
        states = ("ringing", "talking", "ended") if answered else ("ringing", "ended")
        ended = await ask.told(*states)

        assert ask.bob not in switch.channels
        assert switch.talks_with(ask.call) == {ask.alice}
    assert ended.result == "returned"
    assert not console.all(CallTransferred)


@pytest.mark.parametrize(("cause", "result"), [(17, "busy"), (21, "rejected"), (19, "no_answer")])
async def test_a_phone_that_will_not_be_asked_leaves_the_agent_with_a_held_caller(
    switch: Switch, console: Console, cause: int, result: str
) -> None:
    async with listening(switch, console) as phones:
        ask = await asking(switch, console, phones)
        switch.decline(ask.bob, cause)
        ended = await ask.told("ringing", "ended")
        assert switch.place(ask.call) == "holding"

        await phones.resume(ask.call, "order-3")
        await console.heard(CallResumed)
        assert switch.talks_with(ask.call) == {ask.alice}
    assert ended.result == result
    assert not console.all(ConnectFailed), "the agent's own connection stands"


async def test_the_one_who_was_asked_hangs_up(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        ask = await asking(switch, console, phones)
        await ask.answer()
        switch.hang_up(ask.bob)
        ended = await ask.told("ringing", "talking", "ended")

        assert switch.place(ask.call) == "holding"
    assert ended.result == "hung_up"
    assert not console.all(CallEnded)


@pytest.mark.parametrize("answered", [False, True])
async def test_a_caller_who_hangs_up_meanwhile_frees_both_phones(
    switch: Switch, console: Console, *, answered: bool
) -> None:
    async with listening(switch, console) as phones:
        ask = await asking(switch, console, phones)
        if answered:
            await ask.answer()
        switch.hang_up(ask.call)
        call_ended = await console.heard(CallEnded)
        await switch.until(lambda: not switch.channels)
        states = ("ringing", "talking", "ended") if answered else ("ringing", "ended")
        ended = await ask.told(*states)

    assert ended.result == "caller_left"
    assert (call_ended.cause, call_ended.answered) == ("caller", True)


async def test_an_agent_who_hangs_up_while_they_talk_has_handed_over(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        ask = await asking(switch, console, phones)
        await ask.answer()
        switch.hang_up(ask.alice)
        ended = await ask.told("ringing", "talking", "ended")

        assert switch.talks_with(ask.call) == {ask.bob}
    assert ended.result == "handed_over"
    assert not console.all(CallEnded)


async def test_an_agent_who_hangs_up_while_it_still_rings_has_ended_the_call(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        ask = await asking(switch, console, phones)
        switch.hang_up(ask.alice)
        ended = await console.heard(CallEnded)
        await switch.until(lambda: not switch.channels)

    assert ended.cause == "agent"


async def test_a_phone_that_the_switch_will_not_ring_is_refused_and_the_caller_is_back(
    switch: Switch, console: Console
) -> None:
    async with listening(switch, console) as phones:
        call, leg = await talking(switch, console, phones)
        switch.answer_next("POST", "/channels", 400, message="Invalid endpoint")
        with pytest.raises(OrderRefused, match="Invalid endpoint"):
            await phones.consult(call, BOB, "order-2")
        await switch.until(lambda: switch.talks_with(call) == {leg})

    assert not console.all(ConsultChanged)


async def test_one_is_asked_at_a_time_and_the_caller_is_neither_held_nor_sent_away_meanwhile(
    switch: Switch, console: Console
) -> None:
    async with listening(switch, console) as phones:
        ask = await asking(switch, console, phones)
        with pytest.raises(OrderRefused, match="under way"):
            await phones.consult(ask.call, "PJSIP/agent1003", "order-3")
        with pytest.raises(OrderRefused, match="under way"):
            await phones.transfer(ask.call, "PJSIP/1@trunk", "order-4")
        with pytest.raises(OrderRefused, match="under way"):
            await phones.resume(ask.call, "order-5")
        with pytest.raises(OrderRefused, match="answered"):
            await phones.consult_complete(ask.call, "order-6")
        await phones.consult(ask.call, BOB, "order-2")

    assert len(switch.asked("POST", "/channels")) == 2


async def test_a_supervisors_hand_that_takes_the_call_lets_the_asked_phone_go(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        ask = await asking(switch, console, phones)
        await phones.disconnect(ask.call, ALICE, "order-3")
        await console.heard(CallParked)
        await ask.told("ringing", "ended")

        assert set(switch.channels) == {ask.call}


@pytest.mark.parametrize("answered", [False, True])
async def test_a_consultation_survives_a_lost_connection(switch: Switch, console: Console, *, answered: bool) -> None:
    async with listening(switch, console) as phones:
        ask = await asking(switch, console, phones)
        switch.cut()
        await noticed_loss(phones)
        if answered:
            switch.pick_up(ask.bob)
        await synchronized(switch, phones)
        if not answered:
            switch.pick_up(ask.bob)
        await ask.told("ringing", "talking")
        await phones.consult_complete(ask.call, "order-3")
        ended = await ask.told("ringing", "talking", "ended")

        assert switch.talks_with(ask.call) == {ask.bob}
    assert ended.result == "handed_over"


async def test_a_consultation_goes_on_when_another_node_takes_over(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        ask = await asking(switch, console, phones)
    switch.pick_up(ask.bob)
    after = Console()
    async with listening(switch, after, {ask.call: None}) as other:
        await after.heard(ConsultChanged, times=2)
        await other.consult_return(ask.call, "order-3")
        ended = await after.heard(ConsultChanged, times=3)

        assert switch.talks_with(ask.call) == {ask.alice}
    assert [event.state for event in after.all(ConsultChanged)] == ["ringing", "talking", "ended"]
    assert ended.result == "returned"


async def test_an_agent_who_went_unheard_while_they_talked_has_handed_over(switch: Switch, console: Console) -> None:
    async with listening(switch, console) as phones:
        ask = await asking(switch, console, phones)
        await ask.answer()
        switch.cut()
        await noticed_loss(phones)
        switch.destroy(ask.alice)
        await synchronized(switch, phones)
        ended = await ask.told("ringing", "talking", "ended")

        assert switch.talks_with(ask.call) == {ask.bob}
    assert ended.result == "handed_over"
    assert not console.all(CallEnded)

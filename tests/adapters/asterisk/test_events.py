"""What the adapter concludes where no recording leads: other ends, other bridges, gaps, hostile words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.telephony.asterisk.channels import NUMBERS_MAX
from adapters.telephony.asterisk.events import AriEvents
from adapters.telephony.asterisk.messages import HEARD
from adapters.telephony.asterisk.places import caller_of, hold_bridge, own_leg, talk_bridge
from console.telephony import (
    CallAnswered,
    CallArrived,
    CallEnded,
    CallHeld,
    CallResumed,
    CallRinging,
    ConnectFailed,
    RingEnded,
    TalkEnded,
)
from tests.adapters.asterisk.words import BEGAN, Words, stamp


def test_a_caller_whom_the_application_sends_on_is_overflow() -> None:
    words = Words()
    call = words.caller()
    words.later(20)
    words.say("StasisEnd", channel=words.channel(call))

    record = words.record()
    assert (record.outcome, record.ended_by) == ("overflow", "pbx")


def test_a_waiting_caller_whom_the_application_hangs_up_is_overflow() -> None:
    words = Words()
    call = words.caller()
    words.later(20)
    words.hang_up(call, soft=True, cause=32)

    record = words.record()
    assert (record.outcome, record.ended_by) == ("overflow", "pbx")


def test_who_ended_an_answered_call_is_told_at_once_where_it_is_certain() -> None:
    words = Words()
    call, leg = words.answered_call()
    words.hang_up(leg, "A")
    words.hang_up(call, "A", soft=True, cause=32)

    [ended] = words.told(CallEnded)
    assert ended.cause == "agent"


def test_a_phone_that_only_changes_bridges_talks_on() -> None:
    words = Words()
    call, leg = words.answered_call()
    words.later(3)
    words.leave(leg, "A")
    words.leave(call, "A")
    words.enter(call, "B")
    words.enter(leg, "B")
    words.later(3)
    words.hang_up(call, "B")
    words.later(2)
    words.hang_up(leg, "B")

    [talk] = words.record().talks
    assert talk.to == pytest.approx((words.at - BEGAN).total_seconds() - 1, abs=0.1)


def test_a_second_agent_in_the_bridge_has_a_talk_of_their_own() -> None:
    words = Words()
    words.answered_call()
    words.later(1)
    words.dial("second", "agent1002", by="leg", number="1002")
    words.pick_up("second")
    words.enter("second", "A")
    words.later(1)

    assert [event.endpoint for event in words.told(CallAnswered)] == ["PJSIP/agent1001", "PJSIP/agent1002"]


def test_a_listening_channel_behind_which_nobody_sits_is_no_agent() -> None:
    words = Words()
    call = words.caller()
    words.channel("spy", name="Snoop/1-00000001", state="Up")
    words.enter(call, "A")
    words.enter("spy", "A")
    words.later(1)

    assert words.told(CallAnswered) == []


def test_a_call_of_another_application_is_not_ours() -> None:
    words = Words(AriEvents("pbx", "other"))
    words.caller()

    assert words.events == []


def test_the_arguments_of_stasis_become_attributes() -> None:
    words = Words()
    words.caller(args=("ivr", "300", "lang=es", "account=123456"))

    [arrived] = words.told(CallArrived)
    assert arrived.attributes == {"lang": "es", "account": "123456"}


def test_two_anonymous_callers_are_two_calls_and_each_phone_rings_for_one() -> None:
    words = Words()
    first = words.caller("1", "")
    second = words.caller("2", "")
    for leg, phone in (("l1", "agent1001"), ("l2", "agent1002")):
        words.dial(leg, phone, number="")
        words.ring(leg)

    assert {event.call for event in words.told(CallRinging)} == {first, second}
    assert {event.caller for event in words.told(CallArrived)} == {"anonymous"}


def test_a_phone_rung_for_nobody_of_ours_is_not_told() -> None:
    words = Words()
    words.caller()
    words.dial("other", "agent1003", number="2025559999")
    words.ring("other")
    words.destroy("other", 19)

    assert words.told(CallRinging) == []


def test_our_own_phone_is_known_by_its_id_whatever_number_it_shows() -> None:
    words = Words()
    call = words.caller()
    leg = own_leg("order-1", call)
    words.dial(leg, "agent1001", number="5555")
    words.ring(leg)
    words.destroy(leg, 17)

    [failed] = words.told(ConnectFailed)
    assert (failed.call, failed.endpoint, failed.reason) == (call, "PJSIP/agent1001", "busy")


@pytest.mark.parametrize("strange", ["console-", "console-1", "console--for-2", "leg-for-1", "-for-"])
def test_only_ids_of_our_own_making_name_a_caller(strange: str) -> None:
    assert caller_of(strange) is None
    assert caller_of(own_leg("order-1", "1795297898.0")) == "1795297898.0"


def test_a_call_that_came_in_during_a_gap_is_told_with_the_instant_of_its_arrival() -> None:
    words = Words()
    words.snapshot()
    words.gap(10)
    words.channel(
        "9", name="PJSIP/trunk-00000009", state="Ring", caller={"number": "2025550199"},
        dialplan={"exten": "100", "app_name": "Stasis", "app_data": "console,inbound,100"},
        creationtime="2026-11-21T21:00:04.000+0000",
    )  # fmt: skip
    words.snapshot("9")

    [arrived] = words.told(CallArrived)
    assert (arrived.at - BEGAN).total_seconds() == 4
    assert arrived.caller == "2025550199"


def test_an_agent_who_left_in_a_gap_left_within_it_and_the_call_goes_on() -> None:
    words = Words()
    call, _ = words.answered_call()
    words.later(5)
    cut_at = words.at
    words.gap(4)
    words.snapshot(call, bridges={"A": [call]})

    [ended] = words.told(TalkEnded)
    assert cut_at < ended.at < words.at
    assert words.told(CallEnded) == []


def test_a_caller_who_was_sent_on_in_a_gap_has_left_our_queue() -> None:
    words = Words()
    call = words.caller()
    words.gap(4)
    words.channel(call, dialplan={"exten": "8", "app_name": "VoiceMail", "app_data": "8"})
    words.snapshot(call)

    assert words.record().outcome == "overflow"


def test_what_the_connection_told_is_newer_than_a_snapshot_that_was_asked_for_before() -> None:
    words = Words()
    words.gap(1)
    call, leg = words.answered_call()
    words.snapshot(bridges={})
    words.later(1)

    assert words.told(CallEnded) == []
    assert words.adapter.book.waiting(call) is not None
    assert [found.chan.id for found in words.adapter.book.legs(call)] == [leg]


def test_what_is_told_after_a_snapshot_is_newer_though_the_clock_of_the_switch_is_behind() -> None:
    before = Words()
    call, leg = before.caller(), own_leg("order-1", "1")
    talk = talk_bridge(leg)
    before.dial(leg, "agent1001")
    before.pick_up(leg, args=("agent", call))
    before.enter(leg, talk)
    words = Words()
    words.channels, words.at = before.channels, before.at
    words.snapshot(call, leg, bridges={talk: [leg], hold_bridge(talk): [call]})
    assert len(words.told(CallHeld)) == 1

    for type_, bridge in (("ChannelLeftBridge", hold_bridge(talk)), ("ChannelEnteredBridge", talk)):
        behind = stamp(words.at - timedelta(seconds=3))
        words.say(type_, timestamp=behind, channel=words.channel(call), bridge={"id": bridge, "channels": []})
    words.later(1)

    assert len(words.told(CallResumed)) == 1


def test_a_snapshot_does_not_raise_a_caller_who_has_just_left() -> None:
    words = Words()
    words.gap(1)
    call = words.caller()
    words.hang_up(call)
    words.snapshot(call)
    words.later(1)

    assert len(words.told(CallArrived)) == len(words.told(CallEnded)) == 1


def test_calls_the_console_believes_in_are_ended_only_if_they_are_gone() -> None:
    adapter = AriEvents("pbx", "console")
    adapter.expect({"gone": None, "1": None})
    words = Words(adapter)
    words.channel(
        "1", name="PJSIP/trunk-1", state="Ring", dialplan={"app_name": "Stasis", "app_data": "console,inbound,100"}
    )
    words.snapshot("1")

    assert [event.call for event in words.told(CallEnded)] == ["gone"]


def test_an_ended_call_never_comes_back() -> None:
    words = Words()
    call = words.caller()
    words.hang_up(call)
    words.later(1)
    words.say("ChannelCreated", channel=words.channel(call))
    words.say("StasisStart", args=["inbound"], channel=words.channel(call))
    words.later(1)

    assert len(words.told(CallArrived)) == 1
    assert words.adapter.book.calls() == []


def test_nothing_is_kept_of_calls_that_are_over() -> None:
    words = Words()
    for n in range(50):
        call, leg = words.caller(f"c{n}", f"20255501{n:02}"), f"l{n}"
        words.dial(leg, "agent1001", number=f"20255501{n:02}")
        words.ring(leg)
        words.pick_up(leg, args=("agent", call))
        words.enter(call, "A")
        words.enter(leg, "A")
        words.hang_up(call, "A")
        words.hang_up(leg, "A", soft=True, cause=32)
        words.later(1)

    assert words.adapter.book.calls() == []
    book = words.adapter.book
    assert (book.by_channel, book.call_of_leg, book.unlinked, book.renamed) == ({}, {}, {}, {})
    assert book.channels.all() == []


def test_a_hostile_name_and_number_are_kept_as_harmless_text() -> None:
    words = Words()
    name = "<script>alert(1)</script>\x00'; DROP TABLE calls; --"
    words.say(
        "StasisStart",
        args=["inbound", "lang=\x00\x1b[2Jes", "=", "x" * 5000],
        channel=words.channel("1", state="Ring", caller={"name": name, "number": "sip:x@y\x00" + "9" * 5000}),
    )

    [arrived] = words.told(CallArrived)
    assert "\x00" not in repr(arrived.attributes) + arrived.caller
    assert len(arrived.caller) <= 256
    assert arrived.attributes["lang"] == "[2Jes"


def test_a_channel_that_shows_ever_new_numbers_costs_no_memory() -> None:
    words = Words()
    words.caller()
    for n in range(100):
        words.say("ChannelCallerId", channel=words.channel("1", caller={"number": str(n)}))

    chan = words.adapter.book.waiting("1")
    assert chan is not None
    assert len(chan.numbers) == NUMBERS_MAX


ids = st.sampled_from(["1", "2", "leg", own_leg("o", "1"), "l1", "l2"])
names = st.sampled_from(["PJSIP/trunk-1", "PJSIP/agent1001-2", "Local/1002@agents-1;1", "Local/1002@agents-1;2", ""])
channels = st.fixed_dictionaries(
    {"id": ids, "name": names, "state": st.sampled_from(["Down", "Ring", "Ringing", "Up", ""])},
    optional={"caller": st.fixed_dictionaries({"number": st.sampled_from(["", "2025550101"])})},
)
bridges = st.fixed_dictionaries({"id": st.sampled_from(["A", "B"]), "channels": st.lists(ids, max_size=3)})
messages = st.fixed_dictionaries(
    {"type_": st.sampled_from(sorted(HEARD)), "channel": channels},
    optional={
        "bridge": bridges, "bridge_from": bridges, "peer": channels, "caller": channels, "replace_channel": channels,
        "args": st.lists(ids, max_size=2), "cause": st.sampled_from([4, 16, 17, 19, 21, 32]), "soft": st.booleans(),
        "dialstatus": st.sampled_from(["", "RINGING", "ANSWER", "BUSY"]), "result": st.just("Success"),
        "transferer_first_leg": channels, "transferer_second_leg": channels, "transfer_target": channels,
    },
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(messages, max_size=40), st.lists(st.integers(0, 39), max_size=3))
def test_whatever_is_said_each_call_arrives_and_ends_at_most_once(
    said: list[dict[str, object]], gaps: list[int]
) -> None:
    words = Words()
    for n, message in enumerate(said):
        if n in gaps:
            words.gap(1)
            words.snapshot()
        words.say(**{**message, "type_": str(message["type_"])})  # type: ignore[arg-type]  # keys are say's own
    words.later(1)
    words.gap(1)
    words.snapshot()
    words.later(1)

    ids = [event.event_id for event in words.events]
    assert len(ids) == len(set(ids))
    assert {event.call for event in words.told(CallArrived)} == {event.call for event in words.told(CallEnded)}
    assert words.adapter.book.calls() == []
    ended = {event.event_id.replace("ring-ended", "ringing") for event in words.told(RingEnded)}
    assert {event.event_id for event in words.told(CallRinging)} <= ended
    assert len(words.told(TalkEnded)) == len(words.told(CallAnswered))

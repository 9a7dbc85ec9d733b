"""The facts seen in recordings of a real Asterisk that concern ARI: each is a way to misunderstand it.

The numbers are those of the recordings' notes; what is missing among them concerns AMI's queue events alone.
"""

from __future__ import annotations

import pytest

from adapters.telephony.asterisk.client import UNHEARD
from adapters.telephony.asterisk.messages import instant
from adapters.telephony.asterisk.replay import replay
from console.telephony import CallAnswered, CallArrived, CallEnded, CallResumed, CallTransferred, RingEnded, TalkEnded
from tests.adapters.asterisk import recordings
from tests.adapters.asterisk.words import BEGAN, Words


def test_fact_1_without_subscribe_all_a_callers_last_word_is_stasis_end() -> None:
    words = Words()
    call = words.caller()
    words.later(5)
    words.say("ChannelHangupRequest", channel=words.channel(call), cause=127)
    words.say("StasisEnd", channel=words.channel(call))

    record = words.record()
    assert (record.outcome, record.ended_by) == ("abandoned", "caller")
    assert record.wait_s == pytest.approx(5, abs=0.01)


def test_fact_1_without_subscribe_all_a_phone_that_was_never_answered_says_only_that_it_is_destroyed() -> None:
    words = Words()
    words.caller()
    words.dial("leg", "agent1001")
    words.ring("leg")
    words.later(4)
    words.destroy("leg", 19)

    [ring] = words.record().rung
    assert ring.result == "no_answer"


def test_fact_2_a_channel_that_replaces_an_agents_is_no_new_call() -> None:
    words = Words()
    call, leg = words.answered_call()
    local = words.channel("l1", name="Local/1002@agents-00000001;1", state="Down")
    words.say("StasisStart", args=[], channel=local, replace_channel=words.channel(leg))

    assert [event.call for event in words.told(CallArrived)] == [call]


def blind_transfer(words: Words, call: str, leg: str) -> None:
    """agent1001 sends the caller to 1002; a Local pair takes the phone's place, and its other end dials."""
    first = words.channel("l1", name="Local/1002@agents-00000001;1", state="Down")
    second = words.channel("l2", name="Local/1002@agents-00000001;2", state="Up")
    words.say("ChannelUnhold", channel=words.channel(leg))
    words.say("ChannelCreated", channel=first)
    words.say("ChannelCreated", channel=second)
    words.say("StasisStart", args=[], channel=first, replace_channel=words.channel(leg))
    words.leave(leg, "A")
    words.enter("l1", "A")
    words.say(
        "BridgeBlindTransfer", channel=words.channel(leg), exten="1002", context="agents", result="Success",
        is_external=True, transferee=words.channel(call), bridge={"id": "A", "channels": []},
    )  # fmt: skip
    words.hang_up(leg, cause=16)


def test_fact_3_after_a_blind_transfer_the_agents_end_is_not_the_calls() -> None:
    words = Words()
    call, leg = words.answered_call()
    words.later(3)
    blind_transfer(words, call, leg)
    words.later(1)

    assert words.told(CallEnded) == []
    [ended] = words.told(TalkEnded)
    assert ended.endpoint == "PJSIP/agent1001"


def test_fact_3_a_blind_transfer_is_one_call_with_two_talks() -> None:
    words = Words()
    call, leg = words.answered_call()
    words.later(3)
    blind_transfer(words, call, leg)
    words.dial("target", "agent1002", by="l2", number="1002")
    words.ring("target")
    words.later(1)
    words.pick_up("target")
    words.enter("l2", "B")
    words.enter("target", "B")
    words.later(3)
    words.hang_up(call, "A")
    words.hang_up("l1", "A", soft=True)
    words.hang_up("target", "B", cause=16, soft=True)

    record = words.record()
    assert [talk.agent for talk in record.talks] == ["agent1001", "agent1002"]
    assert [(ring.agent, ring.result) for ring in record.rung] == [("agent1001", "answered"), ("agent1002", "answered")]
    assert [(t.by, t.kind, t.to) for t in record.transfers] == [("agent1001", "blind", "1002")]
    assert (record.answered_by, record.ended_by) == ("agent1001", "caller")


def test_fact_4_a_successful_blind_transfer_says_nothing_of_its_target() -> None:
    words = Words()
    call, leg = words.answered_call()
    words.later(3)
    blind_transfer(words, call, leg)
    words.dial("target", "agent1002", by="l2", number="1002")
    words.destroy("target", 17)
    words.hang_up("l2", soft=True, cause=16)
    words.hang_up("l1", "A", soft=True, cause=16)
    words.hang_up(call, "A", soft=True, cause=16)

    record = words.record()
    assert [talk.agent for talk in record.talks] == ["agent1001"]
    assert [(ring.agent, ring.result) for ring in record.rung] == [("agent1001", "answered"), ("agent1002", "rejected")]
    assert record.ended_by == "pbx"


def test_fact_4_a_transfer_without_success_is_none() -> None:
    words = Words()
    call, leg = words.answered_call()
    words.say(
        "BridgeBlindTransfer", channel=words.channel(leg), exten="9", result="Fail", transferee=words.channel(call)
    )

    assert words.told(CallTransferred) == []


def test_fact_6_the_end_of_a_hold_by_a_transfer_is_the_end_of_that_hold() -> None:
    report = replay(recordings.lines("d4"))

    assert report.calls[0].hold_s == pytest.approx(4.01, abs=0.2)


def test_fact_6_an_unhold_of_what_was_not_held_is_not_told() -> None:
    words = Words()
    call, leg = words.answered_call()
    words.later(1)
    blind_transfer(words, call, leg)

    assert words.told(CallResumed) == []


def test_fact_10_a_caller_whose_end_is_told_before_who_asked_for_it_still_ended_it() -> None:
    words = Words()
    call, _ = words.answered_call()
    request = {"channel": words.channel(call)}
    words.leave(call, "A")
    words.destroy(call, 16)
    words.say("ChannelHangupRequest", **request)

    assert words.record().ended_by == "caller"


@pytest.mark.parametrize("cause", [127, 0, 16])
def test_fact_14_whoever_leaves_before_an_answer_has_abandoned_whatever_the_cause(cause: int) -> None:
    words = Words()
    call = words.caller()
    words.hang_up(call, cause=cause)

    record = words.record()
    assert (record.outcome, record.ended_by) == ("abandoned", "caller")


@pytest.mark.parametrize(
    ("dial", "cause", "result"), [(None, 19, "no_answer"), ("BUSY", 17, "rejected"), ("NOANSWER", 21, "rejected")]
)
def test_fact_15_how_a_ringing_ended_is_told_by_the_channels_cause(dial: str | None, cause: int, result: str) -> None:
    words = Words()
    words.caller()
    words.dial("leg", "agent1001")
    words.ring("leg")
    words.later(3)
    if dial is not None:
        words.say("Dial", dialstatus=dial, peer=words.channel("leg"))
    words.destroy("leg", cause)

    [ended] = words.told(RingEnded)
    assert ended.result == result


def test_fact_15_a_phone_that_is_busy_at_once_was_asked() -> None:
    words = Words()
    words.caller()
    words.dial("leg", "agent1001")
    words.say("Dial", dialstatus="BUSY", peer=words.channel("leg"))
    words.destroy("leg", 17)

    [ring] = words.record().rung
    assert (ring.agent, ring.result) == ("agent1001", "rejected")


def test_fact_15_a_ringing_that_the_application_stops_while_the_caller_waits_was_not_answered() -> None:
    words = Words()
    words.caller()
    words.dial("leg", "agent1001")
    words.ring("leg")
    words.later(3)
    words.say("ChannelHangupRequest", channel=words.channel("leg"), cause=32, soft=True)
    words.destroy("leg", 16)
    words.later(1)

    [ended] = words.told(RingEnded)
    assert ended.result == "no_answer"


def test_fact_16_calls_of_a_killed_switch_end_when_it_fell_silent() -> None:
    words = Words()
    words.answered_call()
    words.later(5)
    killed_at = (words.at - BEGAN).total_seconds()
    words.gap(4, refused=True)
    words.snapshot()

    record = words.record()
    assert (record.outcome, record.ended_by) == ("answered", "pbx")
    assert record.t_end == pytest.approx(killed_at, abs=0.01)


def test_fact_16_a_switch_that_says_when_it_started_needs_no_guess() -> None:
    words = Words()
    words.snapshot(started_at=BEGAN)
    words.caller()
    words.gap(4)
    words.snapshot(started_at=words.at)

    record = words.record()
    assert (record.outcome, record.ended_by) == ("lost", "pbx")


def test_fact_16_after_a_restart_the_same_channel_name_is_another_channel() -> None:
    words = Words()
    words.answered_call()
    words.gap(4, refused=True)
    words.snapshot()
    words.later(1)
    words.caller("2", "2025550164")
    words.say("ChannelCreated", channel=words.channel("leg2", name=words.channels["leg"]["name"]))

    assert [event.call for event in words.told(CallArrived)] == ["1", "2"]
    assert len(words.told(CallEnded)) == 1


def test_fact_17_timestamps_have_milliseconds_and_an_offset_without_a_colon() -> None:
    at = instant("2026-11-21T22:51:38.829+0100")

    assert at is not None
    assert at.isoformat() == "2026-11-21T21:51:38.829000+00:00"


def test_fact_18_who_the_switch_is_does_not_matter() -> None:
    words = Words()
    words.say("StasisStart", args=[], channel=words.channel("1", state="Ring"), asterisk_id="00:00:5e:00:53:02")

    assert len(words.told(CallArrived)) == 1


def test_fact_19_an_orderly_stop_ends_a_talk_in_the_switchs_name() -> None:
    words = Words()
    call, leg = words.answered_call()
    words.later(3)
    for id_ in (call, leg):
        words.say("ChannelHangupRequest", channel=words.channel(id_), cause=4, soft=True)
    words.hang_up(leg, "A", soft=True, cause=16)
    words.hang_up(call, "A", soft=True, cause=16)

    record = words.record()
    assert (record.outcome, record.ended_by) == ("answered", "pbx")


def test_fact_19_a_caller_who_waited_at_an_orderly_stop_is_lost_and_has_not_abandoned() -> None:
    words = Words()
    call = words.caller()
    words.dial("leg", "agent1001")
    words.ring("leg")
    words.later(3)
    words.say("ChannelHangupRequest", channel=words.channel("leg"), cause=4, soft=True)
    words.say("ChannelHangupRequest", channel=words.channel(call), cause=4, soft=True)
    words.hang_up(call, soft=True, cause=16)
    words.destroy("leg", 16)

    record = words.record()
    assert (record.outcome, record.ended_by) == ("lost", "pbx")
    assert [ring.result for ring in record.rung] == ["caller_left"]


def test_the_noise_that_only_a_filter_keeps_away_is_not_read_either() -> None:
    words = Words()
    for type_ in UNHEARD:
        words.say(type_, channel=5)

    assert words.events == []


def test_a_leg_that_is_up_alone_is_no_answer() -> None:
    words = Words()
    call = words.caller()
    words.dial("leg", "agent1001")
    words.ring("leg")
    words.pick_up("leg", args=("agent", call))

    assert words.told(CallAnswered) == []
    assert [event.result for event in words.told(RingEnded)] == ["answered"]


def test_a_consultation_between_agents_is_no_call() -> None:
    report = replay(recordings.lines("d4"))

    assert report.offered == 1
    assert [ring.agent for ring in report.calls[0].rung] == ["agent1001"]

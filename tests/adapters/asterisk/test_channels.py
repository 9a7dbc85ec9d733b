"""What is kept of a switch's channels: their names, their life, and who hears whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from adapters.telephony.asterisk.channels import TRANSITIONS, Chan, Channels, Phase, Remembered, Sign, named
from adapters.telephony.asterisk.messages import Channel

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def seen(channels: Channels, id_: str, name: str = "") -> Chan:
    chan = channels.see(Channel(id=id_, name=name or f"PJSIP/{id_}-00000001"), NOON)
    assert chan is not None
    return chan


@pytest.mark.parametrize(
    ("name", "endpoint", "pair"),
    [
        ("PJSIP/agent1001-0000000a", "PJSIP/agent1001", ""),
        ("PJSIP/agent-1001-0000000a", "PJSIP/agent-1001", ""),
        ("SIP/alice", "SIP/alice", ""),
        ("Local/1002@agents-00000001;2", "Local/1002@agents", "Local/1002@agents-00000001"),
        ("", "", ""),
        ("nonsense", "nonsense", ""),
    ],
)
def test_a_channels_name_says_its_endpoint(name: str, endpoint: str, pair: str) -> None:
    assert (named(name)[0], named(name)[2]) == (endpoint, pair)


def test_no_sign_leads_back_to_an_earlier_phase() -> None:
    order = list(Phase)
    for phase, signs in TRANSITIONS.items():
        assert all(order.index(after) > order.index(phase) for after in signs.values())
    assert TRANSITIONS[Phase.GONE] == {}


def test_a_sign_that_comes_late_or_twice_changes_nothing() -> None:
    chan = seen(Channels(), "a")
    chan.move(Sign.PICKED_UP, at(1))
    chan.move(Sign.RANG, at(2))
    chan.move(Sign.PICKED_UP, at(3))

    assert (chan.phase, chan.up_at, chan.rang_at) == (Phase.UP, at(1), None)


def test_who_shares_a_bridge_hears_each_other() -> None:
    channels = Channels()
    for id_ in ("a", "b"):
        channels.enter(seen(channels, id_), "A", at(1))
    channels.enter(seen(channels, "c"), "B", at(1))

    assert channels.together("a") == {"a", "b"}


def test_a_local_pair_joins_two_bridges() -> None:
    channels = Channels()
    for id_, bridge in (("a", "A"), ("b", "B")):
        channels.enter(seen(channels, id_), bridge, at(1))
    for side, bridge in (("1", "A"), ("2", "B")):
        channels.enter(seen(channels, f"l{side}", f"Local/x@y-00000001;{side}"), bridge, at(2))

    assert channels.together("a") == {"a", "b", "l1", "l2"}


def test_a_leaving_that_is_told_before_its_entering_still_ends_it() -> None:
    channels = Channels()
    chan = seen(channels, "a")
    channels.leave(chan, "A", at(2))
    channels.enter(chan, "A", at(1))

    assert chan.bridge is None


def test_who_comes_back_into_a_bridge_is_there() -> None:
    channels = Channels()
    chan = seen(channels, "a")
    channels.enter(chan, "A", at(1))
    channels.leave(chan, "A", at(2))
    channels.enter(chan, "A", at(3))

    assert chan.bridge == "A"


def test_only_so_many_ids_are_remembered() -> None:
    remembered = Remembered(2)
    for id_ in ("a", "b", "b", "c"):
        remembered.add(id_)

    assert [id_ in remembered for id_ in "abc"] == [False, True, True]

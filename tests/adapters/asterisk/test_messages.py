"""What is read of ARI's messages, and what is refused."""

from __future__ import annotations

import json

import pytest

from adapters.telephony.asterisk.messages import MESSAGE_BYTES_MAX, BadMessage, Bridge, instant, read, read_list
from tests.adapters.asterisk import recordings


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"{}", b'{"type":7}', b"\xff", b'{"type":"Dial","peer":[]}', b"[" * 99]
)
def test_what_is_no_message_is_refused(raw: bytes) -> None:
    with pytest.raises(BadMessage):
        read(raw)


def test_a_message_beyond_all_measure_is_refused_unread() -> None:
    with pytest.raises(BadMessage, match="at most"):
        read(b'{"type":"StasisStart"}' + b" " * MESSAGE_BYTES_MAX)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-21T21:51:38.829", "0001-01-01T00:00:00+1400", "9" * 99])
def test_a_timestamp_that_is_none_is_none(text: str) -> None:
    assert instant(text) is None


@pytest.mark.parametrize("name", recordings.NAMES)
def test_every_recorded_message_can_be_read(name: str) -> None:

    read_ = [read(json.dumps(message)) for message in recordings.messages(name)]
    assert any(read_)


def test_a_message_that_says_nothing_of_a_call_is_passed_over_unread() -> None:
    assert read(b'{"type":"PeerStatusChange","peer":{"peer_status":7}}') is None


def test_a_list_is_read_whole_or_not_at_all() -> None:
    assert read_list(b'[{"id":"A","channels":["1"],"unknown":{}}]', Bridge) == [Bridge(id="A", channels=("1",))]
    with pytest.raises(BadMessage):
        read_list(b'[{"id":"A"},{"id":7}]', Bridge)

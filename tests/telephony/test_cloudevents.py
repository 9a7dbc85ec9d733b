"""CloudEvents of the contract's section 5: what is taken, and what is wrong with the rest."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.errors import BadInput, TooLarge
from console.telephony import (
    CallAnswered,
    CallArrived,
    CallEnded,
    CallEvent,
    CallHeld,
    CallResumed,
    CallRinging,
    CallTransferred,
)
from console.telephony.cloudevents import BATCH, BODY_BYTES_MAX, SINGLE, EventError, Names, parse

AT = datetime(2026, 11, 21, 9, tzinfo=UTC)
ABOUT = {"source": "/pbx/main", "event_id": "e1", "call": "call-1", "at": AT}
ARRIVAL = {"from": "+442079460001", "to": "+441314960100"}


def event(type_: str = "call.arrived", data: Any = ARRIVAL, **change: Any) -> dict[str, Any]:
    whole = {
        "specversion": "1.0", "id": "e1", "source": "/pbx/main", "subject": "call-1", "type": type_,
        "time": "2026-11-21T09:00:00Z", "data": data, **change,
    }  # fmt: skip
    return {key: value for key, value in whole.items() if value != "absent"}


def parsed(*events: Any, **options: Any) -> tuple[list[CallEvent], list[EventError]]:
    return parse(json.dumps(events).encode(), BATCH, **options)


def the_error(raw: Any, **options: Any) -> EventError:
    events, [error] = parsed(raw, **options)
    assert events == []
    return error


@pytest.mark.parametrize(
    ("type_", "data", "expected"),
    [
        ("call.arrived", ARRIVAL, CallArrived(**ABOUT, caller="+442079460001", dialled="+441314960100")),
        (
            "call.arrived",
            {
                **ARRIVAL, "direction": "outbound", "queue": "faults", "requires": {"fibre": 3}, "priority": 20,
                "attributes": {"language": "pl", "digits": 42, "vip": True},
            },
            CallArrived(
                **ABOUT, caller="+442079460001", dialled="+441314960100", direction="outbound", queue="faults",
                requires={"fibre": 3}, priority=20, attributes={"language": "pl", "digits": "42", "vip": "true"},
            ),
        ),
        ("call.ringing", {"agent": "nadia"}, CallRinging(**ABOUT, agent="nadia")),
        ("call.answered", {"endpoint": "PJSIP/1001"}, CallAnswered(**ABOUT, endpoint="PJSIP/1001")),
        ("call.held", "absent", CallHeld(**ABOUT)),
        ("call.resumed", {}, CallResumed(**ABOUT)),
        ("call.transferred", {"to": {"queue": "faults"}, "kind": "blind"}, CallTransferred(**ABOUT, kind="blind", to_queue="faults")),
        ("call.transferred", {"to": {"agent": "ana"}, "kind": "attended"}, CallTransferred(**ABOUT, kind="attended", to_agent="ana")),
        ("call.ended", {"cause": "caller", "answered": False}, CallEnded(**ABOUT, cause="caller", answered=False)),
        ("call.ended", {"cause": "system", "answered": True}, CallEnded(**ABOUT, cause="system", answered=True)),
        ("call.ended", {"cause": "system", "answered": False}, CallEnded(**ABOUT, cause="system", answered=False, outcome="lost")),
    ],
)  # fmt: skip
def test_each_type_becomes_its_event(type_: str, data: Any, expected: CallEvent) -> None:
    assert parsed(event(type_, data)) == ([expected], [])


def test_a_single_event_comes_alone() -> None:
    events, errors = parse(json.dumps(event()).encode(), f"{SINGLE}; charset=utf-8")

    assert (len(events), errors) == (1, [])


def test_a_batch_keeps_its_order_and_its_good_ones() -> None:
    events, errors = parsed(event(id="1"), event(id="2", type="call.exploded"), event(id="3"), 7, event(id="5"))

    assert [event.event_id for event in events] == ["1", "3", "5"]
    assert [(error.index, error.id, error.field) for error in errors] == [(1, "2", "type"), (3, None, "event")]


def test_an_empty_batch_is_no_error() -> None:
    assert parsed() == ([], [])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"specversion": "0.3"}, "specversion"),
        ({"specversion": 1.0}, "specversion"),
        ({"specversion": "absent"}, "specversion"),
        ({"id": "absent"}, "id"),
        ({"id": ""}, "id"),
        ({"id": 7}, "id"),
        ({"id": "x" * 256}, "id"),
        ({"id": "a\x00b"}, "id"),
        ({"source": ""}, "source"),
        ({"source": ["/pbx"]}, "source"),
        ({"subject": "absent"}, "subject"),
        ({"subject": "\u202egnol"}, "subject"),
        ({"type": "call.exploded"}, "type"),
        ({"type": None}, "type"),
        ({"time": "absent"}, "time"),
        ({"time": "yesterday"}, "time"),
        ({"time": 1763715600}, "time"),
        ({"time": "2026-11-21T09:00:00"}, "time"),
        ({"time": "2026-11-21"}, "time"),
        ({"time": "2026-13-41T09:00:00Z"}, "time"),
        ({"time": "0001-01-01T00:00:00+14:00"}, "time"),
        ({"data": []}, "data"),
        ({"data": "<xml/>"}, "data"),
        ({"data": {"to": "100"}}, "data.from"),
        ({"data": {"from": 44, "to": "100"}}, "data.from"),
        ({"data": {**ARRIVAL, "direction": "sideways"}}, "data.direction"),
        ({"data": {**ARRIVAL, "direction": ["inbound"]}}, "data.direction"),
        ({"data": {**ARRIVAL, "priority": 1.5}}, "data.priority"),
        ({"data": {**ARRIVAL, "priority": 10**30}}, "data.priority"),
        ({"data": {**ARRIVAL, "requires": ["fibre"]}}, "data.requires"),
        ({"data": {**ARRIVAL, "requires": {"fibre": 0}}}, "data.requires.fibre"),
        ({"data": {**ARRIVAL, "requires": {"fibre": 11}}}, "data.requires.fibre"),
        ({"data": {**ARRIVAL, "requires": {"fibre": "3"}}}, "data.requires.fibre"),
        ({"data": {**ARRIVAL, "requires": {"fibre": None}}}, "data.requires.fibre"),
        ({"data": {**ARRIVAL, "requires": {f"s{n}": 1 for n in range(21)}}}, "data.requires"),
        ({"data": {**ARRIVAL, "attributes": {"a": {"b": 1}}}}, "data.attributes.a"),
        ({"data": {**ARRIVAL, "attributes": {str(n): 1 for n in range(51)}}}, "data.attributes"),
        ({"data": {**ARRIVAL, "queue": ""}}, "data.queue"),
        ({"type": "call.ringing", "data": {}}, "data.endpoint"),
        ({"type": "call.answered", "data": {"agent": 5}}, "data.agent"),
        ({"type": "call.transferred", "data": {"kind": "blind"}}, "data.to"),
        ({"type": "call.transferred", "data": {"to": {"queue": "a", "agent": "b"}, "kind": "blind"}}, "data.to"),
        ({"type": "call.transferred", "data": {"to": "faults", "kind": "blind"}}, "data.to"),
        ({"type": "call.transferred", "data": {"to": {"agent": "b"}}}, "data.kind"),
        ({"type": "call.ended", "data": {"answered": True}}, "data.cause"),
        ({"type": "call.ended", "data": {"cause": "gremlins", "answered": True}}, "data.cause"),
        ({"type": "call.ended", "data": {"cause": "caller", "answered": "no"}}, "data.answered"),
    ],
)  # fmt: skip
def test_a_malformed_event_is_refused_by_its_field(change: dict[str, Any], field: str) -> None:
    error = the_error(event(**change))

    assert error.field == field
    assert error.detail


def test_a_queue_or_skill_that_is_not_configured_is_malformed() -> None:
    known = Names(queues={"faults"}, skills={"fibre"})

    assert parsed(event(data={**ARRIVAL, "queue": "faults", "requires": {"fibre": 3}}), known=known)[1] == []
    assert the_error(event(data={**ARRIVAL, "queue": "fualts"}), known=known).field == "data.queue"
    assert the_error(event(data={**ARRIVAL, "requires": {"fiber": 3}}), known=known).field == "data.requires"
    transfer = event("call.transferred", {"to": {"queue": "nowhere"}, "kind": "blind"})
    assert the_error(transfer, known=known).field == "data.to.queue"


def test_a_sender_speaks_for_its_own_source_only() -> None:
    assert the_error(event(), source="webhook").field == "source"
    assert parsed(event(source="webhook"), source="webhook")[1] == []


@pytest.mark.parametrize(
    "number", ["anonymous", "sip:alice@example.org", "<script>alert(1)</script>", "'; DROP TABLE x"]
)
def test_a_caller_that_is_no_number_is_kept_as_text(number: str) -> None:
    [arrived], _ = parsed(event(data={"from": number, "to": "100"}))

    assert isinstance(arrived, CallArrived)
    assert arrived.caller == number


def test_a_callers_text_is_made_fit_to_be_kept() -> None:
    [arrived], _ = parsed(
        event(data={"from": "+44\x0020\u202e" + "9" * 5000, "to": "\x00", "attributes": {"a\x00": "b\x00"}})
    )

    assert isinstance(arrived, CallArrived)
    assert arrived.caller.startswith("+44209")
    assert len(arrived.caller) == 256
    assert (arrived.dialled, arrived.attributes) == ("", {"a": "b"})


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[1e999]", b"[" * 5000, b"NaN", b'"\\ud800"'])
@pytest.mark.parametrize("kind", [SINGLE, BATCH])
def test_a_body_that_is_no_json_is_bad_input(body: bytes, kind: str) -> None:
    with pytest.raises(BadInput):
        parse(body, kind)


def test_a_batch_must_be_an_array() -> None:
    with pytest.raises(BadInput, match="array"):
        parse(json.dumps(event()).encode(), BATCH)


@pytest.mark.parametrize("content_type", ["", "application/json", "text/xml", "application/cloudevents+xml"])
def test_another_content_type_is_bad_input(content_type: str) -> None:
    with pytest.raises(BadInput, match="Content-Type"):
        parse(b"[]", content_type)


def test_a_body_over_a_mebibyte_is_too_large() -> None:
    with pytest.raises(TooLarge):
        parse(b" " * (BODY_BYTES_MAX + 1), BATCH)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*event(), "extra"]), json_values), json_values)
def test_whatever_is_sent_each_event_is_either_taken_or_refused(change: dict[str, Any], data: Any) -> None:
    raws = [
        {**event(), **change},
        event(data=data),
        data,
        event(data={**ARRIVAL, "attributes": data, "requires": data}),
    ]
    try:
        body = json.dumps(raws).encode()
        events, errors = parse(body, BATCH)
    except BadInput:
        return
    assert len(events) + len(errors) == len(raws)

"""traffic.yaml to a `Traffic`: read and checked as centre.yaml is, against the centre it is to be run on."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec

from console.config.classify import Arrival, classify
from console.config.document import CHANNELS, Centre, ServiceLevel
from console.config.parse import PRIORITY_MAX
from console.durations import duration
from console.errors import Fault
from console.nodes import Map, Scalar
from console.reading import Fields, Value, did_you_mean, listed, shown, whole
from console.routing.queue import SECOND, Requirement, Span
from console.routing.traffic import Exponential, Fixed, Gamma, Lognormal, Phase, Spread, Stream, Trace

DAY_MAX = timedelta(days=366)
REPLICATIONS_MAX = 10_000
CUSTOMERS_MAX = 10_000_000
"""Expected of one day; more would take an hour."""
TRACE_MAX = 1_000_000
"""Spans in one file."""
CV_MAX = 100
ATTRIBUTES_MAX = 100

KEYS: dict[str, tuple[str, ...]] = {
    "": ("duration", "replications", "drain", "streams"),
    "streams[]": (
        "name",
        "queue",
        "channel",
        "to",
        "from",
        "priority",
        "requires",
        "attributes",
        "topic",
        "subject",
        "source",
        "call",
        "case",
        "customer",
        "contract",
        "rate",
        "handle_time",
        "patience",
    ),
    "streams[].rate[]": ("for", "rate"),
    "streams[].handle_time": ("fixed", "exponential", "lognormal", "gamma", "trace"),
    "streams[].handle_time.lognormal": ("mean", "cv"),
    "streams[].handle_time.gamma": ("mean", "cv"),
    "streams[].handle_time.trace": ("file",),
}
"""Every key of the file, by the section it stands in; the reference docs are held to it."""

_RATE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)\s?/\s?(s|min|h)", re.ASCII)
_PER = {"s": 1.0, "min": 60.0, "h": 3600.0}
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?", re.ASCII)
_RATES = "a rate such as 4.2/min, 90/h or 0.5/s"
_SPREADS = "{fixed: 2m}, {exponential: 2m}, {lognormal: {mean: 2m, cv: 0.8}}, {gamma: {mean: 2m, cv: 0.8}} or {trace: {file: NAME}}"

ReadFile = Callable[[str], str]
"""The text of a file that traffic.yaml names. Raises Fault."""


class Traffic(msgspec.Struct, frozen=True, kw_only=True):
    """What is simulated, and how often."""

    duration: Span
    streams: tuple[Stream, ...]
    replications: int = 1
    drain: bool = True


def parse(text: str, centre: Centre, read_file: ReadFile) -> Traffic:
    """The traffic that a file means in that centre.

    Raises Misconfigured.
    """
    return whole(text, "a mapping with duration and streams", _Reader(centre, read_file).traffic)


class _Reader:
    def __init__(self, centre: Centre, read_file: ReadFile) -> None:
        self._centre = centre
        self._read_file = read_file

    def traffic(self, value: Value) -> Traffic:
        fields = value.fields(KEYS[""])
        lasts = fields.need("duration", lambda v: v.duration(timedelta(seconds=1), DAY_MAX), timedelta(days=1))
        streams = fields.need("streams", lambda v: self._streams(v, _span(lasts)), ())
        _not_too_many(value, streams, _span(lasts))
        return Traffic(
            duration=_span(lasts),
            replications=fields.take("replications", lambda v: v.whole(1, REPLICATIONS_MAX), 1),
            drain=fields.take("drain", Value.truth, default=True),
            streams=streams,
        )

    def _streams(self, value: Value, lasts: Span) -> tuple[Stream, ...]:
        names: dict[str, int] = {}

        def one(item: Value) -> Stream:
            stream = self._stream(item, lasts)
            if stream.name in names:
                item.note(f"name {shown(stream.name)} is there twice, first on line {names[stream.name]}")
            names.setdefault(stream.name, item.line)
            return stream

        found = value.each(one)
        if not value.items():
            raise value.wrong("must be a list of at least one stream")
        return found

    def _stream(self, value: Value, lasts: Span) -> Stream:
        name = _name_in(value)
        value = value.beside(f"streams[{name}]") if name else value
        fields = value.fields(KEYS["streams[]"])
        arrival = self._arrival(value, fields)
        decision = classify(self._centre, arrival)
        queue = self._centre.queue(decision.queue) if decision.queue is not None else None
        if queue is None and "queue" not in fields:
            value.note(
                "no routing rule of the centre sends it anywhere; give it a queue, or the fields that rules read"
            )
        return Stream(
            name=fields.need("name", Value.name, ""),
            kind=queue.channel if queue else "voice",
            queue=queue.name if queue else "",
            requires=decision.requires,
            priority=decision.priority,
            phases=fields.need("rate", lambda v: _phases(v, lasts), ()),
            handle_time=fields.need("handle_time", self._spread, Fixed(0)),
            patience=fields.take("patience", self._spread, None),
            within=_span((queue.service_level if queue else ServiceLevel()).within),
        )

    def _arrival(self, value: Value, fields: Fields) -> Arrival:
        """What routing rules would know of it."""
        queue = fields.take("queue", self._queue, None)
        found = self._centre.queue(queue) if queue is not None else None
        channel = fields.take("channel", lambda v: v.choice(CHANNELS), found.channel if found else "voice")
        if found is not None and channel != found.channel:
            value.note(f"queue {found.name} is of channel {found.channel}, not {channel}")
        return Arrival(
            channel=channel,
            queue=queue,
            to=fields.take("to", Value.text, None),
            from_=fields.take("from", Value.text, None),
            priority=fields.take("priority", lambda v: v.whole(-PRIORITY_MAX, PRIORITY_MAX), None),
            requires=fields.take("requires", self._requirement, {}),
            attributes=fields.take("attributes", _attributes, {}),
            topic=fields.take("topic", Value.text, None),
            subject=fields.take("subject", Value.text, None),
            source=fields.take("source", Value.text, None),
            call=fields.take("call", _attributes, None),
            case=fields.take("case", _attributes, None),
            customer=fields.take("customer", _attributes, None),
            contract=fields.take("contract", _attributes, None),
        )

    def _queue(self, value: Value) -> str:
        return self._declared(value, "queue", tuple(queue.name for queue in self._centre.queues))

    def _requirement(self, value: Value) -> Requirement:
        skill: Callable[[Value], str] = lambda v: self._declared(v, "skill", self._centre.skills)  # noqa: E731 - a name for one argument
        return value.named(lambda v: v.whole(1, 10), name=skill)

    def _declared(self, value: Value, kind: str, names: tuple[str, ...]) -> str:
        name = value.name()
        if name not in names:
            hint = f"{did_you_mean(name, names)}; {listed(names)}"
            raise value.wrong(f"there is no {kind} {shown(name)} in the centre{hint}")
        return name

    # --- how long ----------------------------------------------------------------------------------------------------

    def _spread(self, value: Value) -> Spread:
        fields = value.fields(KEYS["streams[].handle_time"])
        given = [key for key in KEYS["streams[].handle_time"] if key in fields]
        if len(given) != 1:
            raise value.wrong(f"must be one of {_SPREADS}")
        of = fields.value(given[0])
        match given[0]:
            case "fixed":
                return Fixed(_span(of.duration()))
            case "exponential":
                return Exponential(_mean(of))
            case "trace":
                return self._trace(of)
            case kind:
                shape = of.fields(KEYS[f"streams[].handle_time.{kind}"])
                mean, cv = shape.need("mean", _mean, SECOND), shape.need("cv", _cv, 1.0)
                return Lognormal(mean, cv) if kind == "lognormal" else Gamma(mean, cv)

    def _trace(self, value: Value) -> Trace:
        fields = value.fields(KEYS["streams[].handle_time.trace"])
        file = fields.need("file", Value.text, "")
        if not file:
            return Trace((0,))
        try:
            text = self._read_file(file)
        except Fault as error:
            raise value.wrong(str(error)) from None
        return Trace(_measured(value, file, text))


def _measured(value: Value, file: str, text: str) -> tuple[Span, ...]:
    """One span a line: a duration (`95s`), or a bare number of seconds."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        written = line.strip()
        if not written or written.startswith("#"):
            continue
        span = duration(f"{written}s" if _NUMBER.fullmatch(written) else written)
        if span is None:
            raise value.wrong(f"{file}:{number}: must be seconds, or a duration such as 95s; not {shown(written)}")
        found.append(_span(span))
        if len(found) > TRACE_MAX:
            raise value.wrong(f"{file}: more than {TRACE_MAX:,} lines")
    if not found:
        raise value.wrong(f"{file}: must have at least one line, each a duration such as 95s")
    return tuple(found)


def _phases(value: Value, lasts: Span) -> tuple[Phase, ...]:
    if isinstance(value.node, Scalar):
        return (Phase(lasts, _rate(value)),)

    def one(item: Value) -> Phase:
        fields = item.fields(KEYS["streams[].rate[]"])
        span = fields.need("for", lambda v: v.duration(timedelta(seconds=1), DAY_MAX), timedelta(seconds=1))
        return Phase(_span(span), fields.need("rate", _rate, 0.0))

    if not value.items():
        raise value.wrong(f"must be {_RATES}, or a list of {{for: 2h, rate: 4.2/min}}")
    return value.each(one)


def _rate(value: Value) -> float:
    """Calls a second."""
    found = _RATE.fullmatch(value.text(_RATES))
    if found is None:
        raise value.wrong(f"must be {_RATES}; not {shown(value.text())}")
    return float(found[1]) / _PER[found[2]]


def _mean(value: Value) -> Span:
    return _span(value.duration(timedelta(microseconds=1)))


def _cv(value: Value) -> float:
    text = value.text("a number above 0")
    if not _NUMBER.fullmatch(text) or not 0 < float(text) <= CV_MAX:
        raise value.wrong(f"must be a number above 0, at most {CV_MAX}; not {shown(text)}")
    return float(text)


def _attributes(value: Value) -> dict[str, Any]:
    found = value.named(lambda v: v.text())
    if len(found) > ATTRIBUTES_MAX:
        raise value.wrong(f"has {len(found)} entries; at most {ATTRIBUTES_MAX} are taken")
    return found


def _not_too_many(value: Value, streams: tuple[Stream, ...], lasts: Span) -> None:
    expected = math.fsum(
        phase.per_second * min(phase.lasts, lasts) / SECOND for stream in streams for phase in stream.phases
    )
    if expected > CUSTOMERS_MAX:
        value.note(f"{expected:,.0f} customers a day; at most {CUSTOMERS_MAX:,} are simulated")


def _name_in(value: Value) -> str | None:
    if not isinstance(value.node, Map):
        return None
    found = [node for key, node in value.node.entries if key.text == "name"]
    return found[0].text[:64] if found and isinstance(found[0], Scalar) and not found[0].is_null else None


def _span(value: timedelta) -> Span:
    return value // timedelta(microseconds=1)

"""traffic.yaml is read as centre.yaml is: every mistake is told, with its line, its key, and what would be right."""

import pytest

from console.config import parse, traffic
from console.config.traffic import Traffic
from console.errors import Fault
from console.reading import Misconfigured
from console.routing.queue import MINUTE, SECOND
from console.routing.traffic import Exponential, Fixed, Gamma, Lognormal, Phase, Trace

CENTRE = parse.parse("""
version: 1
skills: [fibre, polish]
queues:
  - {name: support, channel: voice, service_level: {within: 30s}}
  - {name: faults, channel: voice, requires: {fibre: 2}}
  - {name: desk, channel: case}
routing:
  - {when: 'to == "+441314960100" && attributes.choice == "2"', queue: faults, set: {priority: 7, requires: {polish: 1}}}
  - {when: 'topic == "bill"', queue: desk}
""")
GOOD = """
duration: 8h
replications: 20
drain: false
streams:
  - name: support
    queue: support
    rate: 4.2/min
    handle_time: {exponential: 2m}
    patience: {exponential: 1m}
"""


def read(text: str, **files: str) -> Traffic:
    def read_file(name: str) -> str:
        if name not in files:
            raise Fault(f"{name}: No such file or directory")
        return files[name]

    return traffic.parse(text, CENTRE, read_file)


def stream(more: str, head: str = "name: s, queue: support") -> str:
    given = {key for key in ("rate", "handle_time") if f"{key}:" in more}
    rate = "" if "rate" in given else ", rate: 1/s"
    handling = "" if "handle_time" in given else ", handle_time: {fixed: 60s}"
    return f"duration: 1h\nstreams:\n  - {{{head}{', ' if more else ''}{more}{rate}{handling}}}\n"


def test_the_contracts_own_example() -> None:
    found = read(GOOD)

    assert (found.duration, found.replications, found.drain) == (480 * MINUTE, 20, False)
    [one] = found.streams
    assert (one.name, one.kind, one.queue, one.within) == ("support", "voice", "support", 30 * SECOND)
    assert one.phases == (Phase(480 * MINUTE, pytest.approx(0.07)),)
    assert (one.handle_time, one.patience) == (Exponential(2 * MINUTE), Exponential(MINUTE))


def test_what_is_left_out_is_one_whole_replication_of_people_who_never_hang_up() -> None:
    found = read(stream(""))

    assert (found.replications, found.drain, found.streams[0].patience) == (1, True, None)


@pytest.mark.parametrize(("rate", "per_second"), [("6/min", 0.1), ("0.5/s", 0.5), ("90/h", 0.025), ("0/h", 0.0)])
def test_rates(rate: str, per_second: float) -> None:
    assert read(stream(f"rate: {rate}")).streams[0].phases[0].per_second == pytest.approx(per_second)


def test_a_profile_of_the_day() -> None:
    found = read(stream("rate: [{for: 20m, rate: 1/s}, {for: 40m, rate: 2/s}]"))

    assert found.streams[0].phases == (Phase(20 * MINUTE, 1.0), Phase(40 * MINUTE, 2.0))


@pytest.mark.parametrize(
    ("text", "spread"),
    [
        ("{fixed: 90s}", Fixed(90 * SECOND)),
        ("{lognormal: {mean: 2m, cv: 0.8}}", Lognormal(2 * MINUTE, 0.8)),
        ("{gamma: {mean: 2m, cv: 0.5}}", Gamma(2 * MINUTE, 0.5)),
        ("{trace: {file: talks.txt}}", Trace((95 * SECOND, 2 * MINUTE, 500_000))),
    ],
)
def test_handle_times(text: str, spread) -> None:
    found = read(stream(f"handle_time: {text}"), **{"talks.txt": "# measured\n95\n2m\n\n0.5s\n"})

    assert found.streams[0].handle_time == spread


def test_routing_rules_decide_where_no_queue_is_given() -> None:
    [one] = read(stream('to: "+441314960100", attributes: {choice: "2"}', head="name: s")).streams

    assert (one.queue, one.kind, one.priority, one.requires) == ("faults", "voice", 7, {"polish": 1})


def test_a_stream_of_cases() -> None:
    assert read(stream("topic: bill, channel: case", head="name: s")).streams[0].kind == "case"
    assert read(stream("", head="name: s, queue: desk")).streams[0].kind == "case"


@pytest.mark.parametrize(
    ("text", "line", "key", "detail"),
    [
        ("streams: []", 1, "", "duration is missing"),
        ("duration: 1h\nstreams: []", 2, "streams", "must be a list of at least one stream"),
        ("duration: 0s\nstreams: []", 1, "duration", "must be from 1s"),
        ("duration: 1h\nreplicatons: 3\nstreams: []", 2, "replicatons", "did you mean 'replications'?"),
        ("duration: 1h\nreplications: 0\nstreams: []", 2, "replications", "a whole number from 1"),
        ("duration: 1h\ndrain: maybe\nstreams: []", 2, "drain", "must be true or false"),
        (stream("rate: 4 per min"), 3, "streams[s].rate", "a rate such as 4.2/min"),
        (stream("rate: [{for: 1h}]"), 3, "streams[s].rate[0]", "rate is missing"),
        (stream("handle_time: 2m"), 3, "streams[s].handle_time", "must be a mapping"),
        (stream("handle_time: {normal: 2m}"), 3, "streams[s].handle_time.normal", "allowed here: fixed, exp"),
        (stream("handle_time: {fixed: 1m, exponential: 2m}"), 3, "streams[s].handle_time", "must be one of"),
        (stream("handle_time: {gamma: {mean: 2m, cv: 0}}"), 3, "streams[s].handle_time.gamma.cv", "a number above 0"),
        (stream("handle_time: {gamma: {mean: 2m}}"), 3, "streams[s].handle_time.gamma", "cv is missing"),
        (stream("handle_time: {trace: {file: no.txt}}"), 3, "streams[s].handle_time.trace", "no.txt: No such file"),
        (
            stream("handle_time: {trace: {file: bad.txt}}"),
            3,
            "streams[s].handle_time.trace",
            "bad.txt:2: must be seconds",
        ),
        (stream("handle_time: {trace: {file: empty.txt}}"), 3, "streams[s].handle_time.trace", "at least one line"),
        (stream("", head="name: s, queue: suport"), 3, "streams[s].queue", "did you mean 'support'?"),
        (stream("requires: {fiber: 2}"), 3, "streams[s].requires.fiber", "did you mean 'fibre'?"),
        (stream("", head="name: s"), 3, "streams[s]", "no routing rule of the centre sends it anywhere"),
        (stream("channel: case"), 3, "streams[s]", "queue support is of channel voice, not case"),
        (stream("rate: 900000/s"), 1, "", "at most 10,000,000 are simulated"),
        ("- a", 1, "", "must be a mapping with duration and streams"),
        ("duration: [", 2, "", "not YAML"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_key(text: str, line: int, key: str, detail: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        read(text, **{"bad.txt": "1\nlong\n", "empty.txt": "\n"})

    assert any((p.line, p.key) == (line, key) and detail in p.detail for p in refused.value.problems), (
        refused.value.problems
    )


def test_a_name_may_come_once() -> None:
    two = stream("") + stream("").split("\n", 2)[2]

    with pytest.raises(Misconfigured) as refused:
        read(two)

    assert "is there twice, first on line 3" in refused.value.problems[0].detail

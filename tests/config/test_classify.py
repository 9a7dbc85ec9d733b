"""To which queue an arrival goes."""

import msgspec

from console.config.classify import Arrival, Decision, classify
from console.config.document import Centre
from console.config.parse import parse

VOICE = Arrival(channel="voice", to="+441314960100")


def test_the_first_rule_that_holds_decides(centre: Centre) -> None:
    decision = classify(centre, VOICE)

    assert (decision.queue, decision.rule, decision.priority) == ("faults", 1, 20)


def test_a_rule_without_a_condition_always_holds(centre: Centre) -> None:
    decision = classify(centre, Arrival(channel="voice", to="+1"))

    assert (decision.queue, decision.rule, decision.priority) == ("general", 2, None)


def test_the_queue_that_was_asked_for_wins_over_every_rule(centre: Centre) -> None:
    decision = classify(centre, msgspec.structs.replace(VOICE, queue="general", priority=3))

    assert (decision.queue, decision.rule, decision.priority) == ("general", None, 3)


def test_requirements_are_merged_and_the_higher_level_wins(centre: Centre) -> None:
    decision = classify(centre, msgspec.structs.replace(VOICE, requires={"fibre": 1, "english": 7, "billing": 2}))

    assert decision.requires == {"fibre": 1, "english": 7, "billing": 2, "polish": 1}
    assert decision.needs == {"fibre": 3, "english": 7, "billing": 2, "polish": 1}


def test_a_rules_priority_wins_over_the_arrivals(centre: Centre) -> None:
    assert classify(centre, msgspec.structs.replace(VOICE, priority=3)).priority == 20
    assert classify(centre, Arrival(channel="voice", priority=3)).priority == 3


def test_where_no_rule_holds_the_fallback_queue_takes_it() -> None:
    centre = parse(
        "version: 1\nqueues: [{name: q, channel: voice}, {name: last, channel: voice}]\n"
        "routing: [{when: 'to == \"1\"', queue: q}]\nrouting_defaults: {fallback_queue: last}"
    )

    assert classify(centre, Arrival(channel="voice", to="2")).queue == "last"


def test_without_rules_or_fallback_nothing_is_decided() -> None:
    assert classify(Centre(), VOICE) == Decision(queue=None, rule=None, priority=None, requires={}, needs={})


def test_a_condition_that_fails_does_not_hold_and_is_told() -> None:
    centre = parse(
        "version: 1\nqueues: [{name: q, channel: voice}, {name: r, channel: voice}]\n"
        "routing: [{when: 'case.number == \"C-1\"', queue: q}, {queue: r}]"
    )

    decision = classify(centre, VOICE)

    assert decision.queue == "r"
    assert [failed.rule for failed in decision.failed] == [1]
    assert decision.failed[0].error


def test_conditions_see_every_name() -> None:
    when = (
        'channel == "voice" && to == "2" && from == "1" && priority == 5 && requires.a == 3'
        ' && attributes.x == "y" && topic == "t" && subject == "s" && source == "pbx" && queue == null'
        ' && call.id == "7" && case.number == "C-1" && customer.phone == "1" && contract.level == "gold"'
    )
    centre = parse(
        f"version: 1\nskills: [a]\nqueues: [{{name: q, channel: voice}}]\nrouting:\n  - queue: q\n    when: '{when}'"
    )

    decision = classify(
        centre,
        Arrival(
            channel="voice",
            to="2",
            from_="1",
            priority=5,
            requires={"a": 3},
            attributes={"x": "y"},
            topic="t",
            subject="s",
            source="pbx",
            call={"id": "7"},
            case={"number": "C-1"},
            customer={"phone": "1"},
            contract={"level": "gold"},
        ),
    )

    assert (decision.queue, decision.failed) == ("q", ())


def test_a_hostile_caller_is_only_text() -> None:
    centre = parse(
        "version: 1\nqueues: [{name: q, channel: voice}]\nrouting: [{when: 'from.startsWith(\"+44\")', queue: q}]"
    )

    assert classify(centre, Arrival(channel="voice", from_='" || true || "')).queue is None

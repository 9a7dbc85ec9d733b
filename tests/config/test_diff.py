"""What an apply would change, told before it does."""

from hypothesis import given, settings

from console.config.diff import difference
from console.config.document import Centre
from console.config.parse import parse
from tests.config.strategies import centres


def between(before: str, after: str) -> list[str]:
    return difference(parse(f"version: 1\n{before}"), parse(f"version: 1\n{after}"))


def test_equal_files_have_no_difference(centre: Centre) -> None:
    assert difference(centre, centre) == []


def test_the_first_configuration_is_all_new(centre: Centre) -> None:
    assert difference(Centre(), centre) == [
        "+ skill fibre",
        "+ skill billing",
        "+ skill english",
        "+ skill polish",
        "+ calendar office",
        "+ sla gold",
        "+ telephony pbx",
        "+ telephony webhook",
        "+ queue faults",
        "+ queue general",
        "+ queue tier2",
        "+ agent nadia",
        (
            '+ routing rule 1 {when: channel == "voice" && to == "+441314960100", queue: faults, '
            "set: {priority: 20, requires: {polish: 1}}}"
        ),
        "+ routing rule 2 {queue: general}",
        "~ routing_defaults: fallback_queue (default) → general",
    ]


def test_a_changed_key_is_told_with_both_values() -> None:
    assert between(
        "skills: [a]\nqueues: [{name: q, channel: voice, requires: {a: 3}}]",
        "skills: [a]\nqueues: [{name: q, channel: voice, requires: {a: 4}, wrap_up: open, priority: 3}]",
    ) == [
        "~ queue q: requires.a 3 → 4",
        "~ queue q: priority (default) → 3",
        "~ queue q: wrap_up (default) → open",
    ]


def test_who_goes_is_told_what_becomes_of_them() -> None:
    assert between("agents: [{username: ana}, {username: ben}]", "agents: [{username: ana}]") == [
        "- agent ben (deactivated when their work in hand has ended)"
    ]


def test_another_order_is_a_change_too() -> None:
    assert between("skills: [a, b]", "skills: [b, a]") == ["~ skills stand in another order"]
    assert between("skills: [a, b]", "skills: [c, a, b]") == ["+ skill c"]


def test_a_secret_is_never_told() -> None:
    def phone(secret: str) -> str:
        return f"telephony: [{{name: p, kind: cloudevents, secret: {secret}}}]"

    [told] = between(phone("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"), phone("whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldY"))

    assert told == "~ telephony p: secret becomes another"


def test_rules_are_told_by_their_number() -> None:
    queues = "queues: [{name: q, channel: voice}, {name: r, channel: voice}]\n"

    assert between(
        f"{queues}routing: [{{when: 'to == \"1\"', queue: q}}, {{queue: q}}]", f"{queues}routing: [{{queue: r}}]"
    ) == [
        '~ routing rule 1 {when: to == "1", queue: q} → {queue: r}',
        "- routing rule 2 {queue: q}",
    ]


@settings(max_examples=50, deadline=None)
@given(centres(), centres())
def test_two_configurations_differ_exactly_where_a_difference_is_told(one: Centre, other: Centre) -> None:
    assert (difference(one, other) == []) == (one == other)

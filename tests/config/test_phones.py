"""Phone systems of a configuration."""

import pytest

from console.config.document import PHONE_SYSTEMS, PhoneSystem
from console.config.phones import phone_system
from console.nodes import compose
from console.reading import Report, Value


def read(text: str) -> tuple[PhoneSystem, list[str]]:
    report = Report()
    found = phone_system(Value(compose(text), "telephony[p]", report))
    return found, [problem.detail for problem in report.problems]


@pytest.mark.parametrize("kind", PHONE_SYSTEMS)
def test_every_kind_is_taken(kind: str) -> None:
    system, problems = read(f"{{name: p, kind: {kind}, url: 'http://127.0.0.1:8088'}}")

    assert not problems
    assert (system.name, system.kind, system.app, system.user, system.ring) == (
        "p",
        kind,
        "console",
        "console",
        "on_accept",
    )


@pytest.mark.parametrize(
    "url", ["http://pbx", "https://pbx.example:8089/ari", "tcp://10.0.0.1:8021", "http://[::1]:8088"]
)
def test_an_address_has_a_scheme_and_a_host(url: str) -> None:
    assert read(f"{{name: p, kind: freeswitch, url: '{url}'}}") == (
        PhoneSystem(name="p", kind="freeswitch", url=url),
        [],
    )


@pytest.mark.parametrize(
    "url", ["pbx", "ftp://pbx", "http://", "http://pbx:99999", "javascript:alert(1)", "http://u:p@h"]
)
def test_anything_else_is_no_address(url: str) -> None:
    _, problems = read(f"{{name: p, kind: freeswitch, url: '{url}'}}")

    assert len(problems) == 1


@pytest.mark.parametrize("secret", ["env:PBX", "hunter2", "with space"])
def test_a_switch_takes_any_secret(secret: str) -> None:
    assert read(f"{{name: p, kind: simulator, secret: '{secret}'}}")[1] == []


@pytest.mark.parametrize(
    ("secret", "taken"),
    [
        ("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3", True),
        ("env:WEBHOOK_SECRET", True),
        ("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3", False),
        ("whsec_", False),
        ("whsec_short", False),
        ("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY", False),
        ("env:1", False),
        ("env:A B", False),
    ],
)
def test_a_webhooks_secret_is_of_its_own_form(secret: str, *, taken: bool) -> None:
    _, problems = read(f"{{name: p, kind: cloudevents, secret: '{secret}'}}")

    assert (problems == []) == taken
    assert all(secret not in problem for problem in problems if len(secret) > 6), "a secret is not told"


def test_how_phones_ring_and_what_callers_hear_meanwhile_can_be_chosen() -> None:
    system, problems = read(
        "{name: p, kind: simulator, ring: on_offer, waiting: ringing, dial: 'PJSIP/{number}@trunk'}"
    )

    assert not problems
    assert (system.ring, system.waiting, system.dial) == ("on_offer", "ringing", "PJSIP/{number}@trunk")


def test_unless_chosen_a_phone_rings_on_acceptance_callers_hear_music_and_no_number_is_dialled() -> None:
    system, _ = read("{name: p, kind: simulator}")

    assert (system.ring, system.waiting, system.dial) == ("on_accept", "music", None)


@pytest.mark.parametrize(
    "dial", ["PJSIP/trunk", "{number}", "PJSIP/{number},x", "PJSIP/{number}&Local/1", "a b/{number}"]
)
def test_a_way_to_dial_is_one_phone_with_the_number_in_it(dial: str) -> None:
    _, problems = read(f"{{name: p, kind: simulator, dial: '{dial}'}}")

    assert len(problems) == 1

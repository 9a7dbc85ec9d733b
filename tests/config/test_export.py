"""A configuration written out, and read again."""

import msgspec
from hypothesis import given, settings

from console.config.diff import difference
from console.config.document import Centre
from console.config.export import export
from console.config.parse import parse
from tests.config.strategies import centres


def test_the_empty_configuration_is_its_version_alone() -> None:
    assert export(Centre()) == "version: 1\n"


def test_the_contracts_example_is_the_same_after_export(centre: Centre) -> None:
    assert parse(export(centre)) == centre


def test_it_is_written_to_be_read(centre: Centre) -> None:
    text = export(centre)

    assert text.startswith("version: 1\nskills: [fibre, billing, english, polish]\ncalendars:\n  office:\n")
    assert "mon-fri: ['09:00-13:00', '14:00-18:00']" in text
    assert "  requires: {english: 3, fibre: 3}\n" in text
    assert "  resolution:\n        target: 4h\n        warn: 80%\n" in text
    assert '- when: channel == "voice" && to == "+441314960100"\n  queue: faults\n' in text
    assert "offer" not in text, "what has its default is left out"


def test_it_is_written_alike_whatever_order_the_database_gives_keys(centre: Centre) -> None:
    turned = msgspec.structs.replace(
        centre,
        queues=tuple(
            msgspec.structs.replace(queue, requires=dict(reversed(queue.requires.items()))) for queue in centre.queues
        ),
    )

    assert export(turned) == export(centre)


@settings(max_examples=80, deadline=None)
@given(centres())
def test_whatever_is_configured_is_read_from_its_export_as_the_same(centre: Centre) -> None:
    text = export(centre)

    again = parse(text)

    assert again == centre
    assert export(again) == text
    assert difference(centre, again) == []


@settings(max_examples=50, deadline=None)
@given(centres())
def test_whatever_is_configured_survives_the_database(centre: Centre) -> None:
    assert msgspec.json.decode(msgspec.json.encode(centre), type=Centre) == centre

"""A configuration as the words of its file."""

import pytest

from console.config.document import KEYS, Centre
from console.config.plain import plain, shown


def test_what_has_its_default_is_left_out() -> None:
    assert plain(Centre()) == {"version": 1}


def test_sections_stand_in_the_order_of_the_format(centre: Centre) -> None:
    keys = list(plain(centre))

    assert keys == [key for key in KEYS[""] if key in keys]


def test_a_queues_keys_are_the_files_own(centre: Centre) -> None:
    for queue in plain(centre)["queues"]:
        assert set(queue) <= set(KEYS["queues[]"])
    for agent in plain(centre)["agents"]:
        assert set(agent) <= set(KEYS["agents[]"])


@pytest.mark.parametrize(
    ("value", "text"), [({"a": [1, "b"], "c": {}}, "{a: [1, b], c: {}}"), (True, "true"), ("x", "x"), (3, "3")]
)
def test_a_value_is_shown_on_one_line(value: object, text: str) -> None:
    assert shown(value) == text

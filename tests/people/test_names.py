"""Names of users, integrations and people."""

from collections.abc import Callable

import pytest

from console.errors import BadInput
from console.people.names import checked_integration, checked_name, checked_username, is_username


@pytest.mark.parametrize("name", ["nadia", "n.rahimi-2_x", "7", "x" * 64])
def test_a_username_is_plain(name: str) -> None:
    assert checked_username(name) == name
    assert is_username(name)


@pytest.mark.parametrize("name", ["", "Nadia", "a b", "nadia\n", "й", "x" * 65, "a/b", "a:b", "<b>"])
def test_another_is_refused(name: str) -> None:
    assert not is_username(name)
    with pytest.raises(BadInput) as refused:
        checked_username(name)
    assert refused.value.errors[0].field == "username"


@pytest.mark.parametrize(
    ("check", "name"),
    [
        (checked_integration, ""),
        (checked_integration, "a b"),
        (checked_integration, "a/b"),
        (checked_integration, "x" * 65),
        (checked_name, " "),
        (checked_name, "a\nb"),
        (checked_name, "x" * 201),
    ],
)
def test_integrations_and_people_have_bounded_names_too(check: Callable[[str], str], name: str) -> None:
    with pytest.raises(BadInput):
        check(name)


def test_a_persons_name_is_theirs() -> None:
    assert checked_name(" Олена О'Коннор-Їжак ") == "Олена О'Коннор-Їжак"
    assert checked_name("<script>") == "<script>"
    assert checked_integration("PBX-2.main") == "PBX-2.main"

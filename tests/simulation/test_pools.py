"""In a simulation agents may be given by number."""

import pytest

from console.config import parse
from console.reading import Misconfigured

HEAD = "version: 1\nskills: [fibre]\nqueues: [{name: q, channel: voice}]\nagents:\n"


def test_so_many_alike_with_one_name() -> None:
    centre = parse.parse(
        HEAD
        + "  - {count: 2, name: pool, skills: {fibre: 3}, queues: [q]}\n  - {username: ana}\n  - {count: 1, name: pool}\n",
        by_number=True,
    )

    assert [(a.username, a.name, a.skills) for a in centre.agents] == [
        ("pool#1", "pool", {"fibre": 3}),
        ("pool#2", "pool", {"fibre": 3}),
        ("ana", "ana", {}),
        ("pool#3", "pool", {}),
    ]


@pytest.mark.parametrize(
    ("entry", "key", "detail"),
    [
        ("{count: 0, name: pool}", "agents[pool].count", "a whole number from 1"),
        ("{count: 2}", "agents[0]", "name is missing"),
        ("{count: 2, name: pool, username: ana}", "agents[ana]", "username is one person's"),
        ("{count: 2, name: pool, skills: {fiber: 2}}", "agents[pool].skills.fiber", "did you mean 'fibre'?"),
        ("{count: 2, name: pool, skilz: {}}", "agents[pool].skilz", "unknown key"),
    ],
)
def test_a_mistake_in_them_is_told_once(entry: str, key: str, detail: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        parse.parse(f"{HEAD}  - {entry}\n", by_number=True)

    [problem] = refused.value.problems
    assert (problem.line, problem.key) == (5, key)
    assert detail in problem.detail


def test_a_configuration_to_be_applied_names_each() -> None:
    with pytest.raises(Misconfigured) as refused:
        parse.parse(HEAD + "  - {count: 2, name: pool}\n")

    assert "console simulate" in refused.value.problems[0].detail

"""Escalation ladders in centre.yaml: what they mean, and what is wrong with one that could not work."""

from __future__ import annotations

from datetime import timedelta

import pytest

from console.cases.handover import Level
from console.config.document import Escalate, Ladder
from console.config.parse import parse
from console.reading import Misconfigured

FILE = """
version: 1
queues: [{{name: tier2, channel: case}}]
agents: [{{username: mara}}]
sla: {{gold: {{clocks: {{resolution: {{target: 4h, on_breach: [{{escalate: {action}}}]}}}}}}}}
escalations:
  - name: outage
    when: 'priority >= 50'
    levels:
      - {first}
      - {{agent: mara, notify: [supervisors]}}
"""
FIRST = "{queue: tier2, take_within: 15m}"


def file(first: str = FIRST, action: str = "{ladder: outage}") -> str:
    return FILE.format(first=first, action=action)


def test_a_ladder_has_a_condition_and_levels_in_their_order() -> None:
    centre = parse(file())
    assert centre.escalations == (
        Ladder(
            name="outage",
            when="priority >= 50",
            levels=(
                Level(queue="tier2", take_within=timedelta(minutes=15)),
                Level(agent="mara", notify=("supervisors",)),
            ),
        ),
    )
    assert centre.sla["gold"].clocks["resolution"].on_breach == (Escalate(ladder="outage"),)


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        (file("{queue: tier2}"), "level 1 needs take_within"),
        (file("{queue: tier2, agent: mara, take_within: 1m}"), "must be to one of the two"),
        (file("{take_within: 1m}"), "must be to one of the two"),
        (file("{queue: nowhere, take_within: 1m}"), "queue 'nowhere' is not declared"),
        (file("{queue: tier2, take_within: 0s}"), "must be from 1s"),
        (file("{queue: tier2, take_within: 1m, notify: [owners]}"), "must be one of owner, supervisors"),
        (file(action="{ladder: outrage}"), "escalation 'outrage' is not declared under escalations"),
        (file(action="{ladder: outage, queue: tier2}"), "must be {queue: NAME}, {agent: USERNAME} or {ladder: NAME}"),
        (file().replace("priority >= 50", "prio >= 50"), "unknown name 'prio'"),
        ("version: 1\nescalations: [{name: x, levels: []}]", "must be a list of 1 to 10 levels"),
    ],
)
def test_a_ladder_that_could_not_work_is_refused_where_it_stands(text: str, detail: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        parse(text)
    assert any(detail in error.detail for error in refused.value.errors), refused.value.errors

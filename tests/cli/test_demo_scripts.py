"""The example centre's scripts are good ones."""

from __future__ import annotations

from console.cli.demo import material, scripted
from console.scripts.check import Known, findings
from console.scripts.parse import read
from console.services.scripting import DISPOSITIONS


def test_the_examples_can_be_published_in_the_example_centre() -> None:
    centre = material.centre(12)
    known = Known(
        queues=frozenset(queue.name for queue in centre.queues),
        clocks=frozenset(clock for policy in centre.sla.values() for clock in policy.clocks),
        outcomes=DISPOSITIONS,
        systems=frozenset(centre.systems),
    )
    parsed = [read(scripted.source(name)) for name in scripted.SCRIPTS]
    library = {one.script.name: one.script for one in parsed if one.script}

    assert [finding for one in parsed for finding in findings(one, library, known) if finding.stops] == []

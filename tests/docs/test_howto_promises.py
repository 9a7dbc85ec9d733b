"""What the how-to says can be written is taken."""

from __future__ import annotations

import re
from pathlib import Path

from console.config.parse import parse

HOWTO = Path(__file__).parents[2] / "docs/howto/promises.md"
REST = """
version: 1
queues:
  - {name: tier2, channel: case, sla: gold}
  - {name: management, channel: case}
agents:
  - {username: gareth, name: Gareth Owen}
"""


def test_a_centre_of_what_it_shows_is_in_order() -> None:
    shown = re.findall(r"```yaml\n(.*?)```", HOWTO.read_text(), re.DOTALL)

    centre = parse(REST + "".join(shown))

    assert [*centre.sla["gold"].clocks] == ["first_response", "next_update", "resolution"]
    assert [level.queue or level.agent for level in centre.escalations[0].levels] == ["tier2", "gareth", "management"]

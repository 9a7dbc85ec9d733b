"""The workbench of a script as values, for drawing it without a console behind it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from console.scripts import check, parse
from console.scripts.check import Known
from console.scripts.store import Draft, Version
from console.services.scripting import DISPOSITIONS, Checked, Workbench
from console.web.fragment import View
from console.web.scripts import bench as drawn
from console.web.scripts.bench import Told
from tests.web.instants import NOW
from tests.web.screens import SHELL

FIBRE = (Path(__file__).parents[1] / "scripts" / "fibre.yaml").read_text()
THEN = datetime(2026, 11, 1, tzinfo=UTC)
KNOWN = Known(
    queues=frozenset({"faults", "tier2"}), clocks=frozenset({"next_update"}), outcomes=DISPOSITIONS, articles=None
)
EDITED = FIBRE.replace("On the white box, what", "What").replace(
    "  - step: sorry\n", "  - step: lost\n    say: Nobody comes here.\n    go: done\n  - step: sorry\n"
)
BROKEN = "script: [\n"


def workbench(source: str = EDITED, current: str = FIBRE) -> Workbench:
    """A draft that goes on from version 13."""
    parsed = parse.read(source)
    version = Version(
        script="fibre-no-service",
        version=13,
        source=current,
        title="Fibre fault, no service",
        authors=("kim",),
        note=None,
        published_at=THEN,
        published_by="ada",
    )
    draft = Draft(
        script="fibre-no-service",
        source=source,
        base=13,
        state="draft",
        version=3,
        authors=("kim",),
        saved_at=NOW,
        saved_by="kim",
    )
    checked = Checked(parsed=parsed, findings=check.findings(parsed, {}, KNOWN), library={}, known=KNOWN)
    return Workbench(
        name="fibre-no-service",
        in_force=13,
        draft=draft,
        versions=(version,),
        events=(),
        checked=checked,
        names={"kim": "Kim"},
    )


def context(view: View, *, source: str = EDITED, step: str = "light") -> dict[str, Any]:
    """What `scripts/bench.html` is drawn from."""
    bench = workbench(source)
    return {
        **SHELL,
        **drawn.context(bench, view.words, step=step),
        **drawn.said(view.words, bench.names),
        "rooms": ("kb", "scripts"),
        "room": "scripts",
        "stream": "",
        "bench_name": bench.name,
        "me": "kim",
        "name": "Kim Li",
        "now": NOW,
        "zone": view.zone,
        "told": Told(13, 412, ("PON light colour?", 0.31), ("What stopped?", 0.25)),
    }

"""The example centre's scripts: written by its admin, published before the first call comes."""

from __future__ import annotations

from pathlib import Path

from console.cli.demo import material
from console.people.who import OPERATOR, Principal
from console.services import scripting
from console.services.context import Context

SCRIPTS = ("verify-caller", "fibre-no-service")
"""In the order of publishing: the second goes through the first."""
AUTHOR = Principal(username=material.ADMIN, name="Ruth Adeyemi", roles=frozenset({"admin"}))


def source(name: str) -> str:
    """What stands in its file."""
    return (Path(__file__).parent / "scripts" / f"{name}.yaml").read_text("utf-8")


async def publish(ctx: Context) -> None:
    """Once: what somebody has changed since stays."""
    there = {one.name for one in await scripting.listed(ctx, OPERATOR)}
    for name in SCRIPTS:
        if name not in there:
            draft = await scripting.create(ctx, AUTHOR, name=name, title=name)
            draft = await scripting.save(ctx, AUTHOR, name=name, source=source(name), if_match=draft.version)
            draft = await scripting.submit(ctx, AUTHOR, name=name, note=None, if_match=draft.version)
            await scripting.publish(ctx, OPERATOR, name=name, if_match=draft.version)

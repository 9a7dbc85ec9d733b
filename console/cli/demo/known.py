"""What the example centre's agents know: published once; what somebody has changed since stays."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec

from console.cli.demo import material
from console.errors import Refusal
from console.kb.article import Audience, Kind, Text
from console.kb.brought import Brought
from console.people.who import OPERATOR, Principal
from console.queries.knowledge import Where
from console.services import authoring, bringing, manuscripts, publishing
from console.services.authoring import New
from console.services.context import Context

AUTHOR = Principal(username=material.ADMIN, name="Ruth Adeyemi", roles=frozenset({"admin"}))
IN_REVIEW = Text(
    title="Backup line did not take over",
    body="# What the customer sees\n\nThe first line failed, and nothing happened.\n\n# What to do\n\n"
    "1. Ask whether the 4G unit shows a blue light.\n2. Switch the failover on in the line's page, and test it together.\n",
    keywords=("failover", "4G", "second line"),
    audience=Audience.AGENTS,
    note="Written after three calls in a week",
)

ENDING = Text(
    title="Works in Harbour Street",
    body="# Short answer\n\nThe street is dug up, and lines there are interrupted from 9:00 to 15:00.\n\n"
    "# More about it\n\nOffer a text message when the works are over.\n",
    keywords=("dig", "interruption", "Harbour"),
    audience=Audience.CUSTOMERS,
)
ENDS_IN = timedelta(days=10)


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    lang: str
    title: str
    body: str
    topic: str
    kind: Kind
    audience: Audience = Audience.AGENTS
    keywords: tuple[str, ...] = ()


def articles() -> tuple[Brought, ...]:
    """As they stand in their file."""
    rows = msgspec.yaml.decode((Path(__file__).parent / "articles.yaml").read_bytes(), type=tuple[_Row, ...])
    return tuple(
        Brought(external_id=row.id, **{k: v for k, v in msgspec.structs.asdict(row).items() if k != "id"})
        for row in rows
    )


async def publish(ctx: Context) -> None:
    """And more that are on their way: one waits for somebody to review it, one expires soon, one is being translated."""
    there, _ = await manuscripts.listed(ctx, OPERATOR, where=Where(), topic=None, limit=1, after=None)
    if there:
        return
    results = await bringing.bring_in(ctx, OPERATOR, articles(), publish=True, topic=None)
    refused = [result.refusal for result in results if isinstance(result.refusal, Refusal)]
    assert not refused, refused
    made = await authoring.create(
        ctx, AUTHOR, new=New(lang="en", text=IN_REVIEW, kind=Kind.PROBLEM, topic="Business/Network")
    )
    await publishing.submit(ctx, AUTHOR, number=made.article.number)
    await _publish_for_some_days(ctx)


async def _publish_for_some_days(ctx: Context) -> None:
    """One that expires soon, and its translation that is being written."""
    text = msgspec.structs.replace(ENDING, expires_at=ctx.clock.now() + ENDS_IN)
    made = await authoring.create(ctx, AUTHOR, new=New(lang="en", text=text, kind=Kind.QUESTION, topic="Fibre/Works"))
    number = made.article.number
    await publishing.submit(ctx, AUTHOR, number=number)
    await publishing.approve(ctx, OPERATOR, number=number)
    await publishing.publish(ctx, AUTHOR, number=number)
    await authoring.translate(ctx, AUTHOR, number=number, lang="pl")

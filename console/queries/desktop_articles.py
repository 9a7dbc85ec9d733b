"""Articles on whose help an agent is asked when the call is over."""

from __future__ import annotations

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from console.db.engine import driver
from console.queries.stream import Card

ASKED_MAX = 3
"""More is a questionnaire, and nobody fills those in while calls wait."""


class Unjudged(msgspec.Struct, frozen=True, kw_only=True):
    """An article that was read, used or sent on this work, and of which nothing was said."""

    number: str
    title: str
    lang: str


_UNJUDGED = """
select a.number, r.title, a.lang
from article_use u
join article a on a.id = u.article
join article_revision r on r.article = a.id and r.version = a.published
where u.work = $1 and u.by = $2 and u.kind in ('opened', 'used', 'sent')
  and not exists (
    select from article_use said
    where said.article = u.article and said.about = u.about and said.by = u.by and said.kind in ('helped', 'not_helped')
  )
group by a.number, r.title, a.lang
order by bool_or(u.kind <> 'opened') desc, max(u.at) desc
limit $3
"""


async def unjudged(db: AsyncConnection, username: str, card: Card) -> tuple[Unjudged, ...]:
    """What was used or sent first, then what was read last; nothing while the work goes on, for it may be said yet.

    An article that is no longer in force is not asked about: what would be said of it reaches nobody who reads it.
    """
    if card.state != "wrap_up":
        return ()
    rows = await (await driver(db)).fetch(_UNJUDGED, card.item, username, ASKED_MAX)
    return tuple(Unjudged(**dict(row)) for row in rows)

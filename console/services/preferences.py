"""What a person prefers on their own pages."""

from __future__ import annotations

from console.people import store
from console.people.permissions import Permission, require
from console.people.preferences import Preferences
from console.people.who import Principal
from console.services.context import Context


async def save(ctx: Context, who: Principal, *, preferences: Preferences) -> None:
    """From the next page on, on every browser of theirs."""
    username = require(who, Permission.HAVE_PREFERENCES)
    async with ctx.db.transaction() as db:
        await store.put_preferences(db, username, preferences)

"""Whom a queue asks first: the owner of the customer's open case, and who served them last."""

from __future__ import annotations

from console.cases.case import Case
from console.db.engine import Transaction
from console.queries import routing as ask
from console.services.centre import Centre


async def preferred(
    db: Transaction, centre: Centre, queue: str, *, case: Case | None, customer: str | None
) -> tuple[str, ...]:
    """Usernames, as far as the queue asks for them and there are such; whether they are there the router sees."""
    rules = centre.document.queue(queue)
    found: list[str | None] = []
    for whom in rules.preferred if rules is not None else ():
        if whom == "owner":
            found.append(case.owner if case is not None else None)
        elif customer is not None:
            found.append(await ask.last_agent(db, customer))
    return tuple(dict.fromkeys(name for name in found if name is not None))

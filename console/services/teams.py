"""Whom a supervisor directs: the members of the teams they lead; an admin, everybody.

In a centre without teams every supervisor directs everybody. All of them see the whole floor: what is happening in
the next team is no secret, only the hand on it is its own supervisor's.
"""

from __future__ import annotations

from collections.abc import Iterable

from console.config.document import Centre as Document
from console.errors import NotAllowed
from console.people.permissions import Permission, require
from console.people.who import Principal, Role


def directed_by(centre: Document, who: Principal) -> frozenset[str] | None:
    """Usernames; None: everybody."""
    if not centre.teams or Role.SUPERVISOR not in who.roles or Role.ADMIN in who.roles:
        return None
    return frozenset(member for team in centre.teams if who.username in team.supervisors for member in team.members)


def require_directs(centre: Document, who: Principal, usernames: Iterable[str]) -> str:
    """The name under which they do something to these agents. Raises NotSignedIn, NotAllowed."""
    name = require(who, Permission.SUPERVISE)
    mine = directed_by(centre, who)
    if mine is not None and not mine.issuperset(usernames):
        raise NotAllowed("This agent is in no team of yours.")
    return name

"""What each role lets its holder do: the table of the contract's section 3, and the one question asked of it.

Whose cases, calls and teams those are is asked by each use case; here it is only whether at all.
"""

from __future__ import annotations

from enum import StrEnum

from console.errors import NotAllowed, NotSignedIn
from console.people.who import OPERATOR, Principal, Role, Scope


class Permission(StrEnum):
    """Something the console can be asked for."""

    HAVE_PREFERENCES = "have preferences"
    """One's own profile, and the words left for oneself."""
    HAVE_PRESENCE = "have presence"
    """`/me`, own presence."""
    LISTEN = "listen"
    """The stream."""
    SERVE = "serve"
    """Be offered work, and answer."""
    HANDLE_WORK = "handle work"
    """Complete, wrap up, transfer, hold, hang up."""
    SEE_WORK = "see work"
    """Work items, and their reasons."""
    SEE_CASES = "see cases"
    CHANGE_CASES = "change cases"
    """Register, change, annotate, escalate."""
    KEEP_CONTRACTS = "keep contracts"
    """Accounts, and what is agreed with them."""
    SEE_CENTRE = "see centre"
    """Queues and agents, live."""
    SUPERVISE = "supervise"
    """Assign and move by hand, others' presence."""
    READ_ARTICLES = "read articles"
    WRITE_ARTICLES = "write articles"
    RUN_SCRIPTS = "run scripts"
    WRITE_SCRIPTS = "write scripts"
    """Write, test, publish and roll back, and read the reports on them."""
    CONFIGURE = "configure"
    """Apply and read the configuration."""
    MANAGE_PEOPLE = "manage people"
    """Users, passwords, tokens."""
    TELL_CALLS = "tell calls"
    """Events of a phone system."""


AGENT, SUPERVISOR, AUTHOR, ADMIN = Role.AGENT, Role.SUPERVISOR, Role.AUTHOR, Role.ADMIN

ROLES: dict[Permission, frozenset[Role]] = {
    Permission.HAVE_PREFERENCES: frozenset({AGENT, SUPERVISOR, AUTHOR, ADMIN}),
    Permission.HAVE_PRESENCE: frozenset({AGENT, SUPERVISOR}),
    Permission.LISTEN: frozenset({AGENT, SUPERVISOR, ADMIN}),
    Permission.SERVE: frozenset({AGENT}),
    Permission.HANDLE_WORK: frozenset({AGENT, SUPERVISOR}),
    Permission.SEE_WORK: frozenset({AGENT, SUPERVISOR, ADMIN}),
    Permission.SEE_CASES: frozenset({AGENT, SUPERVISOR, ADMIN}),
    Permission.CHANGE_CASES: frozenset({AGENT, SUPERVISOR, ADMIN}),
    Permission.KEEP_CONTRACTS: frozenset({SUPERVISOR, ADMIN}),
    Permission.SEE_CENTRE: frozenset({SUPERVISOR, ADMIN}),
    Permission.SUPERVISE: frozenset({SUPERVISOR, ADMIN}),
    Permission.READ_ARTICLES: frozenset({AGENT, SUPERVISOR, AUTHOR, ADMIN}),
    Permission.WRITE_ARTICLES: frozenset({AUTHOR, ADMIN}),
    Permission.RUN_SCRIPTS: frozenset({AGENT, SUPERVISOR}),
    Permission.WRITE_SCRIPTS: frozenset({AUTHOR, ADMIN}),
    Permission.CONFIGURE: frozenset({ADMIN}),
    Permission.MANAGE_PEOPLE: frozenset({ADMIN}),
    Permission.TELL_CALLS: frozenset(),
}

SCOPES: dict[Permission, frozenset[Scope]] = {Permission.TELL_CALLS: frozenset({Scope.TELEPHONY})}

READING = frozenset(
    {Permission.SEE_WORK, Permission.SEE_CASES, Permission.SEE_CENTRE, Permission.READ_ARTICLES},
)
"""What an integration without a scope may do. The configuration is not in it: it holds secrets."""

PERSONAL = frozenset(
    {
        Permission.HAVE_PREFERENCES,
        Permission.HAVE_PRESENCE,
        Permission.LISTEN,
        Permission.SERVE,
        Permission.HANDLE_WORK,
        Permission.RUN_SCRIPTS,
    },
)
"""What only a person with a sign-in does, as themselves; the operator has none of it."""


def may(who: Principal | None, permission: Permission) -> bool:
    if who is None:
        return False
    if who == OPERATOR:
        return permission not in PERSONAL
    if who.integration is not None:
        wanted = SCOPES.get(permission, frozenset())
        return bool(wanted & who.scopes) or (not who.scopes and permission in READING)
    return bool(ROLES[permission] & who.roles)


def require(who: Principal | None, permission: Permission) -> str:
    """The name under which they may do this: their username, wherever the permission is a person's own.

    Raises NotSignedIn, or NotAllowed naming what would let them.
    """
    if who is None:
        raise NotSignedIn
    if not may(who, permission):
        raise NotAllowed(f"This takes {_takers(permission)}.")
    return who.called


def _takers(permission: Permission) -> str:
    roles = [role.value for role in Role if role in ROLES[permission]]
    takers = [f"the role {' or '.join(roles)}"] if roles else []
    takers += [f"a token of scope {scope.value}" for scope in sorted(SCOPES.get(permission, ()))]
    return ", or ".join(takers)

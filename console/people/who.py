"""Who asks: a person or a program, and what they were given."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Role(StrEnum):
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    AUTHOR = "author"
    ADMIN = "admin"


class Scope(StrEnum):
    """What an integration's token is for; one without a scope may read."""

    TELEPHONY = "telephony"


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Either a user (`username`, `roles`) or an integration (`integration`, `scopes`); the operator is neither."""

    username: str | None = None
    integration: str | None = None
    name: str
    """As people read it."""
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()

    @property
    def called(self) -> str:
        """The name that records keep."""
        return self.username or self.integration or self.name


OPERATOR = Principal(name="operator")
"""Whoever may run the console's commands on its machine; may do all that is not one person's own work."""

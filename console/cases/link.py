"""How two cases belong together: links beside each other, and a matter that is part of a larger one."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from console.errors import Conflict

DEPTH_MAX = 10
"""Of cases within cases; who finds it too little means something else."""
LINKS_MAX = 100
"""Of one case."""


class Kind(StrEnum):
    RELATED = "related"
    DUPLICATE_OF = "duplicate_of"
    CAUSED_BY = "caused_by"


SEEN_FROM_THERE: Mapping[str, str] = {
    Kind.RELATED: "related",
    Kind.DUPLICATE_OF: "duplicated_by",
    Kind.CAUSED_BY: "cause_of",
}
"""What the other case calls the same link."""


class Circular(Conflict):
    """A case cannot be part of itself, nor of a case that is part of it."""

    type = "circular"

"""What every table is made with: the one metadata, and the types of ids and instants."""

from __future__ import annotations

from sqlalchemy import DateTime, MetaData, Uuid, func

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = Uuid(as_uuid=False)
At = DateTime(timezone=True)
NOW = func.clock_timestamp()


FOLDED_FROM, FOLDED_TO = (
    "\u064a\u0643\u0629\u0649\u0624\u0623\u0625\u0622\u0451\u200c\u200d\u00ad",
    "\u06cc\u06a9\u0647\u06cc\u0648\u0627\u0627\u0627\u0435",
)
"""Letters that people write in two ways and mean as one (Arabic and Persian yeh, kaf and alef, Russian yo), and what
stands for them in a search. What has no counterpart, the joiners of Persian and soft hyphens, falls out."""


def folded(*columns: str) -> str:
    """What a search looks in: the columns' words in small letters, spelt one way; SQL of a generated column."""
    words = " || ' ' || ".join(f"coalesce({column}, '')" for column in columns)
    return f"translate(lower({words}), '{FOLDED_FROM}', '{FOLDED_TO}')"


def folded_json(column: str, key: str) -> str:
    return folded(f"({column} ->> '{key}')")

"""Facts in, orders out, and who holds which lease: db/."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Identity, Index, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from console.db.schema.base import NOW, At, Id, metadata

inbox = Table(
    "inbox",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("fact_id", Id, nullable=False, unique=True),
    Column("fact", JSONB, nullable=False),
    Column("put_at", At, nullable=False, server_default=NOW),
)

inbox_refused = Table(
    "inbox_refused",
    metadata,
    Column("fact_id", Id, primary_key=True),
    Column("fact", JSONB, nullable=False),
    Column("put_at", At, nullable=False),
    Column("refused_at", At, nullable=False, server_default=NOW),
    Column("traceback", Text, nullable=False),
)

verdict = Table(
    "verdict",
    metadata,
    Column("fact_id", Id, primary_key=True),
    Column("problem", Text),
    Column("given_at", At, nullable=False, server_default=NOW, index=True),
    comment="What the router made of a fact; problem null: done. Kept 10 minutes.",
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column(
        "lane",
        Text,
        nullable=False,
        comment="node:<id> for frames to that node's sockets, phone:<source> for orders; systems for questions to them",
    ),
    Column("key", Text, nullable=False, comment="agent or call: rows of one key run in order"),
    Column("body", JSONB, nullable=False),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    Column("run_after", At, nullable=False, server_default=NOW),
    Column("put_at", At, nullable=False, server_default=NOW),
    Column("dead_at", At, comment="given up after 10 tries"),
    Column("late_at", At, comment="from then on it is not to be done any more; null: it is done however late"),
    Index("ix_outbox_lane_id", "lane", "id"),
)

lease = Table(
    "lease",
    metadata,
    Column("name", Text, primary_key=True, comment="router, timekeeper, phone:<source>"),
    Column("epoch", BigInteger, nullable=False),
    Column("node", Text, nullable=False),
    Column("renewed_at", At, nullable=False),
)

node = Table(
    "node",
    metadata,
    Column("id", Text, primary_key=True, comment="one process's life"),
    Column("started_at", At, nullable=False, server_default=NOW),
    Column("seen_at", At, nullable=False, server_default=NOW),
)

"""Promises with a clock, and what came of them: sla/store.py. Their outages: runtime/timekeeper.py through the same."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, PrimaryKeyConstraint, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from console.db.schema.base import At, Id, metadata

sla_clock = Table(
    "sla_clock",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case", Id, ForeignKey("case.id"), nullable=False),
    Column("name", Text, nullable=False, comment="classify, first_response, next_update, resolution"),
    Column("policy", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("terms", JSONB, nullable=False, comment="what was promised: sla.clock.Terms, those of now last"),
    Column(
        "stretches", JSONB, nullable=False, comment="sla.clock.Stretch, in order; all it shows is added up from them"
    ),
    Column("started_at", At, nullable=False),
    Column("changed_at", At, nullable=False, comment="since when it is in this state"),
    Column("warn_at", At, comment="when its warning is, or was, due; null: not as things stand"),
    Column("due_at", At, comment="when its target is, or was, reached; null: not as things stand"),
    Column("warned_at", At, comment="when the warning acted"),
    Column("breached_at", At, comment="when the breach acted"),
    Column("ended_why", Text, comment="how it was met, or why it was canceled"),
    Column("ended_by", Text),
    Column("act_at", At, comment="when the timekeeper has something to do with it; null: nothing as things stand"),
    Column("tries", SmallInteger, nullable=False, server_default="0", comment="of an act that failed each time"),
    CheckConstraint("state in ('running','paused','met','canceled')", name="state"),
    Index("ix_sla_clock_case", "case", "started_at"),
    Index("ix_sla_clock_act_at", "act_at", postgresql_where=text("act_at is not null")),
    Index("uq_sla_clock_live", "case", "name", unique=True, postgresql_where=text("state in ('running','paused')")),
    Index("ix_sla_clock_due_at", "due_at", postgresql_where=text("state = 'running'")),
    Index("ix_sla_clock_paused", "changed_at", postgresql_where=text("state = 'paused'")),
    comment="One promise to a customer. A case may have several, of each name one that has not ended.",
)

sla_event = Table(
    "sla_event",
    metadata,
    Column("clock", Id, ForeignKey("sla_clock.id"), nullable=False),
    Column("kind", Text, nullable=False, comment="warned or breached"),
    Column("due_at", At, nullable=False),
    Column("acted_at", At, nullable=False),
    PrimaryKeyConstraint("clock", "kind"),
    CheckConstraint("kind in ('warned','breached')", name="kind"),
    Index("ix_sla_event_acted_at", "acted_at"),
    comment="Every warning and breach, once: a second one breaks the key.",
)

sla_watch = Table(
    "sla_watch",
    metadata,
    Column("since", At, primary_key=True, comment="from then on some timekeeper looked all the time"),
    Column("until", At, nullable=False, comment="and looked last"),
    comment="When promises were watched. What lies between two rows was an outage; a clock due then acts at its end.",
)

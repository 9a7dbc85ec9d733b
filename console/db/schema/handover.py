"""Cases on their way to somebody else, each with the packet that goes along: cases/store/handovers.py."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from console.db.schema.base import At, Id, metadata

handover = Table(
    "handover",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case", Id, ForeignKey("case.id"), nullable=False),
    Column("trigger", Text, nullable=False, comment="what set it off; cases/handover.py has the list"),
    Column("level", Integer, nullable=False, comment="of its ladder, from 1; 0: handed on, not up"),
    Column("ladder", Text, comment="its name in centre.yaml; null: one level, from an action or a hand"),
    Column("above", JSONB, nullable=False, comment="the levels over this one, as they stood when the ladder began"),
    Column("reason", Text, comment="in the words of whoever did it"),
    Column("by", Text, comment="username; null: the console itself"),
    Column("made_at", At, nullable=False),
    Column("from_agent", Text, comment="who owned the case; null: nobody"),
    Column("to_queue", Text, nullable=False, comment="where the work waits"),
    Column("to_agent", Text, comment="who is asked first; null: whoever is free"),
    Column("unqualified", Boolean, nullable=False, comment="nobody who serves there qualified when it was made"),
    Column("packet", JSONB, nullable=False, comment="cases.handover.Packet: the whole case as it was; never changed"),
    Column("item", Id, nullable=False, comment="the work that waits, or was taken, with it"),
    Column("take_by", At, comment="when it goes up unless somebody has taken it; null: it waits"),
    Column("taken_at", At),
    Column("taken_by", Text),
    Column("acknowledged_at", At),
    Column("acknowledged_by", Text),
    Column("climbed_at", At, comment="when its time ran out and it went up, or those above were told that it cannot"),
    Column("ended_at", At, comment="acknowledged, gone up, replaced, or the case is done; null: under way"),
    CheckConstraint("level >= 0", name="level"),
    Index("ix_handover_case", "case", "made_at"),
    Index("uq_handover_under_way", "case", unique=True, postgresql_where=text("ended_at is null")),
    Index(
        "ix_handover_take_by",
        "take_by",
        postgresql_where=text("ended_at is null and climbed_at is null and take_by is not null"),
    ),
    comment="One case going up, or on, with everything that is known of it. Of a case one is under way at a time.",
)

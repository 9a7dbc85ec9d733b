"""Words for agents, and what supervisors did: db/notices.py, db/audit.py."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from console.db.schema.base import At, Id, metadata

notice = Table(
    "notice",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", At, nullable=False),
    Column("to_agent", Text, nullable=False),
    Column("by", Text, comment="username; null: the console itself"),
    Column("code", Text, nullable=False, comment="names what it is about; the screen has words for it"),
    Column("text", Text, nullable=False, comment="a person's own words, else English for those who read no codes"),
    Column("data", JSONB, nullable=False),
    Column("read_at", At),
    Index("ix_notice_to_agent", "to_agent", "at"),
    Index("ix_notice_at", "at"),
    comment="Words for one agent, kept until they are old.",
)

audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", At, nullable=False),
    Column("by", Text, nullable=False, comment="username, or an integration's name"),
    Column("what", Text, nullable=False),
    Column("about", Text, nullable=False, comment="the agent's username; of work, the item's id"),
    Column("reason", Text),
    Column("data", JSONB, nullable=False),
    Column("refused", Text, comment="type of the router's problem with it; null: done as asked"),
    Index("ix_audit_at", "at", "id"),
    Index("ix_audit_about", "about", "at"),
    Index("ix_audit_by", "by", "at"),
    comment="What supervisors did to others and their work, and why. Rows are never dropped.",
)

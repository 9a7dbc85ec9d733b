"""The engine's rows and its journal. Written by the router alone, through routing/store.py."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from console.db.schema.base import NOW, At, Id, metadata

routing_meta = Table(
    "routing_meta",
    metadata,
    Column("one", Boolean, primary_key=True, server_default=text("true")),
    Column("decision", BigInteger, nullable=False),
    Column("item_seq", BigInteger, nullable=False),
    Column("idle_seq", BigInteger, nullable=False),
    Column("offer_seq", BigInteger, nullable=False),
    Column("now", BigInteger, nullable=False, comment="the engine's clock, µs"),
    Column("config_version", Integer, nullable=False),
    CheckConstraint("one", name="single"),
)

routing_item = Table(
    "routing_item",
    metadata,
    Column("id", Id, primary_key=True),
    Column("seq", BigInteger, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("requires", JSONB, nullable=False),
    Column("own_priority", Integer),
    Column("state", Text, nullable=False),
    Column("waiting_since", At, nullable=False),
    Column("queued_at", At, nullable=False, comment="entry into the queue it is in"),
    Column("left", ARRAY(Text), nullable=False, comment="queues that sent it on by their overflow"),
    Column("due", At),
    Column("needs", JSONB, nullable=False),
    Column("relaxed", Integer, nullable=False, comment="steps of the queue's ladder that were taken"),
    Column("priority", Integer, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("turn", BigInteger, nullable=False, comment="with rank and seq its place among all that wait; µs"),
    Column("preferred", ARRAY(Text), nullable=False, comment="who alone is asked until prefer_until"),
    Column("prefer_until", At),
    Column("agent", Text),
    Column("offer", Id),
    Column("taken", Integer, nullable=False, comment="how often it was assigned"),
    Column("consult", Text, comment="the agent whom its owner consults"),
    Column("holds", JSONB, nullable=False),
    Column("assigned_at", At),
    Column("connected", Boolean, nullable=False),
    Column("takes_orders", Boolean, nullable=False),
    Column("wrap_up_since", At),
    Column("wrap_up_until", At),
    Column("ended_at", At),
    Column("parent", Id),
    CheckConstraint("state <> 'assigned' or agent is not null", name="assigned_has_owner"),
    CheckConstraint("state <> 'offered' or offer is not null", name="offered_has_offer"),
    Index("ix_routing_item_open", "queue", "state", postgresql_where=text("ended_at is null")),
    Index("ix_routing_item_agent", "agent", postgresql_where=text("ended_at is null")),
    Index("ix_routing_item_ended_at", "ended_at"),
)

routing_offer = Table(
    "routing_offer",
    metadata,
    Column("id", Id, primary_key=True),
    Column("item", Id, nullable=False, index=True),
    Column("agent", Text, nullable=False),
    Column("made_at", At, nullable=False),
    Column("expires_at", At, nullable=False),
    Column("why", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("closed_at", At),
    Column("reason", Text),
    Index("uq_routing_offer_open_agent", "agent", unique=True, postgresql_where=text("state = 'open'")),
    Index("uq_routing_offer_open_item", "item", unique=True, postgresql_where=text("state = 'open'")),
    Index("ix_routing_offer_missed", "closed_at", "agent", postgresql_where=text("state = 'timed_out'")),
)

assignment = Table(
    "assignment",
    metadata,
    Column("item", Id, nullable=False),
    Column("nth", Integer, nullable=False, comment="of the item's assignments"),
    Column("agent", Text, nullable=False),
    Column("offer", Id, comment="null: by a supervisor's hand, or handed over after a consultation"),
    Column("assigned_at", At, nullable=False),
    Column("ended_at", At),
    Column("outcome", Text),
    PrimaryKeyConstraint("item", "nth"),
    Index("uq_assignment_owner", "item", unique=True, postgresql_where=text("ended_at is null")),
    Index("ix_assignment_agent", "agent", "assigned_at"),
    comment="Who owned which item from when to when; one owner at a time.",
)

routing_agent = Table(
    "routing_agent",
    metadata,
    Column("username", Text, primary_key=True),
    Column("presence", Text, nullable=False),
    Column("reason", Text),
    Column("presence_since", At, nullable=False),
    Column("pending", Text),
    Column("pending_reason", Text),
    Column("not_responding", Boolean, nullable=False),
    Column("idle_since", At, nullable=False),
    Column("idle_seq", BigInteger, nullable=False),
    Column("nodes", ARRAY(Text), nullable=False),
    Column("absent_since", At),
    Column("offline_since", At),
    Column("offer", Id),
    Column("work", ARRAY(Id), nullable=False),
    Column("consult", Id, comment="the item whose owner consults them"),
    Column("active", Boolean, nullable=False),
    Column("routing_state", Text, nullable=False),
    Column("state_since", At, nullable=False),
)

decision = Table(
    "decision",
    metadata,
    Column("number", BigInteger, nullable=False),
    Column("at", At, nullable=False),
    Column("fact_id", Id, comment="null: time passed"),
    Column("fact", JSONB, nullable=False),
    Column("orders", JSONB, nullable=False),
    Column("config_version", Integer, nullable=False),
    Column("decided_at", At, nullable=False, server_default=NOW, comment="on the database's clock"),
    PrimaryKeyConstraint("number", "at"),
    Index("ix_decision_fact_id", "fact_id"),
    postgresql_partition_by="RANGE (at)",
)

decision_row = Table(
    "decision_row",
    metadata,
    Column("kind", Text, nullable=False, comment="item, agent or offer"),
    Column("id", Text, nullable=False),
    Column(
        "decision", BigInteger, nullable=False, comment="valid from this decision until the next row of the same id"
    ),
    Column("at", At, nullable=False),
    Column("row", JSONB, nullable=False),
    PrimaryKeyConstraint("kind", "id", "decision", "at"),
    Index("ix_decision_row_decision", "decision"),
    postgresql_partition_by="RANGE (at)",
)

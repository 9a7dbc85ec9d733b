"""Customers, cases, calls and what happened to them: cases/store.py."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Sequence,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from console.db.schema.base import At, Id, folded, folded_json, metadata

case_number = Sequence("case_number", metadata=metadata, start=204_001)

customer = Table(
    "customer",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text),
    Column("external_id", Text, unique=True),
    Column("account", Id, ForeignKey("account.id"), index=True, comment="their organisation, where it is known"),
    Column("company", Text, comment="in their own words, where no account is known"),
    Column("address", Text),
    Column("languages", ARRAY(Text), nullable=False, server_default=text("'{}'"), comment="ISO 639, best first"),
    Column("note", Text, comment="pinned, for whoever serves them next"),
    Column("note_by", Text),
    Column("note_at", At),
    Column("version", Integer, nullable=False, server_default="1", comment="grows with each change by a person"),
    Column("created_at", At, nullable=False),
    Column("changed_at", At, nullable=False),
    Column("search", Text, Computed(folded("name", "company", "external_id", "address"), persisted=True)),
    Index("ix_customer_changed_at", "changed_at", "id"),
    Index("ix_customer_search", "search", postgresql_using="gin", postgresql_ops={"search": "gin_trgm_ops"}),
)

customer_phone = Table(
    "customer_phone",
    metadata,
    Column("phone", Text, primary_key=True, comment="E.164"),
    Column("customer", Id, ForeignKey("customer.id"), nullable=False, index=True),
    Column("place", Integer, nullable=False, server_default="0", comment="the first is the one to call"),
    Index("ix_customer_phone_search", "phone", postgresql_using="gin", postgresql_ops={"phone": "gin_trgm_ops"}),
)

customer_email = Table(
    "customer_email",
    metadata,
    Column("email", Text, primary_key=True, comment="in small letters: an address is one customer's"),
    Column("customer", Id, ForeignKey("customer.id"), nullable=False, index=True),
    Column("place", Integer, nullable=False, server_default="0", comment="the first is the one to write to"),
    Index("ix_customer_email_search", "email", postgresql_using="gin", postgresql_ops={"email": "gin_trgm_ops"}),
)

case = Table(
    "case",
    metadata,
    Column("id", Id, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("subject", Text, nullable=False),
    Column("description", Text),
    Column("via", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("priority", Integer),
    Column("topic", Text),
    Column("queue", Text),
    Column("owner", Text),
    Column("customer", Id, ForeignKey("customer.id"), index=True),
    Column("contract", Id, ForeignKey("contract.id"), index=True, comment="in force when the case was registered"),
    Column("parent", Id, ForeignKey("case.id"), index=True, comment="the larger matter it is a part of"),
    Column("created_at", At, nullable=False),
    Column("changed_at", At, nullable=False),
    Column("resolved_at", At, comment="since when it is resolved, or closed; null: it is neither"),
    Column(
        "reopen_until", At, comment="until when it can be reopened, as it was promised then; after it, it is closed"
    ),
    Column("version", Integer, nullable=False, server_default="1", comment="of its ETag"),
    Column("search", Text, Computed(folded("number", "subject", "description", "topic"), persisted=True)),
    CheckConstraint("status in ('new','open','pending','resolved','closed')", name="status"),
    Index("ix_case_owner", "owner", "changed_at"),
    Index("ix_case_changed_at", "changed_at", "id"),
    Index("ix_case_resolved", "reopen_until", postgresql_where=text("status = 'resolved'")),
    Index("ix_case_search", "search", postgresql_using="gin", postgresql_ops={"search": "gin_trgm_ops"}),
)

call = Table(
    "call",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("caller", Text, comment="E.164 where it is a number, else as told; null: not yet told"),
    Column("dialled", Text),
    Column("direction", Text, nullable=False, server_default="inbound"),
    Column("state", Text, nullable=False, comment="waiting, ringing, talking, held, ended"),
    Column("attributes", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("customer", Id, ForeignKey("customer.id"), index=True),
    Column("arrived_at", At),
    Column("answered_at", At),
    Column("ended_at", At),
    Column("cause", Text),
    Column("answered_by", Text),
    Column("began_at", At, comment="its arrival, on the phone system's own clock: with its id, which call it is"),
    Column("talk_since", At, comment="since when the agent of now talks with the caller; null: nobody does"),
    Column("held_at", At, comment="since when the caller is on hold; null: is not"),
    Column(
        "muted", Boolean, nullable=False, server_default=text("false"), comment="the caller does not hear the agent"
    ),
    Column("outside", Boolean, nullable=False, server_default=text("false"), comment="handed on out of the centre"),
    Column("consult", JSONB, comment="the consultation under way, as cases.call.Consult; null: none"),
    UniqueConstraint("source", "external_id"),
    Index("ix_call_open", "source", postgresql_where=text("ended_at is null")),
)

call_event = Table(
    "call_event",
    metadata,
    Column("source", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("call", Id, nullable=False, index=True),
    Column("event", JSONB, nullable=False),
    Column("received_at", At, nullable=False, index=True),
    PrimaryKeyConstraint("source", "event_id"),
    comment="Every event once; the same source and id within 7 days is one fact.",
)

work = Table(
    "work",
    metadata,
    Column("item", Id, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("call", Id, ForeignKey("call.id"), index=True),
    Column("case", Id, ForeignKey("case.id"), index=True),
    Column("customer", Id, ForeignKey("customer.id"), index=True),
    Column("parent", Id),
    Column("registered_at", At, nullable=False),
    Column("disposition", Text),
    Column("identity", Text, comment="of the caller: verified, failed; null: nobody has said"),
    Column("identity_by", Text),
    Column("identity_at", At),
    Column("routed", JSONB, comment="by which rule of which configuration, and which conditions failed"),
    Index("uq_work_first_of_call", "call", unique=True, postgresql_where=text("parent is null")),
    comment="What a work item is about; how it is routed stands in routing_item.",
)

activity = Table(
    "activity",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case", Id, ForeignKey("case.id")),
    Column("customer", Id, ForeignKey("customer.id")),
    Column("work", Id),
    Column("at", At, nullable=False),
    Column("kind", Text, nullable=False, comment="console/cases/timeline.py has the list"),
    Column("by", Text, comment="username; null: the console itself, or the customer"),
    Column("data", JSONB, nullable=False),
    Index("ix_activity_case_at", "case", "at"),
    Index("ix_activity_customer_at", "customer", "at"),
    Index("ix_activity_by_at", "by", "at"),
    Index(
        "ix_activity_note",
        text(f"({folded_json('data', 'text')}) gin_trgm_ops"),
        postgresql_using="gin",
        postgresql_where=text("kind = 'note'"),
    ),
    comment="The timeline.",
)

note_draft = Table(
    "note_draft",
    metadata,
    Column("username", Text, nullable=False),
    Column("about", Id, nullable=False, comment="a work item, or a case that is open without work"),
    Column("text", Text, nullable=False),
    Column("outward", Boolean, nullable=False, server_default=text("false"), comment="meant for the customer"),
    Column("version", BigInteger, nullable=False, comment="grows with each saving; a tab names the one it began from"),
    Column("saved_at", At, nullable=False),
    Column("tab", Text, comment="of the browser, which saved it last; its own words are no rival of its own"),
    Column("rival", Text, comment="of another tab that began from an older version; the author chooses"),
    Column("rival_at", At),
    PrimaryKeyConstraint("username", "about"),
)

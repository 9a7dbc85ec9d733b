"""Every table. Each has one writer, named beside it; migrations are held equal to this by a test.

Ids are uuid columns read as text; instants are timestamptz. The engine's rows (`routing_…`) are written
by the router alone; what a room's use cases know of the same work stands in their own tables.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Sequence,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

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

# --- facts in, orders out: db/ ---------------------------------------------------------------------------------------

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
        "lane", Text, nullable=False, comment="node:<id> for frames to that node's sockets, phone:<source> for orders"
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

# --- routing/store.py, written by the router alone --------------------------------------------------------------------

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

# --- config/store.py --------------------------------------------------------------------------------------------------

configuration = Table(
    "configuration",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("applied_at", At, nullable=False),
    Column("applied_by", Text, nullable=False),
    Column("document", JSONB, nullable=False, comment="centre.yaml, parsed and normal"),
)

# --- people/store.py --------------------------------------------------------------------------------------------------

user_account = Table(
    "user_account",
    metadata,
    Column("username", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("password_hash", Text),
    Column("configured", Boolean, nullable=False, comment="made by a configuration, which then owns name and roles"),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column(
        "preferences",
        JSONB,
        nullable=False,
        server_default=text("'{}'"),
        comment="what they said; the rest is as usual",
    ),
    Column("created_at", At, nullable=False),
)

sign_in = Table(
    "sign_in",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("username", Text, ForeignKey("user_account.username"), nullable=False, index=True),
    Column("csrf", Text, nullable=False),
    Column("created_at", At, nullable=False),
    Column("seen_at", At, nullable=False),
    Column("expires_at", At, nullable=False),
    Column("revoked_at", At),
    comment="Server-side sessions of browsers; the cookie's hash alone is kept.",
)

access_token = Table(
    "access_token",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("username", Text, ForeignKey("user_account.username")),
    Column("integration", Text),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("created_at", At, nullable=False),
    Column("expires_at", At),
    Column("revoked_at", At),
    CheckConstraint("(username is null) <> (integration is null)", name="one_principal"),
    Index("ix_access_token_principal", "username", "integration"),
)

sign_in_attempt = Table(
    "sign_in_attempt",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("key", Text, nullable=False, comment="account:<name> or address:<ip>"),
    Column("failed_at", At, nullable=False),
    Index("ix_sign_in_attempt_key_failed_at", "key", "failed_at"),
)

idempotent_request = Table(
    "idempotent_request",
    metadata,
    Column("principal", Text, nullable=False),
    Column("route", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("body_hash", LargeBinary, nullable=False),
    Column("status", SmallInteger, comment="null: still running"),
    Column("answer", LargeBinary),
    Column("made_at", At, nullable=False),
    PrimaryKeyConstraint("principal", "route", "key"),
    Index("ix_idempotent_request_made_at", "made_at"),
)

# --- cases/store.py ---------------------------------------------------------------------------------------------------

case_number = Sequence("case_number", metadata=metadata, start=204_001)

customer = Table(
    "customer",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text),
    Column("email", Text),
    Column("external_id", Text, unique=True),
    Column("company", Text),
    Column("address", Text),
    Column("languages", ARRAY(Text), nullable=False, server_default=text("'{}'"), comment="ISO 639, best first"),
    Column("note", Text, comment="pinned, for whoever serves them next"),
    Column("note_by", Text),
    Column("note_at", At),
    Column("version", Integer, nullable=False, server_default="1", comment="grows with each change by a person"),
    Column("created_at", At, nullable=False),
    Index("ix_customer_email", text("lower(email)"), unique=True),
)

customer_phone = Table(
    "customer_phone",
    metadata,
    Column("phone", Text, primary_key=True, comment="E.164"),
    Column("customer", Id, ForeignKey("customer.id"), nullable=False, index=True),
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
    Column("created_at", At, nullable=False),
    Column("changed_at", At, nullable=False),
    Column("version", Integer, nullable=False, server_default="1", comment="of its ETag"),
    CheckConstraint("status in ('new','open','pending','resolved','closed')", name="status"),
    Index("ix_case_owner", "owner", "changed_at"),
    Index("ix_case_changed_at", "changed_at", "id"),
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

# --- db/notices.py, db/audit.py ---------------------------------------------------------------------------------------

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

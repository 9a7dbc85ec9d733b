"""Everything"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# There is no way back but a backup: a downgrade would have to invent what was dropped.
def upgrade() -> None:
    op.execute("create extension if not exists pg_trgm")
    op.create_table(
        "assignment",
        sa.Column("item", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False, comment="of the item's assignments"),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column(
            "offer",
            sa.Uuid(as_uuid=False),
            nullable=True,
            comment="null: by a supervisor's hand, or handed over after a consultation",
        ),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("item", "nth", name=op.f("pk_assignment")),
        comment="Who owned which item from when to when; one owner at a time.",
    )
    op.create_index("ix_assignment_agent", "assignment", ["agent", "assigned_at"], unique=False)
    op.create_index(
        "uq_assignment_owner", "assignment", ["item"], unique=True, postgresql_where=sa.text("ended_at is null")
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False, comment="username, or an integration's name"),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False, comment="the agent's username; of work, the item's id"),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "refused", sa.Text(), nullable=True, comment="type of the router's problem with it; null: done as asked"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        comment="What supervisors did to others and their work, and why. Rows are never dropped.",
    )
    op.create_index("ix_audit_about", "audit", ["about", "at"], unique=False)
    op.create_index("ix_audit_at", "audit", ["at", "id"], unique=False)
    op.create_index("ix_audit_by", "audit", ["by", "at"], unique=False)
    op.create_table(
        "call_event",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("call", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("event", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "event_id", name=op.f("pk_call_event")),
        comment="Every event once; the same source and id within 7 days is one fact.",
    )
    op.create_index(op.f("ix_call_event_call"), "call_event", ["call"], unique=False)
    op.create_index(op.f("ix_call_event_received_at"), "call_event", ["received_at"], unique=False)
    op.create_table(
        "configuration",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_by", sa.Text(), nullable=False),
        sa.Column(
            "document",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="centre.yaml, parsed and normal",
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_configuration")),
    )
    op.create_table(
        "customer",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("company", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column(
            "languages",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="ISO 639, best first",
        ),
        sa.Column("note", sa.Text(), nullable=True, comment="pinned, for whoever serves them next"),
        sa.Column("note_by", sa.Text(), nullable=True),
        sa.Column("note_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "version", sa.Integer(), server_default="1", nullable=False, comment="grows with each change by a person"
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
        sa.UniqueConstraint("external_id", name=op.f("uq_customer_external_id")),
    )
    op.create_index("ix_customer_email", "customer", [sa.literal_column("lower(email)")], unique=True)
    op.create_table(
        "decision",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fact_id", sa.Uuid(as_uuid=False), nullable=True, comment="null: time passed"),
        sa.Column("fact", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("orders", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("config_version", sa.Integer(), nullable=False),
        sa.Column(
            "decided_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="on the database's clock",
        ),
        sa.PrimaryKeyConstraint("number", "at", name=op.f("pk_decision")),
        postgresql_partition_by="RANGE (at)",
    )
    op.create_index("ix_decision_fact_id", "decision", ["fact_id"], unique=False)
    op.create_table(
        "decision_row",
        sa.Column("kind", sa.Text(), nullable=False, comment="item, agent or offer"),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column(
            "decision",
            sa.BigInteger(),
            nullable=False,
            comment="valid from this decision until the next row of the same id",
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", "decision", "at", name=op.f("pk_decision_row")),
        postgresql_partition_by="RANGE (at)",
    )
    op.create_index("ix_decision_row_decision", "decision_row", ["decision"], unique=False)
    op.create_table(
        "idempotent_request",
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True, comment="null: still running"),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("principal", "route", "key", name=op.f("pk_idempotent_request")),
    )
    op.create_index("ix_idempotent_request_made_at", "idempotent_request", ["made_at"], unique=False)
    op.create_table(
        "inbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("fact_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("fact", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("put_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("fact_id", name=op.f("uq_inbox_fact_id")),
    )
    op.create_table(
        "inbox_refused",
        sa.Column("fact_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("fact", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("put_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "refused_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("traceback", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("fact_id", name=op.f("pk_inbox_refused")),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.Text(), nullable=False, comment="router, timekeeper, phone:<source>"),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("renewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "node",
        sa.Column("id", sa.Text(), nullable=False, comment="one process's life"),
        sa.Column(
            "started_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_node")),
    )
    op.create_table(
        "note_draft",
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column(
            "about", sa.Uuid(as_uuid=False), nullable=False, comment="a work item, or a case that is open without work"
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "outward", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="meant for the customer"
        ),
        sa.Column(
            "version",
            sa.BigInteger(),
            nullable=False,
            comment="grows with each saving; a tab names the one it began from",
        ),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "tab",
            sa.Text(),
            nullable=True,
            comment="of the browser, which saved it last; its own words are no rival of its own",
        ),
        sa.Column(
            "rival",
            sa.Text(),
            nullable=True,
            comment="of another tab that began from an older version; the author chooses",
        ),
        sa.Column("rival_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("username", "about", name=op.f("pk_note_draft")),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("to_agent", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=True, comment="username; null: the console itself"),
        sa.Column("code", sa.Text(), nullable=False, comment="names what it is about; the screen has words for it"),
        sa.Column(
            "text", sa.Text(), nullable=False, comment="a person's own words, else English for those who read no codes"
        ),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        comment="Words for one agent, kept until they are old.",
    )
    op.create_index("ix_notice_at", "notice", ["at"], unique=False)
    op.create_index("ix_notice_to_agent", "notice", ["to_agent", "at"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "lane",
            sa.Text(),
            nullable=False,
            comment="node:<id> for frames to that node's sockets, phone:<source> for orders",
        ),
        sa.Column("key", sa.Text(), nullable=False, comment="agent or call: rows of one key run in order"),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("tries", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("run_after", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("put_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("dead_at", sa.DateTime(timezone=True), nullable=True, comment="given up after 10 tries"),
        sa.Column(
            "late_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="from then on it is not to be done any more; null: it is done however late",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_lane_id", "outbox", ["lane", "id"], unique=False)
    op.create_table(
        "routing_agent",
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("presence", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("presence_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pending", sa.Text(), nullable=True),
        sa.Column("pending_reason", sa.Text(), nullable=True),
        sa.Column("not_responding", sa.Boolean(), nullable=False),
        sa.Column("idle_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idle_seq", sa.BigInteger(), nullable=False),
        sa.Column("nodes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("absent_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offline_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offer", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("work", postgresql.ARRAY(sa.Uuid(as_uuid=False)), nullable=False),
        sa.Column("consult", sa.Uuid(as_uuid=False), nullable=True, comment="the item whose owner consults them"),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("routing_state", sa.Text(), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("username", name=op.f("pk_routing_agent")),
    )
    op.create_table(
        "routing_item",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("requires", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("own_priority", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False, comment="entry into the queue it is in"),
        sa.Column(
            "left", postgresql.ARRAY(sa.Text()), nullable=False, comment="queues that sent it on by their overflow"
        ),
        sa.Column("due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("needs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("relaxed", sa.Integer(), nullable=False, comment="steps of the queue's ladder that were taken"),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column(
            "turn", sa.BigInteger(), nullable=False, comment="with rank and seq its place among all that wait; µs"
        ),
        sa.Column(
            "preferred", postgresql.ARRAY(sa.Text()), nullable=False, comment="who alone is asked until prefer_until"
        ),
        sa.Column("prefer_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("offer", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("taken", sa.Integer(), nullable=False, comment="how often it was assigned"),
        sa.Column("consult", sa.Text(), nullable=True, comment="the agent whom its owner consults"),
        sa.Column("holds", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("connected", sa.Boolean(), nullable=False),
        sa.Column("takes_orders", sa.Boolean(), nullable=False),
        sa.Column("wrap_up_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wrap_up_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("parent", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint("state <> 'assigned' or agent is not null", name=op.f("ck_routing_item_assigned_has_owner")),
        sa.CheckConstraint("state <> 'offered' or offer is not null", name=op.f("ck_routing_item_offered_has_offer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_item")),
        sa.UniqueConstraint("seq", name=op.f("uq_routing_item_seq")),
    )
    op.create_index(
        "ix_routing_item_agent", "routing_item", ["agent"], unique=False, postgresql_where=sa.text("ended_at is null")
    )
    op.create_index("ix_routing_item_ended_at", "routing_item", ["ended_at"], unique=False)
    op.create_index(
        "ix_routing_item_open",
        "routing_item",
        ["queue", "state"],
        unique=False,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_table(
        "routing_meta",
        sa.Column("one", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("decision", sa.BigInteger(), nullable=False),
        sa.Column("item_seq", sa.BigInteger(), nullable=False),
        sa.Column("idle_seq", sa.BigInteger(), nullable=False),
        sa.Column("offer_seq", sa.BigInteger(), nullable=False),
        sa.Column("now", sa.BigInteger(), nullable=False, comment="the engine's clock, µs"),
        sa.Column("config_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("one", name=op.f("ck_routing_meta_single")),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_routing_meta")),
    )
    op.create_table(
        "routing_offer",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("item", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_offer")),
    )
    op.create_index(op.f("ix_routing_offer_item"), "routing_offer", ["item"], unique=False)
    op.create_index(
        "ix_routing_offer_missed",
        "routing_offer",
        ["closed_at", "agent"],
        unique=False,
        postgresql_where=sa.text("state = 'timed_out'"),
    )
    op.create_index(
        "uq_routing_offer_open_agent",
        "routing_offer",
        ["agent"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "uq_routing_offer_open_item", "routing_offer", ["item"], unique=True, postgresql_where=sa.text("state = 'open'")
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="account:<name> or address:<ip>"),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    op.create_index("ix_sign_in_attempt_key_failed_at", "sign_in_attempt", ["key", "failed_at"], unique=False)
    op.create_table(
        "user_account",
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column(
            "configured",
            sa.Boolean(),
            nullable=False,
            comment="made by a configuration, which then owns name and roles",
        ),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column(
            "preferences",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="what they said; the rest is as usual",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("username", name=op.f("pk_user_account")),
    )
    op.create_table(
        "verdict",
        sa.Column("fact_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("fact_id", name=op.f("pk_verdict")),
        comment="What the router made of a fact; problem null: done. Kept 10 minutes.",
    )
    op.create_index(op.f("ix_verdict_given_at"), "verdict", ["given_at"], unique=False)
    op.create_table(
        "access_token",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("username", sa.Text(), nullable=True),
        sa.Column("integration", sa.Text(), nullable=True),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(username is null) <> (integration is null)", name=op.f("ck_access_token_one_principal")),
        sa.ForeignKeyConstraint(["username"], ["user_account.username"], name=op.f("fk_access_token_username")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_access_token")),
    )
    op.create_index("ix_access_token_principal", "access_token", ["username", "integration"], unique=False)
    op.create_table(
        "call",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column(
            "caller", sa.Text(), nullable=True, comment="E.164 where it is a number, else as told; null: not yet told"
        ),
        sa.Column("dialled", sa.Text(), nullable=True),
        sa.Column("direction", sa.Text(), server_default="inbound", nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="waiting, ringing, talking, held, ended"),
        sa.Column(
            "attributes", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("customer", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column(
            "began_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="its arrival, on the phone system's own clock: with its id, which call it is",
        ),
        sa.Column(
            "talk_since",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="since when the agent of now talks with the caller; null: nobody does",
        ),
        sa.Column(
            "held_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="since when the caller is on hold; null: is not",
        ),
        sa.Column(
            "muted",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="the caller does not hear the agent",
        ),
        sa.Column(
            "outside",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="handed on out of the centre",
        ),
        sa.Column(
            "consult",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="the consultation under way, as cases.call.Consult; null: none",
        ),
        sa.ForeignKeyConstraint(["customer"], ["customer.id"], name=op.f("fk_call_customer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_call_source_external_id")),
    )
    op.create_index(op.f("ix_call_customer"), "call", ["customer"], unique=False)
    op.create_index("ix_call_open", "call", ["source"], unique=False, postgresql_where=sa.text("ended_at is null"))
    op.create_table(
        "case",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("queue", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("customer", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False, comment="of its ETag"),
        sa.CheckConstraint("status in ('new','open','pending','resolved','closed')", name=op.f("ck_case_status")),
        sa.ForeignKeyConstraint(["customer"], ["customer.id"], name=op.f("fk_case_customer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case")),
        sa.UniqueConstraint("number", name=op.f("uq_case_number")),
    )
    op.create_index("ix_case_changed_at", "case", ["changed_at", "id"], unique=False)
    op.create_index(op.f("ix_case_customer"), "case", ["customer"], unique=False)
    op.create_index("ix_case_owner", "case", ["owner", "changed_at"], unique=False)
    op.create_table(
        "customer_phone",
        sa.Column("phone", sa.Text(), nullable=False, comment="E.164"),
        sa.Column("customer", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(["customer"], ["customer.id"], name=op.f("fk_customer_phone_customer")),
        sa.PrimaryKeyConstraint("phone", name=op.f("pk_customer_phone")),
    )
    op.create_index(op.f("ix_customer_phone_customer"), "customer_phone", ["customer"], unique=False)
    op.create_table(
        "sign_in",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["username"], ["user_account.username"], name=op.f("fk_sign_in_username")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_in")),
        comment="Server-side sessions of browsers; the cookie's hash alone is kept.",
    )
    op.create_index(op.f("ix_sign_in_username"), "sign_in", ["username"], unique=False)
    op.create_table(
        "activity",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("case", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("customer", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("work", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="console/cases/timeline.py has the list"),
        sa.Column("by", sa.Text(), nullable=True, comment="username; null: the console itself, or the customer"),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["case.id"], name=op.f("fk_activity_case")),
        sa.ForeignKeyConstraint(["customer"], ["customer.id"], name=op.f("fk_activity_customer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
        comment="The timeline.",
    )
    op.create_index("ix_activity_by_at", "activity", ["by", "at"], unique=False)
    op.create_index("ix_activity_case_at", "activity", ["case", "at"], unique=False)
    op.create_index("ix_activity_customer_at", "activity", ["customer", "at"], unique=False)
    op.create_table(
        "work",
        sa.Column("item", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("call", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("case", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("customer", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("parent", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disposition", sa.Text(), nullable=True),
        sa.Column(
            "identity", sa.Text(), nullable=True, comment="of the caller: verified, failed; null: nobody has said"
        ),
        sa.Column("identity_by", sa.Text(), nullable=True),
        sa.Column("identity_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "routed",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="by which rule of which configuration, and which conditions failed",
        ),
        sa.ForeignKeyConstraint(["call"], ["call.id"], name=op.f("fk_work_call")),
        sa.ForeignKeyConstraint(["case"], ["case.id"], name=op.f("fk_work_case")),
        sa.ForeignKeyConstraint(["customer"], ["customer.id"], name=op.f("fk_work_customer")),
        sa.PrimaryKeyConstraint("item", name=op.f("pk_work")),
        comment="What a work item is about; how it is routed stands in routing_item.",
    )
    op.create_index(op.f("ix_work_call"), "work", ["call"], unique=False)
    op.create_index(op.f("ix_work_case"), "work", ["case"], unique=False)
    op.create_index(op.f("ix_work_customer"), "work", ["customer"], unique=False)
    op.create_index("uq_work_first_of_call", "work", ["call"], unique=True, postgresql_where=sa.text("parent is null"))
    op.execute("create sequence case_number start 204001")
    op.execute("create table decision_default partition of decision default")
    op.execute("create table decision_row_default partition of decision_row default")

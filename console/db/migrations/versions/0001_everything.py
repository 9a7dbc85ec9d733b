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
        "account",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True, comment="what another system calls it"),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False, comment="of its ETag"),
        sa.Column(
            "search",
            sa.Text(),
            sa.Computed(
                "translate(lower(coalesce(name, '') || ' ' || coalesce(external_id, '')), 'يكةىؤأإآё\u200c\u200d\xad', 'یکهیواااе')",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("external_id", name=op.f("uq_account_external_id")),
        comment="An organisation whose people are customers.",
    )
    op.create_index("ix_account_changed_at", "account", ["changed_at", "id"], unique=False)
    op.create_index(
        "ix_account_search",
        "account",
        ["search"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.create_table(
        "article_image",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("put_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("put_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_image")),
        sa.UniqueConstraint("sha256", name=op.f("uq_article_image_sha256")),
        comment="Pictures in articles, each once.",
    )
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
            comment="node:<id> for frames to that node's sockets, phone:<source> for orders; systems for questions to them",
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
        "script",
        sa.Column("name", sa.Text(), nullable=False, comment="what files and the API call it"),
        sa.Column(
            "in_force", sa.Integer(), nullable=True, comment="the version that new runs take; null: none is published"
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_script")),
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
        "sla_watch",
        sa.Column(
            "since",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="from then on some timekeeper looked all the time",
        ),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False, comment="and looked last"),
        sa.PrimaryKeyConstraint("since", name=op.f("pk_sla_watch")),
        comment="When promises were watched. What lies between two rows was an outage; a clock due then acts at its end.",
    )
    op.create_table(
        "topic",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("parent", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["parent"], ["topic.id"], name=op.f("fk_topic_parent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic")),
        comment="The tree that articles stand in.",
    )
    op.create_index(op.f("ix_topic_parent"), "topic", ["parent"], unique=False)
    op.create_index(
        "uq_topic_parent_name",
        "topic",
        ["parent", sa.literal_column("lower(name)")],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
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
        "article",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("lang", sa.Text(), nullable=False, comment="BCP 47"),
        sa.Column(
            "original",
            sa.Uuid(as_uuid=False),
            nullable=False,
            comment="of the same translation group; its own where it began",
        ),
        sa.Column("external_id", sa.Text(), nullable=True, comment="where it was imported from"),
        sa.Column("topic", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False, comment="problem, howto, question"),
        sa.Column("published", sa.Integer(), nullable=True, comment="the version in force; null: none"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "change",
            sa.BigInteger(),
            nullable=True,
            comment="of article_change, in the order of commits; null: never was in force",
        ),
        sa.CheckConstraint("kind in ('problem','howto','question')", name=op.f("ck_article_kind")),
        sa.ForeignKeyConstraint(["topic"], ["topic.id"], name=op.f("fk_article_topic")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article")),
        sa.UniqueConstraint("external_id", "lang", name=op.f("uq_article_external_id_lang")),
        sa.UniqueConstraint("number", name=op.f("uq_article_number")),
        sa.UniqueConstraint("original", "lang", name=op.f("uq_article_original_lang")),
    )
    op.create_index("ix_article_change", "article", ["change"], unique=True)
    op.create_index("ix_article_changed_at", "article", ["changed_at", "id"], unique=False)
    op.create_index(op.f("ix_article_original"), "article", ["original"], unique=False)
    op.create_index(op.f("ix_article_topic"), "article", ["topic"], unique=False)
    op.create_table(
        "customer",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("account", sa.Uuid(as_uuid=False), nullable=True, comment="their organisation, where it is known"),
        sa.Column("company", sa.Text(), nullable=True, comment="in their own words, where no account is known"),
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
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "search",
            sa.Text(),
            sa.Computed(
                "translate(lower(coalesce(name, '') || ' ' || coalesce(company, '') || ' ' || coalesce(external_id, '') || ' ' || coalesce(address, '')), 'يكةىؤأإآё\u200c\u200d\xad', 'یکهیواااе')",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_customer_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
        sa.UniqueConstraint("external_id", name=op.f("uq_customer_external_id")),
    )
    op.create_index(op.f("ix_customer_account"), "customer", ["account"], unique=False)
    op.create_index("ix_customer_changed_at", "customer", ["changed_at", "id"], unique=False)
    op.create_index(
        "ix_customer_search",
        "customer",
        ["search"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.create_table(
        "script_draft",
        sa.Column("script", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False, comment="YAML as it was typed, whole or not"),
        sa.Column("base", sa.Integer(), nullable=True, comment="the version it began from; null: none"),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False, comment="grows with each saving"),
        sa.Column(
            "authors",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="whoever has changed it; none of them publishes it",
        ),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Text(), nullable=False),
        sa.Column(
            "note",
            sa.Text(),
            nullable=True,
            comment="what its author says to the reviewer, or the reviewer to its author",
        ),
        sa.CheckConstraint("state in ('draft','in_review')", name=op.f("ck_script_draft_state")),
        sa.ForeignKeyConstraint(["script"], ["script.name"], name=op.f("fk_script_draft_script")),
        sa.PrimaryKeyConstraint("script", name=op.f("pk_script_draft")),
        comment="What is being written: one of each script.",
    )
    op.create_table(
        "script_event",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("script", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False, comment="submitted, returned, published, rolled_back, withdrawn"),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["script"], ["script.name"], name=op.f("fk_script_event_script")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_script_event")),
    )
    op.create_index("ix_script_event_script_at", "script_event", ["script", "at"], unique=False)
    op.create_table(
        "script_version",
        sa.Column("script", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("authors", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["script"], ["script.name"], name=op.f("fk_script_version_script")),
        sa.PrimaryKeyConstraint("script", "version", name=op.f("pk_script_version")),
        comment="What was published once, and never changes.",
    )
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
        "article_revision",
        sa.Column("article", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False, comment="Markdown"),
        sa.Column("plain", sa.Text(), nullable=False, comment="the body's words, as they are searched"),
        sa.Column("keywords", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column(
            "audience", sa.Text(), nullable=False, comment="agents: for them alone; customers: may be sent to them"
        ),
        sa.Column("note", sa.Text(), nullable=True, comment="what changed, in its author's words"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column(
            "authors",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="whoever wrote in it; none of them approves it",
        ),
        sa.Column("publish_at", sa.DateTime(timezone=True), nullable=True, comment="once approved, not before then"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Text(), nullable=False),
        sa.Column(
            "saved", sa.Integer(), server_default="1", nullable=False, comment="grows with each saving: its ETag"
        ),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by", sa.Text(), nullable=True),
        sa.Column(
            "of_original",
            sa.Integer(),
            nullable=True,
            comment="of a translation: the original's version that it says the same as",
        ),
        sa.Column(
            "remind_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="then its authors are told that it expires; null: they were, or need not be",
        ),
        sa.CheckConstraint("audience in ('agents','customers')", name=op.f("ck_article_revision_audience")),
        sa.CheckConstraint(
            "state in ('draft','in_review','approved','published','expired','archived')",
            name=op.f("ck_article_revision_state"),
        ),
        sa.ForeignKeyConstraint(["article"], ["article.id"], name=op.f("fk_article_revision_article")),
        sa.PrimaryKeyConstraint("article", "version", name=op.f("pk_article_revision")),
        comment="A published text never changes; a new one is a new revision.",
    )
    op.create_index(
        "ix_article_revision_expires_at",
        "article_revision",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("state = 'published'"),
    )
    op.create_index(
        "ix_article_revision_publish_at",
        "article_revision",
        ["publish_at"],
        unique=False,
        postgresql_where=sa.text("state = 'approved'"),
    )
    op.create_index(
        "ix_article_revision_remind_at",
        "article_revision",
        ["remind_at"],
        unique=False,
        postgresql_where=sa.text("state = 'published'"),
    )
    op.create_index(
        "uq_article_revision_in_force",
        "article_revision",
        ["article"],
        unique=True,
        postgresql_where=sa.text("state = 'published'"),
    )
    op.create_index(
        "uq_article_revision_open",
        "article_revision",
        ["article"],
        unique=True,
        postgresql_where=sa.text("state in ('draft','in_review','approved')"),
    )
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
        "contract",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("account", sa.Uuid(as_uuid=False), nullable=True, comment="of everybody in it"),
        sa.Column("customer", sa.Uuid(as_uuid=False), nullable=True, comment="of this one person"),
        sa.Column("level", sa.Text(), nullable=True, comment="what it is called by those who sell it: gold, silver"),
        sa.Column("sla", sa.Text(), nullable=True, comment="name of the policy in centre.yaml; null: the queue's"),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True, comment="its last day; null: until somebody ends it"),
        sa.Column(
            "time_zone", sa.Text(), server_default="UTC", nullable=False, comment="in which its days begin and end"
        ),
        sa.Column("included_cases", sa.Integer(), nullable=True, comment="null: as many as there are"),
        sa.Column(
            "included_hours", sa.Numeric(precision=9, scale=2), nullable=True, comment="null: as many as it takes"
        ),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False, comment="of its ETag"),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_contract_days")),
        sa.CheckConstraint("included_cases >= 0 and included_hours >= 0", name=op.f("ck_contract_included")),
        sa.CheckConstraint("num_nonnulls(account, customer) = 1", name=op.f("ck_contract_whose")),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_contract_account")),
        sa.ForeignKeyConstraint(["customer"], ["customer.id"], name=op.f("fk_contract_customer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sa.UniqueConstraint("number", name=op.f("uq_contract_number")),
        comment="What an account, or a customer, is entitled to.",
    )
    op.create_index(op.f("ix_contract_account"), "contract", ["account"], unique=False)
    op.create_index("ix_contract_changed_at", "contract", ["changed_at", "id"], unique=False)
    op.create_index(op.f("ix_contract_customer"), "contract", ["customer"], unique=False)
    op.create_table(
        "customer_email",
        sa.Column("email", sa.Text(), nullable=False, comment="in small letters: an address is one customer's"),
        sa.Column("customer", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column(
            "place", sa.Integer(), server_default="0", nullable=False, comment="the first is the one to write to"
        ),
        sa.ForeignKeyConstraint(["customer"], ["customer.id"], name=op.f("fk_customer_email_customer")),
        sa.PrimaryKeyConstraint("email", name=op.f("pk_customer_email")),
    )
    op.create_index(op.f("ix_customer_email_customer"), "customer_email", ["customer"], unique=False)
    op.create_index(
        "ix_customer_email_search",
        "customer_email",
        ["email"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"email": "gin_trgm_ops"},
    )
    op.create_table(
        "customer_phone",
        sa.Column("phone", sa.Text(), nullable=False, comment="E.164"),
        sa.Column("customer", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("place", sa.Integer(), server_default="0", nullable=False, comment="the first is the one to call"),
        sa.ForeignKeyConstraint(["customer"], ["customer.id"], name=op.f("fk_customer_phone_customer")),
        sa.PrimaryKeyConstraint("phone", name=op.f("pk_customer_phone")),
    )
    op.create_index(op.f("ix_customer_phone_customer"), "customer_phone", ["customer"], unique=False)
    op.create_index(
        "ix_customer_phone_search",
        "customer_phone",
        ["phone"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"phone": "gin_trgm_ops"},
    )
    op.create_table(
        "article_review",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("article", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=True, comment="username; either this or a team"),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "remind_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="then whoever was asked is told again; null: no more",
        ),
        sa.Column("reminded", sa.Integer(), server_default="0", nullable=False, comment="how often they were"),
        sa.Column("verdict", sa.Text(), nullable=True, comment="approved, changes; null: not yet said"),
        sa.Column("said_by", sa.Text(), nullable=True),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.CheckConstraint("verdict in ('approved','changes')", name=op.f("ck_article_review_verdict")),
        sa.CheckConstraint("(reviewer is null) <> (team is null)", name=op.f("ck_article_review_one_reviewer")),
        sa.ForeignKeyConstraint(
            ["article", "version"],
            ["article_revision.article", "article_revision.version"],
            name=op.f("fk_article_review_article_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_review")),
    )
    op.create_index("ix_article_review_article", "article_review", ["article", "version"], unique=False)
    op.create_index(
        "ix_article_review_open",
        "article_review",
        ["reviewer", "team"],
        unique=False,
        postgresql_where=sa.text("verdict is null"),
    )
    op.create_index(
        "ix_article_review_remind_at",
        "article_review",
        ["remind_at"],
        unique=False,
        postgresql_where=sa.text("remind_at is not null"),
    )
    op.create_table(
        "article_step",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("article", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("was", sa.Text(), nullable=True, comment="the state before; null: it was made"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=True, comment="username; null: the console, when its time had come"),
        sa.Column("why", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["article", "version"],
            ["article_revision.article", "article_revision.version"],
            name=op.f("fk_article_step_article_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_step")),
        comment="Who moved a revision from state to state, when, why.",
    )
    op.create_index("ix_article_step_article_at", "article_step", ["article", "at"], unique=False)
    op.create_table(
        "article_tally",
        sa.Column("article", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Integer(), server_default="0", nullable=False),
        sa.Column("opened", sa.Integer(), server_default="0", nullable=False),
        sa.Column("used", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sent", sa.Integer(), server_default="0", nullable=False),
        sa.Column("helped", sa.Integer(), server_default="0", nullable=False),
        sa.Column("not_helped", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["article", "version"],
            ["article_revision.article", "article_revision.version"],
            name=op.f("fk_article_tally_article_version"),
        ),
        sa.PrimaryKeyConstraint("article", "version", name=op.f("pk_article_tally")),
        comment="article_use counted, for ranking and for lists.",
    )
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
        sa.Column("contract", sa.Uuid(as_uuid=False), nullable=True, comment="in force when the case was registered"),
        sa.Column("parent", sa.Uuid(as_uuid=False), nullable=True, comment="the larger matter it is a part of"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "resolved_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="since when it is resolved, or closed; null: it is neither",
        ),
        sa.Column(
            "reopen_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="until when it can be reopened, as it was promised then; after it, it is closed",
        ),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False, comment="of its ETag"),
        sa.Column(
            "search",
            sa.Text(),
            sa.Computed(
                "translate(lower(coalesce(number, '') || ' ' || coalesce(subject, '') || ' ' || coalesce(description, '') || ' ' || coalesce(topic, '')), 'يكةىؤأإآё\u200c\u200d\xad', 'یکهیواااе')",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.CheckConstraint("status in ('new','open','pending','resolved','closed')", name=op.f("ck_case_status")),
        sa.ForeignKeyConstraint(["contract"], ["contract.id"], name=op.f("fk_case_contract")),
        sa.ForeignKeyConstraint(["customer"], ["customer.id"], name=op.f("fk_case_customer")),
        sa.ForeignKeyConstraint(["parent"], ["case.id"], name=op.f("fk_case_parent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case")),
        sa.UniqueConstraint("number", name=op.f("uq_case_number")),
    )
    op.create_index("ix_case_changed_at", "case", ["changed_at", "id"], unique=False)
    op.create_index(op.f("ix_case_contract"), "case", ["contract"], unique=False)
    op.create_index(op.f("ix_case_customer"), "case", ["customer"], unique=False)
    op.create_index("ix_case_owner", "case", ["owner", "changed_at"], unique=False)
    op.create_index(op.f("ix_case_parent"), "case", ["parent"], unique=False)
    op.create_index(
        "ix_case_resolved", "case", ["reopen_until"], unique=False, postgresql_where=sa.text("status = 'resolved'")
    )
    op.create_index(
        "ix_case_search",
        "case",
        ["search"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
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
    op.create_index(
        "ix_activity_note",
        "activity",
        [
            sa.literal_column(
                "(translate(lower(coalesce((data ->> 'text'), '')), 'يكةىؤأإآё\u200c\u200d\xad', 'یکهیواااе')) gin_trgm_ops"
            )
        ],
        unique=False,
        postgresql_using="gin",
        postgresql_where=sa.text("kind = 'note'"),
    )
    op.create_table(
        "article_feedback",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column(
            "article", sa.Uuid(as_uuid=False), nullable=True, comment="null: there is none, and one is asked for"
        ),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("case", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("settled_why", sa.Text(), nullable=True),
        sa.CheckConstraint("(article is null) = (version is null)", name=op.f("ck_article_feedback_of_a_revision")),
        sa.ForeignKeyConstraint(
            ["article", "version"],
            ["article_revision.article", "article_revision.version"],
            name=op.f("fk_article_feedback_article_version"),
        ),
        sa.ForeignKeyConstraint(["case"], ["case.id"], name=op.f("fk_article_feedback_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_feedback")),
        comment="What readers told the authors; open until somebody settles it.",
    )
    op.create_index("ix_article_feedback_article", "article_feedback", ["article"], unique=False)
    op.create_index(op.f("ix_article_feedback_case"), "article_feedback", ["case"], unique=False)
    op.create_index(
        "ix_article_feedback_open",
        "article_feedback",
        ["at"],
        unique=False,
        postgresql_where=sa.text("settled_at is null"),
    )
    op.create_table(
        "article_use",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("article", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="shown, opened, used, sent, helped, not_helped"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column(
            "about",
            sa.Uuid(as_uuid=False),
            nullable=True,
            comment="the work item or case it was about, so that each kind counts once; null: neither",
        ),
        sa.Column("case", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("work", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind in ('shown','opened','used','sent','helped','not_helped')", name=op.f("ck_article_use_kind")
        ),
        sa.ForeignKeyConstraint(
            ["article", "version"],
            ["article_revision.article", "article_revision.version"],
            name=op.f("fk_article_use_article_version"),
        ),
        sa.ForeignKeyConstraint(["case"], ["case.id"], name=op.f("fk_article_use_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_use")),
        sa.UniqueConstraint(
            "about", "article", "version", "by", "kind", name=op.f("uq_article_use_about_article_version_by_kind")
        ),
    )
    op.create_index("ix_article_use_article_at", "article_use", ["article", "version", "at"], unique=False)
    op.create_index(op.f("ix_article_use_case"), "article_use", ["case"], unique=False)
    op.create_index(op.f("ix_article_use_work"), "article_use", ["work"], unique=False)
    op.create_table(
        "attachment",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("case", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False, comment="as its first bytes say, not as it was sent"),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["case.id"], name=op.f("fk_attachment_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("case", "sha256", "name", name=op.f("uq_attachment_case_sha256_name")),
        comment="Files of a case; read without their content everywhere but where one is served.",
    )
    op.create_index(op.f("ix_attachment_case"), "attachment", ["case"], unique=False)
    op.create_table(
        "case_link",
        sa.Column("case", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("other", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('related','duplicate_of','caused_by')", name=op.f("ck_case_link_kind")),
        sa.CheckConstraint('"case" <> other', name=op.f("ck_case_link_two")),
        sa.ForeignKeyConstraint(["case"], ["case.id"], name=op.f("fk_case_link_case")),
        sa.ForeignKeyConstraint(["other"], ["case.id"], name=op.f("fk_case_link_other")),
        sa.PrimaryKeyConstraint("case", "other", name=op.f("pk_case_link")),
        comment="The case is related to, a duplicate of, or caused by the other; two cases have one link.",
    )
    op.create_index(op.f("ix_case_link_other"), "case_link", ["other"], unique=False)
    op.create_table(
        "case_viewing",
        sa.Column("case", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["case.id"], name=op.f("fk_case_viewing_case"), ondelete="cascade"),
        sa.PrimaryKeyConstraint("case", "username", name=op.f("pk_case_viewing")),
        comment="Whose screen shows the case now; what is older than a minute is nobody's.",
        prefixes=["unlogged"],
    )
    op.create_index(op.f("ix_case_viewing_seen_at"), "case_viewing", ["seen_at"], unique=False)
    op.create_table(
        "contract_use",
        sa.Column(
            "case", sa.Uuid(as_uuid=False), nullable=False, comment="so that a case counts once, whatever happens"
        ),
        sa.Column("contract", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["case.id"], name=op.f("fk_contract_use_case")),
        sa.ForeignKeyConstraint(["contract"], ["contract.id"], name=op.f("fk_contract_use_contract")),
        sa.PrimaryKeyConstraint("case", name=op.f("pk_contract_use")),
        comment="Cases that were counted against a contract.",
    )
    op.create_index(op.f("ix_contract_use_contract"), "contract_use", ["contract"], unique=False)
    op.create_table(
        "handover",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("case", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False, comment="what set it off; cases/handover.py has the list"),
        sa.Column("level", sa.Integer(), nullable=False, comment="of its ladder, from 1; 0: handed on, not up"),
        sa.Column(
            "ladder",
            sa.Text(),
            nullable=True,
            comment="its name in centre.yaml; null: one level, from an action or a hand",
        ),
        sa.Column(
            "above",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="the levels over this one, as they stood when the ladder began",
        ),
        sa.Column("reason", sa.Text(), nullable=True, comment="in the words of whoever did it"),
        sa.Column("by", sa.Text(), nullable=True, comment="username; null: the console itself"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_agent", sa.Text(), nullable=True, comment="who owned the case; null: nobody"),
        sa.Column("to_queue", sa.Text(), nullable=False, comment="where the work waits"),
        sa.Column("to_agent", sa.Text(), nullable=True, comment="who is asked first; null: whoever is free"),
        sa.Column(
            "unqualified", sa.Boolean(), nullable=False, comment="nobody who serves there qualified when it was made"
        ),
        sa.Column(
            "packet",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="cases.handover.Packet: the whole case as it was; never changed",
        ),
        sa.Column("item", sa.Uuid(as_uuid=False), nullable=False, comment="the work that waits, or was taken, with it"),
        sa.Column(
            "take_by",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when it goes up unless somebody has taken it; null: it waits",
        ),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_by", sa.Text(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column(
            "climbed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when its time ran out and it went up, or those above were told that it cannot",
        ),
        sa.Column(
            "ended_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="acknowledged, gone up, replaced, or the case is done; null: under way",
        ),
        sa.CheckConstraint("level >= 0", name=op.f("ck_handover_level")),
        sa.ForeignKeyConstraint(["case"], ["case.id"], name=op.f("fk_handover_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
        comment="One case going up, or on, with everything that is known of it. Of a case one is under way at a time.",
    )
    op.create_index("ix_handover_case", "handover", ["case", "made_at"], unique=False)
    op.create_index(
        "ix_handover_take_by",
        "handover",
        ["take_by"],
        unique=False,
        postgresql_where=sa.text("ended_at is null and climbed_at is null and take_by is not null"),
    )
    op.create_index(
        "uq_handover_under_way", "handover", ["case"], unique=True, postgresql_where=sa.text("ended_at is null")
    )
    op.create_table(
        "script_run",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("case", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("work", sa.Uuid(as_uuid=False), nullable=True, comment="the work item during which it was started"),
        sa.Column("script", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "pins",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="the version of each script that it goes through, by name",
        ),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column(
            "stopped_at",
            sa.Text(),
            nullable=True,
            comment="the step it is waiting at, or was left at; null: it came to its end",
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.Text(), nullable=True, comment="username; null: the console, by its condition"),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False, comment="since when it waits at that step"),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True, comment="the disposition that its end names"),
        sa.Column("why", sa.Text(), nullable=True, comment="why it was left"),
        sa.Column(
            "asking",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="the other system that it waits for, what was asked, and that one time's id",
        ),
        sa.CheckConstraint("state in ('running','ended','left')", name=op.f("ck_script_run_state")),
        sa.ForeignKeyConstraint(["case"], ["case.id"], name=op.f("fk_script_run_case")),
        sa.ForeignKeyConstraint(["script"], ["script.name"], name=op.f("fk_script_run_script")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_script_run")),
        comment="One at a time of a case. Where it stands follows from its answers; stopped_at repeats it for lists.",
    )
    op.create_index("ix_script_run_case", "script_run", ["case", "started_at"], unique=False)
    op.create_index("ix_script_run_script", "script_run", ["script", "started_at"], unique=False)
    op.create_index(
        "uq_script_run_running", "script_run", ["case"], unique=True, postgresql_where=sa.text("state = 'running'")
    )
    op.create_table(
        "sla_clock",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("case", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="classify, first_response, next_update, resolution"),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column(
            "terms",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="what was promised: sla.clock.Terms, those of now last",
        ),
        sa.Column(
            "stretches",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="sla.clock.Stretch, in order; all it shows is added up from them",
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False, comment="since when it is in this state"),
        sa.Column(
            "warn_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when its warning is, or was, due; null: not as things stand",
        ),
        sa.Column(
            "due_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when its target is, or was, reached; null: not as things stand",
        ),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True, comment="when the warning acted"),
        sa.Column("breached_at", sa.DateTime(timezone=True), nullable=True, comment="when the breach acted"),
        sa.Column("ended_why", sa.Text(), nullable=True, comment="how it was met, or why it was canceled"),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column(
            "act_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when the timekeeper has something to do with it; null: nothing as things stand",
        ),
        sa.Column(
            "tries", sa.SmallInteger(), server_default="0", nullable=False, comment="of an act that failed each time"
        ),
        sa.CheckConstraint("state in ('running','paused','met','canceled')", name=op.f("ck_sla_clock_state")),
        sa.ForeignKeyConstraint(["case"], ["case.id"], name=op.f("fk_sla_clock_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_clock")),
        comment="One promise to a customer. A case may have several, of each name one that has not ended.",
    )
    op.create_index(
        "ix_sla_clock_act_at", "sla_clock", ["act_at"], unique=False, postgresql_where=sa.text("act_at is not null")
    )
    op.create_index("ix_sla_clock_case", "sla_clock", ["case", "started_at"], unique=False)
    op.create_index(
        "ix_sla_clock_due_at", "sla_clock", ["due_at"], unique=False, postgresql_where=sa.text("state = 'running'")
    )
    op.create_index(
        "ix_sla_clock_paused", "sla_clock", ["changed_at"], unique=False, postgresql_where=sa.text("state = 'paused'")
    )
    op.create_index(
        "uq_sla_clock_live",
        "sla_clock",
        ["case", "name"],
        unique=True,
        postgresql_where=sa.text("state in ('running','paused')"),
    )
    op.create_table(
        "task",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("case", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "remind_at", sa.DateTime(timezone=True), nullable=True, comment="when its assignee is told; null: never"
        ),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True, comment="when they were"),
        sa.Column("assignee", sa.Text(), nullable=True, comment="username; null: whoever owns the case"),
        sa.Column("by", sa.Text(), nullable=True, comment="username; null: the console itself"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True, comment="what came of it: done, or dropped"),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("kind in ('task','callback','promise')", name=op.f("ck_task_kind")),
        sa.CheckConstraint("result in ('done','dropped')", name=op.f("ck_task_result")),
        sa.ForeignKeyConstraint(["case"], ["case.id"], name=op.f("fk_task_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        comment="What is still to be done on a case, or was promised to the customer.",
    )
    op.create_index(
        "ix_task_assignee", "task", ["assignee", "due_at"], unique=False, postgresql_where=sa.text("done_at is null")
    )
    op.create_index(op.f("ix_task_case"), "task", ["case"], unique=False)
    op.create_index(
        "ix_task_remind",
        "task",
        ["remind_at"],
        unique=False,
        postgresql_where=sa.text("done_at is null and reminded_at is null and remind_at is not null"),
    )
    op.create_table(
        "time_spent",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("case", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("contract", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column(
            "work",
            sa.Uuid(as_uuid=False),
            nullable=True,
            comment="the call whose talk and wrap-up it was; null: somebody wrote it down",
        ),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("seconds > 0", name=op.f("ck_time_spent_seconds")),
        sa.ForeignKeyConstraint(["case"], ["case.id"], name=op.f("fk_time_spent_case")),
        sa.ForeignKeyConstraint(["contract"], ["contract.id"], name=op.f("fk_time_spent_contract")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_spent")),
        sa.UniqueConstraint("work", name=op.f("uq_time_spent_work")),
        comment="What a contract's hours were spent on.",
    )
    op.create_index(op.f("ix_time_spent_case"), "time_spent", ["case"], unique=False)
    op.create_index(op.f("ix_time_spent_contract"), "time_spent", ["contract"], unique=False)
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
    op.create_table(
        "script_answer",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("run", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False, comment="its place in the run, from 0"),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="given, skipped (by a person), filled (by the console)"),
        sa.Column(
            "answer",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="of the step's own type; null: a step that asks nothing, was skipped, or got none",
        ),
        sa.Column(
            "sent",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="of another system: what it was told",
        ),
        sa.Column(
            "why",
            sa.Text(),
            nullable=True,
            comment="why it was skipped; what the console went by; why a system gave no answer",
        ),
        sa.Column("by", sa.Text(), nullable=True, comment="username; null: the console"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("took_s", sa.Integer(), nullable=True, comment="how long the step had waited for it"),
        sa.Column(
            "forgotten_at", sa.DateTime(timezone=True), nullable=True, comment="taken back, or changed; null: it holds"
        ),
        sa.Column("forgotten_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["run"], ["script_run.id"], name=op.f("fk_script_answer_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_script_answer")),
        comment="A run is the sequence of those that hold.",
    )
    op.create_index(
        "uq_script_answer_nth",
        "script_answer",
        ["run", "nth"],
        unique=True,
        postgresql_where=sa.text("forgotten_at is null"),
    )
    op.create_table(
        "script_effect",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("run", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("effect", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True, comment="why it was not done; null: it was"),
        sa.ForeignKeyConstraint(["run"], ["script_run.id"], name=op.f("fk_script_effect_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_script_effect")),
        comment="What a run did to its case. The same is not done twice, however often its step is passed.",
    )
    op.create_index(op.f("ix_script_effect_run"), "script_effect", ["run"], unique=False)
    op.create_table(
        "sla_event",
        sa.Column("clock", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="warned or breached"),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('warned','breached')", name=op.f("ck_sla_event_kind")),
        sa.ForeignKeyConstraint(["clock"], ["sla_clock.id"], name=op.f("fk_sla_event_clock")),
        sa.PrimaryKeyConstraint("clock", "kind", name=op.f("pk_sla_event")),
        comment="Every warning and breach, once: a second one breaks the key.",
    )
    op.create_index("ix_sla_event_acted_at", "sla_event", ["acted_at"], unique=False)
    op.execute("create sequence case_number start 204001")
    op.execute("create sequence article_number start 1001")
    op.execute("create sequence article_change start 1")
    op.execute("create table decision_default partition of decision default")
    op.execute("create table decision_row_default partition of decision_row default")

"""What surrounds a case: accounts and contracts, its tasks, links and attachments, and who looks at it: cases/store."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from console.db.schema.base import At, Id, folded, metadata

account = Table(
    "account",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("external_id", Text, unique=True, comment="what another system calls it"),
    Column("note", Text),
    Column("created_at", At, nullable=False),
    Column("changed_at", At, nullable=False),
    Column("version", Integer, nullable=False, server_default="1", comment="of its ETag"),
    Column("search", Text, Computed(folded("name", "external_id"), persisted=True)),
    Index("ix_account_changed_at", "changed_at", "id"),
    Index("ix_account_search", "search", postgresql_using="gin", postgresql_ops={"search": "gin_trgm_ops"}),
    comment="An organisation whose people are customers.",
)

contract = Table(
    "contract",
    metadata,
    Column("id", Id, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("account", Id, ForeignKey("account.id"), index=True, comment="of everybody in it"),
    Column("customer", Id, ForeignKey("customer.id"), index=True, comment="of this one person"),
    Column("level", Text, comment="what it is called by those who sell it: gold, silver"),
    Column("sla", Text, comment="name of the policy in centre.yaml; null: the queue's"),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, comment="its last day; null: until somebody ends it"),
    Column("time_zone", Text, nullable=False, server_default="UTC", comment="in which its days begin and end"),
    Column("included_cases", Integer, comment="null: as many as there are"),
    Column("included_hours", Numeric(9, 2), comment="null: as many as it takes"),
    Column("note", Text),
    Column("created_at", At, nullable=False),
    Column("changed_at", At, nullable=False),
    Column("version", Integer, nullable=False, server_default="1", comment="of its ETag"),
    CheckConstraint("num_nonnulls(account, customer) = 1", name="whose"),
    CheckConstraint("ends_on >= starts_on", name="days"),
    CheckConstraint("included_cases >= 0 and included_hours >= 0", name="included"),
    Index("ix_contract_changed_at", "changed_at", "id"),
    comment="What an account, or a customer, is entitled to.",
)

contract_use = Table(
    "contract_use",
    metadata,
    Column("case", Id, ForeignKey("case.id"), primary_key=True, comment="so that a case counts once, whatever happens"),
    Column("contract", Id, ForeignKey("contract.id"), nullable=False, index=True),
    Column("at", At, nullable=False),
    comment="Cases that were counted against a contract.",
)

time_spent = Table(
    "time_spent",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case", Id, ForeignKey("case.id"), nullable=False, index=True),
    Column("contract", Id, ForeignKey("contract.id"), index=True),
    Column("work", Id, unique=True, comment="the call whose talk and wrap-up it was; null: somebody wrote it down"),
    Column("seconds", Integer, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", At, nullable=False),
    Column("note", Text),
    CheckConstraint("seconds > 0", name="seconds"),
    comment="What a contract's hours were spent on.",
)

case_link = Table(
    "case_link",
    metadata,
    Column("case", Id, ForeignKey("case.id"), nullable=False),
    Column("other", Id, ForeignKey("case.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", At, nullable=False),
    PrimaryKeyConstraint("case", "other"),
    CheckConstraint("kind in ('related','duplicate_of','caused_by')", name="kind"),
    CheckConstraint('"case" <> other', name="two"),
    comment="The case is related to, a duplicate of, or caused by the other; two cases have one link.",
)

task = Table(
    "task",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case", Id, ForeignKey("case.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("due_at", At),
    Column("remind_at", At, comment="when its assignee is told; null: never"),
    Column("reminded_at", At, comment="when they were"),
    Column("assignee", Text, comment="username; null: whoever owns the case"),
    Column("by", Text, comment="username; null: the console itself"),
    Column("created_at", At, nullable=False),
    Column("done_at", At),
    Column("done_by", Text),
    Column("result", Text, comment="what came of it: done, or dropped"),
    Column("version", Integer, nullable=False, server_default="1"),
    CheckConstraint("kind in ('task','callback','promise')", name="kind"),
    CheckConstraint("result in ('done','dropped')", name="result"),
    Index(
        "ix_task_remind",
        "remind_at",
        postgresql_where=text("done_at is null and reminded_at is null and remind_at is not null"),
    ),
    Index("ix_task_assignee", "assignee", "due_at", postgresql_where=text("done_at is null")),
    comment="What is still to be done on a case, or was promised to the customer.",
)

attachment = Table(
    "attachment",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case", Id, ForeignKey("case.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False, comment="as its first bytes say, not as it was sent"),
    Column("bytes", Integer, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("by", Text),
    Column("at", At, nullable=False),
    Column("content", LargeBinary, nullable=False),
    UniqueConstraint("case", "sha256", "name"),
    comment="Files of a case; read without their content everywhere but where one is served.",
)

case_viewing = Table(
    "case_viewing",
    metadata,
    Column("case", Id, ForeignKey("case.id", ondelete="cascade"), nullable=False),
    Column("username", Text, nullable=False),
    Column("since", At, nullable=False),
    Column("seen_at", At, nullable=False, index=True),
    PrimaryKeyConstraint("case", "username"),
    prefixes=["unlogged"],
    comment="Whose screen shows the case now; what is older than a minute is nobody's.",
)

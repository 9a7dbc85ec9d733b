"""Knowledge: articles, their revisions and what is said of them: kb/store.py."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Sequence,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from console.db.schema.base import At, Id, metadata

article_number = Sequence("article_number", metadata=metadata, start=1_001)
article_change = Sequence("article_change", metadata=metadata, start=1)

topic = Table(
    "topic",
    metadata,
    Column("id", Id, primary_key=True),
    Column("parent", Id, ForeignKey("topic.id"), index=True),
    Column("name", Text, nullable=False),
    Column("created_at", At, nullable=False),
    Index("uq_topic_parent_name", "parent", text("lower(name)"), unique=True, postgresql_nulls_not_distinct=True),
    comment="The tree that articles stand in.",
)

article = Table(
    "article",
    metadata,
    Column("id", Id, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("lang", Text, nullable=False, comment="BCP 47"),
    Column("original", Id, nullable=False, index=True, comment="of the same translation group; its own where it began"),
    Column("external_id", Text, comment="where it was imported from"),
    Column("topic", Id, ForeignKey("topic.id"), index=True),
    Column("kind", Text, nullable=False, comment="problem, howto, question"),
    Column("published", Integer, comment="the version in force; null: none"),
    Column("created_at", At, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("changed_at", At, nullable=False),
    Column("change", BigInteger, comment="of article_change, in the order of commits; null: never was in force"),
    UniqueConstraint("external_id", "lang"),
    UniqueConstraint("original", "lang"),
    CheckConstraint("kind in ('problem','howto','question')", name="kind"),
    Index("ix_article_change", "change", unique=True),
    Index("ix_article_changed_at", "changed_at", "id"),
)

article_revision = Table(
    "article_revision",
    metadata,
    Column("article", Id, ForeignKey("article.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False, comment="Markdown"),
    Column("plain", Text, nullable=False, comment="the body's words, as they are searched"),
    Column("keywords", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("audience", Text, nullable=False, comment="agents: for them alone; customers: may be sent to them"),
    Column("note", Text, comment="what changed, in its author's words"),
    Column("state", Text, nullable=False),
    Column("authors", ARRAY(Text), nullable=False, comment="whoever wrote in it; none of them approves it"),
    Column("publish_at", At, comment="once approved, not before then"),
    Column("expires_at", At),
    Column("created_at", At, nullable=False),
    Column("saved_at", At, nullable=False),
    Column("saved_by", Text, nullable=False),
    Column("saved", Integer, nullable=False, server_default="1", comment="grows with each saving: its ETag"),
    Column("published_at", At),
    Column("published_by", Text),
    PrimaryKeyConstraint("article", "version"),
    CheckConstraint("state in ('draft','in_review','approved','published','expired','archived')", name="state"),
    CheckConstraint("audience in ('agents','customers')", name="audience"),
    Index(
        "uq_article_revision_open",
        "article",
        unique=True,
        postgresql_where=text("state in ('draft','in_review','approved')"),
    ),
    Index("uq_article_revision_in_force", "article", unique=True, postgresql_where=text("state = 'published'")),
    Index("ix_article_revision_publish_at", "publish_at", postgresql_where=text("state = 'approved'")),
    Index("ix_article_revision_expires_at", "expires_at", postgresql_where=text("state = 'published'")),
    comment="A published text never changes; a new one is a new revision.",
)

article_step = Table(
    "article_step",
    metadata,
    Column("id", Id, primary_key=True),
    Column("article", Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("was", Text, comment="the state before; null: it was made"),
    Column("state", Text, nullable=False),
    Column("at", At, nullable=False),
    Column("by", Text, comment="username; null: the console, when its time had come"),
    Column("why", Text),
    ForeignKeyConstraint(["article", "version"], ["article_revision.article", "article_revision.version"]),
    Index("ix_article_step_article_at", "article", "at"),
    comment="Who moved a revision from state to state, when, why.",
)

article_review = Table(
    "article_review",
    metadata,
    Column("id", Id, primary_key=True),
    Column("article", Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("reviewer", Text, comment="username; either this or a team"),
    Column("team", Text),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", At, nullable=False),
    Column("due_at", At),
    Column("verdict", Text, comment="approved, changes; null: not yet said"),
    Column("said_by", Text),
    Column("said_at", At),
    Column("comment", Text),
    ForeignKeyConstraint(["article", "version"], ["article_revision.article", "article_revision.version"]),
    CheckConstraint("(reviewer is null) <> (team is null)", name="one_reviewer"),
    CheckConstraint("verdict in ('approved','changes')", name="verdict"),
    Index("ix_article_review_article", "article", "version"),
    Index("ix_article_review_open", "reviewer", "team", postgresql_where=text("verdict is null")),
)

article_use = Table(
    "article_use",
    metadata,
    Column("id", Id, primary_key=True),
    Column("article", Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", Text, nullable=False, comment="shown, opened, used, sent, helped, not_helped"),
    Column("at", At, nullable=False),
    Column("by", Text, nullable=False),
    Column("about", Id, comment="the work item or case it was about, so that each kind counts once; null: neither"),
    Column("case", Id, ForeignKey("case.id"), index=True),
    Column("work", Id, index=True),
    Column("why", Text),
    ForeignKeyConstraint(["article", "version"], ["article_revision.article", "article_revision.version"]),
    UniqueConstraint("about", "article", "version", "by", "kind"),
    CheckConstraint("kind in ('shown','opened','used','sent','helped','not_helped')", name="kind"),
    Index("ix_article_use_article_at", "article", "version", "at"),
)

article_tally = Table(
    "article_tally",
    metadata,
    Column("article", Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("shown", Integer, nullable=False, server_default="0"),
    Column("opened", Integer, nullable=False, server_default="0"),
    Column("used", Integer, nullable=False, server_default="0"),
    Column("sent", Integer, nullable=False, server_default="0"),
    Column("helped", Integer, nullable=False, server_default="0"),
    Column("not_helped", Integer, nullable=False, server_default="0"),
    PrimaryKeyConstraint("article", "version"),
    ForeignKeyConstraint(["article", "version"], ["article_revision.article", "article_revision.version"]),
    comment="article_use counted, for ranking and for lists.",
)

article_feedback = Table(
    "article_feedback",
    metadata,
    Column("id", Id, primary_key=True),
    Column("article", Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", At, nullable=False),
    Column("by", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("case", Id, ForeignKey("case.id"), index=True),
    Column("settled_at", At),
    Column("settled_by", Text),
    Column("settled_why", Text),
    ForeignKeyConstraint(["article", "version"], ["article_revision.article", "article_revision.version"]),
    Index("ix_article_feedback_article", "article"),
    Index("ix_article_feedback_open", "at", postgresql_where=text("settled_at is null")),
    comment="What readers told the authors; open until somebody settles it.",
)

article_image = Table(
    "article_image",
    metadata,
    Column("id", Id, primary_key=True),
    Column("sha256", LargeBinary, nullable=False, unique=True),
    Column("media_type", Text, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("put_at", At, nullable=False),
    Column("put_by", Text, nullable=False),
    comment="Pictures in articles, each once.",
)

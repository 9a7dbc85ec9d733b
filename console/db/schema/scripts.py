"""Scripts, their versions, and how far each was followed on which case: scripts/store.py."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from console.db.schema.base import At, Id, metadata

script = Table(
    "script",
    metadata,
    Column("name", Text, primary_key=True, comment="what files and the API call it"),
    Column("in_force", Integer, comment="the version that new runs take; null: none is published"),
    Column("created_at", At, nullable=False),
    Column("created_by", Text, nullable=False),
)

script_draft = Table(
    "script_draft",
    metadata,
    Column("script", Text, ForeignKey("script.name"), primary_key=True),
    Column("source", Text, nullable=False, comment="YAML as it was typed, whole or not"),
    Column("base", Integer, comment="the version it began from; null: none"),
    Column("state", Text, nullable=False, server_default="draft"),
    Column("version", Integer, nullable=False, server_default="1", comment="grows with each saving"),
    Column("authors", ARRAY(Text), nullable=False, comment="whoever has changed it; none of them publishes it"),
    Column("saved_at", At, nullable=False),
    Column("saved_by", Text, nullable=False),
    Column("note", Text, comment="what its author says to the reviewer, or the reviewer to its author"),
    CheckConstraint("state in ('draft','in_review')", name="state"),
    comment="What is being written: one of each script.",
)

script_version = Table(
    "script_version",
    metadata,
    Column("script", Text, ForeignKey("script.name"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("source", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("authors", ARRAY(Text), nullable=False),
    Column("note", Text),
    Column("published_at", At, nullable=False),
    Column("published_by", Text, nullable=False),
    PrimaryKeyConstraint("script", "version"),
    comment="What was published once, and never changes.",
)

script_event = Table(
    "script_event",
    metadata,
    Column("id", Id, primary_key=True),
    Column("script", Text, ForeignKey("script.name"), nullable=False),
    Column("at", At, nullable=False),
    Column("by", Text, nullable=False),
    Column("what", Text, nullable=False, comment="submitted, returned, published, rolled_back, withdrawn"),
    Column("version", Integer),
    Column("why", Text),
    Index("ix_script_event_script_at", "script", "at"),
)

script_run = Table(
    "script_run",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case", Id, ForeignKey("case.id"), nullable=False),
    Column("work", Id, comment="the work item during which it was started"),
    Column("script", Text, ForeignKey("script.name"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("pins", JSONB, nullable=False, comment="the version of each script that it goes through, by name"),
    Column("state", Text, nullable=False),
    Column("stopped_at", Text, comment="the step it is waiting at, or was left at; null: it came to its end"),
    Column("started_at", At, nullable=False),
    Column("started_by", Text, comment="username; null: the console, by its condition"),
    Column("moved_at", At, nullable=False, comment="since when it waits at that step"),
    Column("ended_at", At),
    Column("ended_by", Text),
    Column("outcome", Text, comment="the disposition that its end names"),
    Column("why", Text, comment="why it was left"),
    Column("asking", JSONB, comment="the other system that it waits for, what was asked, and that one time's id"),
    CheckConstraint("state in ('running','ended','left')", name="state"),
    Index("ix_script_run_case", "case", "started_at"),
    Index("uq_script_run_running", "case", unique=True, postgresql_where=text("state = 'running'")),
    Index("ix_script_run_script", "script", "started_at"),
    comment="One at a time of a case. Where it stands follows from its answers; stopped_at repeats it for lists.",
)

script_answer = Table(
    "script_answer",
    metadata,
    Column("id", Id, primary_key=True),
    Column("run", Id, ForeignKey("script_run.id"), nullable=False),
    Column("nth", Integer, nullable=False, comment="its place in the run, from 0"),
    Column("step", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="given, skipped (by a person), filled (by the console)"),
    Column("answer", JSONB, comment="of the step's own type; null: a step that asks nothing, was skipped, or got none"),
    Column("sent", JSONB, comment="of another system: what it was told"),
    Column("why", Text, comment="why it was skipped; what the console went by; why a system gave no answer"),
    Column("by", Text, comment="username; null: the console"),
    Column("at", At, nullable=False),
    Column("took_s", Integer, comment="how long the step had waited for it"),
    Column("forgotten_at", At, comment="taken back, or changed; null: it holds"),
    Column("forgotten_by", Text),
    Index("uq_script_answer_nth", "run", "nth", unique=True, postgresql_where=text("forgotten_at is null")),
    comment="A run is the sequence of those that hold.",
)

script_effect = Table(
    "script_effect",
    metadata,
    Column("id", Id, primary_key=True),
    Column("run", Id, ForeignKey("script_run.id"), nullable=False, index=True),
    Column("step", Text, nullable=False),
    Column("effect", JSONB, nullable=False),
    Column("at", At, nullable=False),
    Column("by", Text),
    Column("problem", Text, comment="why it was not done; null: it was"),
    comment="What a run did to its case. The same is not done twice, however often its step is passed.",
)

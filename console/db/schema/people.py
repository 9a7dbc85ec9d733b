"""The configuration (config/store.py), and who signs in (people/store.py)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from console.db.schema.base import At, metadata

configuration = Table(
    "configuration",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("applied_at", At, nullable=False),
    Column("applied_by", Text, nullable=False),
    Column("document", JSONB, nullable=False, comment="centre.yaml, parsed and normal"),
)

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

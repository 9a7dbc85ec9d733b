"""Users, their sign-ins and tokens, in PostgreSQL. Secrets are kept as hashes alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import and_, case, delete, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from console.db.schema import access_token, sign_in, sign_in_attempt, user_account
from console.people.preferences import Preferences


class User(msgspec.Struct, frozen=True, kw_only=True):
    username: str
    name: str
    roles: tuple[str, ...]
    password_hash: str | None
    configured: bool
    active: bool
    preferences: Preferences = Preferences()


class Session(msgspec.Struct, frozen=True, kw_only=True):
    user: User
    csrf: str
    seen_at: datetime
    expires_at: datetime


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """`user` or `integration`, as it was given to the one or the other."""

    user: User | None
    integration: str | None
    scopes: tuple[str, ...]
    expires_at: datetime | None


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """What a configuration says of a user."""

    username: str
    name: str
    roles: tuple[str, ...]


_USER = (
    user_account.c.username,
    user_account.c.name,
    user_account.c.roles,
    user_account.c.password_hash,
    user_account.c.configured,
    user_account.c.active,
    user_account.c.preferences,
)

# --- users -----------------------------------------------------------------------------------------------------------


async def find(db: AsyncConnection, username: str) -> User | None:
    row = (await db.execute(select(*_USER).where(user_account.c.username == username))).one_or_none()
    return None if row is None else _user(row)


async def lock(db: AsyncConnection, username: str) -> User | None:
    """As `find`; until the transaction ends nobody else changes the password, the roles, or whether they are active."""
    statement = select(*_USER).where(user_account.c.username == username).with_for_update()
    row = (await db.execute(statement)).one_or_none()
    return None if row is None else _user(row)


async def find_all(db: AsyncConnection, usernames: Sequence[str]) -> dict[str, User]:
    rows = await db.execute(select(*_USER).where(user_account.c.username.in_(usernames)))
    return {row.username: _user(row) for row in rows}


async def put(db: AsyncConnection, user: User, *, at: datetime) -> bool:
    """Keep a new user; False where the name is taken."""
    statement = upsert(user_account).values(**msgspec.to_builtins(user), created_at=at)
    result = await db.execute(statement.on_conflict_do_nothing().returning(user_account.c.username))
    return result.one_or_none() is not None


async def put_again(db: AsyncConnection, user: User) -> None:
    """Bring back a user who was deactivated, as this."""
    values = {"roles": list(user.roles), "active": True, "configured": user.configured}
    await db.execute(update(user_account).where(user_account.c.username == user.username).values(**values))


async def put_password(db: AsyncConnection, username: str, password_hash: str) -> None:
    await db.execute(
        update(user_account).where(user_account.c.username == username).values(password_hash=password_hash)
    )


async def put_preferences(db: AsyncConnection, username: str, preferences: Preferences) -> None:
    said = msgspec.to_builtins(preferences)
    await db.execute(update(user_account).where(user_account.c.username == username).values(preferences=said))


async def put_configured(db: AsyncConnection, people: Sequence[Person], *, at: datetime) -> None:
    """Make or update the users of a configuration, without a password; whoever was deactivated is active again.

    A user of the same name that was made by hand becomes the configuration's; the password stays.
    """
    if not people:
        return
    new = [
        {"username": p.username, "name": p.name, "roles": list(p.roles), "configured": True, "created_at": at}
        for p in people
    ]
    statement = upsert(user_account)
    given = statement.excluded
    await db.execute(
        statement.on_conflict_do_update(
            index_elements=["username"],
            set_={"name": given.name, "roles": given.roles, "configured": True, "active": True},
            where=or_(
                user_account.c.name != given.name,
                user_account.c.roles != given.roles,
                user_account.c.configured.is_(False),
                user_account.c.active.is_(False),
            ),
        ),
        new,
    )


async def deactivate(db: AsyncConnection, usernames: Sequence[str], *, at: datetime) -> None:
    """Take their sign-in, their sessions and their tokens; what they did stays."""
    mine = user_account.c.username.in_(usernames)
    await db.execute(update(user_account).where(mine, user_account.c.active).values(active=False))
    await end_sessions(db, usernames, at=at)
    tokens = access_token.c.username.in_(usernames) & access_token.c.revoked_at.is_(None)
    await db.execute(update(access_token).where(tokens).values(revoked_at=at))


async def missing(db: AsyncConnection, usernames: Sequence[str]) -> list[User]:
    """Active users that a configuration made, and that are not among these."""
    rows = await db.execute(
        select(*_USER).where(
            user_account.c.configured, user_account.c.active, user_account.c.username.not_in(usernames)
        )
    )
    return [_user(row) for row in rows]


# --- sign-ins of browsers --------------------------------------------------------------------------------------------


async def put_session(
    db: AsyncConnection, token_hash: bytes, *, username: str, csrf: str, at: datetime, expires_at: datetime
) -> None:
    await db.execute(
        insert(sign_in).values(
            token_hash=token_hash, username=username, csrf=csrf, created_at=at, seen_at=at, expires_at=expires_at
        )
    )


async def find_session(db: AsyncConnection, token_hash: bytes) -> Session | None:
    """One that was not revoked, of a user who is active; whether its time is over is asked elsewhere."""
    row = (
        await db.execute(
            select(*_USER, sign_in.c.csrf, sign_in.c.seen_at, sign_in.c.expires_at)
            .join_from(sign_in, user_account)
            .where(sign_in.c.token_hash == token_hash, sign_in.c.revoked_at.is_(None), user_account.c.active)
        )
    ).one_or_none()
    if row is None:
        return None
    return Session(user=_user(row), csrf=row.csrf, seen_at=row.seen_at, expires_at=row.expires_at)


async def see_session(db: AsyncConnection, token_hash: bytes, *, at: datetime) -> None:
    await db.execute(update(sign_in).where(sign_in.c.token_hash == token_hash).values(seen_at=at))


async def end_session(db: AsyncConnection, token_hash: bytes, *, at: datetime) -> None:
    mine = (sign_in.c.token_hash == token_hash) & sign_in.c.revoked_at.is_(None)
    await db.execute(update(sign_in).where(mine).values(revoked_at=at))


async def end_sessions(db: AsyncConnection, usernames: Sequence[str], *, at: datetime) -> None:
    """All of theirs, on every browser."""
    mine = sign_in.c.username.in_(usernames) & sign_in.c.revoked_at.is_(None)
    await db.execute(update(sign_in).where(mine).values(revoked_at=at))


async def forget_sessions(db: AsyncConnection, *, before: datetime) -> None:
    """Drop sessions that were over by then."""
    await db.execute(delete(sign_in).where(or_(sign_in.c.expires_at < before, sign_in.c.revoked_at < before)))


# --- failed attempts -------------------------------------------------------------------------------------------------


async def lock_attempts(db: AsyncConnection, key: str) -> None:
    """Until the transaction ends nobody else, on any node, counts this key's failures."""
    await db.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


async def failures(db: AsyncConnection, key: str, *, since: datetime, limit: int) -> list[datetime]:
    """The latest failures of an account or address, as many as could matter."""
    rows = await db.execute(
        select(sign_in_attempt.c.failed_at)
        .where(sign_in_attempt.c.key == key, sign_in_attempt.c.failed_at > since)
        .order_by(sign_in_attempt.c.failed_at.desc())
        .limit(limit)
    )
    return [row.failed_at for row in rows]


async def put_failure(db: AsyncConnection, key: str, *, at: datetime) -> int:
    """Keep a failed attempt, and forget all that are a day old. Returns its id."""
    await db.execute(
        delete(sign_in_attempt).where(
            sign_in_attempt.c.key == key, sign_in_attempt.c.failed_at < at - timedelta(days=1)
        )
    )
    statement = insert(sign_in_attempt).values(key=key, failed_at=at).returning(sign_in_attempt.c.id)
    return int((await db.execute(statement)).scalar_one())


async def forget_failures(db: AsyncConnection, key: str, *, also: Sequence[int] = ()) -> None:
    """All of an account, and those of these ids, whose ever they are."""
    mine = or_(sign_in_attempt.c.key == key, sign_in_attempt.c.id.in_(also))
    await db.execute(delete(sign_in_attempt).where(mine))


# --- bearer tokens ---------------------------------------------------------------------------------------------------


async def put_token(
    db: AsyncConnection,
    token_hash: bytes,
    *,
    username: str | None,
    integration: str | None,
    scopes: Sequence[str],
    at: datetime,
    expires_at: datetime | None,
) -> None:
    await db.execute(
        insert(access_token).values(
            token_hash=token_hash,
            username=username,
            integration=integration,
            scopes=list(scopes),
            created_at=at,
            expires_at=expires_at,
        )
    )


async def find_token(db: AsyncConnection, token_hash: bytes) -> Token | None:
    """One that was not revoked, of an integration or a user who is active; whether it has expired is asked elsewhere."""
    row = (
        await db.execute(
            select(*_USER, access_token.c.integration, access_token.c.scopes, access_token.c.expires_at)
            .join_from(access_token, user_account, isouter=True)
            .where(
                access_token.c.token_hash == token_hash,
                access_token.c.revoked_at.is_(None),
                or_(access_token.c.integration.is_not(None), user_account.c.active),
            )
        )
    ).one_or_none()
    if row is None:
        return None
    return Token(
        user=None if row.username is None else _user(row),
        integration=row.integration,
        scopes=tuple(row.scopes),
        expires_at=row.expires_at,
    )


async def revoke_tokens(db: AsyncConnection, *, username: str | None, integration: str | None, at: datetime) -> int:
    """All of that user, or of that integration. How many were valid until then."""
    mine = access_token.c.integration == integration if username is None else access_token.c.username == username
    valid = and_(mine, access_token.c.revoked_at.is_(None))
    alive = case((or_(access_token.c.expires_at.is_(None), access_token.c.expires_at > at), 1), else_=0)
    rows = await db.execute(update(access_token).where(valid).values(revoked_at=at).returning(alive))
    return sum(row[0] for row in rows)


async def knows_integration(db: AsyncConnection, integration: str) -> bool:
    """Whether a token was ever made for it."""
    found = await db.execute(select(1).where(access_token.c.integration == integration).limit(1))
    return found.one_or_none() is not None


def _user(row: object) -> User:
    return msgspec.convert(
        {name: getattr(row, name) for name in User.__struct_fields__}, User, from_attributes=False, strict=True
    )

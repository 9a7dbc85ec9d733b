"""Who signs in: passwords, browsers' sessions, bearer tokens, and the users behind them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

import msgspec

from console.clock import to_instant
from console.db import inbox
from console.db.engine import Database, Transaction
from console.errors import BadInput, FieldError, NotFound, NotSignedIn, TooManyAttempts
from console.people import passwords, store, tokens
from console.people import sign_in as rules
from console.people.names import checked_integration, checked_name, checked_username, is_username
from console.people.permissions import Permission, may, require
from console.people.preferences import Preferences
from console.people.store import User
from console.people.who import Principal, Role
from console.routing.agent import Presence
from console.routing.facts import SIGNED_OUT, PresenceSet
from console.services.context import Context

HASHING_MAX = 2
"""Passwords hashed at once: each takes 46 MiB and a processor, and calls must go on meanwhile."""
REMEMBERED = timedelta(seconds=1)
"""How long a token is taken without asking the database: a telephone system asks many times a second, and
a revoked token must be refused within a second on every node."""
REMEMBERED_MAX = 10_000
SESSIONS_KEPT = timedelta(days=7)
"""After their end, for whoever asks who was signed in."""
EXPIRES_IN_MAX = timedelta(days=3660)


class WrongPassword(NotSignedIn):
    """User name or password is wrong."""

    type = "wrong-password"


class LockedOut(TooManyAttempts):
    """Too many failed attempts to sign in; wait a few minutes and try again."""

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__()
        self.retry_after_s = max(1, -int(-retry_after.total_seconds() // 1))
        """Whole seconds, for the header Retry-After."""


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """A session that has begun."""

    cookie: str
    csrf: str
    principal: Principal


class MadeUser(msgspec.Struct, frozen=True, kw_only=True):
    """`created` is False where the user was there, and only the password was set."""

    username: str
    roles: tuple[str, ...]
    created: bool


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A session that goes on."""

    principal: Principal
    csrf: str
    preferences: Preferences


# --- sessions --------------------------------------------------------------------------------------------------------


async def sign_in(ctx: Context, *, username: str, password: str, address: str) -> SignedIn:
    """Begin a session.

    An unknown user, a wrong password and a user without one take equally long and are told alike.
    Raises WrongPassword, or LockedOut after too many failures of the account or the address.
    """
    username = username.strip().lower()
    async with _hashing():
        attempts = await _may_try(ctx, username, address)
        hash_ = await _password_hash(ctx, username)
        if not await asyncio.to_thread(passwords.fits, password, hash_ or passwords.NOBODYS) or hash_ is None:
            raise WrongPassword
        anew = await _hashed(password) if passwords.is_outdated(hash_) else hash_
    return await _begin(ctx, username, was=hash_, anew=anew, attempts=attempts)


async def sign_out(ctx: Context, cookie: str) -> None:
    """End the session of that cookie, if it is one; whoever signs out takes no more work."""
    hash_, now = tokens.kept(cookie), ctx.clock.now()
    async with ctx.db.transaction() as db:
        session = await store.find_session(db, hash_)
        await store.end_session(db, hash_, at=now)
        if session is not None and may(_principal(session.user), Permission.HAVE_PRESENCE):
            left = PresenceSet(
                at=to_instant(now), agent=session.user.username, presence=Presence.OFFLINE, reason=SIGNED_OUT
            )
            await inbox.put(db, left)
    ctx.nudges.ring("router")


async def of_session(ctx: Context, cookie: str) -> Session | None:
    """Whose session the cookie is; None where it is nobody's, or over."""
    hash_, now = tokens.kept(cookie), ctx.clock.now()
    async with ctx.db.transaction() as db:
        session = await store.find_session(db, hash_)
        if session is None or rules.is_over(expires_at=session.expires_at, seen_at=session.seen_at, now=now):
            return None
        if now - session.seen_at >= rules.SEEN_EVERY:
            await store.see_session(db, hash_, at=now)
    return Session(principal=_principal(session.user), csrf=session.csrf, preferences=session.user.preferences)


async def _may_try(ctx: Context, username: str, address: str) -> list[int]:
    """Count the attempt as failed until it has succeeded, so that many at once are many.

    Returns the ids of what was counted. Raises LockedOut.
    """
    now = ctx.clock.now()
    limits = {rules.address_key(address): rules.PER_ADDRESS}
    if is_username(username):
        limits[rules.account_key(username)] = rules.PER_ACCOUNT
    async with ctx.db.transaction() as db:
        for key in sorted(limits):  # always in one order, so that two attempts never wait for each other
            await store.lock_attempts(db, key)
        for key, limit in limits.items():
            failed = await store.failures(db, key, since=now - limit.window, limit=limit.failures)
            if left := rules.locked_for(failed, limit, now):
                raise LockedOut(left)
        return [await store.put_failure(db, key, at=now) for key in limits]


async def _password_hash(ctx: Context, username: str) -> str | None:
    """None: nobody can sign in under this name."""
    if not is_username(username):
        return None
    async with ctx.db.transaction() as db:
        user = await store.find(db, username)
    return user.password_hash if user and user.active else None


async def _begin(ctx: Context, username: str, *, was: str, anew: str, attempts: Sequence[int]) -> SignedIn:
    """Keep the session, unless the password was changed meanwhile."""
    cookie, csrf = tokens.cookie(os.urandom(tokens.CHANCE_BYTES)), tokens.cookie(os.urandom(tokens.CHANCE_BYTES))
    now = ctx.clock.now()
    async with ctx.db.transaction() as db:
        user = await store.lock(db, username)
        if user is None or not user.active or user.password_hash != was:
            raise WrongPassword
        if anew != was:
            await store.put_password(db, username, anew)
        await store.put_session(
            db, tokens.kept(cookie), username=username, csrf=csrf, at=now, expires_at=now + rules.LASTS
        )
        await store.forget_failures(db, rules.account_key(username), also=attempts)
        await store.forget_sessions(db, before=now - SESSIONS_KEPT)
    return SignedIn(cookie=cookie, csrf=csrf, principal=_principal(user))


# --- users -----------------------------------------------------------------------------------------------------------


async def create_user(
    ctx: Context, who: Principal, *, username: str, role: str, password: str, name: str | None = None
) -> MadeUser:
    """Make a user with a password; of one who is there already only the password is set, and their sessions end.

    One who was deactivated comes back, with this role. Raises BadInput.
    """
    require(who, Permission.MANAGE_PEOPLE)
    checked_username(username)
    user = User(
        username=username,
        name=checked_name(name or username),
        roles=(_checked_role(role),),
        password_hash=await _hashed(passwords.checked(password, username=username)),
        configured=False,
        active=True,
    )
    now = ctx.clock.now()
    async with ctx.db.transaction() as db:
        if await store.put(db, user, at=now):
            return MadeUser(username=username, roles=user.roles, created=True)
        before = await store.lock(db, username)
        assert before is not None, "users are never deleted"
        roles = before.roles
        if not before.active:
            roles = user.roles
            await store.put_again(db, user)
        await _set_password(ctx, db, user)
    return MadeUser(username=username, roles=roles, created=False)


async def set_password(ctx: Context, who: Principal, *, username: str, password: str) -> None:
    """Set it, and end every session of theirs. Raises BadInput, NotFound."""
    require(who, Permission.MANAGE_PEOPLE)
    hash_ = await _hashed(passwords.checked(password, username=username))
    async with ctx.db.transaction() as db:
        user = await store.lock(db, username)
        if user is None:
            raise NotFound(f"There is no user {username!r}.")
        await _set_password(ctx, db, msgspec.structs.replace(user, password_hash=hash_))


async def _set_password(ctx: Context, db: Transaction, user: User) -> None:
    assert user.password_hash is not None
    await store.put_password(db, user.username, user.password_hash)
    await store.end_sessions(db, [user.username], at=ctx.clock.now())
    await store.forget_failures(db, rules.account_key(user.username))


def _checked_role(role: str) -> str:
    roles = [known.value for known in Role]
    if role not in roles:
        detail = f"There is no role {role!r}; there are {', '.join(roles)}."
        raise BadInput(detail, errors=(FieldError("role", detail),))
    return role


# --- tokens ----------------------------------------------------------------------------------------------------------


async def of_token(ctx: Context, bearer: str) -> Principal | None:
    """Whose token it is; None where it is nobody's, revoked or expired."""
    if not tokens.is_token(bearer):
        return None
    hash_, now = tokens.kept(bearer), ctx.clock.now()
    remembered = _remembered.setdefault(ctx.db, {})
    known = remembered.get(hash_)
    if known is None or not now - REMEMBERED < known.asked_at <= now:
        async with ctx.db.statement() as db:
            known = Known(now, await store.find_token(db, hash_))
        if len(remembered) >= REMEMBERED_MAX:
            remembered.clear()
        remembered[hash_] = known
    token = known.token
    if token is None or (token.expires_at is not None and token.expires_at <= now):
        return None
    if token.user is not None:
        return _principal(token.user)
    assert token.integration is not None
    return Principal(integration=token.integration, name=token.integration, scopes=frozenset(token.scopes))


async def create_token(
    ctx: Context,
    who: Principal,
    *,
    username: str | None = None,
    integration: str | None = None,
    scopes: Iterable[str] = (),
    expires_in: timedelta | None = None,
) -> str:
    """A new bearer token of a user, or of an integration (without a scope it may read). It cannot be shown again.

    Raises BadInput, NotFound.
    """
    if (username is None) == (integration is None):
        raise _bad("username", "A token is either a user's or an integration's.")
    if username is not None:
        if tuple(scopes):
            raise _bad("scope", "Scopes are for integrations; a user's token may do what the user may.")
        return (await create_tokens(ctx, who, usernames=[username], expires_in=expires_in))[0]
    require(who, Permission.MANAGE_PEOPLE)
    assert integration is not None
    checked_integration(integration)
    granted = tokens.checked_scopes(scopes)
    expires_at = _expires_at(ctx, expires_in)
    async with ctx.db.transaction() as db:
        return await _put_token(ctx, db, integration=integration, scopes=granted, expires_at=expires_at)


async def create_tokens(
    ctx: Context, who: Principal, *, usernames: Sequence[str], expires_in: timedelta | None = None
) -> list[str]:
    """One new bearer token for each user, in that order; all of them or none. Raises BadInput, NotFound."""
    require(who, Permission.MANAGE_PEOPLE)
    expires_at = _expires_at(ctx, expires_in)
    async with ctx.db.transaction() as db:
        users = await store.find_all(db, usernames)
        for username in usernames:
            if username not in users or not users[username].active:
                raise NotFound(f"There is no user {username!r}.")
        return [await _put_token(ctx, db, username=username, expires_at=expires_at) for username in usernames]


async def revoke_tokens(
    ctx: Context, who: Principal, *, username: str | None = None, integration: str | None = None
) -> int:
    """All tokens of a user, or of an integration; how many were valid until now. Raises BadInput, NotFound."""
    require(who, Permission.MANAGE_PEOPLE)
    if (username is None) == (integration is None):
        raise _bad("username", "Say whose tokens: a user's or an integration's.")
    async with ctx.db.transaction() as db:
        if username is not None and await store.find(db, username) is None:
            raise NotFound(f"There is no user {username!r}.")
        if integration is not None and not await store.knows_integration(db, integration):
            raise NotFound(f"There is no integration {integration!r}.")
        count = await store.revoke_tokens(db, username=username, integration=integration, at=ctx.clock.now())
    _remembered.pop(ctx.db, None)
    return count


async def _put_token(
    ctx: Context,
    db: Transaction,
    *,
    username: str | None = None,
    integration: str | None = None,
    scopes: Sequence[str] = (),
    expires_at: datetime | None,
) -> str:
    token = tokens.written(os.urandom(tokens.CHANCE_BYTES))
    await store.put_token(
        db,
        tokens.kept(token),
        username=username,
        integration=integration,
        scopes=scopes,
        at=ctx.clock.now(),
        expires_at=expires_at,
    )
    return token


def _expires_at(ctx: Context, expires_in: timedelta | None) -> datetime | None:
    if expires_in is None:
        return None
    if not timedelta(0) < expires_in <= EXPIRES_IN_MAX:
        raise _bad("expires", "A token expires after more than nothing and at most ten years, such as 90d.")
    return ctx.clock.now() + expires_in


# --- helpers ---------------------------------------------------------------------------------------------------------


class Known(msgspec.Struct, frozen=True):
    """What the database said of a token, and when it was asked."""

    asked_at: datetime
    token: store.Token | None


_remembered: WeakKeyDictionary[Database, dict[bytes, Known]] = WeakKeyDictionary()
_limiters: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


def _hashing() -> asyncio.Semaphore:
    """One of the few places in which a password is hashed; one semaphore belongs to one event loop."""
    return _limiters.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(HASHING_MAX))


async def _hashed(password: str) -> str:
    return await asyncio.to_thread(passwords.hashed, password, salt=os.urandom(passwords.SALT_BYTES))


def _principal(user: User) -> Principal:
    return Principal(username=user.username, name=user.name, roles=frozenset(user.roles))


def _bad(field: str, detail: str) -> BadInput:
    return BadInput(detail, errors=(FieldError(field, detail),))

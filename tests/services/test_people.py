"""Signing in, tokens and users, on a real database."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from console.db.engine import Database
from console.errors import BadInput, NotAllowed, NotFound, NotSignedIn
from console.people import passwords, store
from console.people.sign_in import PER_ACCOUNT, PER_ADDRESS, WINDOW
from console.people.who import OPERATOR, Principal
from console.services import configuration, people
from console.services.context import Context
from console.services.people import LockedOut, WrongPassword
from tests.people.stand_ins import StoppedClock, context

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
PASSWORD = "correct horse battery"
HERE = "192.0.2.7"
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(NOON)


@pytest.fixture
def ctx(database: Database, clock: StoppedClock) -> Context:
    return context(database, clock)


async def made(ctx: Context, username: str = "nadia", role: str = "agent") -> None:
    await people.create_user(ctx, OPERATOR, username=username, role=role, password=PASSWORD)


async def signed_in(ctx: Context, password: str = PASSWORD, username: str = "nadia", address: str = HERE) -> str:
    return (await people.sign_in(ctx, username=username, password=password, address=address)).cookie


# --- sessions --------------------------------------------------------------------------------------------------------


async def test_a_password_begins_a_session(ctx: Context) -> None:
    await made(ctx)

    begun = await people.sign_in(ctx, username="nadia", password=PASSWORD, address=HERE)

    session = await people.of_session(ctx, begun.cookie)
    assert session is not None
    assert session.principal == Principal(username="nadia", name="nadia", roles=frozenset({"agent"}))
    assert session.principal == begun.principal
    assert session.csrf == begun.csrf
    assert len({begun.cookie, begun.csrf}) == 2


async def test_only_hashes_are_kept(ctx: Context) -> None:
    await made(ctx)
    cookie = await signed_in(ctx)
    token = await people.create_token(ctx, OPERATOR, username="nadia")

    async with ctx.db.transaction() as db:
        rows = await db.execute(
            text("select u::text from user_account u union all select s::text from sign_in s"
                 " union all select t::text from access_token t")
        )  # fmt: skip
        everything = " ".join(row[0] for row in rows)

    assert "argon2id" in everything
    for secret in (PASSWORD, cookie, token, token.removeprefix("ctk_")):
        assert secret not in everything


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("nadia", "wrong horse battery"),
        ("nadia", ""),
        ("nadia", PASSWORD + "x" * 10_000),
        ("nobody", PASSWORD),
        ("", PASSWORD),
        ("' or 1=1 --", "' or 1=1 --"),
        ("nadia\x00", PASSWORD),
        ("x" * 100_000, PASSWORD),
        ("nadia", "\udc80"),
        ("nadia", "\x00"),
    ],
)
async def test_whatever_is_wrong_is_told_alike(ctx: Context, username: str, password: str) -> None:
    await made(ctx)

    with pytest.raises(WrongPassword) as refused:
        await signed_in(ctx, password=password, username=username)

    assert refused.value.detail == "User name or password is wrong."
    assert refused.value.status == 401


async def test_a_user_without_a_password_cannot_sign_in(ctx: Context) -> None:
    await configuration.apply(ctx, OPERATOR, text="version: 1\nagents: [{username: nadia}]")

    with pytest.raises(WrongPassword):
        await signed_in(ctx, password="")


async def test_an_unknown_user_takes_as_long_as_a_wrong_password(ctx: Context) -> None:
    await made(ctx)

    async def took(username: str) -> float:
        started = time.process_time()  # the work, whatever else the machine does
        with pytest.raises(WrongPassword):
            await signed_in(ctx, password="wrong", username=username)
        return time.process_time() - started

    known = min([await took("nadia") for _ in range(3)])
    unknown = min([await took(f"nobody{number}") for number in range(3)])

    assert 0.4 < unknown / known < 2.5


async def test_a_username_is_found_however_it_was_typed(ctx: Context) -> None:
    await made(ctx)

    assert await signed_in(ctx, username=" Nadia ")


async def test_a_password_is_the_same_however_the_keyboard_composes_it(ctx: Context) -> None:
    await people.create_user(ctx, OPERATOR, username="jose", role="agent", password="contrase\u00f1a")

    assert await signed_in(ctx, username="jose", password="contrasen\u0303a")


async def test_a_session_ends_after_twelve_hours_however_busy(ctx: Context, clock: StoppedClock) -> None:
    await made(ctx)
    cookie = await signed_in(ctx)

    for _ in range(11):
        clock.move(HOUR)
        assert await people.of_session(ctx, cookie)
    clock.move(HOUR)

    assert await people.of_session(ctx, cookie) is None


async def test_a_session_ends_after_two_idle_hours(ctx: Context, clock: StoppedClock) -> None:
    await made(ctx)
    cookie = await signed_in(ctx)

    clock.move(2 * HOUR - SECOND)
    assert await people.of_session(ctx, cookie)
    clock.move(2 * HOUR - SECOND)
    assert await people.of_session(ctx, cookie)
    clock.move(2 * HOUR)

    assert await people.of_session(ctx, cookie) is None


async def test_signing_out_ends_that_session_alone(ctx: Context) -> None:
    await made(ctx)
    here, there = await signed_in(ctx), await signed_in(ctx)

    await people.sign_out(ctx, here)

    assert await people.of_session(ctx, here) is None
    assert await people.of_session(ctx, there)


async def test_a_new_password_ends_every_session(ctx: Context) -> None:
    await made(ctx)
    here, there = await signed_in(ctx), await signed_in(ctx)

    await people.set_password(ctx, OPERATOR, username="nadia", password="another password")

    assert await people.of_session(ctx, here) is None
    assert await people.of_session(ctx, there) is None
    with pytest.raises(WrongPassword):
        await signed_in(ctx)
    assert await signed_in(ctx, password="another password")


async def test_whoever_is_deactivated_is_out_at_once(ctx: Context, clock: StoppedClock) -> None:
    await made(ctx)
    cookie, token = await signed_in(ctx), await people.create_token(ctx, OPERATOR, username="nadia")
    async with ctx.db.transaction() as db:
        await store.deactivate(db, ["nadia"], at=NOON)

    assert await people.of_session(ctx, cookie) is None
    assert await people.of_token(ctx, token) is None
    with pytest.raises(WrongPassword):
        await signed_in(ctx)


@pytest.mark.parametrize("cookie", ["", "x", "x" * 100_000, "\x00", "\udc80", "' or 1=1 --"])
async def test_a_cookie_that_is_none_of_ours_is_nobodys(ctx: Context, cookie: str) -> None:
    assert await people.of_session(ctx, cookie) is None
    await people.sign_out(ctx, cookie)


async def test_a_role_that_changes_is_in_force_with_the_next_request(ctx: Context) -> None:
    text = "version: 1\nagents: [{username: nadia, roles: [%s]}]"
    await configuration.apply(ctx, OPERATOR, text=text % "agent")
    await made(ctx)
    cookie = await signed_in(ctx)

    await configuration.apply(ctx, OPERATOR, text=text % "agent, supervisor")

    session = await people.of_session(ctx, cookie)
    assert session is not None
    assert session.principal.roles == {"agent", "supervisor"}


async def test_a_hash_made_with_older_parameters_is_made_anew(ctx: Context) -> None:
    await made(ctx)
    old = passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    async with ctx.db.transaction() as db:
        await store.put_password(db, "nadia", old)

    await signed_in(ctx)

    async with ctx.db.transaction() as db:
        user = await store.find(db, "nadia")
    assert user is not None
    assert user.password_hash is not None
    assert not passwords.is_outdated(user.password_hash)
    assert await signed_in(ctx)


# --- limits ----------------------------------------------------------------------------------------------------------


async def fail(ctx: Context, username: str = "nadia", address: str = HERE) -> None:
    with pytest.raises(WrongPassword):
        await signed_in(ctx, password="wrong password", username=username, address=address)


async def test_after_five_failures_not_even_the_right_password_helps(ctx: Context, clock: StoppedClock) -> None:
    await made(ctx)
    for _ in range(PER_ACCOUNT.failures):
        await fail(ctx)
        clock.move(SECOND)

    with pytest.raises(LockedOut) as refused:
        await signed_in(ctx, address="198.51.100.1")

    assert refused.value.status == 429
    assert refused.value.retry_after_s == WINDOW.total_seconds() - PER_ACCOUNT.failures


async def test_when_the_window_has_passed_the_right_password_helps_again(ctx: Context, clock: StoppedClock) -> None:
    await made(ctx)
    for _ in range(PER_ACCOUNT.failures):
        await fail(ctx)

    clock.move(WINDOW)

    assert await signed_in(ctx)


async def test_a_success_forgets_the_failures_before_it(ctx: Context) -> None:
    await made(ctx)
    for _ in range(3):
        for _ in range(PER_ACCOUNT.failures - 1):
            await fail(ctx)
        assert await signed_in(ctx)


async def test_names_that_are_nobodys_are_limited_alike(ctx: Context) -> None:
    for _ in range(PER_ACCOUNT.failures):
        await fail(ctx, username="nobody")

    with pytest.raises(LockedOut):
        await signed_in(ctx, username="nobody")


async def test_another_account_is_not_locked_with_it(ctx: Context) -> None:
    await made(ctx)
    for _ in range(PER_ACCOUNT.failures):
        await fail(ctx, username="omar")

    assert await signed_in(ctx)


async def test_an_address_that_tries_many_names_is_locked(ctx: Context) -> None:
    await made(ctx)
    async with ctx.db.transaction() as db:
        for number in range(PER_ADDRESS.failures):
            await store.put_failure(db, f"address:{HERE}", at=NOON - number * SECOND)

    with pytest.raises(LockedOut):
        await signed_in(ctx)
    assert await signed_in(ctx, address="198.51.100.1")


async def test_many_guesses_at_once_are_counted_one_by_one(ctx: Context) -> None:
    await made(ctx)

    results = await asyncio.gather(
        *(signed_in(ctx, password=f"guess {number}") for number in range(12)), return_exceptions=True
    )

    assert sum(isinstance(result, WrongPassword) for result in results) == PER_ACCOUNT.failures
    assert sum(isinstance(result, LockedOut) for result in results) == 12 - PER_ACCOUNT.failures


async def test_a_whole_office_signs_in_at_once(ctx: Context) -> None:
    names = [f"agent{number}" for number in range(8)]
    for name in names:
        await made(ctx, name)

    cookies = await asyncio.gather(*(signed_in(ctx, username=name) for name in names))

    assert len(set(cookies)) == 8


# --- users -----------------------------------------------------------------------------------------------------------


async def test_of_a_user_who_is_there_only_the_password_is_set(ctx: Context) -> None:
    await configuration.apply(ctx, OPERATOR, text="version: 1\nagents: [{username: nadia, name: Nadia Rahimi}]")

    result = await people.create_user(ctx, OPERATOR, username="nadia", role="admin", password=PASSWORD)

    assert (result.created, result.roles) == (False, ("agent",))
    begun = await people.sign_in(ctx, username="nadia", password=PASSWORD, address=HERE)
    assert begun.principal == Principal(username="nadia", name="Nadia Rahimi", roles=frozenset({"agent"}))


async def test_a_deactivated_user_comes_back_with_the_role_given(ctx: Context) -> None:
    await made(ctx)
    async with ctx.db.transaction() as db:
        await store.deactivate(db, ["nadia"], at=NOON)

    result = await people.create_user(ctx, OPERATOR, username="nadia", role="author", password=PASSWORD)

    assert (result.created, result.roles) == (False, ("author",))
    assert await signed_in(ctx)


@pytest.mark.parametrize(
    "username", ["", "Nadia", "a b", "é", "x" * 65, "a\n", "'; drop table user_account; --", "\x00"]
)
async def test_a_username_is_plain(ctx: Context, username: str) -> None:
    with pytest.raises(BadInput, match="1 to 64 of the characters a-z 0-9"):
        await made(ctx, username)


@pytest.mark.parametrize(
    "password", ["", "short", "x" * 257, "nul\x00inside", "\udc80\udc80\udc80\udc80\udc80\udc80\udc80\udc80"]
)
async def test_a_password_that_will_not_do_is_refused(ctx: Context, password: str) -> None:
    with pytest.raises(BadInput) as refused:
        await people.create_user(ctx, OPERATOR, username="nadia", role="agent", password=password)

    assert refused.value.errors[0].field == "password"


async def test_a_role_that_is_none_is_refused(ctx: Context) -> None:
    with pytest.raises(BadInput, match="agent, supervisor, author, admin"):
        await made(ctx, role="root")


@pytest.mark.parametrize("role", ["agent", "supervisor", "author"])
async def test_only_an_admin_manages_people(ctx: Context, role: str) -> None:
    await made(ctx)
    who = Principal(username="ana", name="Ana", roles=frozenset({role}))

    with pytest.raises(NotAllowed):
        await people.create_user(ctx, who, username="x", role="admin", password=PASSWORD)
    with pytest.raises(NotAllowed):
        await people.set_password(ctx, who, username="nadia", password=PASSWORD)
    with pytest.raises(NotAllowed):
        await people.create_token(ctx, who, username="nadia")
    with pytest.raises(NotAllowed):
        await people.create_token(ctx, who, integration="pbx")
    with pytest.raises(NotAllowed):
        await people.revoke_tokens(ctx, who, username="nadia")


async def test_a_password_is_not_set_for_nobody(ctx: Context) -> None:
    with pytest.raises(NotFound):
        await people.set_password(ctx, OPERATOR, username="nobody", password=PASSWORD)


# --- tokens ----------------------------------------------------------------------------------------------------------


async def test_a_users_token_may_do_what_the_user_may(ctx: Context) -> None:
    await made(ctx, role="supervisor")

    token = await people.create_token(ctx, OPERATOR, username="nadia")

    assert token.startswith("ctk_")
    assert await people.of_token(ctx, token) == Principal(
        username="nadia", name="nadia", roles=frozenset({"supervisor"})
    )


async def test_an_integrations_token_has_its_scopes(ctx: Context) -> None:
    token = await people.create_token(ctx, OPERATOR, integration="pbx", scopes=["telephony"])

    assert await people.of_token(ctx, token) == Principal(
        integration="pbx", name="pbx", scopes=frozenset({"telephony"})
    )


async def test_tokens_of_several_users_come_in_their_order_or_not_at_all(ctx: Context) -> None:
    await made(ctx, "ana")
    await made(ctx, "ben")

    tokens = await people.create_tokens(ctx, OPERATOR, usernames=["ben", "ana", "ben"])

    found = [await people.of_token(ctx, token) for token in tokens]
    assert [who.username for who in found if who] == ["ben", "ana", "ben"]
    with pytest.raises(NotFound, match="'zoe'"):
        await people.create_tokens(ctx, OPERATOR, usernames=["ana", "zoe"])


async def test_a_token_expires_to_the_second(ctx: Context, clock: StoppedClock) -> None:
    token = await people.create_token(ctx, OPERATOR, integration="pbx", expires_in=timedelta(days=90))

    clock.move(timedelta(days=90) - timedelta(microseconds=1))
    assert await people.of_token(ctx, token)
    clock.move(timedelta(microseconds=1))

    assert await people.of_token(ctx, token) is None


async def test_a_revoked_token_is_refused_at_once_here_and_within_a_second_elsewhere(
    ctx: Context, clock: StoppedClock, database_url: str
) -> None:
    token = await people.create_token(ctx, OPERATOR, integration="pbx")
    elsewhere = context(await Database.open(database_url), clock)
    assert await people.of_token(ctx, token)
    assert await people.of_token(elsewhere, token)

    assert await people.revoke_tokens(ctx, OPERATOR, integration="pbx") == 1

    assert await people.of_token(ctx, token) is None
    clock.move(SECOND)
    assert await people.of_token(elsewhere, token) is None
    await elsewhere.db.close()


async def test_revoking_takes_all_of_one_and_none_of_another(ctx: Context, clock: StoppedClock) -> None:
    await made(ctx)
    mine = [await people.create_token(ctx, OPERATOR, username="nadia") for _ in range(2)]
    expired = await people.create_token(ctx, OPERATOR, username="nadia", expires_in=SECOND)
    theirs = await people.create_token(ctx, OPERATOR, integration="nadia")
    clock.move(SECOND)

    assert await people.revoke_tokens(ctx, OPERATOR, username="nadia") == 2
    assert await people.revoke_tokens(ctx, OPERATOR, username="nadia") == 0

    assert [await people.of_token(ctx, token) for token in [*mine, expired]] == [None, None, None]
    assert await people.of_token(ctx, theirs)


async def test_revoking_what_nobody_has_is_told(ctx: Context) -> None:
    with pytest.raises(NotFound, match="no user 'nobody'"):
        await people.revoke_tokens(ctx, OPERATOR, username="nobody")
    with pytest.raises(NotFound, match="no integration 'nothing'"):
        await people.revoke_tokens(ctx, OPERATOR, integration="nothing")


@pytest.mark.parametrize("token", ["", "ctk_", "ctk_" + "x" * 43, "ctk_" + "x" * 10_000, "\x00", "ctk_\udc80", "null"])
async def test_a_token_that_is_none_of_ours_is_nobodys(ctx: Context, token: str) -> None:
    assert await people.of_token(ctx, token) is None


async def test_a_token_is_somebodys_and_has_scopes_there_are(ctx: Context) -> None:
    await made(ctx)
    for wrong in (
        {},
        {"username": "nadia", "integration": "pbx"},
        {"username": "nadia", "scopes": ["telephony"]},
        {"integration": "pbx", "scopes": ["everything"]},
        {"integration": "p b x"},
        {"integration": "pbx", "expires_in": timedelta(0)},
        {"integration": "pbx", "expires_in": timedelta(days=100_000)},
    ):
        with pytest.raises(BadInput):
            await people.create_token(ctx, OPERATOR, **wrong)


async def test_a_stranger_is_not_signed_in(ctx: Context) -> None:
    with pytest.raises(NotSignedIn):
        await people.create_token(ctx, None, integration="pbx")  # type: ignore[arg-type] - nobody is signed in

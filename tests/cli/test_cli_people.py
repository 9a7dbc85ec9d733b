"""`console user` and `console token`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from console.cli import console
from console.clock import SystemClock
from console.db.engine import Database
from console.errors import BadInput, NotFound
from console.people.who import Principal
from console.services import people
from console.services.context import Context
from tests.people.stand_ins import StoppedClock, context

PASSWORD = "correct horse battery"

Run = Callable[..., Result]
Asked = Callable[[Callable[[Context], Awaitable[Any]]], Any]


@pytest.fixture
def run(database_url: str, tmp_path: Path) -> Run:
    env = {"CONSOLE_DATABASE_URL": database_url, "CONSOLE_DATA_DIR": str(tmp_path), "CONSOLE_REDIS_URL": ""}
    return lambda *words, given=None: CliRunner().invoke(console, words, input=given, env=env)


@pytest.fixture
def asked(database_url: str) -> Asked:
    """What the console itself answers, now."""

    async def ask(question: Callable[[Context], Awaitable[Any]]) -> Any:
        database = await Database.open(database_url)
        try:
            return await question(context(database, StoppedClock(SystemClock().now())))
        finally:
            await database.close()

    return lambda question: asyncio.run(ask(question))


def user(run: Run, name: str, role: str = "agent") -> Result:
    return run("user", "create", name, "--role", role, given=f"{PASSWORD}\n")


def test_a_user_is_made_with_the_password_on_standard_input(run: Run, asked: Asked) -> None:
    made = user(run, "nadia", "supervisor")

    assert (made.exit_code, made.stdout) == (0, "User nadia was made, as supervisor.\n")
    begun = asked(lambda ctx: people.sign_in(ctx, username="nadia", password=PASSWORD, address="::1"))
    assert begun.principal.roles == {"supervisor"}


def test_of_a_user_who_is_there_the_password_is_set(run: Run, asked: Asked) -> None:
    user(run, "nadia")

    again = run("user", "create", "nadia", "--role", "admin", given="another password\n")

    assert again.stdout == "User nadia is there already, as agent; the password was set.\n"
    assert asked(lambda ctx: people.sign_in(ctx, username="nadia", password="another password", address="::1"))


def test_a_user_that_will_not_do_is_refused(run: Run) -> None:
    assert isinstance(user(run, "Nadia!").exception, BadInput)
    assert isinstance(run("user", "create", "nadia", "--role", "agent", given="short\n").exception, BadInput)
    assert "no password" in run("user", "create", "nadia", "--role", "agent", given="").stderr
    assert "'boss' is not one of" in user(run, "nadia", "boss").stderr


def test_a_token_stands_alone_on_the_last_line(run: Run, asked: Asked) -> None:
    user(run, "nadia")

    token = run("token", "create", "--user", "nadia").stdout.splitlines()[-1]

    assert asked(lambda ctx: people.of_token(ctx, token)).username == "nadia"


def test_several_users_get_a_line_each_with_the_token_last(run: Run, asked: Asked) -> None:
    user(run, "nadia")
    user(run, "omar")

    lines = run("token", "create", "--user", "omar", "--user", "nadia").stdout.splitlines()

    async def holders(ctx: Context) -> list[str | None]:
        found = [await people.of_token(ctx, line.split()[-1]) for line in lines]
        return [who.username if who else None for who in found]

    assert asked(holders) == ["omar", "nadia"]


def test_an_integrations_token_has_its_scope_and_its_end(run: Run, asked: Asked) -> None:
    words = ("token", "create", "--integration", "pbx", "--scope", "telephony", "--expires", "90d")

    token = run(*words).stdout.splitlines()[-1]

    assert asked(lambda ctx: people.of_token(ctx, token)) == Principal(
        integration="pbx", name="pbx", scopes=frozenset({"telephony"})
    )


def test_a_revoked_token_is_nobodys(run: Run, asked: Asked) -> None:
    token = run("token", "create", "--integration", "pbx").stdout.splitlines()[-1]

    assert run("token", "revoke", "--integration", "pbx").stdout == "1 token was revoked.\n"

    assert asked(lambda ctx: people.of_token(ctx, token)) is None
    assert run("token", "revoke", "--integration", "pbx").stdout == "0 tokens were revoked.\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("create",), "say whose token it is"),
        (("create", "--user", "a", "--integration", "b"), "say whose token it is"),
        (("create", "--user", "a", "--scope", "telephony"), "--scope is for integrations"),
        (("create", "--integration", "a", "--scope", "all"), "'all' is not"),
        (("create", "--integration", "a", "--expires", "soon"), "must be a duration such as 30s"),
        (("create", "--integration", "a", "--expires", "0d"), "more than nothing"),
        (("revoke",), "say whose tokens"),
        (("revoke", "--user", "a", "--integration", "b"), "say whose tokens"),
    ],
)
def test_what_makes_no_sense_is_told(words: tuple[str, ...], told: str) -> None:
    refused = CliRunner().invoke(console, ["token", *words])

    assert refused.exit_code == 2
    assert told in refused.stderr


def test_nobodys_token_is_neither_made_nor_revoked(run: Run) -> None:
    assert isinstance(run("token", "create", "--user", "nobody").exception, NotFound)
    assert isinstance(run("token", "revoke", "--user", "nobody").exception, NotFound)

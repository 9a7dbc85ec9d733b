"""`console user` and `console token`: who may sign in, and with what."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import click

from console import bootstrap, durations
from console.people import passwords
from console.people.who import OPERATOR, Role, Scope
from console.services import people
from console.services.context import Context

T = TypeVar("T")

PASSWORD_READ_MAX = 2 * passwords.LENGTH_MAX
"""Characters read of standard input; what is longer is refused for its length."""

USER_EXAMPLES = """\b
Examples:
  console user create anna --role supervisor
  echo "$PASSWORD" | console user create nadia --role agent
"""
BEARER_EXAMPLES = """\b
Examples:
  console token create --user nadia
  console token create --user nadia --user omar --expires 12h
  console token create --integration pbx --scope telephony --expires 90d
"""
REVOKE_EXAMPLES = """\b
Examples:
  console token revoke --user nadia
  console token revoke --integration pbx
"""


class Duration(click.ParamType[timedelta]):
    """`90d`, `12h`."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        found = durations.duration(str(value))
        if not found:
            self.fail(f"must be {durations.ALLOWED}, and more than nothing; not {value!r}", param, ctx)
        return found


@click.group(epilog=USER_EXAMPLES)
def user() -> None:
    """People who sign in."""


@user.command(epilog=USER_EXAMPLES)
@click.argument("name")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]), help="What the user may do.")
def create(name: str, role: str) -> None:
    """Make the user NAME, with a password that is asked for or read from standard input.

    Of a user who is there already only the password is set, and their sessions end. Agents are made by
    `console apply`, without a password: this gives them one.
    """
    password = _password()
    made = _run(lambda ctx: people.create_user(ctx, OPERATOR, username=name, role=role, password=password))
    if made.created:
        click.echo(f"User {made.username} was made, as {role}.")
    else:
        roles = " and ".join(made.roles)
        click.echo(f"User {made.username} is there already, as {roles}; the password was set.")


@click.group(epilog=BEARER_EXAMPLES)
def token() -> None:
    """Bearer tokens, of users and of integrations."""


@token.command(name="create", epilog=BEARER_EXAMPLES)
@click.option("--user", "users", multiple=True, metavar="NAME", help="Whose token; may be repeated.")
@click.option("--integration", metavar="NAME", help="A program's token; without a scope it may read.")
@click.option(
    "--scope", "scopes", multiple=True, type=click.Choice([scope.value for scope in Scope]), help="What it is for."
)
@click.option("--expires", type=Duration(), metavar="TIME", help="How long it is valid, such as 90d; absent: for good.")
def create_token(
    users: tuple[str, ...], integration: str | None, scopes: tuple[str, ...], expires: timedelta | None
) -> None:
    """Print a new bearer token, alone on the last line; only its hash is kept, so it cannot be printed again.

    With several --user there is a line for each, in their order: the name, and the token last.
    """
    if bool(users) == bool(integration):
        raise click.UsageError("say whose token it is: --user NAME or --integration NAME")
    if users and scopes:
        raise click.UsageError("--scope is for integrations; a user's token may do what the user may")
    if users:
        made = _run(lambda ctx: people.create_tokens(ctx, OPERATOR, usernames=users, expires_in=expires))
        lines = made if len(made) == 1 else [f"{name} {text}" for name, text in zip(users, made, strict=True)]
    else:
        lines = [_run(lambda ctx: _of_integration(ctx, integration, scopes, expires))]
    click.echo("\n".join(lines))


@token.command(epilog=REVOKE_EXAMPLES)
@click.option("--user", "username", metavar="NAME", help="Whose tokens.")
@click.option("--integration", metavar="NAME", help="Which program's tokens.")
def revoke(username: str | None, integration: str | None) -> None:
    """Revoke every token of a user, or of an integration; within a second no node takes them any more."""
    if bool(username) == bool(integration):
        raise click.UsageError("say whose tokens: --user NAME or --integration NAME")
    count = _run(
        lambda ctx: people.revoke_tokens(ctx, OPERATOR, username=username or None, integration=integration or None)
    )
    click.echo(f"{count} {'token was' if count == 1 else 'tokens were'} revoked.")


async def _of_integration(
    ctx: Context, integration: str | None, scopes: tuple[str, ...], expires: timedelta | None
) -> str:
    return await people.create_token(ctx, OPERATOR, integration=integration, scopes=scopes, expires_in=expires)


def _password() -> str:
    """Asked for twice at a terminal; else the first line of standard input."""
    if sys.stdin.isatty():
        answer: str = click.prompt("Password", hide_input=True, confirmation_prompt="Once more")
        return answer
    line = sys.stdin.readline(PASSWORD_READ_MAX).rstrip("\r\n")
    if not line:
        raise click.UsageError("no password: give it on the first line of standard input")
    return line


def _run(ask: Callable[[Context], Awaitable[T]]) -> T:
    async def run() -> T:
        async with bootstrap.opened(say=_say) as ctx:
            return await ask(ctx)

    return asyncio.run(run())


def _say(words: str) -> None:
    click.echo(words, err=True)

"""Settings, read once from the environment. `console settings` lists them; docs/reference/settings.md is held to them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import msgspec

from console.errors import Fault

ENV = "CONSOLE_"

T = TypeVar("T", bound=msgspec.Struct)


class DatabaseSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where the data are kept."""

    database_url: Annotated[
        str | None, msgspec.Meta(description="PostgreSQL to use (15 or newer); absent: the embedded server")
    ] = None
    data_dir: Annotated[Path, msgspec.Meta(description="Directory of the embedded server and of the secret key")]
    pg_bin: Annotated[
        Path | None, msgspec.Meta(description="Directory of PostgreSQL's programs for the embedded server")
    ] = None
    pg_user: Annotated[
        str | None, msgspec.Meta(description="Account that runs the embedded server when console runs as root")
    ] = None
    journal_months: Annotated[
        int,
        msgspec.Meta(ge=1, le=240, description="Months of decision journal that are kept", extra={"unit": "months"}),
    ] = 24


class NodeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How this node is reached, and how it reaches the others."""

    redis_url: Annotated[str | None, msgspec.Meta(description="Redis for nudges between nodes; absent: one node")] = (
        None
    )
    public_url: Annotated[
        str | None, msgspec.Meta(description="Address in the browser's bar; https switches Secure cookies on")
    ] = None
    secret_key: Annotated[
        str | None,
        msgspec.Meta(
            description="Secret of the installation; absent: made once, kept in the data directory. Nothing is signed"
            " with it yet: CSRF tokens are random, and kept with their sign-in"
        ),
    ] = None
    log: Annotated[Literal["json", "text"], msgspec.Meta(description="Form of the log on standard error")] = "text"


class Settings(msgspec.Struct, frozen=True):
    """All of them, one struct per concern."""

    database: DatabaseSettings
    node: NodeSettings


def default_data_dir() -> Path:
    """~/.local/share/console; as root /var/lib/console."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/console")
    return Path.home() / ".local" / "share" / "console"


def load(environ: Mapping[str, str]) -> Settings:
    """Settings from CONSOLE_… variables.

    Raises Fault naming the variable that is wrong, and what is allowed.
    """
    return Settings(
        database=_part(DatabaseSettings, environ, {"data_dir": default_data_dir()}),
        node=_part(NodeSettings, environ, {}),
    )


def _part(kind: type[T], environ: Mapping[str, str], defaults: dict[str, object]) -> T:
    given: dict[str, object] = dict(defaults)
    for field in msgspec.structs.fields(kind):
        value = environ.get(variable(field.name))
        if value:
            given[field.name] = value
    try:
        return msgspec.convert(given, kind, strict=False, dec_hook=lambda kind, value: kind(value))
    except msgspec.ValidationError as error:
        named = re.search(r"\$\.(\w+)", str(error))
        raise Fault(f"{variable(named[1]) if named else 'settings'}: {error}") from None


def variable(field: str) -> str:
    """The environment variable of a setting."""
    return ENV + field.upper()


def secret_of(secret: str | None, environ: Mapping[str, str]) -> str:
    """The secret itself; `env:NAME` stands for that variable of this node's environment, empty where it is not set."""
    if secret is not None and secret.startswith("env:"):
        return environ.get(secret.removeprefix("env:"), "")
    return secret or ""

"""`console settings`: every setting there is."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import click
import msgspec

from console.settings import Settings, default_data_dir, variable

EXAMPLES = """\b
Examples:
  console settings
  CONSOLE_LOG=json console serve
"""


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the reference."""

    variable: str
    default: str
    unit: str
    description: str


@click.command(epilog=EXAMPLES)
def settings() -> None:
    """Print every setting, its default and its unit.

    Settings come from the environment, and are read once, at the start.
    """
    found = list(every_setting())
    widths = [max(len(getattr(setting, column)) for setting in found) for column in ("variable", "default", "unit")]
    for setting in found:
        columns = zip((setting.variable, setting.default, setting.unit), widths, strict=True)
        click.echo("  ".join([*(text.ljust(width) for text, width in columns), setting.description]))


def every_setting() -> Iterator[Setting]:
    """All of them, in the order of `console.settings`."""
    for part in msgspec.structs.fields(Settings):
        hints = typing.get_type_hints(part.type, include_extras=True)
        for field in msgspec.structs.fields(part.type):
            kind, meta = _of(hints[field.name])
            yield Setting(
                variable=variable(field.name),
                default=_default(field),
                unit=_unit(kind, meta),
                description=meta.description or "",
            )


def _of(hint: Any) -> tuple[Any, msgspec.Meta]:
    assert typing.get_origin(hint) is Annotated, "each setting says what it is"
    kind, meta = typing.get_args(hint)[:2]
    return kind, meta


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.name == "data_dir":
        return str(default_data_dir())
    return "absent" if field.default is None else str(field.default)


def _unit(kind: Any, meta: msgspec.Meta) -> str:
    if meta.extra and "unit" in meta.extra:
        return str(meta.extra["unit"])
    if typing.get_origin(kind) is Literal:
        return "|".join(typing.get_args(kind))
    options = typing.get_args(kind) if isinstance(kind, types.UnionType) else (kind,)
    return "path" if Path in options else "text"

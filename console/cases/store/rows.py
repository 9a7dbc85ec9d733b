"""Rows as the values of this room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Column, Table

Row = TypeVar("Row")


def read(row: Mapping[Any, Any], kind: type[Row]) -> Row:
    """Columns' names are a subclass of str, which msgspec does not take; neither does it take a decimal for a number."""
    return msgspec.convert({str(name): value for name, value in row.items()}, kind, strict=False)


def columns_of(table: Table, kind: type[msgspec.Struct]) -> list[Column[Any]]:
    """The columns that the struct has fields for; a table's generated columns are for searching."""
    return [table.c[field.name] for field in msgspec.structs.fields(kind)]

"""Tables for spreadsheets: sent while they are read, and without cells that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence

from litestar.response import Stream

BEGIN = "\ufeff"
"""By which spreadsheets know that it is UTF-8."""
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for a formula when a cell begins with it: OWASP, CSV injection."""

Cell = str | int | float | None


def cell(value: Cell) -> str | int | float:
    """A text that would be run stands behind an apostrophe; a number is a number."""
    if value is None:
        return ""
    if isinstance(value, str) and value.lstrip(" ").startswith(_RUNS):
        return f"'{value}"
    return value


def lines(rows: Iterable[Sequence[Cell]]) -> str:
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    writer.writerows([cell(value) for value in row] for row in rows)
    return written.getvalue()


def as_csv(pages: AsyncIterator[Sequence[Sequence[Cell]]], name: str = "cases.csv") -> Stream:
    """The rows of each page, as soon as they are read; the first page's first row names the columns."""

    async def text() -> AsyncIterator[str]:
        yield BEGIN
        async for page in pages:
            yield lines(page)

    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Stream(text(), media_type="text/csv; charset=utf-8", headers=headers)

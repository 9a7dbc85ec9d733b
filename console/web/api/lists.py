"""Pages of a list: `{"items": […], "next": cursor|null}`. A cursor is opaque: where the last page ended."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any, Generic, TypeAlias, TypeVar

import msgspec
from litestar.params import FromQuery

from console.errors import BadInput, FieldError
from console.web.limits import PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX

T = TypeVar("T")

Limit: TypeAlias = FromQuery[str | None]
Cursor: TypeAlias = FromQuery[str | None]


class Page(msgspec.Struct, Generic[T], frozen=True):
    items: list[T]
    next: str | None


def page_size(limit: str | None) -> int:
    """Of `?limit=`. Raises BadInput."""
    if limit is None:
        return PAGE_ITEMS_DEFAULT
    if not (limit.isascii() and limit.isdecimal() and len(limit) <= 4 and 1 <= int(limit) <= PAGE_ITEMS_MAX):
        raise BadInput(errors=(FieldError("limit", f"A whole number from 1 to {PAGE_ITEMS_MAX}."),))
    return int(limit)


def to_cursor(place: object) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def from_cursor(cursor: str | None, kind: type[T]) -> T | None:
    """The place it means. Raises BadInput for one that this list did not give."""
    if cursor is None:
        return None
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(text, type=kind)
    except (ValueError, binascii.Error):
        detail = "Not a cursor of this list: take `next` of the page before, or leave it out."
        raise BadInput(errors=(FieldError("cursor", detail),)) from None


def page_by_name(
    items: Sequence[msgspec.Struct], key: str, limit: str | None, cursor: str | None
) -> Page[dict[str, Any]]:
    """A page of a list that is read whole and shown by name.

    The items are messages of the stream as well; here they go without their `type`.
    """
    size, after = page_size(limit), from_cursor(cursor, str)
    rest = sorted((i for i in items if after is None or getattr(i, key) > after), key=lambda item: getattr(item, key))
    shown = [msgspec.structs.asdict(item) for item in rest[:size]]
    return Page(shown, to_cursor(shown[-1][key]) if len(rest) > size else None)

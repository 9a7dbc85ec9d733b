"""Bounds of everything that comes in by HTTP, and the headers of everything that goes out.

A limit on everything: what is not bounded here is bounded by the table it ends in, and the caller then
gets an accident instead of a sentence.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias
from urllib.parse import urlsplit

from litestar.datastructures import MutableScopeHeaders
from litestar.types import BeforeMessageSendHookHandler, Message, Scope
from msgspec import Meta

from console.web.errors import request_id

BODY_BYTES_MAX = 1 << 20
"""1 MiB, by the contract: a batch of some thousand telephony events."""

PAGE_ITEMS_DEFAULT = 50
PAGE_ITEMS_MAX = 200
"""More is a report, not a list."""

WEBSOCKET_MESSAGE_BYTES_MAX = 4096
"""The sockets only speak; whatever a client sends is thrown away, so little of it is read."""


NO_CONTROLS = r"\A[^\x00-\x1f\x7f]*\Z"
"""One line of text: no control characters, no NUL (which PostgreSQL does not keep)."""
NO_NUL = r"\A[^\x00]*\Z"
EMAIL = r"\A[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+\Z"

Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=100, pattern=NO_CONTROLS)]
"""Of a queue, an agent, a skill, a topic."""
Line: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200, pattern=NO_CONTROLS)]
"""A subject, a person's name, a reason."""
Code: TypeAlias = Annotated[str, Meta(min_length=1, max_length=64, pattern=NO_CONTROLS)]
Text: TypeAlias = Annotated[str, Meta(min_length=1, max_length=20_000, pattern=NO_NUL)]
"""A note or a description: some ten pages."""
Level: TypeAlias = Annotated[int, Meta(ge=1, le=10)]
Requires: TypeAlias = Annotated[dict[Name, Level], Meta(max_length=50)]
Priority: TypeAlias = Annotated[int, Meta(ge=-1000, le=1000)]

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; media-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""No inline script or style, and nothing from elsewhere."""
"""Of a page that says nothing itself: no inline script or style, and nothing from elsewhere."""
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
"""Of an answer that is no page: nothing may be loaded, should a browser show it."""

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Some browsers name loudspeakers, for the choice of the ring's, only to a page that was allowed the microphone.
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self), payment=(), speaker-selection=(self), usb=()",
}

YEAR_S = 365 * 24 * 3600


def security_headers(public_url: str | None) -> BeforeMessageSendHookHandler:
    """A hook that puts them on every answer, on refusals and unknown addresses too.

    A handler that has set one of them itself keeps its own.
    """
    headers = dict(SECURITY_HEADERS)
    if public_url and urlsplit(public_url).scheme == "https":
        headers["Strict-Transport-Security"] = f"max-age={YEAR_S}"

    async def add(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        answer = MutableScopeHeaders.from_message(message)
        for name, value in headers.items():
            answer.setdefault(name, value)
        page = answer.get("content-type", "").startswith("text/html")
        answer.setdefault("Content-Security-Policy", PAGE_POLICY if page else DATA_POLICY)
        if page or _is_data(scope):
            answer.setdefault("Cache-Control", "no-store")
        answer["X-Request-Id"] = request_id(scope)

    return add


def _is_data(scope: Scope) -> bool:
    """Whether the address is of the API, whose answers are the asker's own."""
    return str(scope["path"]).startswith("/api/")

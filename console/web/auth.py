"""Who asks: a bearer token, or the signed-in browser's session; and whether a browser was sent by our own pages.

A session's cookie goes along with every request that a browser makes, whoever made it ask. So a browser's
write must also carry the session's CSRF token, and come from a page of ours where it says where it comes from.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import msgspec
from litestar.connection import ASGIConnection, WebSocket
from litestar.datastructures import Cookie
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from console.errors import NotAllowed, NotReady, NotSignedIn
from console.people.permissions import Permission, require
from console.people.preferences import Preferences
from console.people.who import Principal
from console.services import people
from console.services.context import Context

SESSION_COOKIE = "console_session"
CSRF_HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
TRY_AGAIN_LATER = 1013
"""Of a socket's close: the database is away."""
BEARER_CHARACTERS_MAX = 512
"""Ours are shorter; anything longer is not looked up."""

Connection = ASGIConnection[Any, Any, Any, Any]


class ForeignPage(NotAllowed):
    """This request does not come from a page of the console: reload the page and try again."""

    type = "foreign-page"


class Shown(msgspec.Struct, frozen=True):
    """What the caller showed to prove who they are; `csrf` is the session's, absent with a bearer token."""

    csrf: str | None = None
    preferences: Preferences = Preferences()
    """Of the session's user; a bearer token has the usual ones."""

    @property
    def by_browser(self) -> bool:
        return self.csrf is not None


class Authentication(ASGIMiddleware):
    """Puts the Principal (or None) into `user`, and what they showed into `auth`."""

    scopes = (ScopeType.HTTP, ScopeType.WEBSOCKET)
    exclude_opt_key = "anonymous"

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        try:
            scope["user"], scope["auth"] = await identify(self._ctx, ASGIConnection(scope))
        except NotReady as refusal:
            if scope["type"] != ScopeType.WEBSOCKET:
                raise
            # Before it is accepted a socket can only be refused for good; this one is to come back.
            socket: WebSocket[Any, Any, Any] = WebSocket(scope, receive, send)
            await socket.accept()
            await socket.close(code=TRY_AGAIN_LATER, reason=refusal.detail)
            return
        await next_app(scope, receive, send)


async def identify(ctx: Context, connection: Connection) -> tuple[Principal | None, Shown | None]:
    """Whoever shows a valid token or session. A token that was shown and is wrong is not made up for by a cookie."""
    shown = connection.headers.get("authorization")
    if shown is not None:
        scheme, _, token = shown.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not 0 < len(token) <= BEARER_CHARACTERS_MAX:
            return None, None
        principal = await people.of_token(ctx, token)
        return principal, Shown() if principal else None
    cookie = connection.cookies.get(SESSION_COOKIE)
    session = await people.of_session(ctx, cookie) if cookie and len(cookie) <= BEARER_CHARACTERS_MAX else None
    if session is None:
        return None, None
    return session.principal, Shown(csrf=session.csrf, preferences=session.preferences)


def signed_in(connection: Connection, _: BaseRouteHandler) -> None:
    """A guard: somebody is there. Raises NotSignedIn."""
    if connection.user is None:
        raise NotSignedIn


def may(permission: Permission) -> Callable[[Connection, BaseRouteHandler], None]:
    """A guard: they may do this, asked before the body is read; the use case asks again.

    Raises NotSignedIn or NotAllowed.
    """

    def guard(connection: Connection, _: BaseRouteHandler) -> None:
        if connection.user is None:
            raise NotSignedIn
        require(connection.user, permission)

    return guard


def own_page(connection: Connection, _: BaseRouteHandler) -> None:
    """A guard over the whole app: a browser's write comes from a page of ours. Raises ForeignPage.

    A route with `opt={"csrf": False}` (the sign-in form, which has no session yet) is asked for its origin alone.
    """
    if connection.scope["type"] == ScopeType.WEBSOCKET:
        return  # each socket asks for itself: only after accepting can it say why it closes
    if connection.scope["method"] in SAFE_METHODS or "authorization" in connection.headers:
        return
    if not same_origin(connection):
        raise ForeignPage
    auth = connection.scope.get("auth")
    if auth is None or not auth.by_browser or connection.route_handler.opt.get("csrf") is False:
        return
    if not hmac.compare_digest(connection.headers.get(CSRF_HEADER, "").encode(), auth.csrf.encode()):
        raise ForeignPage


def same_origin(connection: Connection) -> bool:
    """Whether the page that asks is ours: the host asked for, or CONSOLE_PUBLIC_URL. No Origin, no browser's page."""
    origin = connection.headers.get("origin")
    if origin is None:
        return connection.headers.get("sec-fetch-site") in (None, "same-origin", "none")
    public_url = _public_url(connection)
    if public_url and _host(origin) == _host(public_url):
        return True
    return _host(origin)[1] == _host(f"//{connection.headers.get('host', '')}")[1] and bool(_host(origin)[1])


def session_cookie(connection: Connection, value: str) -> Cookie:
    """The cookie of a session that has just begun."""
    return Cookie(
        key=SESSION_COOKIE,
        value=value,
        path="/",
        httponly=True,
        samesite="lax",
        secure=_secure(connection),
    )


def expired_cookie(connection: Connection) -> Cookie:
    """What takes the session's cookie away again."""
    return Cookie(
        key=SESSION_COOKIE,
        value="",
        path="/",
        httponly=True,
        samesite="lax",
        secure=_secure(connection),
        max_age=0,
    )


def _secure(connection: Connection) -> bool:
    public_url = _public_url(connection) or ""
    return urlsplit(public_url).scheme == "https" or connection.scope.get("scheme") in ("https", "wss")


def _public_url(connection: Connection) -> str | None:
    ctx: Context = connection.app.state.ctx
    return ctx.public_url


_DEFAULT_PORTS = {"https": 443, "http": 80}


def _host(url: str) -> tuple[str, str]:
    """Scheme and host with its port, so that two writings of one address are equal; empty where it is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "", ""
    host = (parts.hostname or "").lower()
    if port is not None and port != _DEFAULT_PORTS.get(parts.scheme):
        host = f"{host}:{port}"
    return parts.scheme, host

"""What every page shares: in whose words it is drawn, how it is sent, and how a refusal is shown on it."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from litestar import MediaType, Request, Response, Router
from litestar.connection import ASGIConnection
from litestar.datastructures import CacheControlHeader, Cookie
from litestar.exceptions import HTTPException
from litestar.response import Redirect
from litestar.static_files import create_static_files_router

from console.errors import BadInput, NotFound, NotSignedIn, Refusal
from console.people.permissions import Permission, may
from console.people.preferences import Preferences
from console.people.who import Principal
from console.web import words as w
from console.web.errors import answer_accident
from console.web.fragment import STATIC, View, render, wrap
from console.web.limits import YEAR_S

AnyRequest = Request[Any, Any, Any]

ZONE_COOKIE = "zone"
"""The browser's time zone, left by its script, so that times are drawn as on the reader's wall."""

LANGUAGE_COOKIE = "language"
"""What was chosen at the sign-in page, where nobody is known yet."""


def view_of(connection: ASGIConnection[Any, Any, Any, Any], said: Preferences | None = None) -> View:
    """The language, time zone and preferences of whoever asks.

    The language is what they prefer, else what they chose at the sign-in page, else what the browser accepts.
    What they have said just now goes before what is kept.
    """
    prefs = said or (connection.auth.preferences if connection.scope.get("auth") else Preferences())
    chosen = connection.cookies.get(LANGUAGE_COOKIE)
    wanted = [prefs.language, chosen, *w.accepted(connection.headers.get("accept-language"))]
    zone = unquote(connection.cookies.get(ZONE_COOKIE, ""))
    return View(words=w.load(w.choose(wanted)), zone=w.zone(zone), prefs=prefs)


def plain(view: View) -> dict[str, Any]:
    """What the frame of a page without a live line is drawn from, for the page's own context."""
    return {"now": None, "zone": view.zone, "prefs": view.prefs}


def language_cookie(language: str) -> Cookie:
    """What was chosen at the sign-in page; it holds in this browser for whoever has no preference of their own."""
    return Cookie(key=LANGUAGE_COOKIE, value=language, path="/", samesite="lax", max_age=YEAR_S)


def html(body: str | None, status: int = 200, **headers: str) -> Response[str | None]:
    """A page, or the parts that answer a command; 204 is without."""
    return Response(body, status_code=status, media_type=MediaType.HTML, headers=headers)


DONE = 204
"""A command was done: the news comes by the socket."""


def statics() -> Router:
    """Styles, scripts, icons and the ring. Their addresses change with them, so browsers keep them for a year."""
    return create_static_files_router(
        path="/static",
        directories=[STATIC],
        cache_control=CacheControlHeader(max_age=YEAR_S, public=True, immutable=True),
        opt={"anonymous": True},
        include_in_schema=False,
    )


def refused(request: AnyRequest, refusal: Refusal) -> Response[Any]:
    """A page goes to the sign-in; a command is told why, in the page's place for it."""
    if request.method == "GET":
        if isinstance(refusal, NotSignedIn):
            return Redirect("/login")
        return html(_page(request, refusal), refusal.status)
    return html(said(view_of(request), refusal.type), refusal.status)


def refused_by_framework(request: AnyRequest, error: HTTPException) -> Response[Any]:
    """No such path, a form that does not fit: in the same place."""
    if error.status_code >= 500:
        return answer_accident(request, error)
    return refused(request, NotFound() if error.status_code == 404 else BadInput())


def said(view: View, problem: str) -> str:
    """The part that says why something was not done."""
    return wrap("refusal", render("_refusal.html", view.words, {"refusal": problem, **plain(view)}))


def _page(request: AnyRequest, refusal: Refusal) -> str:
    view = view_of(request)
    home = home_of(request.user) if request.user else "/login"
    return render("refused.html", view.words, {"problem": refusal.type, "home": home, **plain(view)})


def shell(request: AnyRequest, who: Principal, *, room: str, stream: str) -> dict[str, Any]:
    """What the frame of a page is drawn from, for the page's own context; a bearer token has no CSRF token, and its commands need none."""
    return {
        "csrf": request.auth.csrf or "",
        "prefs": view_of(request).prefs,
        "stream": stream,
        "rooms": rooms_of(who),
        "room": room,
        "name": who.name,
        "refusal": None,
    }


def rooms_of(who: Principal) -> tuple[str, ...]:
    """The pages that this person has."""
    rooms = (
        ("desk", Permission.SERVE),
        ("supervisor", Permission.SEE_CENTRE),
        ("cases", Permission.SEE_CASES),
        ("customers", Permission.SEE_CASES),
        ("kb", Permission.READ_ARTICLES),
        ("scripts", Permission.WRITE_SCRIPTS),
        ("reviews", Permission.WRITE_ARTICLES),
        ("audit", Permission.SUPERVISE),
    )
    return tuple(room for room, permission in rooms if may(who, permission))


def home_of(who: Principal) -> str | None:
    """Where a sign-in leads: those who serve begin at their desk; None for whom no page is, as for a phone system's token."""
    rooms = rooms_of(who)
    return f"/{rooms[0]}" if rooms else None

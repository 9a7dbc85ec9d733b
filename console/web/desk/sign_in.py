"""The way in and out: the sign-in page, its form, and signing out."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect
from msgspec import Meta

from console.errors import NotAllowed, NotReady, NotSignedIn, Refusal, TooManyAttempts
from console.people.permissions import Permission, may
from console.routing.agent import Presence
from console.services import people, presence
from console.services.context import Context
from console.web import words as w
from console.web.auth import SESSION_COOKIE, expired_cookie, session_cookie
from console.web.fragment import render
from console.web.pages import DONE, AnyRequest, home_of, html, language_cookie, plain, view_of

Answer = Response[Any]


class Credentials(msgspec.Struct, frozen=True):
    username: Annotated[str, Meta(max_length=100)] = ""
    password: Annotated[str, Meta(max_length=1000)] = ""


SignInForm = Annotated[Credentials, Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/")
async def start(request: AnyRequest) -> Redirect:
    return Redirect((home_of(request.user) if request.user else None) or "/login")


@get("/login", opt={"csrf": False})
async def show(request: AnyRequest) -> Answer:
    """Somebody who is signed in has no use for it. `?language=fa` is the choice of whoever cannot read the browser's."""
    home = home_of(request.user) if request.user else None
    if home:
        return Redirect(home)
    chosen = request.query_params.get("language")
    if chosen not in w.LANGUAGES:
        return html(_page(request))
    answer: Answer = Redirect("/login", status_code=303)
    answer.set_cookie(language_cookie(chosen))
    return answer


@post("/login", opt={"csrf": False}, status_code=303)
async def enter(request: AnyRequest, ctx: NamedDependency[Context], data: SignInForm) -> Answer:
    """To the person's page; or the same page again, saying what was wrong."""
    address = request.client.host if request.client else ""
    try:
        begun = await people.sign_in(ctx, username=data.username, password=data.password, address=address)
    except (NotSignedIn, TooManyAttempts, NotReady) as refusal:
        headers = {"Retry-After": str(refusal.retry_after_s)} if isinstance(refusal, people.LockedOut) else {}
        return html(_page(request, data.username, refusal), refusal.status, **headers)
    home = home_of(begun.principal)
    if home is None:
        await people.sign_out(ctx, begun.cookie)
        return html(_page(request, data.username, NotAllowed()), NotAllowed.status)
    answer: Answer = Redirect(home, status_code=303)
    answer.set_cookie(session_cookie(request, begun.cookie))
    return answer


@post("/logout", status_code=200)
async def leave(request: AnyRequest, ctx: NamedDependency[Context]) -> Answer:
    """Offline first, so that nothing rings at a desk that nobody sits at."""
    if request.user and may(request.user, Permission.SERVE):
        await presence.set_own(ctx, request.user, presence=Presence.OFFLINE)
    if cookie := request.cookies.get(SESSION_COOKIE):
        await people.sign_out(ctx, cookie)
    answer: Answer = html(None, DONE, **{"HX-Redirect": "/login"})
    answer.set_cookie(expired_cookie(request))
    return answer


def _page(request: AnyRequest, username: str = "", refusal: Refusal | None = None) -> str:
    view = view_of(request)
    shown = {"username": username, "refusal": refusal.type if refusal else None, "languages": w.LANGUAGES}
    return render("login.html", view.words, {**shown, **plain(view)})


routes = [start, show, enter, leave]

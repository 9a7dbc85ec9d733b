"""A person's own page: how they want the console, kept from the moment they choose it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body
from msgspec import Meta

from console.errors import BadInput
from console.people.permissions import Permission, require
from console.people.preferences import Density, Preferences, Theme
from console.people.who import Principal
from console.services import preferences
from console.services.context import Context
from console.web import words as w
from console.web.fragment import View, render, wrap
from console.web.pages import AnyRequest, html, plain, view_of

Answer = Response[Any]

Switch = Literal["on"]


class Chosen(msgspec.Struct, frozen=True):
    """The whole form, as a browser sends it: a switch that is off is not in it."""

    density: Density
    theme: Theme
    ring_volume: Annotated[int, Meta(ge=10, le=100)]
    language: Annotated[str, Meta(max_length=35)] = ""
    single_keys: Switch | None = None
    message_sound: Switch | None = None
    warning_sound: Switch | None = None
    breach_sound: Switch | None = None
    handover_sound: Switch | None = None


ChosenForm = Annotated[Chosen, Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/profile")
async def show(request: AnyRequest, who: NamedDependency[Principal]) -> Answer:
    """It opens beside the desk, in a tab of its own: whoever leaves their desk is not called."""
    require(who, Permission.HAVE_PREFERENCES)
    view = view_of(request)
    csrf = request.auth.csrf or ""
    return html(render("profile.html", view.words, {**_context(view, who, saved=False), "csrf": csrf, "refusal": None}))


@post("/profile", status_code=200)
async def save(
    request: AnyRequest, ctx: NamedDependency[Context], who: NamedDependency[Principal], data: ChosenForm
) -> Answer:
    """The answer is the form's own part, as it now is."""
    if data.language and data.language not in w.LANGUAGES:
        raise BadInput("There is no such language.")
    said = Preferences(
        language=data.language or None,
        density=data.density,
        theme=data.theme,
        single_keys=data.single_keys is not None,
        ring_volume=data.ring_volume,
        message_sound=data.message_sound is not None,
        warning_sound=data.warning_sound is not None,
        breach_sound=data.breach_sound is not None,
        handover_sound=data.handover_sound is not None,
    )
    await preferences.save(ctx, who, preferences=said)
    view = view_of(request, said)
    return html(wrap("profile", render("_profile.html", view.words, _context(view, who, saved=True))))


def _context(view: View, who: Principal, *, saved: bool) -> dict[str, Any]:
    return {**plain(view), "name": who.name, "username": who.called, "languages": w.LANGUAGES, "saved": saved}


routes = [show, save]

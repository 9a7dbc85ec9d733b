"""Renders parts and pages: one Jinja environment for each language, and the frame in which a part travels.

A part is a template with one root element that has an id. The page includes it, the socket pushes it: the
same file, so the live page and a fresh one are the same page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, tzinfo
from functools import cache, partial
from html import escape
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from console.clock import to_instant
from console.people.preferences import Preferences
from console.web import languages
from console.web import words as w
from console.web.words import Words

TEMPLATES = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"


class View(msgspec.Struct, frozen=True):
    """In whose words, by whose clock and to whose liking something is drawn."""

    words: Words
    zone: tzinfo
    prefs: Preferences = Preferences()


@cache
def environment(language: str) -> Environment:
    """The templates in one language."""
    words = w.load(language)
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    env.globals.update(asset=asset, words=words, **_sentences(words))
    env.filters.update(
        phone=w.phone,
        initials=w.initials,
        ms=milliseconds,
        instant=datetime.fromisoformat,
        duration=words.duration,
        number=words.number,
        percent=words.percent,
        listed=words.listed,
        language=partial(languages.name, words),
        own_name=languages.own_name,
        clock_time=pass_context(_clock_time),
        day_or_time=pass_context(_day_or_time),
    )
    return env


def _sentences(words: Words) -> dict[str, Callable[..., Any]]:
    """What templates call to say something: `_`, `ngettext`, and `forms` for what a script fills.

    Catalogues are ours, and hold markup only where the sentence does; what they are filled with is escaped.
    """

    def gettext(sentence: str, **values: object) -> str:
        return Markup(words.catalogue.gettext(sentence)) % words.written(values)  # noqa: S704 - see above

    def ngettext(one: str, many: str, number: int, **values: object) -> str:
        return Markup(words.catalogue.ngettext(one, many, number)) % words.written(values)  # noqa: S704 - see above

    return {"_": gettext, "ngettext": ngettext, "forms": words.forms}


def render(template: str, words: Words, context: Mapping[str, Any]) -> str:
    """The part or page as HTML."""
    return environment(words.language).get_template(template).render(context)


def wrap(part: str, html: str) -> str:
    """A part on its way to a page that shows it: morphed into the element with its id."""
    return f'<hx-partial id="{escape(part)}" hx-swap="outerMorph">{html}</hx-partial>'


@cache
def asset(path: str) -> str:
    """The address of a static file; it changes with the file, so that browsers may keep it for ever."""
    digest = hashlib.sha256((STATIC / path).read_bytes()).hexdigest()
    return f"/static/{path}?v={digest[:12]}"


def milliseconds(at: datetime | timedelta) -> int:
    """Since 1970, as scripts count; of a span its length."""
    if isinstance(at, timedelta):
        return at // timedelta(milliseconds=1)
    return to_instant(at) // 1000


def _clock_time(context: Context, at: datetime, *, seconds: bool = False) -> str:
    words: Words = context["words"]
    return words.time(at, context["zone"], seconds=seconds)


def _day_or_time(context: Context, at: datetime) -> str:
    words: Words = context["words"]
    return words.day_or_time(at, context["zone"], context["now"])

"""Markdown as authors write it, into HTML that can be shown anywhere, and into the words that are searched.

What an author writes is never trusted: raw HTML is text, and what the Markdown became is cleaned again, so that a mistake
in one of the two still shows nobody a script. Pictures are ours alone: `![words](image:ID)`. An article is named by its
number: `[words](KB-1187)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from urllib.parse import unquote

import msgspec
import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.container import container_plugin

CALLOUTS = ("warning", "note", "tip")
"""What `:::` may begin."""
NESTED_MAX = 12
"""Lists in quotes in lists; deeper is an attack, not an article."""

_NUMBER = re.compile(r"(?:kb:)?(KB-\d{1,9})", re.IGNORECASE)
_IMAGE = re.compile(r"image:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_PICTURE = re.compile(r"!\[(?:\\.|[^\]\\])*\]\((?P<address><[^<>\n]+>|[^\s()<>]+)")
_OUTSIDE = re.compile(r"(?:https?://|mailto:|tel:)", re.IGNORECASE)

_TAGS = frozenset(
    [
        "p",
        "br",
        "hr",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "blockquote",
        "pre",
        "code",
        "em",
        "strong",
        "s",
        "a",
        "img",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "div",
    ]
)
_ATTRIBUTES = {
    "a": {"href", "target"},
    "img": {"src", "alt", "loading"},
    "ol": {"start"},
    "div": {"data-callout", "data-table", "tabindex"},
    "th": {"data-align"},
    "td": {"data-align"},
}
_SCHEMES = {"http", "https", "mailto", "tel"}


class Links(msgspec.Struct, frozen=True):
    """What an article points at."""

    articles: tuple[str, ...]
    """Numbers."""
    images: tuple[str, ...]
    """Ids."""
    broken: tuple[str, ...]
    """Addresses that lead nowhere we know: neither an article, nor a page of the web."""


@lru_cache(maxsize=256)
def html(body: str) -> str:
    """What is shown. Clean: no script, style, form, frame, no attribute that a page acts on."""
    parser = _parser()
    tokens = parser.parse(body)
    _settle(tokens)
    return nh3.clean(
        str(parser.renderer.render(tokens, parser.options, {})),
        tags=set(_TAGS),
        clean_content_tags={"script", "style", "template", "svg", "math", "iframe", "object", "noscript"},
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        url_schemes=set(_SCHEMES),
        link_rel="noopener noreferrer nofollow",
    )


def plain(body: str) -> str:
    """The words alone, as they are searched and quoted; blocks stand on lines of their own."""
    return "\n".join(filter(None, (" ".join(_words(token).split()) for token in _parser().parse(body))))


def links(body: str) -> Links:
    """Every link and picture, each once, in order."""
    articles: dict[str, None] = {}
    images: dict[str, None] = {}
    broken: dict[str, None] = {}
    for token in _inline(_parser().parse(body)):
        if token.type == "image":
            address = str(token.attrGet("src") or "")
            found = _IMAGE.fullmatch(address)
            (images if found else broken)[found[1] if found else address] = None
        elif token.type == "link_open":
            address = str(token.attrGet("href") or "")
            if named := _NUMBER.fullmatch(address):
                articles[named[1].upper()] = None
            elif not _OUTSIDE.match(address):
                broken[address] = None
    return Links(tuple(articles), tuple(images), tuple(broken))


def pictures(body: str) -> tuple[str, ...]:
    """The addresses of its pictures as they were written, ours and others, each once, in order."""
    return tuple(dict.fromkeys(address for _, address in _pictured(body)))


def with_pictures(body: str, named: Mapping[str, str]) -> str:
    """The text with other addresses for those of its pictures that are named; all else stays letter by letter."""
    for found, address in reversed(list(_pictured(body))):
        if address in named:
            begin, end = found.span("address")
            body = f"{body[:begin]}{named[address]}{body[end:]}"
    return body


def _pictured(body: str) -> Iterator[tuple[re.Match[str], str]]:
    """What looks like a picture and is one: not in an example of code."""
    parser = _parser()
    shown = {str(token.attrGet("src")) for token in _inline(parser.parse(body)) if token.type == "image"}
    for found in _PICTURE.finditer(body):
        address = found["address"].removeprefix("<").removesuffix(">")
        if parser.normalizeLink(address) in shown:
            yield found, unquote(address)


def _words(token: Token) -> str:
    if token.type == "inline":
        return "".join(_inline_words(token.children or []))
    return token.content if token.type in ("fence", "code_block") else ""


def _inline_words(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type in ("softbreak", "hardbreak"):
            yield " "
        else:
            yield token.content


def _inline(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.type == "inline":
            yield from token.children or []


@cache
def _parser() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False, "linkify": False, "maxNesting": NESTED_MAX})
    made.enable(["table", "strikethrough"])
    # Addresses are judged by us, when they are drawn: what is no good stays as words instead of vanishing.
    made.validateLink = _any_address  # type: ignore[method-assign,assignment] # the library's own way to say so
    for name in CALLOUTS:
        made.use(container_plugin, name, render=_callout)
    made.add_render_rule("table_open", _table_opens)
    made.add_render_rule("table_close", _table_closes)
    return made


def _any_address(_url: str) -> bool:
    return True


def _callout(_self: object, tokens: Sequence[Token], at: int, _options: object, _env: object) -> str:
    token = tokens[at]
    name = token.type.removeprefix("container_").removesuffix("_open").removesuffix("_close")
    return f'<div data-callout="{name}">\n' if token.nesting == 1 else "</div>\n"


def _table_opens(*_: object) -> str:
    """A table that is wider than the page is moved within this, by hand and by keyboard."""
    return '<div data-table="" tabindex="0"><table>\n'


def _table_closes(*_: object) -> str:
    return "</table></div>\n"


def _settle(tokens: Sequence[Token]) -> None:
    """Headings below the page's own, no level left out; columns' sides without a style; addresses as ours, or none."""
    levels = sorted({token.tag for token in tokens if token.type == "heading_open"})
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(levels.index(token.tag) + 2, 6)}"
        elif token.type in ("th_open", "td_open") and (style := token.attrs.pop("style", None)):
            token.attrs["data-align"] = str(style).removeprefix("text-align:")
    for token in _inline(tokens):
        if token.type == "image":
            _settle_image(token)
        elif token.type == "link_open":
            token.attrs = _settled_link(str(token.attrGet("href") or ""))


def _settle_image(token: Token) -> None:
    found = _IMAGE.fullmatch(str(token.attrGet("src") or ""))
    if found:
        token.attrs = {"src": f"/kb/images/{found[1]}", "alt": "", "loading": "lazy"}
    else:
        token.type, token.children = "text", None  # its words stay


def _settled_link(address: str) -> dict[str, str | int | float]:
    if named := _NUMBER.fullmatch(address):
        return {"href": f"/kb/{named[1].upper()}"}
    return {"href": address, "target": "_blank"} if _OUTSIDE.match(address) else {}

"""What an author writes, as it is shown, searched and checked; hostile or not."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.errors import BadInput
from console.kb import markup
from console.kb.markup import Links, links, plain
from console.kb.pictures import PICTURE_BYTES_MAX, Picture, sniffed

IMAGE = "01234567-0123-0123-0123-0123456789ab"

HOSTILE = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><a xlink:href='javascript:alert(1)'>x</a></svg>",
    "<math><mi xlink:href='data:x,<script>'>",
    "<style>body{display:none}</style><p style='position:fixed'>x",
    "<div hx-post='/desk/presence' data-hx-get='/x' hx-ws:connect='/y'>x</div>",
    "<template><script>x</script></template>",
    "<form action=//evil.example><input name=csrf></form>",
    "<iframe src=//evil.example></iframe><base href=//evil.example><meta http-equiv=refresh content=0>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](vbscript:x) [y](//evil.example) [z](/logout)",
    "![x](javascript:alert(1)) ![y](data:image/svg+xml;base64,PHN2Zz4=) ![z](http://evil.example/pixel.png)",
    '[x](https://e.example/" onmouseover="alert(1))',
    "```js\n<script>alert(1)</script>\n```",
    "::: warning\n<script>alert(1)</script>\n:::",
    '| a |\n|---|\n| <img src=x onerror="alert(1)"> |',
    "<!--[if IE]><script>x</script><![endif]-->",
]
ATTRIBUTES = {
    "href",
    "rel",
    "target",
    "src",
    "alt",
    "loading",
    "start",
    "data-callout",
    "data-align",
    "data-table",
    "tabindex",
}


def dangers(html: str) -> list[str]:
    """Elements, attributes and addresses that no article may have."""
    found = []
    for name, rest in re.findall(r"<([a-zA-Z!][^\s>/]*)([^>]*)>", html):
        if name.lower() in {
            "script",
            "style",
            "svg",
            "template",
            "form",
            "input",
            "iframe",
            "base",
            "meta",
            "math",
            "!--",
        }:
            found.append(name)
        for attribute, value in re.findall(r'([\w:-]+)="([^"]*)"', rest):
            if attribute not in ATTRIBUTES:
                found.append(attribute)
            if attribute == "href" and not re.match(r"https?://|mailto:|tel:|/kb/KB-", value):
                found.append(value)
            if attribute == "src" and not value.startswith("/kb/images/"):
                found.append(value)
    return found


@pytest.mark.parametrize("body", HOSTILE)
def test_nothing_that_acts_is_left(body: str) -> None:
    assert dangers(markup.html(body)) == []


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from([*HOSTILE, "\n", "**", "`", "> ", "- ", "[", "](", ")", "|", ":::", "KB-1"]), max_size=8)
)
def test_nothing_that_acts_is_left_of_any_mixture(pieces: list[str]) -> None:
    assert dangers(markup.html("".join(pieces))) == []


def test_what_an_author_means_is_shown() -> None:
    html = markup.html(
        f"# Steps\n\n1. **Wait**\n\n::: warning\nNever look.\n:::\n\n![The box](image:{IMAGE})\n\n|a|b|\n|-|:-:|\n|1|2|"
    )

    assert "<h2>Steps</h2>" in html
    assert "<strong>Wait</strong>" in html
    assert '<div data-callout="warning">' in html
    assert f'<img src="/kb/images/{IMAGE}" alt="The box" loading="lazy">' in html
    assert '<td data-align="center">2</td>' in html


def test_links_go_to_articles_and_pages_and_nowhere_else() -> None:
    body = f"[a](KB-12) [b](kb:kb-7) [c](https://e.example/x) [d](/desk) [e]() ![f](image:{IMAGE}) ![g](x.png)"

    assert links(body) == Links(("KB-12", "KB-7"), (IMAGE,), ("/desk", "", "x.png"))
    assert 'href="/kb/KB-12"' in markup.html(body)
    assert markup.html(body).count("href=") == 3


def test_what_is_searched_are_the_words_alone() -> None:
    body = (
        "# Red *light*\n\nSee [the steps](KB-12)\nnow.\n\n| a | b |\n|---|---|\n| one | `two` |\n\n```\ncode here\n```"
    )

    assert plain(body) == "Red light\nSee the steps now.\na\nb\none\ntwo\ncode here"


@pytest.mark.parametrize("sign", ["[", "![", "*a ", "> ", "- ", "`", "|a", "[a](", "::: note\n", "1. ", "&"])
def test_a_text_of_one_sign_is_drawn_too(sign: str) -> None:
    assert dangers(markup.html(sign * (4_000 // len(sign)))) == []


# --- pictures ---------------------------------------------------------------------------------------------------------

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (640).to_bytes(4, "big") + (480).to_bytes(4, "big") + b"\x08\x02"
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x0b\x08"
    + (480).to_bytes(2, "big")
    + (640).to_bytes(2, "big")
    + b"\x03" * 9
)
GIF = b"GIF89a" + (640).to_bytes(2, "little") + (480).to_bytes(2, "little")


@pytest.mark.parametrize(("content", "kind"), [(PNG, "image/png"), (JPEG, "image/jpeg"), (GIF, "image/gif")])
def test_a_picture_is_known_by_its_bytes(content: bytes, kind: str) -> None:
    assert sniffed(content) == Picture(kind, 640, 480)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg onload=x>",
        b"\x89PNG\r\n\x1a\n",
        JPEG[:8],
        b"GIF89a\0\0\0\0",
        b"%PDF-1",
        PNG + b"x" * PICTURE_BYTES_MAX,
    ],
)
def test_what_is_no_picture_or_too_large_is_refused(content: bytes) -> None:
    with pytest.raises(BadInput) as refused:
        sniffed(content)
    assert refused.value.errors[0].field == "image"


@given(
    st.binary(max_size=60),
    st.sampled_from([b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBPVP8 ", b"RIFF\0\0\0\0WEBPVP8L", b"GIF87a"]),
)
def test_broken_pictures_are_refused_and_break_nothing(rest: bytes, beginning: bytes) -> None:
    with suppress(BadInput):
        assert sniffed(beginning + rest).width > 0


def test_headings_begin_below_the_pages_own_and_leave_no_level_out() -> None:
    html = markup.html("## One\n\n#### Deeper\n\n## Two")

    assert re.findall(r"<h\d", html) == ["<h2", "<h3", "<h2"]


@pytest.mark.parametrize(
    ("body", "after"),
    [
        ("See ![a](x) and ![b]( x ).", "See ![a](y) and ![b]( x )."),
        ('![a \\] b](<x> "title")', '![a \\] b](y "title")'),
        ("[a](x) `![a](z)`", "[a](x) `![a](z)`"),
        ("```\n![a](x)\n```", "```\n![a](x)\n```"),
    ],
)
def test_pictures_get_other_addresses_and_all_else_stays_letter_by_letter(body: str, after: str) -> None:
    assert markup.with_pictures(body, {"x": "y", "z": "!"}) == after

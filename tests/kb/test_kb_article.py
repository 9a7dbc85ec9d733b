"""The life of a revision, what may stand in it, what changed, and rows that are brought in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from console.errors import BadInput
from console.kb import brought, diff
from console.kb.article import (
    BODY_MAX,
    KEYWORDS_MAX,
    OPEN,
    TRANSITIONS,
    Move,
    NotInThisState,
    State,
    Text,
    approved,
    checked,
    moved,
    searched_title,
    titled,
)
from console.kb.search import Entry, Facets, Shelf
from console.kb.segment import Article, Asked
from console.kb.snippet import SNIPPET_CHARACTERS, marked, snippet

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def refused(text: Text) -> set[str]:
    with pytest.raises(BadInput) as bad:
        checked(text, now=NOW)
    return {error.field for error in bad.value.errors}


# --- life -------------------------------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from(list(Move)), max_size=12))
def test_nothing_is_published_that_nobody_approved_but_what_the_operator_brought_in(moves: list[Move]) -> None:
    state, approvals = State.DRAFT, 0
    for move in moves:
        try:
            state = moved(state, move)
        except NotInThisState:
            continue
        approvals = approvals + 1 if move is Move.APPROVE else 0 if state is State.DRAFT else approvals
        assert state is not State.PUBLISHED or approvals or Move.IMPORT in moves


def test_every_state_has_its_moves_and_every_end_is_one() -> None:
    assert set(TRANSITIONS) == set(State)
    assert TRANSITIONS[State.ARCHIVED] == {}
    assert {State.PUBLISHED, State.EXPIRED, State.ARCHIVED}.isdisjoint(OPEN)


def test_all_who_were_asked_must_approve_and_somebody_must_be_asked() -> None:
    assert not approved([])
    assert not approved(["approved", None])
    assert not approved(["approved", "changes"])
    assert approved(["approved", "approved"])


# --- text -------------------------------------------------------------------------------------------------------------


def test_a_text_is_trimmed_and_its_keywords_come_once() -> None:
    text = checked(Text(title="  Red \n light ", body="\r\na\r\nb  \n\n", keywords=("x", " x ", "")), now=NOW)

    assert (text.title, text.body, text.keywords) == ("Red light", "a\nb", ("x",))
    assert checked(text, now=NOW) == text


def test_each_wrong_field_is_named() -> None:
    assert refused(Text(title=" ", body="x" * (BODY_MAX + 1), keywords=tuple(map(str, range(KEYWORDS_MAX + 1))))) == {
        "title",
        "body",
        "keywords",
    }
    assert refused(Text(title="x", body="\0")) == {"body"}
    assert refused(Text(title="x", body="", expires_at=NOW)) == {"expires_at"}
    later = NOW + timedelta(days=1)
    assert refused(Text(title="x", body="", publish_at=later, expires_at=later)) == {"expires_at"}


def test_a_text_without_a_title_is_called_by_its_beginning_which_is_not_searched_twice() -> None:
    text = "word " * 40

    assert titled(text).endswith("…")
    assert searched_title(titled(text), text) == ""
    assert searched_title("Red light", "Red light is red") == "Red light"


# --- what changed -----------------------------------------------------------------------------------------------------


def test_a_line_that_changed_shows_its_words() -> None:
    lines = diff.lines("one\nBelow -27 dBm, book a fibre visit.\nthree", "one\nBelow -26 dBm, book a visit.\nthree")

    gone, come = (line for line in lines if line.sign in "-+")
    assert [piece.text for piece in gone.pieces if piece.changed] == ["27", "fibre "]
    assert [piece.text for piece in come.pieces if piece.changed] == ["26"]
    assert diff.counted(lines) == (1, 1)
    assert (gone.old, gone.new, come.old, come.new) == (2, None, None, 2)


@given(st.text("ab \n", max_size=60), st.text("ab \n", max_size=60))
def test_the_lines_that_came_and_went_make_one_text_of_the_other(before: str, after: str) -> None:
    lines = diff.lines(before, after)

    for sign, text in (("-", before), ("+", after)):
        rows = text.splitlines()
        for line in lines:
            at = line.old if sign == "-" else line.new
            if line.sign in (sign, " ") and at is not None:
                assert "".join(piece.text for piece in line.pieces) == rows[at - 1]
    assert bool(diff.counted(lines) != (0, 0)) == (before.splitlines() != after.splitlines())


# --- brought in -------------------------------------------------------------------------------------------------------


def test_a_row_of_json_is_an_article_and_unknown_fields_are_passed_over() -> None:
    row = brought.of_json('{"id": 7, "lang": "en", "title": "T", "body": "B", "keywords": ["k"], "more": 1}')

    assert (row.external_id, row.lang, row.title, row.body, row.keywords) == ("7", "en", "T", "B", ("k",))


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("{", "row"),
        ('{"id": "a", "lang": "English", "title": "", "body": ""}', "lang"),
        ('{"id": "", "lang": "en", "title": "", "body": ""}', "id"),
        ('{"lang": "en", "title": "", "body": ""}', "row"),
        ('"' + "x" * brought.ROW_CHARACTERS_MAX + '"', "body"),
        ("[" * 5_000, "row"),
    ],
)
def test_a_row_that_is_wrong_names_its_field(line: str, field: str) -> None:
    with pytest.raises(BadInput) as bad:
        brought.of_json(line)
    assert bad.value.errors[0].field == field


def test_a_table_is_read_by_its_columns_and_told_by_its_lines() -> None:
    text = 'ID,Lang,Title,Body,Keywords\r\na,en,T,"one\ntwo",x; y\r\n,en,T,B,\r\nc,en,T,B,\r\n'

    (_, first), (line, second), (_, third) = brought.of_csv(text)

    assert (first.body, first.keywords) == ("one\ntwo", ("x", "y"))
    assert (line, second.errors[0].field) == (4, "id")
    assert third.external_id == "c"
    with pytest.raises(BadInput):
        list(brought.of_csv("title,body\nx,y\n"))


def test_a_file_of_markdown_says_who_it_is_by_its_head_or_by_its_place() -> None:
    named = brought.of_markdown(PurePosixPath("Fibre/red.uk.md"), "# Червоний\n\nТекст")
    headed = brought.of_markdown(
        PurePosixPath("x.md"), '---\nid: red\nlang: fa\ntitle: "a: b"\nkeywords: x; y\n---\nB\n'
    )

    assert (named.external_id, named.lang, named.topic, named.title) == ("Fibre/red", "uk", "Fibre", "Червоний")
    assert (headed.external_id, headed.lang, headed.title, headed.keywords) == ("red", "fa", "a: b", ("x", "y"))


@example("0\x85")
@given(st.text(max_size=40).filter(lambda text: not set("\n\r\0") & set(text) and text.strip()))
def test_a_value_of_a_head_is_read_as_it_was_written(value: str) -> None:
    row = brought.of_markdown(PurePosixPath("x.md"), f"---\nid: x\ntitle: {brought.quoted(value)}\n---\nB")
    assert row.title == value


# --- shelves ----------------------------------------------------------------------------------------------------------


def entry(key: str, text: str, **facets: str) -> Entry:
    return Entry(Article(key, "", text), 1, Facets(**facets))


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcdef"), st.one_of(st.none(), st.sampled_from(["red light", "green light", "red"]))
        ),
        max_size=14,
    )
)
def test_a_shelf_that_changed_finds_what_one_made_anew_finds(changes: list[tuple[str, str | None]]) -> None:
    shelf, now = Shelf("ka"), {}
    for key, text in changes:
        began = shelf
        shelf = shelf.changed([entry(key, text)] if text else [], [] if text else [key])
        # As in life: merging began before the change, and is done after it.
        if began.scattered:
            shelf = shelf.with_compacted(began, began.compacted())
        now = {**now, key: text}
    there = {key: text for key, text in now.items() if text}

    for query in ("red", "light"):
        wanted = {key for key, text in there.items() if query in text.split()}
        assert {hit.key for hit in shelf.search(query, limit=20, typing=False)} == wanted
        assert {hit.key for hit in shelf.compacted().search(query, limit=20, typing=False)} == wanted
    assert shelf.versions() == dict.fromkeys(there, 1)
    kept = Shelf.of_arrays("ka", shelf.arrays())
    assert kept.search("red light", limit=20) == shelf.search("red light", limit=20)


def test_a_shelf_is_filtered_before_it_is_cut() -> None:
    shelf = Shelf("ka").changed(
        [entry(f"a{n}", "red red", topic="x") for n in range(20)] + [entry("b", "red", topic="y")]
    )

    assert [hit.key for hit in shelf.search("red", limit=1, wanted=lambda facets: facets.topic == "y")] == ["b"]


# --- what is quoted ---------------------------------------------------------------------------------------------------


def test_the_line_that_is_quoted_is_where_the_words_stand_together_and_is_escaped() -> None:
    text = "red <b> " + "filler " * 100 + "then the red light stays <script>"

    quoted = snippet(text, Asked(["red", "light"]), "en")

    assert "<mark>red light</mark>" in quoted
    assert "&lt;script&gt;" in quoted
    assert len(quoted) < 2 * SNIPPET_CHARACTERS


@given(st.text(max_size=300), st.text("abc .*[(\\", max_size=20))
def test_any_text_is_quoted_without_its_markup(text: str, query: str) -> None:
    asked = Shelf("en").asked(query)
    for html in (snippet(text, asked, "en"), marked(text, asked, "en")):
        assert "<" not in html.replace("<mark>", "").replace("</mark>", "")

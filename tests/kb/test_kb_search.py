"""What is found, in which order, and what of it is marked."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from console.kb.search import QUERY_MAX, Shelf, marks
from console.kb.segment import K1, NEIGHBOURS_OF_MAX, TITLE_ALONE, TITLE_WEIGHT, Article, Asked, B, Segment
from console.kb.spelling import Spelling

ARTICLES = [
    Article("red", "Optical light is red or off", "After a power cut the box restarts. If the light stays red, look."),
    Article(
        "order", "Restart order after a power cut", "The terminal first, then the router. Wait for a steady light."
    ),
    Article("book", "Book a fibre engineer", "Same-day slots until three. Uses one visit of the contract."),
    Article("bill", "Explain a bill", "Line rental is charged once. Look for a second line on the invoice."),
]
SHELF = Shelf.of(ARTICLES, "en")


def found(query: str, *, typing: bool = False, shelf: Shelf = SHELF) -> list[str]:
    return [hit.key for hit in shelf.search(query, limit=10, typing=typing)]


def test_the_article_that_has_the_rarest_of_the_words_comes_first() -> None:
    assert found("red light") == ["red", "order"]
    assert found("invoice rental")[0] == "bill"


def test_a_word_in_the_title_counts_for_more() -> None:
    assert found("power cut restart")[0] == "order"


def test_neighbours_in_the_query_that_are_neighbours_in_the_article_count() -> None:
    apart = Article("apart", "Terms", "line of credit, then rental cars and other things of no use here at all")
    together = Article("together", "Terms", "cars of credit, then line rental and other things of no use here at all")

    assert found("line rental", shelf=Shelf.of([apart, together], "en"))[0] == "together"


def test_the_end_of_the_title_and_the_start_of_the_body_are_no_neighbours() -> None:
    across = Article("across", "about line", "rental cars and so many other things")
    within = Article("within", "about cars", "line rental and so many other things")

    assert found("line rental", shelf=Shelf.of([across, within, *ARTICLES], "en"))[:2] == ["across", "within"]
    [one, other] = Shelf.of([across, within], "en").search("line rental", limit=2)
    [only, _] = Shelf.of([within, across], "en").search("rental line", limit=2)
    assert other.key == "within"
    assert other.score > only.score - one.score


def test_a_wrong_letter_is_mended() -> None:
    assert found("optcal light") == found("optical light")
    assert found("engineeer") == ["book"]
    assert found("enginreers vist")[0] == "book"


def test_a_right_word_is_never_mended() -> None:
    assert SHELF.asked("bill", typing=False) == Asked(["bill"])


def test_half_a_word_finds_while_it_is_typed_and_not_after() -> None:
    assert found("fibre engi", typing=True)[0] == "book"
    assert "bill" in found("invo", typing=True)
    assert found("invo") == []
    assert found("invo ", typing=True) == []


@pytest.mark.parametrize("query", ["", "   ", "?!*&|<->:'\"\\", "the of and", "(((", "а" * 50_000, "zzzz qqqq"])
def test_a_query_of_nothing_finds_nothing(query: str) -> None:
    assert found(query) == found(query, typing=True) == []


def test_no_more_is_read_of_a_query_than_a_person_would_write() -> None:
    assert found("x" * QUERY_MAX + " light") == []
    assert found("light " + "words " * 5_000)


def test_an_empty_shelf_finds_nothing() -> None:
    assert found("light", shelf=Shelf.of([], "en")) == []
    assert found("li", typing=True, shelf=Shelf.of([], "en")) == []


def test_no_more_is_given_than_asked_for() -> None:
    assert len(SHELF.search("light power line book", limit=2)) == 2


def test_what_is_left_out_is_not_found() -> None:
    segment = Segment(ARTICLES, "en")
    left_out = np.array([True, False, False, False])

    assert [hit.key for hit in segment.search(Asked(["light"]), 10, left_out)] == ["order"]


def test_what_was_asked_is_marked_as_it_is_written() -> None:
    text = "Lights: the LIGHT’s red, lit by lighting."

    marked = [text[start:end] for start, end in marks(text, SHELF.asked("light red", typing=False), "en")]

    assert marked == ["Lights", "LIGHT’s", "red", "lighting"]


def test_an_article_of_any_length_is_searched_whole() -> None:
    long = Article("long", "Long", "filler " * (NEIGHBOURS_OF_MAX * 3) + "needle")

    assert found("needle", shelf=Shelf.of([long, *ARTICLES], "en")) == ["long"]


def test_the_score_of_one_word_is_bm25_of_the_text_and_half_as_much_of_the_title() -> None:
    shelf = Shelf.of([Article("a", "alpha beta", "beta gamma gamma"), Article("b", "delta", "epsilon zeta beta")], "en")
    [hit] = shelf.search("gamma", limit=1)
    [titled] = shelf.search("alpha", limit=1)

    idf = math.log(1 + (2 - 1 + 0.5) / (1 + 0.5))
    lengths, titles = (TITLE_WEIGHT * 2 + 3, TITLE_WEIGHT * 1 + 3), (2, 1)
    pull = K1 * (1 - B + B * lengths[0] / (sum(lengths) / 2))
    pull_of_title = K1 * (1 - B + B * titles[0] / (sum(titles) / 2))
    assert hit.score == pytest.approx(idf * 2 * (K1 + 1) / (2 + pull), rel=1e-3)
    in_title = TITLE_ALONE * idf * (K1 + 1) / (1 + pull_of_title)
    assert titled.score == pytest.approx(idf * 2 * (K1 + 1) / (2 + pull) + in_title, rel=1e-3)


vocabulary = st.dictionaries(st.text("abcde", min_size=3, max_size=10), st.integers(1, 9), min_size=1, max_size=40)


@settings(max_examples=60)
@given(vocabulary, st.text("abcde", min_size=4, max_size=10))
def test_the_nearest_word_is_found_as_by_comparing_with_all(counts: dict[str, int], word: str) -> None:
    mended = Spelling(counts).mended(word)

    near = min(OSA.distance(word, other) for other in counts)
    if near <= (2 if len(word) >= 8 else 1):
        assert OSA.distance(word, mended) == near
    else:
        assert mended == word


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.text("ab cd", max_size=12), st.text("ab cd", max_size=40)), min_size=1, max_size=12),
    st.text("ab cd", max_size=8),
)
def test_what_is_found_has_a_word_of_the_query_and_all_that_have_one_are_found(
    texts: list[tuple[str, str]], query: str
) -> None:
    articles = [Article(str(number), title, body) for number, (title, body) in enumerate(texts)]
    shelf = Shelf.of(articles, "ka")
    wanted = {*shelf.asked(query, typing=False).tokens}

    has = {a.key for a in articles if wanted & {*f"{a.title} {a.body}".split()}}

    assert {hit.key for hit in shelf.search(query, limit=50, typing=False)} == has

"""Tokens of text, in the languages that are used here and in others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.kb.analysis import WORD_MAX, language_of, pieces, tokens, words


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "Restarting the routers", "restart a router"),
        ("en", "customer’s line", "customers' lines"),
        ("ru", "подключённые принтеры", "подключенный принтер"),
        ("uk", "підключення інтернету", "підключення інтернет"),
        ("zh", "光貓紅燈", "光猫红灯"),
        ("fa", "كتاب‌هاي", "کتاب های"),
        ("de", "Rechnungen", "Rechnung"),
        ("en", "ＦＩＢＲＥ", "fibre"),
    ],
)
def test_what_people_write_in_several_ways_is_one(language: str, one: str, other: str) -> None:
    assert tokens(one, language) == tokens(other, language)


def test_words_that_say_nothing_are_left_out() -> None:
    assert tokens("what is the of and", "en") == []
    assert tokens("и что же это", "ru") == []


def test_chinese_is_found_by_its_signs_and_by_its_neighbours() -> None:
    assert tokens("红灯亮", "zh") == ["红", "灯", "亮", "红灯", "灯亮"]


def test_signs_apart_are_no_neighbours() -> None:
    assert "灯亮" not in tokens("红灯 亮", "zh")
    assert "灯亮" not in tokens("红灯router亮", "zh")


def test_a_word_of_another_script_keeps_its_own_stemmer() -> None:
    assert tokens("روترها routers", "fa")[-1] == tokens("router", "en")[0]


def test_a_language_without_a_stemmer_is_taken_word_by_word() -> None:
    assert tokens("შეცდომა ქსელში", "ka") == ["შეცდომა", "ქსელში"]


def test_both_ways_of_writing_chinese_are_one_language() -> None:
    assert language_of("zh-Hans") == language_of("zh-Hant") == "zh"


def test_what_is_too_long_for_a_word_is_cut() -> None:
    [token] = tokens("x" * 100_000, "ka")

    assert len(token) == WORD_MAX


@given(st.text(max_size=200), st.sampled_from(["en", "ru", "uk", "zh", "fa", "ka"]))
def test_pieces_stand_where_they_say_in_any_text(text: str, language: str) -> None:
    reached = 0
    for piece in pieces(text, language):
        assert reached <= piece.start < piece.end <= len(text)
        reached = piece.end
    assert {piece.token for piece in pieces(text, language)} - {""} <= {*tokens(text, language)}
    assert all(not word.isspace() for word in words(text))

"""How long a text is, as its readers count."""

from __future__ import annotations

import pytest

from console.kb.measure import Measure, longest_sentence, measured


@pytest.mark.parametrize(
    ("text", "words", "signs"),
    [
        ("Wait 90 seconds.", 3, 0),
        ("请等待九十秒。", 0, 6),
        ("重启 ONT 设备", 1, 4),
        ("Зачекайте п'ять хвилин", 3, 0),
        ("نود ثانیه صبر کنید", 4, 0),
        ("", 0, 0),
    ],
)
def test_words_are_counted_by_script_and_chinese_by_its_signs(text: str, words: int, signs: int) -> None:
    assert measured(text) == Measure(words, signs)


def test_a_sentence_ends_at_its_mark_or_with_its_line_and_not_within_a_number() -> None:
    assert longest_sentence("Below 3.5 dBm\nbook a visit. Then wait") == Measure(4, 0)  # 3.5 is two
    assert longest_sentence("请等待。等待九十秒！好") == Measure(0, 5)
    assert longest_sentence("") == Measure(0, 0)


def test_a_sentence_is_long_by_the_measure_of_its_script() -> None:
    assert longest_sentence("word " * 31).long
    assert not longest_sentence("字" * 60).long
    assert longest_sentence("字" * 61).long

"""Text into tokens: one way for articles, for queries, and for what is marked in a result.

A word of an alphabet becomes its stem; a run of Chinese becomes its signs, and the pairs of neighbours among them.
Which stemmer a word gets follows from its own script first and from the text's language second, so that an English
name in a Persian article is found as an English one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import Stemmer
from opencc import OpenCC

from console.kb.language_data import STOP_WORDS, UKRAINIAN_ENDINGS

WORD_MAX = 64
"""What is longer is no word of any language; its beginning stands for it."""

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_MARKS = "\u0300-\u036f\u064b-\u065f\u0670"
_WORD = re.compile(rf"[^\W_](?:[^\W_]|[{_MARKS}]|['\u2019](?=[^\W_]))*")
_HAN_RUN = re.compile(f"[{_HAN}]+")
_CYRILLIC = re.compile("[а-яёіїєґ]")
_LATIN = re.compile("[a-z]")

_PERSIAN_FOLDING = str.maketrans(
    {"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "ۀ": "ه", "أ": "ا", "إ": "ا", "ؤ": "و", "ـ": None}
)
_STEMMED = {
    "da": "danish",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
}
"""Languages to Snowball's names of them."""

_UKRAINIAN_ROOT_MIN = 3


class Piece(NamedTuple):
    """A word, or one Chinese sign, where it stands in the text."""

    start: int
    end: int
    word: str
    """Folded: what is compared letter by letter."""
    token: str
    """What is indexed; empty for a stop word."""
    han: bool


def language_of(tag: str) -> str:
    """`zh-Hans` is searched as `zh`: the two ways of writing are folded into one."""
    return tag.partition("-")[0].lower()


def pieces(text: str, language: str) -> Iterator[Piece]:
    """Every word and Chinese sign of the text, in order, stop words too."""
    for found in _WORD.finditer(text):
        begin, whole = found.start(), found.group()
        reached = 0
        for run in _HAN_RUN.finditer(whole):
            if run.start() > reached:
                yield _word(begin + reached, whole[reached : run.start()], language)
            for place in range(run.start(), run.end()):
                sign = _sign(whole[place])
                yield Piece(begin + place, begin + place + 1, sign, sign, han=True)
            reached = run.end()
        if reached < len(whole):
            yield _word(begin + reached, whole[reached:], language)


def places(text: str, language: str, wanted: Collection[str]) -> list[tuple[int, int]]:
    """Where the text has one of those tokens, as (from, to), in order."""
    if _HAN_RUN.search(text):
        return [(piece.start, piece.end) for piece in pieces(text, language) if piece.token and piece.token in wanted]
    return [
        found.span()
        for found in _WORD.finditer(text)
        if (token := token_of(found.group(), language)) and token in wanted
    ]


def words(text: str) -> list[str]:
    """Every word as it is written; Chinese is left out."""
    return _WORD.findall(_HAN_RUN.sub(" ", text))


def tokens(text: str, language: str) -> list[str]:
    """What the text is indexed and asked by, in order; neighbouring Chinese signs also as pairs."""
    if not _HAN_RUN.search(text):
        return [token for word in _WORD.findall(text) if (token := token_of(word, language))]
    found: list[str] = []
    run: list[str] = []
    reached = -1
    for piece in pieces(text, language):
        if piece.han:
            if run and piece.start != reached:
                found += _pairs(run)
                run = []
            found.append(piece.token)
            run.append(piece.token)
            reached = piece.end
            continue
        if run:
            found += _pairs(run)
            run = []
        if piece.token:
            found.append(piece.token)
    return found + _pairs(run)


@lru_cache(maxsize=1 << 17)
def token_of(word: str, language: str) -> str:
    """Of a word as it is written; empty for a stop word."""
    word = folded(word, language)
    return "" if word in STOP_WORDS.get(language, ()) else stem(word, language)


@lru_cache(maxsize=1 << 17)
def folded(word: str, language: str) -> str:
    """The word without what people leave out, mix up or write in several ways."""
    word = unicodedata.normalize("NFKC", word[:WORD_MAX]).lower()
    if language == "fa":
        word = _unmarked(word.translate(_PERSIAN_FOLDING))
    elif language == "ru":
        word = word.replace("ё", "е")
    return word.replace("\u2019", "'").removesuffix("'s").replace("'", "")


def stem(word: str, language: str) -> str:
    """Of a folded word."""
    if _CYRILLIC.search(word):
        return _ukrainian_stem(word) if language == "uk" else _snowball(word, "ru")
    if _LATIN.search(word):
        return _snowball(word, language if language in _STEMMED and language not in ("ru", "fa") else "en")
    return _snowball(word, "fa") if language == "fa" else word


def _word(start: int, text: str, language: str) -> Piece:
    return Piece(start, start + len(text), folded(text, language), token_of(text, language), han=False)


def _pairs(run: list[str]) -> list[str]:
    return [first + second for first, second in pairwise(run)]


@lru_cache(maxsize=1 << 15)
def _sign(sign: str) -> str:
    """Traditional as simplified."""
    return str(_opencc().convert(unicodedata.normalize("NFKC", sign)))


@lru_cache(maxsize=1)
def _opencc() -> OpenCC:
    return OpenCC("t2s")


def _snowball(word: str, language: str) -> str:
    return str(_stemmer(language).stemWord(word))


@lru_cache(maxsize=len(_STEMMED))
def _stemmer(language: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(_STEMMED[language])


def _unmarked(word: str) -> str:
    """Without vowel signs, which few people write; the madda of آ stays, for it makes another letter."""
    apart = unicodedata.normalize("NFD", word)
    return unicodedata.normalize("NFC", "".join(c for c in apart if not unicodedata.combining(c) or c == "\u0653"))


def _ukrainian_stem(word: str) -> str:
    """Snowball has no Ukrainian: the longest ending that leaves a root is cut off, reflexives before it."""
    for reflexive in ("ся", "сь"):
        if len(word) > len(reflexive) + _UKRAINIAN_ROOT_MIN and word.endswith(reflexive):
            word = word.removesuffix(reflexive)
    for ending in UKRAINIAN_ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _UKRAINIAN_ROOT_MIN:
            return word.removesuffix(ending)
    return word

"""How good knowledge search is, and how fast: on collections with relevance judgements, and on a hundred thousand articles.

    python bench/kb.py FOLDER              every collection in FOLDER: about a minute, and two for the speed
    python bench/kb.py FOLDER --quick      the quality alone

A collection is a folder of `articles.ndjson` {id, lang, title, body}, `queries.ndjson` {id, lang, text} and `qrels.tsv`
(query, article, grade; gain 2^grade - 1). Mistakes are one wrong letter in a word of four or more, in three of ten. Half
words are the last word of a query cut in its middle. Times are of this process's CPU; their floor is a plain search for
the query's first word in every article's text.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from statistics import fmean, quantiles
from typing import Any

import ir_measures
from ir_measures import Qrel, ScoredDoc, nDCG

from console.kb.analysis import language_of
from console.kb.search import Shelf
from console.kb.segment import Article

ARTICLES = 100_000
SENTENCES = 6
ALPHABETS = {
    "en": "abcdefghijklmnopqrstuvwxyz",
    "ru": "абвгдежзийклмнопрстуфхцчшщъыьэюя",
    "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    "fa": "ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی",
}


class Collection:
    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        lines = _lines(folder / "articles.ndjson")
        self.articles = [Article(line["id"], line["title"], line["body"]) for line in lines]
        asked = list(_lines(folder / "queries.ndjson"))
        self.queries = {line["id"]: line["text"] for line in asked}
        self.language = language_of(asked[0]["lang"])
        judged = (line.split("\t") for line in (folder / "qrels.tsv").read_text().splitlines())
        self.judged = [Qrel(query, article, 2 ** int(grade) - 1) for query, article, grade in judged]

    def score(self, shelf: Shelf, change: Callable[[str], str], *, typing: bool = False) -> float:
        """nDCG@10, with the queries changed so."""
        run = [
            ScoredDoc(query, hit.key, hit.score)
            for query, text in self.queries.items()
            for hit in shelf.search(change(text), limit=10, typing=typing)
        ]
        return float(ir_measures.calc_aggregate([nDCG @ 10], self.judged, run)[nDCG @ 10])


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def mistyped(text: str, language: str, random: Random) -> str:
    return " ".join(
        _wrong(word, language, random) if len(word) >= 4 and random.random() < 0.3 else word for word in text.split(" ")
    )


def _wrong(word: str, language: str, random: Random) -> str:
    at, letter = random.randrange(len(word)), random.choice(ALPHABETS.get(language, word))
    match random.randrange(4):
        case 0:
            return word[:at] + letter + word[at:]
        case 1:
            return word[:at] + word[at + 1 :]
        case 2:
            return word[:at] + letter + word[at + 1 :]
        case _:
            return word[:at] + word[at : at + 2][::-1] + word[at + 2 :]


def halved(text: str) -> str:
    words = text.split(" ")
    words[-1] = words[-1][: (len(words[-1]) + 1) // 2]
    return " ".join(words)


def quality(collections: Sequence[Collection]) -> None:
    print(f"{'nDCG@10':16} {'articles':>8} {'clean':>7} {'mistakes':>9} {'half word':>10}")
    rows = []
    for collection in collections:
        shelf = Shelf.of(collection.articles, collection.language)
        random = Random(7)
        row = (
            collection.score(shelf, str),
            collection.score(shelf, lambda text: mistyped(text, collection.language, random)),  # noqa: B023 - called at once
            collection.score(shelf, halved, typing=True),
        )
        rows.append(row)
        print(f"{collection.name:16} {len(collection.articles):8} {row[0]:7.3f} {row[1]:9.3f} {row[2]:10.3f}")
    macro = [fmean(column) for column in zip(*rows, strict=True)]
    print(f"{'macro':16} {'':8} {macro[0]:7.4f} {macro[1]:9.4f} {macro[2]:10.4f}")


def invented(english: Sequence[Collection], count: int) -> list[Article]:
    """Articles put together from the sentences of the English ones."""
    random = Random(1)
    titles = [article.title for collection in english for article in collection.articles]
    sentences = [
        sentence
        for collection in english
        for article in collection.articles
        for sentence in article.body.replace("\n", ". ").split(". ")
        if len(sentence) > 20
    ]
    return [
        Article(str(number), random.choice(titles), ". ".join(random.choices(sentences, k=SENTENCES)))
        for number in range(count)
    ]


def speed(collections: Sequence[Collection]) -> None:
    """Articles put together from the sentences of the English ones."""
    english = [collection for collection in collections if collection.language == "en"]
    if not english:
        print("no English collection: no speed")
        return
    random = Random(1)
    articles = invented(english, ARTICLES)
    began = time.perf_counter()
    shelf = Shelf.of(articles, "en")
    print(
        f"\n{ARTICLES:,} articles: built in {time.perf_counter() - began:.0f} s, {shelf.bytes_held / 1e6:.0f} MB of index"
    )
    asked = random.sample([text for collection in english for text in collection.queries.values()], 300)
    texts = [f"{article.title} {article.body}" for article in articles]
    floor = _times(lambda query: sum(query.split(" ")[0] in text for text in texts), asked[:30])
    print(f"{'CPU of a search, ms':22} {'p50':>6} {'p95':>6} {'of the floor':>13}")
    print(f"{'floor: plain find':22} {floor[0]:6.2f} {floor[1]:6.2f}")
    for name, queries, typing in (
        ("whole words", asked, False),
        ("half a word", [halved(query) for query in asked], True),
        ("mistakes", [mistyped(query, "en", random) for query in asked], False),
    ):
        times = _times(lambda query: shelf.search(query, limit=10, typing=typing), queries)  # noqa: B023 - called at once
        print(f"{name:22} {times[0]:6.2f} {times[1]:6.2f} {times[0] / floor[0]:12.2f}x")


def _times(search: Callable[[str], object], queries: Sequence[str]) -> tuple[float, float]:
    """p50 and p95, in ms of CPU."""
    taken = []
    for query in queries:
        began = time.process_time_ns()
        search(query)
        taken.append((time.process_time_ns() - began) / 1e6)
    cuts = quantiles(taken, n=20)
    return cuts[9], cuts[18]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    folders = sorted(path.parent for path in options.folder.glob("*/qrels.tsv"))
    if not folders:
        parser.error(f"{options.folder} has no folder with a qrels.tsv")
    collections = [Collection(folder) for folder in folders]
    quality(collections)
    if not options.quick:
        speed(collections)


if __name__ == "__main__":
    main()

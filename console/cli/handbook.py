"""A folder of Markdown: each file an article, and the pictures that the files name beside them. Read, and written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path, PurePosixPath

import msgspec

from console.errors import BadInput, Fault, FieldError, NotFound
from console.kb import brought, markup
from console.kb.brought import Brought
from console.kb.pictures import PICTURE_BYTES_MAX
from console.people.who import Principal
from console.services import authoring, bringing, knowledge
from console.services.bringing import Taken
from console.services.context import Context

FILES_MAX = 20_000
"""Of a folder: more are a disk, not a handbook."""
FILE_BYTES_MAX = 4_000_000
PICTURES_MAX = 20_000
"""Of a folder, each once, however many articles show it."""
PICTURES = "images"
"""The folder of pictures in what is written."""
ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}

Row = tuple[str, Brought | BadInput]
"""Where it stands, for errors; and what it says."""


# --- read -------------------------------------------------------------------------------------------------------------


def files(root: Path) -> list[Path]:
    """Raises Fault where there are none, or too many."""
    found = sorted(islice(root.rglob("*.md"), FILES_MAX + 1))
    if len(found) > FILES_MAX:
        raise Fault(f"{root} holds more than {FILES_MAX:,} Markdown files; import its folders one by one.")
    if not found:
        raise Fault(f"{root} holds no Markdown files (*.md).")
    return found


def rows(root: Path, found: Sequence[Path]) -> Iterator[Row]:
    """The articles, their pictures still named as files."""
    for file in found:
        where = file.relative_to(root)
        if file.stat().st_size > FILE_BYTES_MAX:
            yield str(where), BadInput(errors=(brought.too_long(),))
            continue
        try:
            yield str(where), brought.of_markdown(PurePosixPath(where), file.read_text("utf-8", errors="replace"))
        except BadInput as bad:
            yield str(where), bad


class Pictures:
    """Puts the pictures that files name into the console, each file once, and names them as the console does.

    What is not there, or not within the folder, is left as it was written: its words are shown instead.
    """

    def __init__(self, ctx: Context, who: Principal, root: Path) -> None:
        self._ctx, self._who = ctx, who
        self._root = root.resolve()
        self._ids: dict[Path, str] = {}

    async def put(self, row: Row) -> Row:
        """The row with its pictures; of a file that is no picture, or too large a one, why it is not taken."""
        where, article = row
        if isinstance(article, BadInput) or not self._root.is_dir():
            return row
        named = {}
        for address in markup.pictures(article.body):
            file = self._file(where, address)
            if file is None:
                continue
            try:
                named[address] = f"image:{await self._id_of(file)}"
            except BadInput as bad:
                return where, BadInput(errors=tuple(FieldError("body", f"{address}: {e.detail}") for e in bad.errors))
        return where, msgspec.structs.replace(article, body=markup.with_pictures(article.body, named))

    def _file(self, where: str, address: str) -> Path | None:
        """Links out of the folder lead nowhere, also those of the disk."""
        try:
            found = (self._root / where).parent.joinpath(address).resolve()
            return found if found.is_relative_to(self._root) and found.is_file() else None
        except (OSError, ValueError):
            return None

    async def _id_of(self, file: Path) -> str:
        """Raises BadInput."""
        if file not in self._ids:
            if len(self._ids) == PICTURES_MAX:
                raise BadInput(errors=(FieldError("image", f"At most {PICTURES_MAX:,} pictures at once."),))
            with file.open("rb") as stream:
                content = stream.read(PICTURE_BYTES_MAX + 1)
            self._ids[file] = await authoring.put_image(self._ctx, self._who, content=content)
        return self._ids[file]


# --- written ----------------------------------------------------------------------------------------------------------


async def write(ctx: Context, who: Principal, directory: Path) -> tuple[int, int]:
    """Every article and each of their pictures; how many of both."""
    count, written = 0, dict[str, str | None]()
    async for article in bringing.take_out(ctx, who):
        named = {}
        for image in markup.links(article.body).images:
            if image not in written:
                written[image] = await _write_picture(ctx, who, directory, image)
            if file := written[image]:
                named[f"image:{image}"] = file
        path = directory / _file_of(article)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_markdown_of(article, markup.with_pictures(article.body, named)), encoding="utf-8")
        count += 1
    return count, sum(file is not None for file in written.values())


async def _write_picture(ctx: Context, who: Principal, directory: Path, image: str) -> str | None:
    """As Markdown names it; None: there is no such picture."""
    try:
        kind, content = await knowledge.image(ctx, who, image=image)
    except NotFound:
        return None
    file = f"{PICTURES}/{image}.{ENDINGS[kind]}"
    (directory / PICTURES).mkdir(parents=True, exist_ok=True)
    (directory / file).write_bytes(content)
    return file


def _file_of(article: Taken) -> str:
    """Its number and language: an id from elsewhere may be anything, `../../etc` too."""
    return f"{article.number}.{article.lang}.md"


def _markdown_of(article: Taken, body: str) -> str:
    head = {
        "id": article.id,
        "lang": article.lang,
        "title": article.title,
        "keywords": "; ".join(article.keywords),
        "topic": article.topic or "",
        "kind": article.kind,
        "audience": article.audience,
        "state": article.state,
        "version": str(article.version),
    }
    lines = "".join(f"{name}: {brought.quoted(value)}\n" for name, value in head.items() if value)
    return f"---\n{lines}---\n{body}\n"

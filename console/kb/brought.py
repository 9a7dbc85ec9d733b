"""Articles as they are brought in from elsewhere: read, and refused row by row with what would be right."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import msgspec

from console.errors import BadInput, FieldError
from console.kb.article import BODY_MAX, Audience, Kind, checked_lang

ROW_CHARACTERS_MAX = 4 * BODY_MAX
"""Of a line; what is longer is not even read as JSON."""
ID_MAX = 200
COLUMNS = ("id", "lang", "title", "body", "keywords", "topic", "kind", "audience")


class Brought(msgspec.Struct, frozen=True, kw_only=True):
    external_id: str
    lang: str
    title: str
    body: str
    keywords: tuple[str, ...] = ()
    topic: str | None = None
    kind: Kind = Kind.HOWTO
    audience: Audience = Audience.AGENTS


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    """A line of NDJSON. Fields beyond these are passed over: collections have their own."""

    id: str | int
    lang: str
    title: str
    body: str
    keywords: list[str] = []
    topic: str | None = None
    kind: Kind = Kind.HOWTO
    audience: Audience = Audience.AGENTS


_ROW = msgspec.json.Decoder(_Row)


def too_long() -> FieldError:
    return FieldError("body", f"At most {BODY_MAX:,} characters; divide it into several articles.")


def of_json(line: str) -> Brought:
    """Raises BadInput."""
    if len(line) > ROW_CHARACTERS_MAX:
        raise _wrong("body", f"A row of at most {ROW_CHARACTERS_MAX:,} characters.")
    try:
        row = _ROW.decode(line)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise _wrong("row", str(error)) from None
    return _brought(msgspec.structs.asdict(row) | {"keywords": tuple(row.keywords)})


def of_csv(text: str) -> Iterator[tuple[int, Brought | BadInput]]:
    """Each row with its line; the first line names the columns. Raises BadInput where one is missing."""
    csv.field_size_limit(ROW_CHARACTERS_MAX)
    rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    names = {name.strip().lower(): name for name in rows.fieldnames or ()}
    missing = [name for name in ("id", "lang", "title", "body") if name not in names]
    if missing:
        raise _wrong("header", f"The first line names the columns; missing: {', '.join(missing)}.")
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield rows.line_num, _wrong("row", str(error))
            return
        yield rows.line_num, _tried({name: row.get(names[name]) for name in COLUMNS if name in names})


def of_markdown(path: PurePosixPath, text: str, *, lang: str = "en") -> Brought:
    """A file of a folder: its name is its id, `name.uk.md` is its Ukrainian; its folders are its topic.

    A head between lines of `---` may say `id lang title keywords topic kind audience`, each on a line. Raises BadInput.
    """
    head, body = _head(text)
    name, _, tag = path.stem.rpartition(".")
    if not name or not re.fullmatch(r"[a-z]{2,3}(-\w+)?", tag):
        name, tag = path.stem, ""
    title = head.get("title", "")
    if not title and (found := re.match(r"\s*#\s+(.+)\n?", body)):
        title, body = found[1].strip(), body[found.end() :]
    folder = "/".join(path.parts[:-1])
    values: dict[str, Any] = {
        "id": "/".join((*path.parts[:-1], name)),
        "lang": tag or lang,
        "topic": folder or None,
        **head,
        "title": title or name,
        "body": body,
    }
    found_row = _tried(values)
    if isinstance(found_row, BadInput):
        raise found_row
    return found_row


def _head(text: str) -> tuple[dict[str, str], str]:
    found = re.match(r"---\r?\n(.*?)\r?\n---\r?\n", text[:ROW_CHARACTERS_MAX], re.DOTALL)
    if not found:
        return {}, text
    lines = (line.partition(":") for line in re.split(r"\r?\n", found[1]))
    return {name.strip().lower(): _unquoted(value.strip()) for name, _, value in lines if value.strip()}, text[
        found.end() :
    ]


def _unquoted(value: str) -> str:
    """As JSON where it is quoted so."""
    try:
        return msgspec.json.decode(value, type=str) if value.startswith('"') else value
    except msgspec.DecodeError:
        return value


def quoted(value: str) -> str:
    """A value of a head, such that it is read as it is."""
    plain = value == value.strip() and not value.startswith('"') and "\n" not in value
    return value if plain else msgspec.json.encode(value).decode()


def _tried(row: Mapping[str, Any]) -> Brought | BadInput:
    """Of cells that are all text; empty ones say nothing."""
    given = {name: value for name, value in row.items() if name in COLUMNS and value not in (None, "")}
    given["keywords"] = tuple(filter(None, (word.strip() for word in re.split(";", given.get("keywords") or ""))))
    try:
        for name, kind in (("kind", Kind), ("audience", Audience)):
            if name in given and given[name] not in list(kind):
                raise _wrong(name, f"One of {', '.join(kind)}.")
        if missing := [name for name in ("id", "lang") if name not in given]:
            raise _wrong(missing[0], "Must not be empty.")
        return _brought({"title": "", "body": "", **given})
    except BadInput as bad:
        return bad


def _brought(row: Mapping[str, Any]) -> Brought:
    external_id = str(row["id"])
    if not 0 < len(external_id) <= ID_MAX or "\x00" in external_id:
        raise _wrong("id", f"1 to {ID_MAX} characters.")
    return Brought(
        external_id=external_id,
        lang=checked_lang(row["lang"]),
        title=row["title"],
        body=row["body"],
        keywords=row.get("keywords") or (),
        topic=row.get("topic"),
        kind=Kind(row.get("kind") or Kind.HOWTO),
        audience=Audience(row.get("audience") or Audience.AGENTS),
    )


def _wrong(field: str, detail: str) -> BadInput:
    return BadInput(errors=(FieldError(field, detail),))

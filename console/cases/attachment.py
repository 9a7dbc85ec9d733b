"""Files of a case: which are taken, and what they are by their own bytes, whatever they are called."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

import msgspec

from console.errors import BadInput, FieldError

BYTES_MAX = 10 << 20
"""10 MiB: a photograph of a phone, a scanned letter; larger ones belong on a file server."""
CASE_BYTES_MAX = 200 << 20
"""Of one case together, so that no case makes the database's copies slow."""
NAME_MAX = 200
_TEXT_LOOKED_AT = 4096
_OCTETS = "application/octet-stream"
"""What a sender says that does not know."""


class BadFile(BadInput):
    """This file is not taken."""

    type = "bad-file"


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `attachment`, without its content."""

    id: str
    case: str
    name: str
    media_type: str
    bytes: int
    by: str | None
    at: datetime


class Kind(msgspec.Struct, frozen=True):
    """A type that is taken; other names by which senders call it, and what its files' names end in."""

    media_type: str
    endings: tuple[str, ...]
    also: tuple[str, ...] = ()


PDF = Kind("application/pdf", (".pdf",))
PNG = Kind("image/png", (".png",))
JPEG = Kind("image/jpeg", (".jpg", ".jpeg"), ("image/jpg",))
GIF = Kind("image/gif", (".gif",))
WEBP = Kind("image/webp", (".webp",))
HEIC = Kind("image/heic", (".heic", ".heif"), ("image/heif",))
MP3 = Kind("audio/mpeg", (".mp3",), ("audio/mp3",))
WAV = Kind("audio/wav", (".wav",), ("audio/x-wav", "audio/vnd.wave", "audio/wave"))
OGG = Kind("audio/ogg", (".ogg", ".oga", ".opus"), ("application/ogg", "audio/opus"))
MP4 = Kind("video/mp4", (".mp4", ".m4v", ".m4a"), ("audio/mp4", "audio/x-m4a"))
_OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX = Kind(f"{_OFFICE}wordprocessingml.document", (".docx",))
XLSX = Kind(f"{_OFFICE}spreadsheetml.sheet", (".xlsx",))
PPTX = Kind(f"{_OFFICE}presentationml.presentation", (".pptx",))
ODT = Kind("application/vnd.oasis.opendocument.text", (".odt",))
ODS = Kind("application/vnd.oasis.opendocument.spreadsheet", (".ods",))
TEXT = Kind("text/plain", (".txt", ".log", ".md"), ("text/markdown", "text/x-log"))
CSV = Kind("text/csv", (".csv",), ("application/vnd.ms-excel", "text/plain"))
JSON = Kind("application/json", (".json",), ("text/plain", "text/json"))
MAIL = Kind("message/rfc822", (".eml",), ("text/plain",))

TEXTS = (TEXT, CSV, JSON, MAIL)
"""Told apart by their names alone: each is plain text."""
_ENDINGS = sorted(
    ending
    for kind in (PDF, PNG, JPEG, GIF, WEBP, HEIC, MP3, WAV, OGG, MP4, DOCX, XLSX, PPTX, ODT, ODS, *TEXTS)
    for ending in kind.endings
)

_BEGINS: tuple[tuple[bytes, Kind], ...] = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"OggS", OGG),
    (b"ID3", MP3),
)
_HEIC_BRANDS = {b"heic", b"heix", b"heif", b"mif1", b"msf1", b"hevc"}
_PARTS = {"word/": DOCX, "xl/": XLSX, "ppt/": PPTX}
_OPEN_DOCUMENTS = {ODT.media_type: ODT, ODS.media_type: ODS}
_MARKUP = (b"<!doctype", b"<html", b"<script", b"<svg", b"<?xml", b"<head", b"<body", b"<iframe")


def kind_of(name: str, claimed: str | None, content: bytes) -> Kind:
    """What the file is. Raises BadInput for one that is empty, too large, of no kind that is taken, or not what it says."""
    if not content:
        raise _wrong("The file is empty.")
    if len(content) > BYTES_MAX:
        raise _wrong(f"The file is larger than {BYTES_MAX >> 20} MiB.")
    ending = ("." + name.rpartition(".")[2].lower()) if "." in name else ""
    kind = _by_content(content) or _text(ending, content)
    if kind is None:
        raise _wrong(f"Not a kind of file that is taken: {', '.join(_ENDINGS)}.")
    if ending not in kind.endings:
        raise _wrong(f"Its name ends in {ending or 'nothing'}, but it is {kind.media_type}: {', '.join(kind.endings)}.")
    said = (claimed or "").partition(";")[0].strip().lower()
    if said and said not in (_OCTETS, kind.media_type, *kind.also):
        raise _wrong(f"It was sent as {said}, but it is {kind.media_type}.")
    return kind


def file_name(text: str) -> str:
    """The name without the folders some browsers send, and what no file is called. Raises BadInput."""
    name = text.replace("\\", "/").rpartition("/")[2].strip().strip(".")
    if not name or len(name) > NAME_MAX or any(not letter.isprintable() for letter in name):
        raise _wrong(f"A file's name of 1 to {NAME_MAX} letters that can be printed.")
    return name


def _by_content(content: bytes) -> Kind | None:
    for begin, kind in _BEGINS:
        if content.startswith(begin):
            return kind
    if content[:4] == b"RIFF":
        return {b"WEBP": WEBP, b"WAVE": WAV}.get(content[8:12])
    if content[4:8] == b"ftyp":
        return HEIC if content[8:12] in _HEIC_BRANDS else MP4
    if content[:2] in (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"):
        return MP3
    return _document(content) if content.startswith(b"PK\x03\x04") else None


def _document(content: bytes) -> Kind | None:
    """Of an office; a folder of anything else that was packed is not taken, since nobody sees what is in it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            names = packed.namelist()
            if "[Content_Types].xml" in names and not any(name.endswith("vbaProject.bin") for name in names):
                return next((kind for part, kind in _PARTS.items() if any(n.startswith(part) for n in names)), None)
            if names and names[0] == "mimetype" and packed.getinfo("mimetype").file_size < 100:
                return _OPEN_DOCUMENTS.get(packed.read("mimetype").decode("ascii", "replace"))
    except (zipfile.BadZipFile, RuntimeError, ValueError, OSError, EOFError):
        return None
    return None


def _text(ending: str, content: bytes) -> Kind | None:
    """Plain text in UTF-8, which is no markup that a browser would run."""
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if any(byte < 32 and byte not in b"\t\n\r\f" for byte in content) or 127 in content:
        return None
    begin = content[:_TEXT_LOOKED_AT].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if begin.startswith(_MARKUP):
        return None
    return next((kind for kind in TEXTS if ending in kind.endings), TEXT)


def _wrong(detail: str) -> BadFile:
    return BadFile(detail, errors=(FieldError("file", detail),))

"""What kind of picture some bytes are, by the bytes themselves; never by a name or by what a browser says."""

from __future__ import annotations

import struct

import msgspec

from console.errors import BadInput, FieldError

PICTURE_BYTES_MAX = 900_000
"""Less than the largest request; a photograph of a router fits."""
SIDE_MAX = 6_000

_JPEG_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})


class Picture(msgspec.Struct, frozen=True):
    media_type: str
    width: int
    height: int


def sniffed(content: bytes) -> Picture:
    """Raises BadInput for what is too large, or is neither PNG, JPEG, GIF nor WebP. SVG can hold scripts: it is not taken."""
    if len(content) > PICTURE_BYTES_MAX:
        raise _wrong(f"At most {PICTURE_BYTES_MAX // 1000} kB.")
    try:
        found = _read(content)
    except (struct.error, IndexError):
        found = None
    if found is None:
        raise _wrong("A picture: PNG, JPEG, GIF or WebP.")
    if not (0 < found.width <= SIDE_MAX and 0 < found.height <= SIDE_MAX):
        raise _wrong(f"At most {SIDE_MAX} points wide and high.")
    return found


def _wrong(detail: str) -> BadInput:
    return BadInput(errors=(FieldError("image", detail),))


def _read(content: bytes) -> Picture | None:
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR":
        return Picture("image/png", *struct.unpack(">II", content[16:24]))
    if content.startswith((b"GIF87a", b"GIF89a")):
        return Picture("image/gif", *struct.unpack("<HH", content[6:10]))
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return _webp(content)
    if content.startswith(b"\xff\xd8\xff"):
        return _jpeg(content)
    return None


def _jpeg(content: bytes) -> Picture | None:
    """The first frame's size; markers before it are stepped over (ITU T.81, B.1.1)."""
    at = 2
    while at + 9 < len(content):
        if content[at] != 0xFF:
            return None
        marker = content[at + 1]
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return Picture("image/jpeg", width, height)
        if marker == 0xFF:
            at += 1
        elif marker == 0x01 or 0xD0 <= marker <= 0xD7:
            at += 2
        else:
            at += 2 + int(struct.unpack(">H", content[at + 2 : at + 4])[0])
    return None


def _webp(content: bytes) -> Picture | None:
    match content[12:16]:
        case b"VP8X":
            width = int.from_bytes(content[24:27], "little") + 1
            height = int.from_bytes(content[27:30], "little") + 1
        case b"VP8L":
            bits = int(struct.unpack("<I", content[21:25])[0])
            width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            width, height = (side & 0x3FFF for side in struct.unpack("<HH", content[26:30]))
        case _:
            return None
    return Picture("image/webp", width, height)

"""What a file is by its bytes, whatever it is called."""

from __future__ import annotations

import io
import zipfile

import pytest

from console.cases.attachment import BYTES_MAX, file_name, kind_of
from console.errors import BadInput

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
PDF = b"%PDF-1.7\n%\xe2\xe3"
HTML = b"\xef\xbb\xbf  <!DOCTYPE html><script>alert(1)</script>"


def packed(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "claimed", "content", "kind"),
    [
        ("meter.PNG", "image/png", PNG, "image/png"),
        ("bill.pdf", None, PDF, "application/pdf"),
        ("bill.pdf", "application/octet-stream", PDF, "application/pdf"),
        ("photo.jpeg", "image/jpg", b"\xff\xd8\xff\xe0" + bytes(9), "image/jpeg"),
        ("photo.webp", "image/webp", b"RIFF1234WEBPVP8 ", "image/webp"),
        ("voice.m4a", "audio/mp4", b"\0\0\0\x20ftypM4A ", "video/mp4"),
        ("лист.txt", "text/plain; charset=utf-8", "Доброго дня".encode(), "text/plain"),
        ("usage.csv", "application/vnd.ms-excel", b"a,b\r\n1,2\r\n", "text/csv"),
        (
            "contract.docx",
            None,
            packed("[Content_Types].xml", "word/document.xml"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
    ],
)
def test_a_file_that_is_what_it_says_is_taken(name: str, claimed: str | None, content: bytes, kind: str) -> None:
    assert kind_of(name, claimed, content).media_type == kind


@pytest.mark.parametrize(
    ("name", "claimed", "content", "word"),
    [
        ("cat.png", "image/png", HTML, "kind of file"),
        ("bill.pdf", "application/pdf", PNG, "image/png"),
        ("bill.pdf", "image/png", PDF, "sent as image/png"),
        ("notes.txt", "text/plain", HTML, "kind of file"),
        ("drawing.svg", "image/svg+xml", b"<svg onload='alert(1)'/>", "kind of file"),
        ("setup.txt", None, b"MZ\x90\x00\x03", "kind of file"),
        ("notes", "text/plain", b"hello", "ends in nothing"),
        ("tools.docx", None, packed("run.exe"), "kind of file"),
        ("macro.docx", None, packed("[Content_Types].xml", "word/vbaProject.bin"), "kind of file"),
        ("broken.docx", None, b"PK\x03\x04 and no more", "kind of file"),
        ("empty.txt", None, b"", "empty"),
        ("big.txt", None, b"x" * (BYTES_MAX + 1), "larger"),
    ],
)
def test_a_file_that_lies_about_its_kind_is_refused(name: str, claimed: str | None, content: bytes, word: str) -> None:
    with pytest.raises(BadInput, match=word):
        kind_of(name, claimed, content)


def test_a_name_loses_its_folders_and_may_not_hold_what_cannot_be_printed() -> None:
    assert file_name("C:\\fakepath\\..\\bill.pdf") == file_name("/etc/bill.pdf") == "bill.pdf"
    for bad in ("", "..", "a\nb.txt", "a\u202egnp.exe", "x" * 300):
        with pytest.raises(BadInput):
            file_name(bad)

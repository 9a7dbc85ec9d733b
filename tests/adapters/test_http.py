"""The line to other systems, against a real one."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator

import pytest

from adapters.systems.http import Http
from tests.adapters.other_system import OtherSystem, ok, other_system


@pytest.fixture
async def line() -> AsyncIterator[Http]:
    line = Http()
    yield line
    await line.close()


@pytest.fixture
async def system() -> AsyncIterator[OtherSystem]:
    async with other_system() as system:
        yield system


async def test_a_system_is_told_and_its_answer_read(line: Http, system: OtherSystem) -> None:
    system.answers = lambda _: ok(b'{"light":"loss"}')

    answer = await line.ask(system.url, b'{"phone":"+44"}', token="secret", key="1", longest=100)

    assert answer == (200, b'{"light":"loss"}')
    [asked] = system.asked
    assert (asked.path, asked.body) == ("/test", {"phone": "+44"})
    assert (asked.headers["authorization"], asked.headers["idempotency-key"]) == ("Bearer secret", "1")


async def test_a_redirect_is_an_answer_and_not_followed(line: Http, system: OtherSystem) -> None:
    system.answers = lambda _: ok(b"", "302 Found", "Location: /elsewhere")

    status, _ = await line.ask(system.url, b"{}", token="secret", key="1", longest=100)

    assert status == 302
    assert len(system.asked) == 1


async def test_no_more_is_read_than_is_taken_and_nothing_is_unpacked(line: Http, system: OtherSystem) -> None:
    system.answers = lambda _: ok(gzip.compress(b"x" * 1_000_000), "200 OK", "Content-Encoding: gzip")

    _, packed = await line.ask(system.url, b"{}", token=None, key="1", longest=64)

    assert len(packed) == 64
    assert packed[:2] == b"\x1f\x8b"


@pytest.mark.parametrize("token", ["no\nheader", "не-заголовок"])
async def test_what_goes_wrong_is_told_without_the_token(line: Http, system: OtherSystem, token: str) -> None:
    with pytest.raises(ConnectionError) as failed:
        await line.ask(system.url, b"{}", token=token, key="1", longest=64)

    assert token not in repr(failed.value)
    assert failed.value.__cause__ is None


async def test_a_system_that_is_not_there_cannot_be_reached(line: Http) -> None:
    with pytest.raises(ConnectionError):
        await line.ask("http://127.0.0.1:1/", b"{}", token=None, key="1", longest=64)

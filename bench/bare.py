"""A server with nothing in it, as a floor for the console's: it answers, and it says something on sockets.

python bench/bare.py PORT    serves until it is ended
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import uvicorn

PAGE = """<!doctype html><title>Floor</title><script src="/floor.js"></script>
<table><tbody>{rows}</tbody></table>"""
SCRIPT = """new WebSocket(`ws://${location.host}/floor/stream`).onmessage = ({data}) => {
  const {id, text} = JSON.parse(data);
  document.getElementById(id).textContent = text;
};"""


class Bare:
    """`pages` are answered by path, `static` is a directory; `/say?bytes=B&every=S` is a socket that keeps saying.

    Every other socket waits until `pour` is given frames, says them all, and stays open.
    """

    def __init__(self, pages: dict[str, tuple[str, bytes]] | None = None, static: Path | None = None) -> None:
        self.pages = pages or {}
        self._static = static
        self._poured: asyncio.Queue[list[str]] = asyncio.Queue()

    def pour(self, frames: list[str]) -> None:
        self._poured.put_nowait(frames)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        match scope["type"]:
            case "http":
                await self._answer(scope, send)
            case "websocket":
                await receive()
                await send({"type": "websocket.accept"})
                await self._speak(scope, receive, send)
            case _:
                await receive()

    async def _answer(self, scope: Any, send: Any) -> None:
        kind, body = self._page(scope["path"], dict(parse_qsl(scope["query_string"].decode())))
        headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200 if body else 404, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _page(self, path: str, asked: dict[str, str]) -> tuple[str, bytes]:
        if path == "/bytes":
            return "text/html", b"x" * int(asked["n"])
        if path.startswith("/static/") and self._static:
            kinds = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
            file = self._static / path.removeprefix("/static/")
            return kinds.get(file.suffix, "application/octet-stream"), file.read_bytes()
        return self.pages.get(path, ("text/plain", b""))

    async def _speak(self, scope: Any, receive: Any, send: Any) -> None:
        gone = asyncio.ensure_future(_until_gone(receive))
        speaking = asyncio.ensure_future(self._say(scope, send))
        await asyncio.wait([gone, speaking], return_when=asyncio.FIRST_COMPLETED)
        for task in (gone, speaking):
            task.cancel()
        await asyncio.gather(gone, speaking, return_exceptions=True)

    async def _say(self, scope: Any, send: Any) -> None:
        if scope["path"] == "/say":
            asked = dict(parse_qsl(scope["query_string"].decode()))
            text, every_s = "x" * int(float(asked["bytes"])), float(asked["every"])
            while True:
                await asyncio.sleep(every_s)
                await send({"type": "websocket.send", "text": text})
        while True:
            for frame in await self._poured.get():
                await send({"type": "websocket.send", "text": frame})


async def _until_gone(receive: Any) -> None:
    while (await receive())["type"] != "websocket.disconnect":
        pass


if __name__ == "__main__":
    uvicorn.run(Bare(), port=int(sys.argv[1]), log_config=None, access_log=False)

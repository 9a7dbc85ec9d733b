"""ARI's REST side: one request at a time, and what its answers mean."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx
import msgspec

from console.telephony import PhoneSystemUnreachable

TIMEOUT_S = 4.0
"""A healthy switch answers in milliseconds; the order that waits for it has 5 s."""

BODY_BYTES_MAX = 32 << 20
"""GET /channels of 20,000 channels is about 14 MiB."""


class Reply(msgspec.Struct, frozen=True):
    status: int
    body: bytes

    @property
    def ok(self) -> bool:
        return self.status < 300

    @property
    def detail(self) -> str:
        """What Asterisk says of a refusal (`{"message": …}`), bounded."""
        return f"{self.status} {self.body[:200].decode('utf-8', 'replace')}".strip()


class Rest:
    """Requests to one Asterisk."""

    def __init__(self, url: str, user: str, secret: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=f"{url.rstrip('/')}/ari", auth=httpx.BasicAuth(user, secret), timeout=TIMEOUT_S, trust_env=False
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def ask(self, method: str, *path: str, body: Any = None, **query: str | int) -> Reply:
        """Ask, and read the answer, whatever its status.

        Raises PhoneSystemUnreachable where there is none, where it says so itself (502, 503, 504), and where it
        does not know us (401, 403): that is its operator's to mend, and the order will be tried again.
        """
        address = "/" + "/".join(quote(part, safe="") for part in path)
        try:
            async with self._http.stream(method, address, params=query, json=body) as response:
                reply = Reply(response.status_code, await _read(response))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise PhoneSystemUnreachable(f"{method} {address}: {error or type(error).__name__}") from error
        if reply.status in (401, 403, 502, 503, 504):
            raise PhoneSystemUnreachable(f"{method} {address}: {reply.detail}")
        return reply


async def _read(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            raise httpx.DecodingError(f"an answer of more than {BODY_BYTES_MAX} bytes")
    return bytes(body)

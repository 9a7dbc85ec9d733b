"""Other systems by HTTP: a JSON object is posted, and a JSON object answers.

Certificates are checked, redirects are answers, proxies of the environment are not asked, and nothing that is told here
holds the token.
"""

from __future__ import annotations

import httpx

TIMEOUT_S = 30.0
"""Of each wait for the net; nobody is given as long as that for the whole."""


class Http:
    """The line to all of them; the time that each has is the caller's to keep."""

    def __init__(self) -> None:
        self._http = httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=TIMEOUT_S)

    async def close(self) -> None:
        await self._http.aclose()

    async def ask(self, url: str, body: bytes, *, token: str | None, key: str, longest: int) -> tuple[int, bytes]:
        """The status and the answer, of which no more is read than `longest`. Raises ConnectionError.

        `key` is the same for the same question, should it come twice.
        """
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Idempotency-Key": key,
        }
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        try:
            async with self._http.stream("POST", url, content=body, headers=headers) as response:
                return response.status_code, await _read(response, longest)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise ConnectionError(type(error).__name__) from None


async def _read(response: httpx.Response, longest: int) -> bytes:
    """As it came: what is packed could be a thousand times as long."""
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) >= longest:
            break
    return bytes(body[:longest])

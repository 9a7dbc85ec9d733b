"""The header `Idempotency-Key` of a request that creates something."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from litestar import Request

from console.errors import BadInput, FieldError
from console.people.who import Principal
from console.services.idempotency import Once

HEADER = "Idempotency-Key"
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


async def once(request: Request[Any, Any, Any], who: Principal) -> Once | None:
    """The request as one that is done once, or None where it bears no key.

    Raises BadInput for a key that is none.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        detail = "1 to 255 printable ASCII characters without spaces; a UUID is a good one."
        raise BadInput(errors=(FieldError(HEADER, detail),))
    principal = f"user:{who.username}" if who.username else f"integration:{who.integration}"
    route = f"{request.method} {request.url.path}"
    return Once(principal=principal, route=route, key=key, body_hash=hashlib.sha256(await request.body()).digest())

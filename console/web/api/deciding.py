"""What an agent's word to the router is answered with."""

from __future__ import annotations

from litestar import Response

from console.services.deciding import Outcome

DONE = 204
TAKEN = 202


def answer(outcome: Outcome) -> Response[None]:
    """204 when the router has done it; 202 when it has not answered in time: the fact is kept, the stream will tell."""
    return Response(None, status_code=DONE if outcome == "done" else TAKEN)

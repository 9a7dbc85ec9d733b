"""The API under one roof: `/api/v1`, for whoever is signed in."""

from __future__ import annotations

from litestar import Router

from console.web.api import (
    calls,
    case_parts,
    cases,
    clocks,
    config,
    customers,
    handover,
    kb,
    kb_authors,
    offers,
    people,
    script_authors,
    scripts,
    stream,
    telephony,
    work,
)
from console.web.auth import signed_in
from console.web.body import StrictRequest

PREFIX = "/api/v1"

commands = Router(
    "/",
    route_handlers=[
        *people.routes,
        *offers.routes,
        *work.routes,
        *calls.routes,
        *cases.routes,
        *case_parts.routes,
        *clocks.routes,
        *customers.routes,
        *handover.routes,
        *kb.routes,
        *kb_authors.routes,
        *scripts.routes,
        *script_authors.routes,
        *config.routes,
    ],
    guards=[signed_in],
)
routes = Router(
    PREFIX,
    # Phone systems sign what they send, and a socket can say why it closes only once it is accepted:
    # these two ask by themselves who is there.
    route_handlers=[commands, *telephony.routes, *stream.routes],
    request_class=StrictRequest,
    tags=["api"],
)

"""The pages of knowledge under one roof."""

from __future__ import annotations

from litestar import Router
from litestar.exceptions import HTTPException

from console.errors import Refusal
from console.web.kb import reading, topics, writing
from console.web.pages import refused, refused_by_framework

routes = [
    Router(
        path="/",
        route_handlers=[*reading.routes, *topics.routes, *writing.routes],
        exception_handlers={Refusal: refused, HTTPException: refused_by_framework},
        include_in_schema=False,
    )
]

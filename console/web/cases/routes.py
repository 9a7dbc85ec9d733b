"""The pages of cases and customers under one roof."""

from __future__ import annotations

from litestar import Router
from litestar.exceptions import HTTPException

from console.errors import Refusal
from console.web.cases import lists, pages
from console.web.pages import refused, refused_by_framework

routes = [
    Router(
        path="/",
        route_handlers=[*lists.routes, *pages.routes],
        exception_handlers={Refusal: refused, HTTPException: refused_by_framework},
        include_in_schema=False,
    )
]

"""The web application: pages, sockets and API in one."""

from __future__ import annotations

import re
import time
from typing import Any

from litestar import Litestar, Request
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, YamlRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.types import LifeSpanReceive, LifeSpanScope, LifeSpanSend, Receive, Scope, Send

from console.errors import NotSignedIn, Refusal
from console.people.who import Principal
from console.services.context import Context
from console.web import health
from console.web import metrics as figures
from console.web.api import routes as api
from console.web.auth import CSRF_HEADER, SESSION_COOKIE, Authentication, own_page
from console.web.cases import routes as case_pages
from console.web.desk import routes as desk
from console.web.errors import answer_accident, answer_http, answer_refusal
from console.web.kb import routes as kb_pages
from console.web.limits import BODY_BYTES_MAX, security_headers
from console.web.scripts import routes as scripts
from console.web.supervisor import routes as supervisor

_CALL_PATH = re.compile(rf"(?P<before>{re.escape(api.PREFIX)}/calls/)(?P<call>.+?)(?P<after>(?:/consult)?/[a-z]+)")


class Application(Litestar):
    """Litestar, told first what it cannot know of paths."""

    async def __call__(
        self,
        scope: Scope | LifeSpanScope,
        receive: Receive | LifeSpanReceive,
        send: Send | LifeSpanSend,
    ) -> None:
        if scope["type"] != "lifespan":
            scope.setdefault("state", {})["began"] = time.perf_counter()
            scope["path"] = one_segment(scope["path"])
        await super().__call__(scope, receive, send)


def one_segment(path: str) -> str:
    """The path with a call's name as one segment: its source may be a path itself (`/pbx/main:42`).

    NUL, which neither files nor PostgreSQL know, becomes a sign that means nothing anywhere.
    """
    path = path.replace("\x00", "\ufffd")
    found = _CALL_PATH.fullmatch(path)
    return found["before"] + found["call"].replace("/", "%2F") + found["after"] if found else path


def create_app(ctx: Context) -> Litestar:
    """The application over an open database; whoever builds the context also closes it."""
    metrics = figures.Metrics()

    async def give_ctx() -> Context:
        return ctx

    async def give_metrics() -> figures.Metrics:
        return metrics

    return Application(
        route_handlers=[
            api.routes,
            *health.routes,
            *figures.routes,
            *desk.routes,
            *case_pages.routes,
            *kb_pages.routes,
            *supervisor.routes,
            *scripts.routes,
        ],
        dependencies={"ctx": Provide(give_ctx), "metrics": Provide(give_metrics), "who": Provide(give_who)},
        middleware=[Authentication(ctx)],
        guards=[own_page],
        before_send=[security_headers(ctx.public_url), metrics.observe],
        exception_handlers={Refusal: answer_refusal, HTTPException: answer_http, Exception: answer_accident},
        request_max_body_size=BODY_BYTES_MAX,
        openapi_config=_openapi(),
        state=State({"ctx": ctx}),
        logging_config=None,
        debug=False,
    )


async def give_who(request: Request[Any, Any, Any]) -> Principal:
    """Who asks. Raises NotSignedIn where that is nobody."""
    if request.user is None:
        raise NotSignedIn
    who: Principal = request.user
    return who


def _openapi() -> OpenAPIConfig:
    """As JSON and YAML: a page that draws it would load its programs from elsewhere, which our policy forbids."""
    return OpenAPIConfig(
        title="Console",
        version="1",
        description="The API of a contact-centre console. Errors are application/problem+json with a stable `type`.",
        path="/schema",
        use_handler_docstrings=True,
        render_plugins=[JsonRenderPlugin(path=["/", "/openapi.json"]), YamlRenderPlugin(path="/openapi.yaml")],
        components=Components(
            security_schemes={
                "bearer": SecurityScheme(type="http", scheme="bearer"),
                "session": SecurityScheme(
                    type="apiKey",
                    security_scheme_in="cookie",
                    name=SESSION_COOKIE,
                    description=f"A browser's session; its writes also carry the header {CSRF_HEADER}.",
                ),
            }
        ),
        security=[{"bearer": []}, {"session": []}],
    )

"""The configuration: what is in force, and putting another in its place. As `console export` and `console apply`."""

from __future__ import annotations

from dataclasses import dataclass

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import FromQuery

from console.errors import BadInput, FieldError
from console.people.permissions import Permission
from console.people.who import Principal
from console.services import configuration
from console.services.context import Context
from console.web.auth import may
from console.web.body import StrictRequest

YAML = "application/yaml"
YAML_KINDS = (YAML, "application/x-yaml", "text/yaml", "text/x-yaml")
"""The registered name, and those in use before it was."""


@dataclass
class TakesYaml(Operation):
    """What the schema says of a body that is read here and not by the framework."""

    def __post_init__(self) -> None:
        text = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))
        self.request_body = RequestBody(content={YAML: text}, required=True)


@get("/config", media_type=YAML, guards=[may(Permission.CONFIGURE)])
async def export(ctx: NamedDependency[Context], who: NamedDependency[Principal]) -> Response[str]:
    """The configuration in force, as a file that could be applied again."""
    return Response(await configuration.export(ctx, who), media_type=YAML)


@post("/config", status_code=200, guards=[may(Permission.CONFIGURE)], operation_class=TakesYaml)
async def apply(
    ctx: NamedDependency[Context],
    who: NamedDependency[Principal],
    request: StrictRequest,
    dry_run: FromQuery[bool] = False,
) -> configuration.Applied:
    """Make the configuration equal to the file in the body; `?dry_run=true` only tells the difference."""
    request.must_be(*YAML_KINDS)
    try:
        text = (await request.body()).decode()
    except UnicodeDecodeError as error:
        raise BadInput(errors=(FieldError("body", f"This is no UTF-8: {error.reason}."),)) from None
    return await configuration.apply(ctx, who, text=text, dry_run=dry_run)


routes = [export, apply]

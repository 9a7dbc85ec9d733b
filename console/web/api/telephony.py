"""Events of phone systems, as CloudEvents (contract, section 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType

from console.errors import BadInput, NotSignedIn
from console.people.permissions import Permission, require
from console.services import call_events
from console.services.call_events import Received
from console.services.context import Context
from console.telephony.cloudevents import BATCH, SINGLE
from console.telephony.signature import Signed
from console.web.body import StrictRequest
from console.web.errors import PROBLEM_JSON

SIGNATURE = "webhook-signature"


@dataclass
class TakesEvents(Operation):
    """What the schema says of a body that is read here and not by the framework."""

    def __post_init__(self) -> None:
        one = OpenAPIMediaType(schema=Schema(type=OpenAPIType.OBJECT))
        several = OpenAPIMediaType(schema=Schema(type=OpenAPIType.ARRAY, items=one.schema))
        self.request_body = RequestBody(content={SINGLE: one, BATCH: several}, required=True)


@post("/telephony/events", status_code=202, operation_class=TakesEvents)
async def take(ctx: NamedDependency[Context], request: StrictRequest) -> Response[dict[str, Any]]:
    """Signed as Standard Webhooks, or with a bearer token of scope telephony. 202 when the events are durable."""
    if request.user is not None:
        require(request.user, Permission.TELL_CALLS)
    elif "authorization" in request.headers or SIGNATURE not in request.headers:
        raise NotSignedIn
    request.must_be(SINGLE, BATCH, silence=False)
    body, kind = await request.body(), request.content_type[0]
    if request.user is not None:
        received = await call_events.receive(ctx, request.user, body=body, content_type=kind)
    else:
        signed = Signed(request.headers, body)
        received = await call_events.receive_signed(ctx, signed, body=body, content_type=kind)
    return _answer(received)


def _answer(received: Received) -> Response[dict[str, Any]]:
    counted = {"accepted": received.accepted, "duplicates": received.duplicates}
    if not received.errors:
        return Response(counted, status_code=202)
    problem = {
        "type": BadInput.type,
        "title": "Bad input",
        "status": 400,
        "detail": "Some events are not as they must be; the others are kept.",
        **counted,
        "errors": received.errors,
    }
    return Response(problem, status_code=400, media_type=PROBLEM_JSON)


routes = [take]

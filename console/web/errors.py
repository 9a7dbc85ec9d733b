"""Every refusal and every accident becomes `application/problem+json` (RFC 9457) with a stable `type`.

A refusal tells the caller what was wrong, where, and what would be right. An accident tells only its
request id, under which the log has the rest.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.types import Scope

from console.errors import BadInput, FieldError, Refusal
from console.ids import new_id

log = structlog.get_logger(__name__)

PROBLEM_JSON = "application/problem+json"

HTTP_TYPES = {
    400: "bad-input",
    401: "not-signed-in",
    403: "not-allowed",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    415: "unsupported-media-type",
}
"""Types of the problems that the framework itself finds; where the console has a refusal for it, the same word."""

RETRY_AFTER_S = {429: 60, 503: 1}
CHALLENGE = 'Bearer realm="console"'


class UnsupportedMediaType(Refusal):
    """The body is of a kind that is not taken here."""

    status = 415
    type = "unsupported-media-type"


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of every answer that is not a success."""

    type: str
    title: str
    status: int
    detail: str
    errors: tuple[FieldError, ...] = ()
    request_id: str | None = None
    """Of an accident: its name in the log."""


AnyRequest = Request[Any, Any, Any]


def request_id(scope: Scope) -> str:
    """The request's name in the log; the same however often it is asked for."""
    return str(scope["state"].setdefault("request_id", new_id()))


def answer_refusal(_: AnyRequest, refusal: Refusal) -> Response[Problem]:
    return _answer(
        Problem(
            type=refusal.type,
            title=_title(refusal.type),
            status=refusal.status,
            detail=refusal.detail,
            errors=refusal.errors,
        ),
        _retry_after(refusal),
    )


def answer_http(request: AnyRequest, error: HTTPException) -> Response[Problem]:
    """What the framework refused: no such path, a wrong method, a body too large, a query that does not fit."""
    if error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return answer_accident(request, error)
    kind = HTTP_TYPES.get(error.status_code, "refused")
    problem = Problem(
        type=kind,
        title=_title(kind),
        status=error.status_code,
        detail=_http_detail(error),
        errors=_http_errors(error),
    )
    return _answer(problem, error.headers)


def answer_accident(request: AnyRequest, error: Exception) -> Response[Problem]:
    """A bug or an outage: the caller learns its name, the log the rest."""
    name = request_id(request.scope)
    log.error("request_failed", request_id=name, method=request.method, path=request.url.path, exc_info=error)
    problem = Problem(
        type="internal-error",
        title="Internal error",
        status=500,
        detail="Something went wrong here; the operator finds it in the log under this request_id.",
        request_id=name,
    )
    return _answer(problem)


def _answer(problem: Problem, headers: dict[str, str] | None = None) -> Response[Problem]:
    headers = dict(headers or {})
    if problem.status in RETRY_AFTER_S:
        headers.setdefault("Retry-After", str(RETRY_AFTER_S[problem.status]))
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = CHALLENGE
    return Response(problem, status_code=problem.status, media_type=PROBLEM_JSON, headers=headers)


def _retry_after(refusal: Refusal) -> dict[str, str]:
    """Where the refusal itself knows how long it will stand."""
    seconds = getattr(refusal, "retry_after_s", None)
    return {} if seconds is None else {"Retry-After": str(seconds)}


def _title(kind: str) -> str:
    return kind.replace("-", " ").capitalize()


def _http_detail(error: HTTPException) -> str:
    match error.status_code:
        case 400 if isinstance(error.extra, list):
            return BadInput.__doc__ or ""
        case 404:
            return "There is nothing at this address."
        case 405:
            return "This address does not take this method."
        case 413:
            return "The request is larger than the limit of 1 MiB."
        case _:
            return error.detail


def _http_errors(error: HTTPException) -> tuple[FieldError, ...]:
    if error.status_code != HTTPStatus.BAD_REQUEST or not isinstance(error.extra, list):
        return ()
    return tuple(
        FieldError(field=str(found.get("key", "request")), detail=plain(str(found.get("message", ""))))
        for found in error.extra
        if isinstance(found, dict)
    )


# --- what msgspec says, in the words of the caller --------------------------------------------------------------------

_AT = re.compile(r" - at (?:`key` in )?`\$\.?(?P<path>.*)`$")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>[^`]*)`")
_MISSING = re.compile(r"Object missing required field `(?P<name>[^`]*)`")
_WORDS = {
    "object of length": "object with entries",
    "array of length": "list with entries",
}


def field_error(message: str) -> FieldError:
    """The field and the fault, of a message of msgspec (`Expected ... - at `$.customer.phone``)."""
    at = _AT.search(message)
    path = at["path"].replace("[...]", "") if at else ""
    said = message[: at.start()] if at else message
    if found := _UNKNOWN.search(said):
        return FieldError(_join(path, found["name"]), "There is no such field here.")
    if found := _MISSING.search(said):
        return FieldError(_join(path, found["name"]), "Required, and missing.")
    return FieldError(path or "body", plain(said))


def plain(said: str) -> str:
    """A message of msgspec as a sentence without its quoting."""
    if "matching regex" in said:
        return "Not in the form that is asked for here; control characters are never taken."
    text = said.split(" - at ", 1)[0].replace("`", "")
    for theirs, ours in _WORDS.items():
        text = text.replace(theirs, ours)
    return text if text.endswith(".") else text + "."


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name

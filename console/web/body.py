"""Bodies, read strictly: into the struct that a handler names as `data`, or refused with the field that is wrong.

The framework alone would take `"5"` for 5 and lose the names of unknown fields.
"""

from __future__ import annotations

from functools import cache
from typing import Any, get_args

import msgspec
from litestar import Request

from console.errors import BadInput, FieldError
from console.web.errors import UnsupportedMediaType, field_error


class StrictRequest(Request[Any, Any, Any]):
    """A request whose JSON body is decoded straight into the handler's own type.

    An empty body is an empty object, so that `{reason?}` may be left out altogether.
    """

    async def json(self) -> Any:
        declared = self.route_handler.parsed_fn_signature.parameters.get("data")
        self.must_be("application/json")
        return decode(await self.body(), declared.annotation if declared else Any)

    async def body(self) -> bytes:
        # The framework asks for the bytes first, and would take an empty body for no body at all.
        return await super().body() or (b"{}" if "data" in self.route_handler.parsed_fn_signature.parameters else b"")

    def must_be(self, *kinds: str, silence: bool = True) -> None:
        """Raises UnsupportedMediaType where the request says it is of another kind; `silence`: or says nothing."""
        kind = self.content_type[0].lower()
        if kind not in kinds and (kind or not silence):
            raise UnsupportedMediaType(f"The body is {kind or 'of no kind'}; taken here: {', '.join(kinds)}.")


def decode(body: bytes, kind: Any) -> Any:
    """The body as a `kind`. Raises BadInput naming the field, and what would be right."""
    try:
        return _decoder(kind).decode(body)
    except msgspec.ValidationError as error:
        raise BadInput(errors=(_with_choices(field_error(str(error)), kind),)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(errors=(FieldError("body", f"This is no JSON: {error}."),)) from None


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def _with_choices(found: FieldError, kind: Any) -> FieldError:
    """Where a word was not one of several, name them."""
    if not found.detail.startswith("Invalid enum value"):
        return found
    choices = _choices(found.field.split("."), kind)
    return FieldError(found.field, f"{found.detail} Allowed: {', '.join(choices)}.") if choices else found


def _choices(path: list[str], kind: Any) -> list[str]:
    """The words that a field may hold, found by walking the types along its path."""
    for name in path:
        fields = _fields(kind)
        if name not in fields:
            return []
        kind = fields[name]
    inspected = msgspec.inspect.type_info(kind)
    options = inspected.types if isinstance(inspected, msgspec.inspect.UnionType) else (inspected,)
    found: list[str] = []
    for option in options:
        if isinstance(option, msgspec.inspect.LiteralType):
            found += [str(value) for value in option.values]
        elif isinstance(option, msgspec.inspect.EnumType):
            found += [str(member.value) for member in option.cls]
    return found


def _fields(kind: Any) -> dict[str, Any]:
    for candidate in (kind, *get_args(kind)):
        if isinstance(candidate, type) and issubclass(candidate, msgspec.Struct):
            return {field.encode_name: field.type for field in msgspec.structs.fields(candidate)}
    return {}

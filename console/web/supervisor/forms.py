"""What supervisors' forms may hold."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from litestar.enums import RequestEncodingType
from litestar.params import Body
from msgspec import Meta

from console.services.notices import TEXT_MAX
from console.services.presence import REASON_MAX
from console.web.limits import NO_CONTROLS, NO_NUL, Line, Name

State = Literal["available", "break", "training", "meeting", "away", "offline"]


class Reasoned(msgspec.Struct, frozen=True):
    reason: Annotated[str, Meta(min_length=1, max_length=REASON_MAX, pattern=NO_CONTROLS)]


class StateSet(Reasoned, frozen=True):
    state: State


class Words(msgspec.Struct, frozen=True):
    text: Annotated[str, Meta(min_length=1, max_length=TEXT_MAX, pattern=NO_NUL)]


class Assigned(msgspec.Struct, frozen=True):
    agent: Name
    reason: Line


class Moved(msgspec.Struct, frozen=True):
    queue: Name
    reason: Line


_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
ReasonForm = Annotated[Reasoned, _FORM]
StateForm = Annotated[StateSet, _FORM]
WordsForm = Annotated[Words, _FORM]
AssignForm = Annotated[Assigned, _FORM]
MoveForm = Annotated[Moved, _FORM]

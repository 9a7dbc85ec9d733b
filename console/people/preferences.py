"""How a person wants the console's pages: their own, kept with the user, the same on every browser."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

LANGUAGE_TAG = r"\A[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*\Z"


class Density(StrEnum):
    """How tall a row is."""

    COMFORTABLE = "comfortable"
    COMPACT = "compact"
    ROOMY = "roomy"


class Theme(StrEnum):
    """`system` follows the browser."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Preferences(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What holds until they say otherwise are the defaults; only what was said is kept."""

    language: Annotated[str, Meta(max_length=35, pattern=LANGUAGE_TAG)] | None = None
    """A language tag; None is the browser's."""
    density: Density = Density.COMFORTABLE
    theme: Theme = Theme.SYSTEM
    single_keys: bool = True
    """Whether a letter alone does something outside of fields; Alt and a letter always does."""
    ring_volume: Annotated[int, Meta(ge=10, le=100)] = 60
    """In percent. There is no silent ring: whoever is available is called."""
    message_sound: bool = False
    """Whether a supervisor's message is also heard; the three below say the same of what they are named after."""
    warning_sound: bool = False
    breach_sound: bool = False
    handover_sound: bool = False

    @property
    def sounds(self) -> tuple[str, ...]:
        """What is heard besides the ring."""
        heard = {
            "message": self.message_sound,
            "warning": self.warning_sound,
            "breach": self.breach_sound,
            "handover": self.handover_sound,
        }
        return tuple(name for name, wanted in heard.items() if wanted)

"""The note that is being written: saved while it is typed, by one person in one tab or in several."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `note_draft`."""

    text: str = ""
    outward: bool = False
    """Whether the customer is to read it."""
    version: int = 0
    """Grows with each saving, from the first one's millisecond on, so that no two drafts share one. A tab names the
    version from which it goes on."""
    saved_at: datetime
    tab: str | None = None
    """The browser's tab that saved it last."""
    rival: str | None = None
    """What a tab wrote that went on from an older version. The author says which of the two stays."""
    rival_at: datetime | None = None

    @property
    def empty(self) -> bool:
        return not self.text and self.rival is None


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """What a tab sends: the words, and the version from which they went on."""

    text: str
    outward: bool = False
    base: int = 0
    tab: str | None = None


def saved(before: Draft | None, typed: Typed, at: datetime) -> Draft:
    """The draft with what was typed.

    A tab that did not know what another had written meanwhile overwrites nothing: its words are kept as the rival.
    One whose own saving was done without its learning so goes on from it.
    """
    if before is None:
        version = int(at.timestamp() * 1000)
        return Draft(text=typed.text, outward=typed.outward, version=version, saved_at=at, tab=typed.tab)
    own = typed.base == before.version or (typed.tab is not None and typed.tab == before.tab)
    if not own and typed.text != before.text:
        return msgspec.structs.replace(before, rival=typed.text or None, rival_at=at if typed.text else None)
    return msgspec.structs.replace(
        before, text=typed.text, outward=typed.outward, version=before.version + 1, saved_at=at, tab=typed.tab
    )


def settled(draft: Draft, *, rival: bool, at: datetime) -> Draft:
    """The draft once the author has chosen between the two."""
    text = (draft.rival or "") if rival else draft.text
    return msgspec.structs.replace(
        draft, text=text, version=draft.version + 1, saved_at=at, tab=None, rival=None, rival_at=None
    )


def used(draft: Draft, text: str, *, at: datetime) -> Draft:
    """The draft once a note was made of `text`: of two texts the other is left."""
    left = [words for words in (draft.text, draft.rival) if words and words != text] if draft.rival else []
    return msgspec.structs.replace(
        draft, text="\n\n".join(left), version=draft.version + 1, saved_at=at, tab=None, rival=None, rival_at=None
    )

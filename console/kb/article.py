"""An article, its revisions, and the life of a revision."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

import msgspec

from console.errors import BadInput, Conflict, FieldError, NotAllowed

TITLE_MAX = 200
BODY_MAX = 100_000
"""Characters: some forty pages. What is longer is a book, and nobody reads one on a call."""
TITLE_OF_TEXT = 80
"""Characters of a text that stand for a title it came without."""
KEYWORDS_MAX = 30
KEYWORD_MAX = 60
NOTE_MAX = 500
TOPICS_DEEP = 8
"""Levels of the tree; more is a maze."""
REVIEWERS_MAX = 10

_LANG = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")


class State(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    PUBLISHED = "published"
    EXPIRED = "expired"
    ARCHIVED = "archived"


class Move(StrEnum):
    """What somebody does to a revision, or its time does."""

    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    APPROVE = "approve"
    """The last review that was asked for has approved it."""
    REJECT = "reject"
    """A reviewer wants changes."""
    PUBLISH = "publish"
    IMPORT = "import"
    """Published as it was brought in by the operator, who answers for its source."""
    EXPIRE = "expire"
    REPLACE = "replace"
    """A newer revision came into force."""
    ARCHIVE = "archive"


TRANSITIONS: dict[State, dict[Move, State]] = {
    State.DRAFT: {
        Move.SUBMIT: State.IN_REVIEW,
        Move.IMPORT: State.PUBLISHED,
        Move.ARCHIVE: State.ARCHIVED,
    },
    State.IN_REVIEW: {
        Move.WITHDRAW: State.DRAFT,
        Move.REJECT: State.DRAFT,
        Move.APPROVE: State.APPROVED,
        Move.ARCHIVE: State.ARCHIVED,
    },
    State.APPROVED: {
        # What was approved is what is published: a change of the text begins with its withdrawal.
        Move.WITHDRAW: State.DRAFT,
        Move.PUBLISH: State.PUBLISHED,
        Move.ARCHIVE: State.ARCHIVED,
    },
    State.PUBLISHED: {
        Move.EXPIRE: State.EXPIRED,
        Move.REPLACE: State.ARCHIVED,
        Move.ARCHIVE: State.ARCHIVED,
    },
    State.EXPIRED: {Move.REPLACE: State.ARCHIVED, Move.ARCHIVE: State.ARCHIVED},
    State.ARCHIVED: {},
}

OPEN = frozenset({State.DRAFT, State.IN_REVIEW, State.APPROVED})
"""Of which an article has one at most: the revision that is being worked on."""


class Kind(StrEnum):
    PROBLEM = "problem"
    HOWTO = "howto"
    QUESTION = "question"


class Audience(StrEnum):
    AGENTS = "agents"
    """For them alone."""
    CUSTOMERS = "customers"
    """May be sent to them as well."""


class Use(StrEnum):
    SHOWN = "shown"
    OPENED = "opened"
    USED = "used"
    SENT = "sent"
    HELPED = "helped"
    NOT_HELPED = "not_helped"


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """What an author writes: a revision's own."""

    title: str
    body: str
    keywords: tuple[str, ...] = ()
    audience: Audience = Audience.AGENTS
    note: str | None = None
    """What changed, in the author's words."""
    publish_at: datetime | None = None
    expires_at: datetime | None = None


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `article`."""

    id: str
    number: str
    lang: str
    original: str
    external_id: str | None = None
    topic: str | None = None
    kind: Kind = Kind.HOWTO
    published: int | None = None
    created_at: datetime
    created_by: str
    changed_at: datetime


class Revision(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `article_revision`."""

    article: str
    version: int
    title: str
    body: str
    plain: str
    keywords: tuple[str, ...]
    audience: Audience
    note: str | None
    state: State
    authors: tuple[str, ...]
    publish_at: datetime | None
    expires_at: datetime | None
    created_at: datetime
    saved_at: datetime
    saved_by: str
    saved: int
    published_at: datetime | None = None
    published_by: str | None = None
    of_original: int | None = None
    """Of a translation: the original's version that it says the same as."""

    @property
    def text(self) -> Text:
        return Text(
            title=self.title,
            body=self.body,
            keywords=self.keywords,
            audience=self.audience,
            note=self.note,
            publish_at=self.publish_at,
            expires_at=self.expires_at,
        )


class NotInThisState(Conflict):
    """The revision is no longer in a state that allows this; read it again."""

    type = "article-state"


class OwnRevision(NotAllowed):
    """Whoever wrote in a revision cannot approve it: ask somebody else."""

    type = "own-revision"


def moved(state: State, move: Move) -> State:
    """The state that follows. Raises NotInThisState."""
    after = TRANSITIONS[state].get(move)
    if after is None:
        raise NotInThisState(f"A revision that is {state.value.replace('_', ' ')} cannot do this: {move.value}.")
    return after


def may_approve(revision: Revision, who: str) -> None:
    """Raises OwnRevision for one of its authors."""
    if who in revision.authors:
        raise OwnRevision


def checked(text: Text, *, now: datetime) -> Text:
    """The text as it is kept: trimmed, lines ended one way, keywords once. Raises BadInput naming each field that is wrong."""
    keywords = tuple(dict.fromkeys(word for each in text.keywords if (word := " ".join(each.split()))))
    title = " ".join(text.title.split())
    wrong = [
        FieldError(field, detail)
        for field, bad, detail in (
            ("title", not title, "A title is needed."),
            ("title", len(title) > TITLE_MAX, f"At most {TITLE_MAX} characters."),
            ("body", len(text.body) > BODY_MAX, f"At most {BODY_MAX:,} characters; divide it into several articles."),
            ("body", "\x00" in text.body, "NUL is no text."),
            ("title", "\x00" in title, "NUL is no text."),
            ("keywords", len(keywords) > KEYWORDS_MAX, f"At most {KEYWORDS_MAX}."),
            (
                "keywords",
                any(len(word) > KEYWORD_MAX for word in keywords),
                f"Each of at most {KEYWORD_MAX} characters.",
            ),
            ("keywords", any("\x00" in word for word in keywords), "NUL is no text."),
            ("note", len(text.note or "") > NOTE_MAX, f"At most {NOTE_MAX} characters."),
            ("expires_at", _over(text, now), "A time to come, and after `publish_at`."),
        )
        if bad
    ]
    if wrong:
        raise BadInput(errors=tuple(wrong))
    note = " ".join(text.note.split()) or None if text.note else None
    body = text.body.replace("\r\n", "\n").strip("\n").rstrip()
    return msgspec.structs.replace(text, title=title, body=body, keywords=keywords, note=note)


def titled(plain: str) -> str:
    """The title of a text that came without one: its beginning."""
    first = plain.partition("\n")[0]
    return first if len(first) <= TITLE_OF_TEXT else f"{first[:TITLE_OF_TEXT].rstrip()}…"


def searched_title(title: str, plain: str) -> str:
    """A title that only is the text's beginning tells nothing more: it is not searched."""
    return "" if title.endswith("…") and plain.startswith(title[:-1]) else title


def checked_lang(lang: str) -> str:
    """Raises BadInput for what is no language tag."""
    if not _LANG.fullmatch(lang):
        raise BadInput(errors=(FieldError("lang", "A language tag such as en, uk, zh-Hans."),))
    return lang


def approved(verdicts: Collection[str | None]) -> bool:
    """Whether all that were asked have approved; somebody must have."""
    return bool(verdicts) and all(verdict == "approved" for verdict in verdicts)


def _over(text: Text, now: datetime) -> bool:
    if text.expires_at is None:
        return False
    return text.expires_at <= max(now, text.publish_at or now)

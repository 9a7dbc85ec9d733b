"""What authors' pages are drawn from, as values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from console.kb import diff, markup, measure
from console.kb.article import Article, Audience, Revision, State
from console.kb.store import Review
from console.kb.topics import Topic, Tree
from console.queries.knowledge import Step, VersionRow
from console.queries.notices import Notice
from console.queries.reviews import Asked, Ending, Feedback, Submitted
from console.queries.topics import Act, Branch
from console.queries.translations import Translation
from console.services import manuscripts
from console.services.manuscripts import Editing, Problem, Waiting
from console.services.notices import Mine
from console.services.topics import Shown
from console.web import words as w
from console.web.kb.writing import kinds, states
from console.web.supervisor.reports import act_words

NOW = datetime(2026, 3, 27, 14, 32, tzinfo=UTC)
WORDS = w.load("en")
BODY = "Red means that no light comes in.\n\n## What to do\n\n1. **Wait** ninety seconds.\n2. Look at the lead.\n"
ARTICLE = Article(
    id="a2", number="KB-1188", lang="pl", original="a1", published=1, created_at=NOW, created_by="ilse", changed_at=NOW
)


def revision(version: int, state: State, body: str) -> Revision:
    return Revision(
        article="a2",
        version=version,
        title="Czerwone światło",
        body=body,
        plain=markup.plain(body),
        keywords=("LOS",),
        audience=Audience.CUSTOMERS,
        note=None,
        state=state,
        authors=("ilse",),
        publish_at=None,
        expires_at=NOW + timedelta(days=9),
        created_at=NOW,
        saved_at=NOW,
        saved_by="ilse",
        saved=1,
        of_original=1,
    )


def translation(number: str, lang: str, *, original: bool, state: State) -> Translation:
    return Translation(
        id=f"a{number[-1]}".replace("a8", "a2"),
        number=number,
        lang=lang,
        title="Red light",
        version=2,
        state=state,
        saved_at=NOW,
        original=original,
        of_original=None if original else 1,
        original_version=2,
        original_published_at=NOW,
    )


def row(version: int, state: State) -> VersionRow:
    return VersionRow(
        version=version,
        state=state,
        title="Czerwone światło",
        note="Photo note",
        saved_at=NOW,
        saved_by="Ilse Vermeer",
        published_at=None,
        used=3,
        helped=1,
        not_helped=0,
    )


IN_FORCE = revision(1, State.PUBLISHED, BODY)
REVIEWED = revision(2, State.IN_REVIEW, BODY.replace("ninety", "sixty"))
EDITING = Editing(
    article=ARTICLE,
    revision=REVIEWED,
    in_force=IN_FORCE,
    topic=("Fibre", "Faults"),
    reviews=(
        Review(id="r1", reviewer="jonas", team=None, asked_by="ilse", asked_at=NOW, due_at=NOW, verdict="approved"),
        Review(id="r2", reviewer=None, team="Floor", asked_by="ilse", asked_at=NOW, due_at=NOW, comment="Who sees it?"),
    ),
    versions=(row(2, State.IN_REVIEW), row(1, State.PUBLISHED)),
    steps=(Step(version=2, was="draft", state="in_review", at=NOW, by="Ilse Vermeer", why=None),),
    feedback=(
        Feedback(
            id="f1", number="KB-1188", title="", version=1, at=NOW, by="Nadia", text="Say who.", case=None, mine=True
        ),
    ),
    problems=(Problem("no_article", "KB-9"), Problem("unpublished", "KB-8")),
    links=0,
    names={"jonas": "Jonas Berg", "ilse": "Ilse Vermeer"},
    reviewers=(("jonas", "Jonas Berg"),),
    teams=("Floor",),
    languages=(
        translation("KB-1187", "en", original=True, state=State.PUBLISHED),
        translation("KB-1189", "fa", original=False, state=State.DRAFT),
        translation("KB-1188", "pl", original=False, state=State.IN_REVIEW),
    ),
    source=revision(2, State.PUBLISHED, BODY),
)
TREE = Tree([Topic(id="t1", parent=None, name="Fibre"), Topic(id="t2", parent="t1", name="Faults")])
FAULTS = Branch(topic=TREE["t2"], path=("Fibre", "Faults"), own=1, published=1, drafts=1, children=())
TOPICS = Shown(
    tree=TREE,
    branches=(Branch(topic=TREE["t1"], path=("Fibre",), own=0, published=1, drafts=1, children=(FAULTS,)),),
    acts=(Act(at=NOW, by="Ilse", what="topic_changed", about="Glass", data={"was": "Glass", "path": "Fibre"}),),
)
WAITING = Waiting(
    asked=(
        Asked(
            number="KB-1",
            title="x",
            lang="en",
            version=1,
            by="Ilse",
            asked_at=NOW,
            due_at=NOW,
            reviewer=None,
            team="Floor",
        ),
    ),
    submitted=(Submitted(number="KB-2", title="y", version=2, asked_at=NOW, due_at=None, waits_for=("Jonas",)),),
    ending=(Ending(number="KB-3", title="z", version=1, expires_at=NOW, mine=True, begun=None),),
    told=EDITING.feedback,
)
NOTICES = Mine(
    tuple(
        Notice(
            id=code,
            at=NOW,
            by=None,
            by_name=None,
            code=code,
            text="",
            data={"article": "KB-1", "title": "x", "reviewer": "Jonas", "expires_at": NOW.isoformat()},
            read_at=None,
        )
        for code in ("review_asked", "review_waits", "review_unanswered", "article_ends")
    ),
    4,
)
AROUND: dict[str, Any] = {
    "frame": "cases/frame.html",
    "rooms": ("kb", "scripts", "reviews"),
    "room": "kb",
    "csrf": "t",
    "stream": "",
    "refusal": None,
    "name": "Ilse Vermeer",
    "bell": NOTICES,
    "now": NOW,
    "zone": ZoneInfo("Europe/Kyiv"),
    "writes": True,
}


def pages() -> dict[str, tuple[str, dict[str, Any]]]:
    """Each page's template, and what it is drawn from."""
    changes = diff.lines(IN_FORCE.body, REVIEWED.body)
    more, less = diff.counted(changes)
    editor = {
        "shown": EDITING,
        "html": markup.html(REVIEWED.body),
        "source": markup.html(BODY),
        "base": manuscripts.tag(REVIEWED),
        "changes": changes,
        "compared": (1, 2),
        "more": more,
        "less": less,
        "measured": measure.measured(REVIEWED.plain),
        "longest": measure.longest_sentence("word " * 31),
        "states": states(WORDS),
        "kinds": kinds(WORDS),
        "own": True,
        "local": lambda _: "",
        "path": "Fibre/Faults",
    }
    return {
        "kb-edit": ("kb/edit.html", editor),
        "kb-topics": ("kb/topics.html", {"shown": TOPICS, "chosen": FAULTS, "acts": act_words(WORDS)}),
        "kb-reviews": ("kb/reviews.html", {"waiting": WAITING}),
    }

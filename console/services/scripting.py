"""Scripts as their authors keep them: written, checked, sent for review, published by another, rolled back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import msgspec

from console.db.engine import Transaction
from console.errors import BadInput, Conflict, FieldError, NotAllowed, NotFound, StaleRecord
from console.ids import new_id
from console.people.permissions import Permission, require
from console.people.who import OPERATOR, Principal
from console.queries import dialogs
from console.queries import scripts as lists
from console.scripts import check, parse, store, trial
from console.scripts.check import ANYTHING, Finding, Known
from console.scripts.link import circle, linked
from console.scripts.parse import Parsed
from console.scripts.script import Script, Value, in_language
from console.scripts.store import Draft, Event, Version
from console.scripts.trial import Trial
from console.services import idempotency, knowledge
from console.services.context import Context
from console.services.idempotency import Once

DISPOSITIONS = frozenset({"solved", "information", "follow_up", "handed_on", "wrong_number", "nobody_there"})
"""Outcomes that the desk has words for; a test holds them equal."""
NOTE_MAX = 2_000
EVENTS_SHOWN = 20

BEGINNING = """script: {name}
title: {title}
steps:
  - step: greeting
    say: Good day, how can I help?
  - step: done
    end: solved
tests:
  - name: It comes to its end
    ends: solved
"""
"""What a new script's draft says."""


class NotReadyToPublish(BadInput):
    """The script cannot be published as it is."""

    type = "script-unfit"


class NotInReview(Conflict):
    """This draft is not in review: it was published, returned or changed meanwhile."""

    type = "not-in-review"


class OwnWork(NotAllowed):
    """Whoever wrote a script does not publish it: a second person reads it first."""

    type = "own-work"


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """A source with all that is to be said of it."""

    parsed: Parsed
    findings: tuple[Finding, ...]
    library: dict[str, Script]
    known: Known = ANYTHING

    @property
    def fit(self) -> bool:
        return not any(finding.stops for finding in self.findings)


class Workbench(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about one script, for the page on which it is written."""

    name: str
    in_force: int | None
    draft: Draft | None
    versions: tuple[Version, ...]
    events: tuple[Event, ...]
    checked: Checked
    names: dict[str, str]
    """People by their user names."""
    typed: str | None = None
    """What stands in the page before it is saved."""

    @property
    def source(self) -> str:
        """What is typed, else the draft's, else that of the version in force, else of the last one."""
        if self.typed is not None:
            return self.typed
        if self.draft is not None:
            return self.draft.source
        return (self.current or self.versions[0]).source if self.versions else ""

    @property
    def current(self) -> Version | None:
        """The version in force."""
        return next((one for one in self.versions if one.version == self.in_force), None)


async def workbench(ctx: Context, who: Principal, *, name: str, typed: str | None = None) -> Workbench:
    """Raises NotFound."""
    require(who, Permission.WRITE_SCRIPTS)
    async with ctx.db.snapshot() as db:
        return await _workbench(ctx, db, name, typed)


async def _workbench(ctx: Context, db: Transaction, name: str, typed: str | None) -> Workbench:
    if not await store.there_is(db, name):
        raise NotFound("There is no such script.")
    draft, versions = await store.find_draft(db, name), await store.versions_of(db, name)
    events = await store.events_of(db, name, limit=EVENTS_SHOWN)
    people = {one.by for one in events} | {one.published_by for one in versions} | {*(draft.authors if draft else ())}
    bench = Workbench(
        name=name,
        in_force=(await store.in_force(db)).get(name),
        draft=draft,
        versions=versions,
        events=events,
        checked=Checked(parsed=Parsed(None), findings=(), library={}),
        names=await dialogs.names_of(db, people),
        typed=typed,
    )
    return msgspec.structs.replace(bench, checked=await examine(ctx, db, bench.source))


async def examine(ctx: Context, db: Transaction, source: str) -> Checked:
    """What a source means beside everything that is published, and what is to be said of it."""
    library, _ = await dialogs.published(db)
    parsed = parse.read(source)
    names = {use.name for use in parsed.uses if use.kind == "article"}
    here = await known(ctx, db, articles=names)
    return Checked(parsed=parsed, findings=check.findings(parsed, library, here), library=library, known=here)


async def known(ctx: Context, db: Transaction, *, articles: set[str]) -> Known:
    """The names that scripts may use here; of articles those among the given."""
    document = (await ctx.centres.in_force(db)).document
    clocks = {name for policy in document.sla.values() for name in policy.clocks}
    return Known(
        queues=frozenset(queue.name for queue in document.queues),
        agents=frozenset(agent.username for agent in document.agents),
        clocks=frozenset(clocks),
        articles=frozenset([name for name in articles if await knowledge.find_by_name(db, name)]),
        outcomes=DISPOSITIONS,
        systems=frozenset(document.systems),
    )


async def listed(ctx: Context, who: Principal) -> tuple[lists.Listed, ...]:
    """Every script."""
    require(who, Permission.WRITE_SCRIPTS)
    async with ctx.db.snapshot() as db:
        return await lists.listed(db)


async def report(ctx: Context, who: Principal, *, name: str, days: int, version: int | None = None) -> lists.Report:
    """What became of its runs in the last days, of one version or all: where they were left, how long steps took, what
    was answered.
    """
    require(who, Permission.WRITE_SCRIPTS)
    async with ctx.db.snapshot() as db:
        if not await store.there_is(db, name):
            raise NotFound("There is no such script.")
        return await lists.report(db, name, ctx.clock.now() - timedelta(days=days), version=version)


async def attempt(
    ctx: Context, who: Principal, *, source: str, given: dict[str, object], answers: Sequence[tuple[str, Value]]
) -> Trial | None:
    """Try a source out with pretend facts and answers; None: it cannot be tried as it stands."""
    require(who, Permission.WRITE_SCRIPTS)
    async with ctx.db.snapshot() as db:
        library, _ = await dialogs.published(db)
    script = parse.read(source).script
    try:
        return trial.tried(linked(script, library), given, answers, through=False) if script else None
    except (BadInput, KeyError):  # its sub-scripts do not fit, or a way leads to no step: the checks say so
        return None


# --- writing ----------------------------------------------------------------------------------------------------------


async def create(ctx: Context, who: Principal, *, name: str, title: str, once: Once | None = None) -> Draft:
    """A new script with a draft to begin from. Raises BadInput where the name is none, or taken."""
    author = require(who, Permission.WRITE_SCRIPTS)
    now = ctx.clock.now()
    source = BEGINNING.format(name=name, title=_quoted(title))
    if parse.read(source).problems:
        raise BadInput(errors=(FieldError("name", "1 to 64 of a-z, 0-9 and -, such as fibre-no-service."),))
    async with ctx.db.transaction() as db:
        earlier = await idempotency.earlier(ctx, db, once, Draft)
        if earlier is not None:
            return earlier
        if not await store.put_script(db, name, at=now, by=author):
            raise BadInput(errors=(FieldError("name", "There is a script of that name."),))
        draft = Draft(
            script=name,
            source=source,
            base=None,
            state="draft",
            version=1,
            authors=(author,),
            saved_at=now,
            saved_by=author,
        )
        await store.put_draft(db, draft)
        await idempotency.keep(ctx, db, once, draft)
    return draft


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


async def save(ctx: Context, who: Principal, *, name: str, source: str, if_match: int | None) -> Draft:
    """Keep what is typed, whole or not. A draft that changes while it is in review has to be sent there again.

    `if_match`: the draft's version from which it went on; 0: there was none; None, here and below: whichever there is.
    Raises NotFound, StaleRecord, BadInput.
    """
    author = require(who, Permission.WRITE_SCRIPTS)
    if len(source) > parse.SOURCE_MAX or "\x00" in source:
        raise BadInput(errors=(FieldError("source", f"Text of at most {parse.SOURCE_MAX:,} characters."),))
    async with ctx.db.transaction() as db:
        before = await _locked(db, name, if_match)
        if before is not None and before.source == source:
            return before
        draft = Draft(
            script=name,
            source=source,
            base=before.base if before else (await store.in_force(db)).get(name),
            state="draft",
            version=(before.version if before else 0) + 1,
            authors=tuple(dict.fromkeys((*(before.authors if before else ()), author))),
            saved_at=ctx.clock.now(),
            saved_by=author,
            note=before.note if before else None,
        )
        await store.put_draft(db, draft)
    return draft


async def discard(ctx: Context, who: Principal, *, name: str, if_match: int) -> None:
    """Forget the draft; what is published stays. Raises NotFound, StaleRecord, Conflict (nothing is published)."""
    require(who, Permission.WRITE_SCRIPTS)
    async with ctx.db.transaction() as db:
        await _locked(db, name, if_match)
        if not await store.versions_of(db, name):
            raise Conflict("Nothing of this script is published yet, so its draft is all there is.")
        await store.drop_draft(db, name)


async def _locked(db: Transaction, name: str, if_match: int | None) -> Draft | None:
    """The draft, while nobody else touches the script. Raises NotFound, StaleRecord."""
    if not await store.there_is(db, name, lock=True):
        raise NotFound("There is no such script.")
    draft = await store.find_draft(db, name, lock=True)
    if if_match is not None and if_match != (draft.version if draft else 0):
        raise StaleRecord
    return draft


# --- publishing -------------------------------------------------------------------------------------------------------


async def submit(ctx: Context, who: Principal, *, name: str, note: str | None, if_match: int | None) -> Draft:
    """Send the draft for review. Raises NotFound, StaleRecord, NotReadyToPublish."""
    author = require(who, Permission.WRITE_SCRIPTS)
    async with ctx.db.transaction() as db:
        draft = await _locked(db, name, if_match)
        if draft is None:
            raise NotFound("There is no draft of this script.")
        _refuse_unfit(name, await examine(ctx, db, draft.source))
        draft = msgspec.structs.replace(draft, state="in_review", note=note, version=draft.version + 1)
        await store.put_draft(db, draft)
        await _tell(ctx, db, name, author, "submitted", why=note)
    return draft


async def give_back(ctx: Context, who: Principal, *, name: str, why: str, if_match: int | None) -> Draft:
    """Back to its author, saying why. Raises NotFound, StaleRecord, NotInReview."""
    reviewer = require(who, Permission.WRITE_SCRIPTS)
    async with ctx.db.transaction() as db:
        draft = await _in_review(db, name, if_match)
        draft = msgspec.structs.replace(draft, state="draft", note=why, version=draft.version + 1)
        await store.put_draft(db, draft)
        await _tell(ctx, db, name, reviewer, "returned", why=why)
    return draft


async def publish(ctx: Context, who: Principal, *, name: str, if_match: int | None) -> Version:
    """Put the reviewed draft in force for new runs; those that are under way stay on theirs.

    Raises NotFound, StaleRecord, NotInReview (somebody was faster), OwnWork, NotReadyToPublish.
    """
    reviewer = require(who, Permission.WRITE_SCRIPTS)
    async with ctx.db.transaction() as db:
        await store.lock_published(db)
        draft = await _in_review(db, name, if_match)
        if reviewer in draft.authors and who != OPERATOR:
            raise OwnWork
        checked = await examine(ctx, db, draft.source)
        _refuse_unfit(name, checked)
        script = checked.parsed.script
        assert script is not None, "what is fit was read"
        _refuse_breaking(script, checked.library)
        version = Version(
            script=name,
            version=await store.next_version(db, name),
            source=draft.source,
            title=in_language(script.title, script.language),
            authors=draft.authors,
            note=draft.note,
            published_at=ctx.clock.now(),
            published_by=reviewer,
        )
        await store.put_version(db, version)
        await store.set_in_force(db, name, version.version)
        await store.drop_draft(db, name)
        await _tell(ctx, db, name, reviewer, "published", version=version.version, why=draft.note)
    return version


async def roll_back(ctx: Context, who: Principal, *, name: str, version: int, why: str) -> None:
    """An earlier version is in force again. Raises NotFound, NotReadyToPublish (it fits no longer)."""
    by = require(who, Permission.WRITE_SCRIPTS)
    async with ctx.db.transaction() as db:
        await store.lock_published(db)
        if not await store.there_is(db, name, lock=True):
            raise NotFound("There is no such script.")
        found = await store.find_version(db, name, version)
        if found is None:
            raise NotFound("There is no such version.")
        checked = await examine(ctx, db, found.source)
        _refuse_unfit(name, checked)
        assert checked.parsed.script is not None, "what is fit was read"
        _refuse_breaking(checked.parsed.script, checked.library)
        await store.set_in_force(db, name, version)
        await _tell(ctx, db, name, by, "rolled_back", version=version, why=why)


async def withdraw(ctx: Context, who: Principal, *, name: str, why: str) -> None:
    """No new runs of it. Raises NotFound, Conflict where another script goes through it."""
    by = require(who, Permission.WRITE_SCRIPTS)
    async with ctx.db.transaction() as db:
        await store.lock_published(db)
        if not await store.there_is(db, name, lock=True):
            raise NotFound("There is no such script.")
        library, _ = await dialogs.published(db)
        users = sorted(one.name for one in library.values() if name in one.subs)
        if users:
            raise Conflict(f"Other scripts go through it: {', '.join(users)}.")
        await store.set_in_force(db, name, None)
        await _tell(ctx, db, name, by, "withdrawn", why=why)


async def _in_review(db: Transaction, name: str, if_match: int | None) -> Draft:
    """Two who decide at once: the second finds it decided."""
    draft = await _locked(db, name, None)
    if draft is None or draft.state != "in_review":
        raise NotInReview
    if if_match is not None and draft.version != if_match:
        raise StaleRecord
    return draft


def _refuse_unfit(name: str, checked: Checked) -> None:
    stops = [finding for finding in checked.findings if finding.stops]
    if checked.parsed.script is not None and checked.parsed.script.name != name:
        detail = f"The file says {checked.parsed.script.name}; the name of a script stays."
        raise NotReadyToPublish(errors=(FieldError("script", detail),))
    if stops:
        raise NotReadyToPublish(
            errors=tuple(FieldError(one.step or "", f"line {one.line}: {one.detail}") for one in stops)
        )


def _refuse_breaking(script: Script, library: Mapping[str, Script]) -> None:
    """What goes through this script must still come to its end: no circle is closed, and its tests pass."""
    after = {**library, script.name: script}
    subs = {name: one.subs for name, one in after.items()}
    for name, one in after.items():
        if round_ := circle(name, subs):
            detail = f"goes in a circle: {' → '.join(round_)}"
            raise NotReadyToPublish(errors=(FieldError("steps", detail),))
        if name != script.name and script.name in dialogs.pins_of(name, after, dict.fromkeys(after, 0)):
            whole = linked(one, after)
            for test in one.tests:
                for detail in trial.faults(whole, test):
                    where = f"{name}, which goes through it: test {test.name}"
                    raise NotReadyToPublish(errors=(FieldError("steps", f"{where}: {detail}"),))


async def _tell(
    ctx: Context,
    db: Transaction,
    name: str,
    by: str,
    what: str,
    *,
    version: int | None = None,
    why: str | None = None,
) -> None:
    event = Event(id=new_id(), script=name, at=ctx.clock.now(), by=by, what=what, version=version, why=why)  # type: ignore[arg-type]  # one of its words
    await store.put_event(db, event)

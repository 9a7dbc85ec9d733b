"""What an agent does to the matter on the screen: note, outcome, case, customer; each a form, each one use case."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath
from msgspec import Meta

from console.cases.case import Change, Status, differences
from console.cases.customer import ADDRESS_MAX, EMAILS_MAX, LANGUAGES_MAX, NOTE_MAX, PHONES_MAX, Described
from console.cases.draft import Typed
from console.cases.handover import Result
from console.errors import BadInput, FieldError, NotFound
from console.people.permissions import Permission
from console.people.permissions import may as allowed
from console.people.who import Principal
from console.services import cases, customers, desk, notes, notices, work
from console.services.context import Context
from console.web import languages
from console.web.auth import may
from console.web.desk import parts
from console.web.desk.commands import Answer, answered
from console.web.desk.parts import SILENT, Part
from console.web.desk.socket import desks_of, load
from console.web.fragment import View, render, wrap
from console.web.limits import EMAIL, NO_CONTROLS, NO_NUL, Priority
from console.web.pages import DONE, AnyRequest, html, view_of
from console.web.words import Words

Ctx = NamedDependency[Context]
Who = NamedDependency[Principal]
OneLine = Annotated[str, Meta(max_length=200, pattern=NO_CONTROLS)]
"""Of a form, where nothing is typed, it is empty."""
EMAIL_MAX = 254
EMAIL_OR_NOTHING = rf"(?:{EMAIL})|\A\Z"
Version = Annotated[int, Meta(ge=0)]


class Noted(msgspec.Struct, frozen=True):
    note: Annotated[str, Meta(max_length=20_000, pattern=NO_NUL)] = ""
    outward: bool = False


class Added(Noted, frozen=True):
    tried: Literal["", "no_change", "ruled_out", "found", "helped", "not_finished"] = ""
    """Nothing: it does not tell what was tried."""


class Drafted(Noted, frozen=True):
    base: Version = 0
    tab: Annotated[str, Meta(max_length=64, pattern=NO_CONTROLS)] | None = None


class Settled(msgspec.Struct, frozen=True):
    keep: Literal["draft", "rival"]


class Chosen(msgspec.Struct, frozen=True):
    disposition: Annotated[str, Meta(max_length=work.DISPOSITION_MAX, pattern=NO_CONTROLS)] = ""


class Completed(Noted, frozen=True):
    disposition: Annotated[str, Meta(max_length=work.DISPOSITION_MAX, pattern=NO_CONTROLS)] = ""


class Identified(msgspec.Struct, frozen=True):
    result: Literal["verified", "failed", "none"]


class Pinned(msgspec.Struct, frozen=True):
    version: Version
    text: Annotated[str, Meta(max_length=NOTE_MAX, pattern=NO_NUL)] = ""


class Corrected(msgspec.Struct, frozen=True):
    version: Version
    name: OneLine = ""
    company: OneLine = ""
    phones: Annotated[str, Meta(max_length=33 * PHONES_MAX, pattern=NO_NUL)] = ""
    """One on each line, as `emails`; the first is the preferred one."""
    emails: Annotated[str, Meta(max_length=255 * EMAILS_MAX, pattern=NO_NUL)] = ""
    address: Annotated[str, Meta(max_length=ADDRESS_MAX, pattern=NO_NUL)] = ""
    languages: OneLine = ""
    """Names or codes between commas, best first."""


class Changed(msgspec.Struct, frozen=True):
    version: Version
    subject: Annotated[str, Meta(min_length=1, max_length=200, pattern=NO_CONTROLS)]
    status: Status
    priority: Priority | Literal[""] = ""
    topic: Annotated[str, Meta(max_length=100, pattern=NO_CONTROLS)] = ""


class NewCase(msgspec.Struct, frozen=True):
    subject: OneLine = ""
    via: Literal["phone", "email", "web"] = "phone"
    phone: Annotated[str, Meta(max_length=32, pattern=NO_CONTROLS)] = ""
    name: OneLine = ""
    email: OneLine = ""
    description: Annotated[str, Meta(max_length=20_000, pattern=NO_NUL)] = ""


NoteForm = Annotated[Added, Body(media_type=RequestEncodingType.URL_ENCODED)]
DraftForm = Annotated[Drafted, Body(media_type=RequestEncodingType.URL_ENCODED)]
SettleForm = Annotated[Settled, Body(media_type=RequestEncodingType.URL_ENCODED)]
OutcomeForm = Annotated[Chosen, Body(media_type=RequestEncodingType.URL_ENCODED)]
CompleteForm = Annotated[Completed, Body(media_type=RequestEncodingType.URL_ENCODED)]
IdentityForm = Annotated[Identified, Body(media_type=RequestEncodingType.URL_ENCODED)]
PinForm = Annotated[Pinned, Body(media_type=RequestEncodingType.URL_ENCODED)]
CustomerForm = Annotated[Corrected, Body(media_type=RequestEncodingType.URL_ENCODED)]
ChangeForm = Annotated[Changed, Body(media_type=RequestEncodingType.URL_ENCODED)]
NewCaseForm = Annotated[NewCase, Body(media_type=RequestEncodingType.URL_ENCODED)]


# --- the note ---------------------------------------------------------------------------------------------------------


@post("/desk/about/{about:uuid}/note", guards=[may(Permission.HANDLE_WORK)], status_code=200)
async def add_note(request: AnyRequest, ctx: Ctx, who: Who, about: FromPath[UUID], data: NoteForm) -> Answer:
    """The answer is the form's own part: empty again, whatever the socket says meanwhile."""
    if data.note.strip():
        tried = Result(data.tried) if data.tried else None
        await notes.add(ctx, who, about=str(about), text=data.note, outward=data.outward, tried=tried)
        desks_of(request).mark(who.called, {Part.TIMELINE, Part.NOTE})
    return await answer_with(request, ctx, who, about, Part.NOTE)


@post("/desk/about/{about:uuid}/draft", guards=[may(Permission.HANDLE_WORK)], status_code=200)
async def save_draft(request: AnyRequest, ctx: Ctx, who: Who, about: FromPath[UUID], data: DraftForm) -> Answer:
    """The answer says since when the draft is safe; its ETag is the version that the tab goes on from.

    Without one another tab has saved meanwhile, and the words are kept beside its.
    """
    typed = Typed(text=data.note, outward=data.outward, base=data.base, tab=data.tab)
    draft = await notes.save_draft(ctx, who, about=str(about), typed=typed)
    desks_of(request).mark(who.called, {Part.NOTE})
    answer = await answer_with(request, ctx, who, about, Part.NOTE)
    if draft is None or draft.text == data.note:
        answer.headers["ETag"] = f'"{draft.version if draft else 0}"'
    return answer


@post("/desk/about/{about:uuid}/draft/settle", guards=[may(Permission.HANDLE_WORK)], status_code=200)
async def settle_draft(request: AnyRequest, ctx: Ctx, who: Who, about: FromPath[UUID], data: SettleForm) -> Answer:
    await notes.settle_draft(ctx, who, about=str(about), rival=data.keep == "rival")
    desks_of(request).mark(who.called, {Part.NOTE})
    return await answer_with(request, ctx, who, about, Part.NOTE)


# --- the outcome ------------------------------------------------------------------------------------------------------


@post("/desk/work/{item:uuid}/outcome", guards=[may(Permission.HANDLE_WORK)], status_code=200)
async def choose_outcome(request: AnyRequest, ctx: Ctx, who: Who, item: FromPath[UUID], data: OutcomeForm) -> Answer:
    await work.choose_outcome(ctx, who, item=str(item), disposition=data.disposition or None)
    desks_of(request).mark(who.called, {Part.OUTCOME, Part.BAR})
    return await answer_with(request, ctx, who, item, Part.OUTCOME)


@post("/desk/work/{item:uuid}/complete", guards=[may(Permission.HANDLE_WORK)], status_code=200)
async def complete(request: AnyRequest, ctx: Ctx, who: Who, item: FromPath[UUID], data: CompleteForm) -> Answer:
    outcome = await work.complete(
        ctx, who, item=str(item), disposition=data.disposition or None, note=data.note.strip() or None
    )
    return answered(request, outcome)


# --- the case ---------------------------------------------------------------------------------------------------------


@post("/desk/cases/{number:str}/change", guards=[may(Permission.CHANGE_CASES)], status_code=200)
async def change_case(request: AnyRequest, ctx: Ctx, who: Who, number: FromPath[str], data: ChangeForm) -> Answer:
    priority = None if data.priority == "" else data.priority
    change = Change(status=data.status, priority=priority, topic=data.topic.strip(), subject=data.subject)
    changed = await cases.change(ctx, who, number=number, change=change, if_match=data.version)
    desks_of(request).mark(who.called, {Part.CASE, Part.TIMELINE, Part.RAIL, Part.CASES})
    answer = await answer_with(request, ctx, who, UUID(changed.after.id), Part.CASE)
    done = render("desk/done.html", view_of(request).words, {"changed": changed, "fields": taken_back(changed)})
    return html((answer.content or "") + wrap("done", done), 200)


def taken_back(changed: cases.Changed) -> tuple[str, ...]:
    """The fields that *undo* puts back; none where work has ended or begun with the change, or a priority was first given."""
    before, after = changed
    different = differences(before, after)
    if "status" in different or ("priority" in different and before.priority is None):
        return ()
    return tuple(different)


@post("/desk/cases", guards=[may(Permission.CHANGE_CASES)], status_code=200)
async def register(request: AnyRequest, ctx: Ctx, who: Who, data: NewCaseForm) -> Answer:
    """The answer is the form's own part: empty again with the new number, or as it was with what is wrong."""
    view = view_of(request)
    wrong = {"subject": not data.subject.strip(), "email": not re.fullmatch(EMAIL_OR_NOTHING, data.email)}
    errors = frozenset(field for field, is_wrong in wrong.items() if is_wrong)
    registered = None
    if not errors:
        registration = cases.Registration(
            subject=data.subject.strip(),
            via=data.via,
            customer=Described(
                phone=data.phone.strip() or None, email=data.email or None, name=data.name.strip() or None
            ),
            description=data.description.strip() or None,
        )
        try:
            registered = await cases.register(ctx, who, registration=registration)
        except BadInput as bad:
            errors = frozenset(error.field for error in bad.errors)
    screen = await load(ctx, who, view)
    context = {**parts.context(screen, view, SILENT), "errors": errors, "registered": registered}
    drawn = wrap("new-case", render("desk/_new-case.html", view.words, context))
    return html(drawn, 400 if errors else 200)


# --- the customer -----------------------------------------------------------------------------------------------------


@post("/desk/about/{about:uuid}/identity", guards=[may(Permission.HANDLE_WORK)], status_code=200)
async def identify(request: AnyRequest, ctx: Ctx, who: Who, about: FromPath[UUID], data: IdentityForm) -> Answer:
    await customers.identify(ctx, who, about=str(about), result=None if data.result == "none" else data.result)
    desks_of(request).mark(who.called, {Part.CUSTOMER, Part.CASE, Part.TIMELINE})
    return html(None, DONE)


@post("/desk/about/{about:uuid}/pin", guards=[may(Permission.HANDLE_WORK)], status_code=200)
async def pin_note(request: AnyRequest, ctx: Ctx, who: Who, about: FromPath[UUID], data: PinForm) -> Answer:
    """Empty text takes it away."""
    await customers.pin_note(ctx, who, about=str(about), text=data.text.strip() or None, if_match=data.version)
    desks_of(request).mark(who.called, {Part.CUSTOMER})
    return await answer_with(request, ctx, who, about, Part.CUSTOMER)


@post("/desk/about/{about:uuid}/customer", guards=[may(Permission.HANDLE_WORK)], status_code=200)
async def correct_customer(
    request: AnyRequest, ctx: Ctx, who: Who, about: FromPath[UUID], data: CustomerForm
) -> Answer:
    changes = changes_of(view_of(request).words, data)
    await customers.change(ctx, who, about=str(about), changes=changes, if_match=data.version)
    desks_of(request).mark(who.called, {Part.CUSTOMER, Part.CASE, Part.RAIL, Part.BAR})
    return await answer_with(request, ctx, who, about, Part.CUSTOMER)


def changes_of(words: Words, data: Corrected) -> dict[str, Any]:
    """What the form says of a customer. Raises BadInput, naming the field."""
    spoken = languages.codes(words, data.languages)
    if spoken is None or len(spoken) > LANGUAGES_MAX:
        raise BadInput(errors=(FieldError("languages", "Names of languages between commas."),))
    emails = tuple(data.emails.split())
    if any(len(email) > EMAIL_MAX or not re.fullmatch(EMAIL, email) for email in emails):
        raise BadInput(errors=(FieldError("emails", "An e-mail address on each line."),))
    return {
        "name": data.name.strip() or None,
        "company": data.company.strip() or None,
        "phones": tuple(line.strip() for line in data.phones.splitlines() if line.strip()),
        "emails": emails,
        "address": data.address.strip() or None,
        "languages": spoken,
    }


# --- notices ----------------------------------------------------------------------------------------------------------


@post("/desk/notices/read", guards=[may(Permission.HAVE_PREFERENCES)], status_code=200)
async def read_notices(request: AnyRequest, ctx: Ctx, who: Who) -> Answer:
    """Who has no desk has the bell alone."""
    await notices.mark_read(ctx, who)
    if not allowed(who, Permission.SERVE):
        around = {"screen": await notices.mine(ctx, who), "now": ctx.clock.now(), "zone": view_of(request).zone}
        return html(wrap(Part.BELL, render("desk/_bell.html", view_of(request).words, around)), 200)
    if desks_of(request).mark(who.called, {Part.BELL, Part.NOTICES}):
        return html(None, DONE)
    view = view_of(request)
    return html(parts.frame({Part.BELL, Part.NOTICES}, await load(ctx, who, view), view, SILENT), 200)


async def answer_with(request: AnyRequest, ctx: Context, who: Principal, about: UUID, part: Part) -> Answer:
    """A part of that matter's screen, where it can still be shown; else nothing, for the screen has gone on."""
    view: View = view_of(request)
    midnight = parts.midnight(ctx.clock.now(), view.zone)
    try:
        screen = await desk.screen_of(ctx, who, str(about), midnight=midnight)
    except NotFound:
        return html("", 200)
    shown = screen.shown
    if shown is None or str(about) not in (shown.about, shown.case and shown.case.id):
        return html("", 200)
    return html(wrap(part, parts.draw(part, screen, view, SILENT)), 200)


routes = [
    add_note,
    save_draft,
    settle_draft,
    choose_outcome,
    complete,
    change_case,
    register,
    identify,
    pin_note,
    correct_customer,
    read_notices,
]

"""A supervisor's hand: what it does, who may lend it, who is told, and what is written down of it."""

from __future__ import annotations

import pytest

from console.errors import BadInput, NotAllowed, NotFound
from console.live.messages import Notice, PresenceChanged
from console.people.who import OPERATOR
from console.queries import notices as told
from console.queries.audit import Entry, Filter
from console.routing.agent import Presence
from console.services import auditing, handing_on, notices, people, presence, supervising
from console.services.auditing import What
from console.services.teams import directed_by
from tests.house import CENTRE, House

TEAMS = (
    CENTRE.replace(
        "{username: sue, name: Sue Park, roles: [supervisor]}", "{username: sue, name: Sue, roles: [supervisor]}"
    )
    + """teams:
  - {name: north, supervisors: [sue], members: [ana]}
  - {name: south, supervisors: [tom], members: [ben, cat]}
"""
).replace("agents:\n", "agents:\n  - {username: tom, name: Tom, roles: [supervisor]}\n")


async def entries(house: House, who: str = "ada", role: str = "admin", **asked: str) -> tuple[Entry, ...]:
    found = await supervising.read_audit(
        house.ctx, house.principal(who, role), asked=Filter(**asked), before=None, limit=100
    )
    return found.entries


async def read(house: House, username: str) -> list[tuple[str, str | None, str]]:
    async with house.ctx.db.statement() as db:
        return [(one.code, one.by, one.text) for one in await told.of(db, username, 10)]


# --- set state, sign out ----------------------------------------------------------------------------------------------


async def test_a_state_is_set_and_the_agent_sees_by_whom_and_why(house: House) -> None:
    sue = house.principal("sue", "supervisor")
    async with house.listening("ana") as stream:
        await house.become("ana")
        outcome = await house.both(
            supervising.set_state(
                house.ctx, sue, username="ana", presence=Presence.AWAY, state="training", reason="coaching"
            )
        )
        await house.settle()
        changed = await stream.hear_a(PresenceChanged)
        while changed.presence != "away":
            changed = await stream.hear_a(PresenceChanged)
    assert outcome == "done"
    assert (changed.presence, changed.reason) == ("away", "training")
    assert await read(house, "ana") == [("state_set", "sue", "Your state was set to training: coaching")]


async def test_what_was_set_is_written_down_with_who_and_why(house: House) -> None:
    sue = house.principal("sue", "supervisor")
    await house.both(supervising.set_state(house.ctx, sue, username="ana", presence=Presence.AWAY, reason="fire drill"))

    [entry] = await entries(house)

    assert (entry.by, entry.what, entry.about, entry.reason) == ("sue", What.STATE_SET, "ana", "fire drill")
    assert (entry.about_name, entry.refused) == ("Ana Lima", None)
    assert entry.data == {"presence": "away", "state": None, "reason": "fire drill"}


async def test_a_notice_comes_at_once_and_is_read_once(house: House) -> None:
    sue, ana = house.principal("sue", "supervisor"), house.principal("ana")
    async with house.listening("ana") as stream:
        await notices.send(house.ctx, sue, to=["ana"], text="  Please take the next fault.  ")
        await house.settle()
        heard = await stream.hear_a(Notice)
    assert (heard.code, heard.text) == ("message", "Please take the next fault.")
    async with house.ctx.db.statement() as db:
        assert (await told.unread(db, "ana"), await told.unread(db, "ben")) == (1, 0)
    await notices.mark_read(house.ctx, ana)
    async with house.ctx.db.statement() as db:
        assert await told.unread(db, "ana") == 0
    assert [one.what for one in await entries(house)] == [What.MESSAGE_SENT]


@pytest.mark.parametrize(
    ("to", "text", "refusal"),
    [
        (["nobody"], "Hello", NotFound),
        ([], "Hello", NotFound),
        (["ana"], " ", BadInput),
        (["ana"], "x" * 501, BadInput),
    ],
)
async def test_a_message_is_for_agents_there_are_and_has_words(
    house: House, to: list[str], text: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        await notices.send(house.ctx, house.principal("sue", "supervisor"), to=to, text=text)
    assert await entries(house) == ()


async def test_signed_out_by_hand_every_session_ends_and_presence_too(house: House) -> None:
    password = "a long enough password"
    await people.set_password(house.ctx, OPERATOR, username="ana", password=password)
    cookies = [
        (await people.sign_in(house.ctx, username="ana", password=password, address="::1")).cookie for _ in range(2)
    ]
    async with house.listening("ana"):
        await house.become("ana")
        sue = house.principal("sue", "supervisor")
        await house.both(supervising.sign_out(house.ctx, sue, username="ana", reason="left the desk open"))
        await house.settle()
        me = await presence.me(house.ctx, house.principal("ana"))

    assert [await people.of_session(house.ctx, cookie) for cookie in cookies] == [None, None]
    assert (me.presence, me.reason) == ("offline", "signed_out")
    assert await read(house, "ana") == [("signed_out", "sue", "You were signed out: left the desk open")]
    assert [one.what for one in await entries(house)] == [What.SIGNED_OUT]


async def test_what_the_router_refuses_is_written_down_as_refused(house: House) -> None:
    async def ask() -> None:
        from console.clock import to_instant  # noqa: PLC0415 - of this test alone
        from console.routing.facts import PresenceSet  # noqa: PLC0415 - the same

        fact = PresenceSet(at=to_instant(house.clock.at), agent="ghost", presence=Presence.AWAY, by="sue")
        await auditing.decided_and_recorded(house.ctx, fact, by="sue", what=What.STATE_SET, about="ghost", reason="why")

    with pytest.raises(NotFound):
        await house.both(ask())

    [entry] = await entries(house)
    assert entry.refused == "not-found"


# --- whose hand -------------------------------------------------------------------------------------------------------


async def test_a_supervisor_directs_the_members_of_their_teams_and_an_admin_everybody(house: House) -> None:
    await house.apply(TEAMS)
    async with house.ctx.db.statement() as db:
        centre = (await house.ctx.centres.in_force(db)).document
    assert directed_by(centre, house.principal("sue", "supervisor")) == {"ana"}
    assert directed_by(centre, house.principal("zed", "supervisor")) == frozenset()
    assert directed_by(centre, house.principal("ada", "admin")) is None
    assert directed_by(centre, OPERATOR) is None


@pytest.mark.parametrize("act", ["state", "sign out", "message", "assign"])
async def test_nobody_lays_a_hand_on_another_team(house: House, act: str) -> None:
    await house.apply(TEAMS)
    sue, ctx = house.principal("sue", "supervisor"), house.ctx
    await house.tell(house.arrived("c1"))
    [item] = await house.rows("select id from routing_item")
    acts = {
        "state": lambda: supervising.set_state(ctx, sue, username="ben", presence=Presence.AWAY, reason="x"),
        "sign out": lambda: supervising.sign_out(ctx, sue, username="ben", reason="x"),
        "message": lambda: notices.send(ctx, sue, to=["ben"], text="x"),
        "assign": lambda: handing_on.assign(ctx, sue, item=str(item["id"]), agent="ben", reason="x"),
    }
    with pytest.raises(NotAllowed):
        await house.both(acts[act]())
    assert await entries(house) == ()


@pytest.mark.parametrize("roles", [("agent",), ("author",)])
async def test_only_supervisors_and_admins_have_such_a_hand(house: House, roles: tuple[str, ...]) -> None:
    who, ctx = house.principal("ben", *roles), house.ctx
    for act in (
        supervising.set_state(ctx, who, username="ana", presence=Presence.AWAY, reason="x"),
        supervising.sign_out(ctx, who, username="ana", reason="x"),
        notices.send(ctx, who, to=["ana"], text="x"),
        supervising.waiting_work(ctx, who, queue="faults"),
        supervising.read_audit(ctx, who, asked=Filter(), before=None, limit=1),
        supervising.behind(ctx, who, figure="answered", queue=None, today=True, before=None, limit=1),
    ):
        with pytest.raises(NotAllowed):
            await act


async def test_a_supervisor_reads_of_their_own_acts_and_those_on_their_team(house: House) -> None:
    await house.apply(TEAMS)
    ctx = house.ctx
    for by, to in (("tom", "ben"), ("sue", "ana")):
        await notices.send(ctx, house.principal(by, "supervisor"), to=[to], text="Hello")
    await notices.send(ctx, house.principal("ada", "admin"), to=["ana"], text="Hello")

    assert [one.by for one in await entries(house)] == ["ada", "sue", "tom"]
    assert [one.by for one in await entries(house, "sue", "supervisor")] == ["ada", "sue"]
    assert [one.by for one in await entries(house, "tom", "supervisor")] == ["tom"]


async def test_the_audit_is_filtered_and_read_page_by_page(house: House) -> None:
    sue = house.principal("sue", "supervisor")
    for to in ("ana", "ben", "ana"):
        await notices.send(house.ctx, sue, to=[to], text="Hello")

    assert len(await entries(house, about="ana")) == 2
    assert len(await entries(house, by="sue", what=What.MESSAGE_SENT)) == 3
    assert await entries(house, what=What.WORK_MOVED) == ()
    ada = house.principal("ada", "admin")
    first = await supervising.read_audit(house.ctx, ada, asked=Filter(), before=None, limit=2)
    rest = await supervising.read_audit(house.ctx, ada, asked=Filter(), before=first.next, limit=2)
    assert [one.about for one in (*first.entries, *rest.entries)] == ["ana", "ben", "ana"]
    assert rest.next is None
    assert first.actors == {"sue": "Sue Park"}


# --- waiting work -----------------------------------------------------------------------------------------------------


async def test_who_waits_is_shown_with_where_they_could_go(house: House) -> None:
    await house.tell(house.arrived("c1"), house.arrived("c2"))
    async with house.listening("cat"):
        await house.become("cat")
        await house.become("ben")
        found = await supervising.waiting_work(house.ctx, house.principal("sue", "supervisor"), queue="faults")

    assert len(found.items) == 2
    assert found.items[0].caller == "+441314960182"
    choices = {one.username: (one.qualified, one.free) for one in found.choices[found.items[0].id]}
    assert choices == {"ben": (True, True), "cat": (False, True)}
    assert found.queues == {"voice": ("general",)}
    with pytest.raises(NotFound):
        await supervising.waiting_work(house.ctx, house.principal("sue", "supervisor"), queue="nowhere")


async def test_behind_a_figure_stand_its_calls_and_its_quarters_of_an_hour(house: House) -> None:
    async with house.listening("ana"):
        await house.become("ana")
        await house.tell(house.arrived("c1"))
        await house.tell(house.answered("c1", "PJSIP/ana"))
    who = house.principal("sue", "supervisor")
    found = await supervising.behind(house.ctx, who, figure="in_time", queue=None, today=True, before=None, limit=10)

    assert [(one.queue, one.agent, one.in_time) for one in found.items] == [("faults", "ana", True)]
    assert [counted.answered for counted in found.intervals.values()] == [1]
    assert found.names["ana"] == "Ana Lima"
    with pytest.raises(NotFound):
        await supervising.behind(house.ctx, who, figure="late", queue="x", today=True, before=None, limit=1)

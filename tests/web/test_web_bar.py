"""The Bar from values alone, and what its commands answer."""

from __future__ import annotations

import re

import msgspec
import pytest
from sqlalchemy import insert, update

from console.cases.call import Consult
from console.clock import to_instant
from console.db.schema import call, routing_agent, routing_item, work
from console.ids import new_id
from console.live import messages as m
from console.queries.stream import Card
from console.web import words as w
from console.web.desk import calling, parts
from console.web.desk.bar import bar
from console.web.desk.calling import Failed
from console.web.desk.parts import Part
from console.web.fragment import render
from tests.web.running import Site, browsing
from tests.web.screens import CALL, CONSULT, OFFER, SCREENS, ago, ahead, me, screen, working
from tests.web.test_web_parts import KYIV, VIEW, drawn, text

WORDS = VIEW.words


def of(card: Card) -> str:
    return bar(working(card), WORDS).kind


# --- which state it is ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"call_state": "waiting"}, "call"),
        ({"call_state": "talking"}, "call"),
        ({"call_state": "talking", "muted": True}, "muted"),
        ({"call_state": "held", "held_at": ago(seconds=9)}, "hold"),
        ({"call_state": "held", "muted": True}, "hold"),
        ({"call_state": "held", "consult": CONSULT}, "consult"),
        ({"call_state": "ended", "consult": CONSULT}, "call"),
        ({"call_state": "ended", "state": "wrap_up"}, "wrapup"),
    ],
)
def test_what_the_phone_system_told_last_decides(changes: dict[str, object], kind: str) -> None:
    assert of(msgspec.structs.replace(CALL, **changes)) == kind


def test_the_bar_arms_anew_with_each_state_of_a_call_and_of_its_consultation() -> None:
    names = ("call", "muted", "hold", "consult-ringing", "consult", "conference", "wrap-up")
    ids = [bar(SCREENS[name], WORDS).id for name in names]
    assert len(set(ids)) == len(names)
    later = msgspec.structs.replace(SCREENS["hold"], now=ahead(seconds=3))
    assert bar(later, WORDS).id == bar(SCREENS["hold"], WORDS).id


def test_a_ring_a_missed_ring_and_work_come_before_a_colleagues_question() -> None:
    asked = SCREENS["asked"].asked
    assert bar(msgspec.structs.replace(working(CALL), asked=asked), WORDS).kind == "call"
    assert bar(screen(asked=asked, offer=OFFER), WORDS).kind == "offer"
    assert bar(screen(asked=asked, me=me(routing_state="not_responding")), WORDS).kind == "missed"
    assert bar(screen(asked=asked), WORDS).kind == "asked"


@pytest.mark.parametrize(
    ("name", "can"),
    [("call", True), ("hold", True), ("call-connecting", False), ("consult", False), ("wrap-up", False)],
)
def test_only_a_call_that_is_connected_can_be_handed_on(name: str, can: bool) -> None:
    assert bar(SCREENS[name], WORDS).transferable is can
    assert ("popover" in drawn(Part.TRANSFER, SCREENS[name])) is can


def test_of_a_source_that_takes_no_orders_the_bar_only_tells() -> None:
    told = working(msgspec.structs.replace(CALL, takes_orders=False))
    assert not re.search("<button", drawn(Part.BAR, told))
    assert "popover" not in drawn(Part.TRANSFER, told)


def test_places_in_line_are_grouped_and_the_best_three_are_said() -> None:
    assert SCREENS["idle"].idle is not None
    queues = SCREENS["idle"].idle.queues
    many = tuple(
        msgspec.structs.replace(queues[0], name=name, place=place)
        for name, place in zip("абвгд", (3, 1, 3, 7, 9), strict=True)
    )
    shown = screen(idle=msgspec.structs.replace(SCREENS["idle"].idle, queues=many))
    said = text(drawn(Part.BAR, shown))
    assert "First in line for б · Third in line for а and в · Number 7 in line for г" in said
    assert "9" not in said.split("·")[3]


def test_the_pause_asked_for_is_what_follows_the_wrap_up() -> None:
    wrapping = SCREENS["wrap-up"]
    assert "left, then you go available" in text(drawn(Part.BAR, wrapping))
    pausing = msgspec.structs.replace(wrapping, me=me(routing_state="wrap_up", pending="away"))
    assert "left, then you are not available" in text(drawn(Part.BAR, pausing))


# --- what is said -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("hold", "The caller hears music"),
        ("muted", "The caller cannot hear you"),
        ("call", "The caller hears you"),
        ("consult-ringing", "it rings"),
        ("consult", "You speak with Дієго Сантос"),
        ("conference", "All three hear each other"),
    ],
)
def test_the_way_of_a_call_is_said_politely(name: str, words: str) -> None:
    changed = m.CallChanged(call=m.Call(source="17", id="171"), state="talking")
    assert parts.redrawn(changed) >= {Part.BAR, Part.STATE, Part.POLITE, Part.TRANSFER}
    assert words in drawn(Part.POLITE, SCREENS[name], parts.said(changed))


CONTROLS = ("hold", "resume", "mute", "unmute", "hangup", "digits", "transfer", "complete", "conference", "return")


@pytest.mark.parametrize("action", CONTROLS)
def test_each_failure_says_what_happened_what_is_still_true_and_is_translated(action: str) -> None:
    for problem in calling.SAID_BY_BAR:
        failed = Failed(action=action, problem=problem, path="/x", again=True)
        said = text(render("desk/failed.html", WORDS, {"failed": failed, "now": None, "zone": KYIV}))
        assert re.search(r"did not work|was not sent", said)
        assert "still" in said or problem == "work-over"
        pseudo = w.load(w.PSEUDO)
        foreign = text(render("desk/failed.html", pseudo, {"failed": failed, "now": None, "zone": KYIV}))
        assert not re.search(r"[A-Za-z]{2,}", re.sub(r"⟦[^⟦⟧]*⟧", "", foreign))


def test_a_consulted_phone_outside_has_no_desk_to_see_the_case() -> None:
    inside = msgspec.structs.replace(CALL, call_state="held", consult=CONSULT)
    outside = msgspec.structs.replace(
        inside, consult=Consult(endpoint="+4412", name="+4412", state="talking", since=ago(seconds=1))
    )
    assert "sees the case" in text(drawn(Part.BAR, working(inside)))
    assert "sees the case" not in text(drawn(Part.BAR, working(outside)))


# --- over HTTP --------------------------------------------------------------------------------------------------------


async def put_call(site: Site, *, agent: str, state: str = "assigned", call_state: str = "talking") -> str:
    """A call in that agent's hands, as its tables tell; returns its work item."""
    item, id_, now = new_id(), new_id(), site.ctx.clock.now()
    async with site.ctx.db.transaction() as db:
        await db.execute(
            insert(call).values(
                id=id_, source="hook", external_id=id_, caller="+441314960182", direction="inbound", state=call_state
            )
        )
        await db.execute(insert(work).values(item=item, kind="voice", call=id_, registered_at=now))
        row = {
            "id": item,
            "seq": to_instant(now),
            "kind": "voice",
            "queue": "general",
            "requires": {},
            "state": state,
            "waiting_since": now,
            "needs": {"english": 3},
            "priority": 10,
            "agent": agent,
            "holds": [],
            "assigned_at": now,
            "connected": True,
            "takes_orders": True,
            "queued_at": now,
            "left": [],
            "relaxed": 0,
            "rank": 0,
            "turn": 0,
            "preferred": [],
            "taken": 1,
        }
        await db.execute(insert(routing_item).values(row))
    return item


async def test_a_command_on_what_is_over_or_anothers_is_refused_in_the_bars_words(site: Site) -> None:
    over, bens = await put_call(site, agent="ana", state="wrap_up"), await put_call(site, agent="ben")
    async with browsing(site, "ana") as browser:
        for item in (over, bens):
            answer = await browser.post(f"/desk/work/{item}/hold")
            assert answer.status_code == 409
            assert "Hold did not work" in answer.text
            assert "refusal-again" not in answer.text
        unknown = await browser.post(f"/desk/work/{new_id()}/hold")
    assert unknown.status_code == 404


async def test_a_control_before_the_caller_is_there_is_refused_and_may_be_tried_again(site: Site) -> None:
    item = await put_call(site, agent="ana", call_state="waiting")
    async with browsing(site, "ana") as browser:
        answer = await browser.post(f"/desk/work/{item}/mute")
    assert answer.status_code == 409
    assert "The phone system refused it. The caller still hears you." in text(answer.text)
    assert f'hx-post="/desk/work/{item}/mute"' in answer.text


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("digits", {"digits": "12x"}),
        ("digits", {"digits": "1" * 33}),
        ("transfer", {"to": "nobody"}),
        ("transfer", {"to": "queue:"}),
        ("transfer", {"to": "agent:ben", "kind": "sideways"}),
    ],
)
async def test_what_does_not_fit_is_refused_at_the_door(site: Site, path: str, form: dict[str, str]) -> None:
    item = await put_call(site, agent="ana")
    async with browsing(site, "ana") as browser:
        assert (await browser.post(f"/desk/work/{item}/{path}", **form)).status_code == 400


async def test_targets_are_found_by_name_skill_or_queue_and_say_who_is_free(site: Site) -> None:
    item = await put_call(site, agent="ana")
    async with site.ctx.db.transaction() as db:
        await db.execute(
            update(routing_agent)
            .where(routing_agent.c.username == "ben")
            .values(presence="available", routing_state="idle", absent_since=None)
        )
    async with browsing(site, "ana") as browser:
        by_queue = text((await browser.client.get(f"/desk/work/{item}/targets?q=gene")).text)
        by_skill = (await browser.client.get(f"/desk/work/{item}/targets?q=fibre")).text
        hostile = await browser.client.get(f"/desk/work/{item}/targets", params={"q": "<script>" * 99})
    assert "general" in by_queue
    assert "faults" not in by_queue
    assert "faults" in by_skill
    assert "target-agent-ana" not in by_skill
    assert hostile.status_code == 200
    assert "<script>" not in hostile.text


async def test_the_bar_is_also_told_by_http(site: Site) -> None:
    async with browsing(site, "ana") as browser:
        answer = await browser.client.get("/desk/bar")
    assert re.findall(r'<hx-partial id="(\w+)"', answer.text) == ["time", "state", "bar", "transfer"]


async def test_the_worker_is_served_at_one_address_for_the_whole_desk(site: Site) -> None:
    async with site.client() as client:
        answer = await client.get("/desk/sw.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert (answer.headers["service-worker-allowed"], answer.headers["cache-control"]) == ("/desk", "no-cache")

"""The pages over HTTP: who has which, the way in and out, how commands are refused, and the desk's line."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC

import pytest
from litestar.routes import HTTPRoute, WebSocketRoute
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from console.ids import new_id
from console.people import store
from console.people.preferences import Preferences
from console.people.who import OPERATOR, Principal, Role
from console.queries.desktop import NOWHERE
from console.services import configuration, people
from console.web import words
from console.web.app import create_app
from console.web.auth import SESSION_COOKIE
from console.web.desk import parts as desk_parts
from console.web.desk.socket import BEAT, Line, Marked
from console.web.fragment import View, asset
from console.web.limits import PAGE_POLICY
from tests.web.running import CENTRE, PASSWORD, Site, browsing, session_of

WHO = {"a": "ana", "s": "sue", "k": "kim", "m": "ada"}

DESK = (
    ("GET", "/desk"),
    ("POST", "/desk/offers/{offer:uuid}/accept"),
    ("POST", "/desk/offers/{offer:uuid}/decline"),
    ("POST", "/desk/redraw/{part:str}"),
)
CONTROLS = [
    ("POST", f"/desk/work/{{item:uuid}}/{control}")
    for control in (
        *("hold", "resume", "mute", "unmute", "hangup", "digits", "transfer"),
        *("consult/complete", "consult/conference", "consult/return"),
    )
]
MATTER = [
    *(
        ("POST", f"/desk/about/{{about:uuid}}/{what}")
        for what in ("note", "draft", "draft/settle", "identity", "pin", "customer")
    ),
    ("POST", "/desk/work/{item:uuid}/outcome"),
]
BESIDE = (
    *("tasks", "tasks/{task:uuid}", "attachments", "attachments/{attachment:uuid}/remove"),
    *("links", "links/{other:str}/remove", "parent", "reopen"),
)
FOUND = (
    *("/cases", "/cases.csv", "/cases/{number:str}", "/cases/{number:str}/attachments/{attachment:uuid}"),
    *("/customers", "/customers/{customer:uuid}", "/accounts", "/accounts/{account:uuid}"),
)
AGREED = (
    *("/accounts", "/accounts/{account:uuid}", "/accounts/{account:uuid}/contracts"),
    *("/customers/{customer:uuid}/contracts", "/contracts/{contract:uuid}"),
)
FLOOR = [
    *(
        ("GET", f"/supervisor/{page}")
        for page in ("wall", "figures", "audit", "clocks", "work", "queue-menu", "why/{item:uuid}")
    ),
    ("GET", "/supervisor/agents/{username:str}/menu"),
    *(("POST", f"/supervisor/agents/{{username:str}}/{act}") for act in ("message", "state", "pause", "sign-out")),
    *(("POST", f"/supervisor/work/{{item:uuid}}/{act}") for act in ("assign", "move")),
]
SCRIPTS = [
    *(("GET", f"/scripts{page}") for page in ("", "/{name:str}", "/{name:str}/versions", "/{name:str}/report")),
    ("POST", "/scripts"),
    *(
        ("POST", f"/scripts/{{name:str}}/{act}")
        for act in ("draft", "step", "submit", "return", "publish", "discard", "roll-back", "withdraw", "try")
    ),
]
DIALOG = [
    *(("POST", f"/desk/runs/{{run_id:uuid}}/{act}") for act in ("answer", "change", "skip", "back", "leave")),
    ("POST", "/desk/cases/{number:str}/script"),
]
READ = ("/kb", "/kb/found", "/kb/images/{image:uuid}", "/kb/{number:str}")
BESIDE_WORK = ("shown", "wanted", "{number:str}/tell", "{number:str}/{use:str}")
MATRIX = {
    **dict.fromkeys((("GET", page) for page in READ), "askm"),
    **dict.fromkeys(
        (("GET", page) for page in ("/kb/articles", "/kb/reviews", "/kb/topics", "/kb/{number:str}/edit")), "km"
    ),
    **dict.fromkeys(
        (
            ("POST", page)
            for page in (
                *(
                    "/kb/articles",
                    "/kb/feedback/{feedback:uuid}/settle",
                    "/kb/topics",
                    *(f"/kb/topics/{{topic:uuid}}/{act}" for act in ("change", "merge", "remove")),
                    "/kb/{number:str}/save",
                    "/kb/{number:str}/translate",
                    "/kb/{number:str}/follow",
                    "/kb/{number:str}/images",
                ),
                *("/kb/{number:str}/restore/{version:int}", "/kb/{number:str}/{move:str}"),
            )
        ),
        "km",
    ),
    ("POST", "/kb/{number:str}/use/{use:str}"): "as",
    ("POST", "/kb/{number:str}/tell"): "askm",
    ("POST", "/kb/wanted"): "askm",
    ("GET", "/desk/about/{about:uuid}/knowledge"): "as",
    **dict.fromkeys((("POST", f"/desk/about/{{about:uuid}}/knowledge/{what}") for what in BESIDE_WORK), "as"),
    **dict.fromkeys(SCRIPTS, "km"),
    **dict.fromkeys(DIALOG, "as"),
    **dict.fromkeys(DESK, "a"),
    ("POST", "/desk/presence"): "as",
    **dict.fromkeys(MATTER, "as"),
    ("GET", "/desk/cases/{number:str}"): "a",
    ("GET", "/desk/cases/{number:str}/handover"): "a",
    ("GET", "/desk/cases/{number:str}/ways"): "asm",
    ("POST", "/desk/cases/{number:str}/send"): "asm",
    ("POST", "/desk/cases/{number:str}/acknowledge"): "asm",
    ("GET", "/desk/cases/{number:str}/clocks"): "asm",
    ("POST", "/desk/cases/{number:str}/clocks/{clock:str}/anew"): "m",
    ("POST", "/desk/cases"): "asm",
    ("POST", "/desk/cases/{number:str}/change"): "asm",
    **dict.fromkeys((("POST", f"/desk/cases/{{number:str}}/{what}") for what in BESIDE), "asm"),
    **dict.fromkeys((("GET", page) for page in FOUND), "asm"),
    ("POST", "/customers"): "asm",
    ("POST", "/customers/{customer:uuid}"): "asm",
    **dict.fromkeys((("POST", page) for page in AGREED), "sm"),
    ("POST", "/desk/notices/read"): "askm",
    ("POST", "/desk/work/{item:uuid}/extend"): "as",
    ("POST", "/desk/work/{item:uuid}/complete"): "as",
    **dict.fromkeys(CONTROLS, "as"),
    ("GET", "/desk/work/{item:uuid}/targets"): "as",
    ("GET", "/desk/bar"): "a",
    ("GET", "/profile"): "askm",
    ("POST", "/profile"): "askm",
    ("GET", "/desk/work/{item:uuid}/why"): "a",
    **dict.fromkeys(FLOOR, "sm"),
    ("GET", "/supervisor"): "sm",
    ("POST", "/supervisor/redraw/{part:str}"): "sm",
}
EVERYBODYS = {("GET", "/"), ("GET", "/desk/sw.js"), ("GET", "/login"), ("POST", "/login"), ("POST", "/logout")}
LINES = {"/desk/stream": "asm", "/supervisor/stream": "sm"}


@asynccontextmanager
async def line(
    site: Site, who: str | None, path: str = "/desk/stream", **headers: str
) -> AsyncIterator[ClientConnection]:
    if who is not None:
        cookie, _ = await session_of(site, who)
        headers["Cookie"] = f"{SESSION_COOKIE}={cookie}"
    headers.setdefault("Origin", site.url)
    async with connect(site.url.replace("http", "ws", 1) + path, additional_headers=headers) as stream:
        yield stream


async def hear(stream: ClientConnection) -> str:
    async with asyncio.timeout(10):
        return str(await stream.recv())


async def close_code(stream: ClientConnection) -> int | None:
    try:
        await hear(stream)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None
    return None


def filled(path: str) -> str:
    return (
        re.sub(r"\{\w+:uuid\}", new_id(), path)
        .replace("{part:str}", "queues")
        .replace("{number:str}", "C-1")
        .replace("{username:str}", "ana")
        .replace("{other:str}", "C-2")
        .replace("{use:str}", "used")
        .replace("{move:str}", "withdraw")
        .replace("{version:int}", "1")
    )


def parts_of(frame: str) -> list[str]:
    return re.findall(r'<hx-partial id="([\w-]+)"', frame)


# --- who has which page -----------------------------------------------------------------------------------------------


async def test_every_page_and_command_stands_in_the_matrix(site: Site) -> None:
    found, lines = set(), set()
    for route in create_app(site.ctx).routes:
        if route.path.startswith(("/api", "/health", "/metrics", "/schema", "/static")):
            continue
        if isinstance(route, HTTPRoute):
            found |= {(method, route.path) for method in route.methods if method not in ("OPTIONS", "HEAD")}
        elif isinstance(route, WebSocketRoute):
            lines.add(route.path)
    assert found == set(MATRIX) | EVERYBODYS
    assert lines == set(LINES)


@pytest.mark.parametrize("row", MATRIX, ids=" ".join)
async def test_a_page_or_command_is_for_those_whose_role_has_it(shared: Site, row: tuple[str, str]) -> None:
    method, path = row
    form = {"presence": "offline"} if path == "/desk/presence" else {}
    statuses = {}
    for letter, who in WHO.items():
        async with browsing(shared, who) as browser:
            asked = browser.client.get(filled(path)) if method == "GET" else browser.post(filled(path), **form)
            statuses[letter] = (await asked).status_code
    assert {letter for letter, status in statuses.items() if status != 403} == set(MATRIX[row])
    async with shared.client() as client:
        nobody = await client.request(method, filled(path), data=form)
    assert nobody.status_code == (302 if method == "GET" else 401)


@pytest.mark.parametrize("path", LINES)
async def test_a_line_is_for_those_whose_role_has_it(shared: Site, path: str) -> None:
    codes = {}
    for letter, who in WHO.items():
        async with line(shared, who, path) as stream:
            codes[letter] = await close_code(stream)
    assert {letter for letter, code in codes.items() if code is None} == set(LINES[path])
    assert set(codes.values()) <= {None, 4403}


async def test_a_line_without_a_session_is_closed_after_it_was_accepted(shared: Site) -> None:
    async with line(shared, None) as stream:
        assert await close_code(stream) == 4401


async def test_a_line_from_a_strangers_page_is_closed(shared: Site) -> None:
    async with line(shared, "ana", Origin="https://elsewhere.example") as stream:
        assert await close_code(stream) == 4403


# --- in and out -------------------------------------------------------------------------------------------------------


async def test_a_person_signs_in_and_lands_on_the_page_of_their_role(site: Site) -> None:
    for who, lands in (("ana", "/desk"), ("sue", "/supervisor"), ("kim", "/kb")):
        await people.set_password(site.ctx, OPERATOR, username=who, password=PASSWORD)
        async with site.client() as client:
            answer = await client.post("/login", data={"username": who, "password": PASSWORD})
            assert (answer.status_code, answer.headers["location"]) == (303, lands)
            assert "HttpOnly" in answer.headers["set-cookie"]
            assert (await client.get("/")).headers["location"] == lands
            assert (await client.get(lands)).status_code == 200


async def test_a_page_is_in_the_language_that_its_reader_chose(site: Site) -> None:
    async with site.ctx.db.transaction() as db:
        await store.put_preferences(db, "ana", Preferences(language="en-XA"))
    async with browsing(site, "ana", **{"Accept-Language": "en"}) as browser:
        assert '<html lang="en-XA"' in (await browser.client.get("/desk")).text


async def test_a_wrong_password_says_so_and_keeps_the_name(site: Site) -> None:
    async with site.client() as client:
        answer = await client.post("/login", data={"username": 'a"<b>', "password": "x"})
    assert answer.status_code == 401
    assert "do not match" in answer.text
    assert "<b>" not in answer.text
    assert "set-cookie" not in answer.headers


async def test_too_many_attempts_are_told_to_wait(site: Site) -> None:
    async with site.client() as client:
        for _ in range(30):
            answer = await client.post("/login", data={"username": "ana", "password": "x"})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert "Too many failed attempts" in answer.text


async def test_a_sign_in_form_on_a_strangers_page_is_refused(site: Site) -> None:
    async with site.client(Origin="https://elsewhere.example") as client:
        answer = await client.post("/login", data={"username": "ana", "password": PASSWORD})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_signing_out_ends_the_session_and_leads_to_the_sign_in(site: Site) -> None:
    async with browsing(site, "sue") as browser:
        answer = await browser.post("/logout")
        assert (answer.status_code, answer.headers["hx-redirect"]) == (204, "/login")
        browser.client.cookies.set(SESSION_COOKIE, browser.client.cookies.get(SESSION_COOKIE) or "")
        assert (await browser.client.get("/supervisor")).headers["location"] == "/login"


async def test_nobody_is_led_from_any_page_to_the_sign_in(shared: Site) -> None:
    async with shared.client() as client:
        for path in ("/", "/desk", "/supervisor"):
            assert (await client.get(path)).headers["location"] == "/login"


async def test_a_person_without_a_page_is_told_so(shared: Site) -> None:
    async with browsing(shared, "kim") as browser:
        answer = await browser.client.get("/desk")
    assert answer.status_code == 403
    assert "not for your role" in answer.text


# --- pages and commands -----------------------------------------------------------------------------------------------


async def test_pages_may_load_nothing_inline_or_from_elsewhere(shared: Site) -> None:
    async with browsing(shared, "ana") as browser:
        answer = await browser.client.get("/desk")
    assert answer.headers["content-security-policy"] == PAGE_POLICY
    assert answer.headers["cache-control"] == "no-store"


async def test_a_page_is_in_the_readers_language_and_time_zone(site: Site) -> None:
    async with browsing(site, "ana", **{"Accept-Language": "en-XA"}) as browser:
        answer = await browser.client.get("/desk")
    assert '<html lang="en-XA" dir="ltr" ' in answer.text
    assert "⟦" in answer.text


async def test_what_is_served_beside_pages_is_kept_by_browsers_and_needs_no_sign_in(shared: Site) -> None:
    async with shared.client() as client:
        answer = await client.get(asset("app.css"))
        missing = await client.get("/static/../pages.py")
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert missing.status_code == 404


async def test_a_command_without_the_pages_token_is_refused_where_the_page_shows_it(shared: Site) -> None:
    async with browsing(shared, "ana") as browser:
        answer = await browser.client.post("/desk/presence", data={"presence": "available"})
    assert answer.status_code == 403
    assert parts_of(answer.text) == ["refusal"]
    assert "sign-in has changed" in answer.text


@pytest.mark.parametrize(
    ("path", "form", "status", "words"),
    [
        ("/desk/offers/{offer:uuid}/accept", {}, 404, "no longer there"),
        ("/desk/work/{item:uuid}/complete", {"note": "x"}, 404, "no longer there"),
        ("/desk/about/{about:uuid}/draft", {"note": "x"}, 404, "no longer there"),
        ("/desk/about/{about:uuid}/note", {"note": "x"}, 404, "no longer there"),
        ("/desk/about/{about:uuid}/identity", {"result": "verified"}, 404, "no longer there"),
        ("/desk/about/{about:uuid}/pin", {"version": "1", "text": "x"}, 404, "no longer there"),
        ("/desk/work/{item:uuid}/outcome", {"disposition": "solved"}, 404, "no longer there"),
        ("/desk/cases/C-1/change", {"version": "1", "subject": "x", "status": "open"}, 404, "no longer there"),
        ("/desk/redraw/nothing", {}, 404, "no longer there"),
        ("/desk/presence", {"presence": "asleep"}, 400, "not as it must be"),
        ("/desk/presence", {}, 400, "not as it must be"),
        ("/desk/about/{about:uuid}/draft", {"note": "\x00"}, 400, "not as it must be"),
        ("/desk/about/{about:uuid}/draft/settle", {"keep": "both"}, 400, "not as it must be"),
        ("/desk/about/{about:uuid}/pin", {"version": "1", "text": "x" * 2001}, 400, "not as it must be"),
        ("/desk/about/{about:uuid}/customer", {"version": "1", "emails": "nowhere"}, 400, "not as it must be"),
        ("/desk/about/{about:uuid}/customer", {"version": "1", "languages": "gibberish"}, 400, "not as it must be"),
        ("/desk/cases/C-1/change", {"version": "1", "subject": "", "status": "open"}, 400, "not as it must be"),
        ("/desk/work/{item:uuid}/extend", {"seconds": "10000000"}, 400, "not as it must be"),
        ("/desk/work/{item:uuid}/complete", {"disposition": "x" * 500}, 400, "not as it must be"),
    ],
)
async def test_a_command_that_cannot_be_done_says_why_in_the_page(
    shared: Site, path: str, form: dict[str, str], status: int, words: str
) -> None:
    async with browsing(shared, "ana") as browser:
        answer = await browser.post(filled(path), **form)
    assert answer.status_code == status, answer.text
    assert parts_of(answer.text) == ["refusal"]
    assert words in answer.text


@pytest.mark.parametrize(
    "query",
    ["?work=1&at=1", "?work=1&at=x", "?work=%00&at=1", "?work=1&at=99999999999999999999", "?order=up", "?show=x&at=1"],
)
async def test_a_choice_that_makes_no_sense_shows_the_desk_all_the_same(shared: Site, query: str) -> None:
    async with browsing(shared, "ana") as browser:
        assert (await browser.client.get("/desk" + query)).status_code == 200


async def test_a_choice_is_given_its_instant_so_that_a_reload_knows_it(site: Site) -> None:
    async with browsing(site, "ana") as browser:
        answer = await browser.client.get("/desk?work=1&order=newest")
    assert answer.status_code == 303
    assert re.fullmatch(r"/desk\?(work=1&order=newest|order=newest&work=1)&at=\d{13}", answer.headers["location"])


@pytest.mark.parametrize("number", ["C-1", "%00", "x" * 500])
async def test_a_case_that_is_not_there_has_no_page(shared: Site, number: str) -> None:
    async with browsing(shared, "ana") as browser:
        assert (await browser.client.get(f"/desk/cases/{number}")).status_code == 404


# --- the line ---------------------------------------------------------------------------------------------------------

WHOLE = [
    *("time", "assertive", "polite", "state", "bar", "offer", "decline", "transfer", "escalate", "bell", "new-case"),
    "main",
]


async def test_every_connection_begins_with_the_whole_desk(site: Site) -> None:
    async with line(site, "ana") as stream:
        assert parts_of(await hear(stream)) == WHOLE


async def test_a_quiet_line_says_an_idle_desks_queues_only_when_they_have_changed(site: Site) -> None:
    ana = Principal(username="ana", name="Ana", roles=frozenset({Role.AGENT}))
    quiet = Line(site.ctx, ana, View(words.load("en"), UTC), NOWHERE)
    assert "main" in parts_of(await quiet.text(Marked(desk_parts.SHELL)))
    assert await quiet.text(Marked()) == BEAT
    configured = CENTRE.replace("{name: mail, channel: case}", "{name: letters, channel: case}").replace(
        "queue: mail", "queue: letters"
    )
    await configuration.apply(site.ctx, OPERATOR, text=configured)
    assert parts_of(await quiet.text(Marked())) == ["time", "bar", "queues"]
    assert await quiet.text(Marked()) == BEAT


async def test_a_part_that_is_asked_for_is_said_again_by_the_line(site: Site) -> None:
    async with line(site, "ana") as stream, browsing(site, "ana") as browser:
        await hear(stream)
        answer = await browser.post("/desk/redraw/cases")
        assert answer.status_code == 204
        assert parts_of(await hear(stream)) == ["time", "cases"]


async def test_without_a_line_here_the_part_is_the_answer(site: Site) -> None:
    async with browsing(site, "ana") as browser:
        answer = await browser.post("/desk/redraw/cases")
    assert parts_of(answer.text) == ["time", "cases"]


async def test_a_list_of_the_floor_is_said_again_likewise(site: Site) -> None:
    async with browsing(site, "sue") as browser:
        assert parts_of((await browser.post("/supervisor/redraw/agents")).text) == ["agents"]
        async with line(site, "sue", "/supervisor/stream") as stream:
            assert {"head", "queues", "agents"} < {*parts_of(await hear(stream))}
            assert (await browser.post("/supervisor/redraw/agents")).status_code == 204
            assert parts_of(await hear(stream)) == ["agents"]


async def test_presence_is_told_to_the_desk_by_its_line(at_work: Site) -> None:
    async with line(at_work, "ana") as stream, browsing(at_work, "ana") as browser:
        await hear(stream)
        assert (await browser.post("/desk/presence", presence="available")).status_code == 204
        while "Available, waiting for the next call" not in (frame := await hear(stream)):
            pass
        assert {"bar", "state"} <= set(parts_of(frame))

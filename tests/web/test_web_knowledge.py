"""Knowledge over HTTP: the contract's search and articles, bad input, and what the desk shows of them."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from console.ids import new_id
from console.kb.article import BODY_MAX
from console.runtime.knowledge import Knowledge
from tests.web.running import Site, browsing

ARTICLES = "/api/v1/kb/articles"
SEARCH = "/api/v1/kb/search"


async def published(site: Site, **fields: Any) -> dict[str, Any]:
    """Written by kim, approved by ada, in this node's index."""
    body = {"lang": "en", "title": "Optical light is red", "body": "Wait **ninety** seconds.", **fields}
    async with site.client("kim") as kim, site.client("ada") as ada:
        made = (await kim.post(ARTICLES, json=body)).json()
        for client, move in ((kim, "submit"), (ada, "approve"), (kim, "publish")):
            answer = await client.post(f"{ARTICLES}/{made['id']}/{move}", json={})
            assert answer.status_code == 200, answer.text
    await indexed(site)
    return dict(answer.json())


async def indexed(site: Site) -> None:
    index = Knowledge(site.ctx)
    while await index.run_once():
        pass
    await index.settle()


def problem(answer: httpx.Response) -> tuple[int, str, list[str]]:
    body = answer.json()
    return answer.status_code, body["type"], [error["field"] for error in body.get("errors", [])]


async def test_what_is_published_is_found_read_and_changed_with_its_etag(site: Site) -> None:
    made = await published(site, external_id="x-1", topic="Fibre/Faults", keywords=["loss of light"])
    async with site.client("ana") as ana, site.client("kim") as kim:
        [hit] = (await ana.get(SEARCH, params={"q": "red ligh", "topic": "fibre", "lang": "en"})).json()["items"]
        read = (await ana.get(f"{ARTICLES}/{made['number']}")).json()
        draft = await kim.patch(f"{ARTICLES}/{made['id']}", json={"body": "Wait ten minutes."})
        stale = await kim.patch(f"{ARTICLES}/{made['id']}", json={"title": "y"}, headers={"If-Match": '"1"'})
        compared = (await kim.get(f"{ARTICLES}/{made['id']}/diff", params={"old": 1, "new": 2})).json()
        versions = (await kim.get(f"{ARTICLES}/{made['id']}/versions")).json()
        listed = (await kim.get(ARTICLES, params={"state": "published"})).json()

    assert set(hit) == {"id", "number", "external_id", "lang", "title", "snippet", "score", "version"}
    assert (hit["id"], hit["external_id"], hit["version"]) == (made["id"], "x-1", 1)
    assert "<mark>" not in hit["title"]
    assert (read["version"], read["topic"], read["keywords"]) == (1, ["Fibre", "Faults"], ["loss of light"])
    assert "<strong>ninety</strong>" in read["html"]
    assert (draft.status_code, draft.json()["version"], draft.json()["state"]) == (200, 2, "draft")
    assert re.fullmatch(r'"\d+"', draft.headers["etag"])
    assert stale.status_code == 412
    assert (compared["added"], compared["removed"]) == (1, 1)
    assert [row["state"] for row in versions["items"]] == ["draft", "published"]
    assert [row["number"] for row in listed["items"]] == [made["number"]]


async def test_an_author_is_refused_at_their_own_revision_and_out_of_its_order(site: Site) -> None:
    async with site.client("kim") as kim, site.client("ana") as ana:
        made = (await kim.post(ARTICLES, json={"lang": "en", "title": "T"})).json()
        early = await kim.post(f"{ARTICLES}/{made['id']}/publish", json={})
        await kim.post(f"{ARTICLES}/{made['id']}/submit", json={})
        own = await kim.post(f"{ARTICLES}/{made['id']}/approve", json={})
        unseen = await ana.get(f"{ARTICLES}/{made['id']}")

    assert problem(early)[:2] == (409, "article-state")
    assert problem(own)[:2] == (403, "own-revision")
    assert unseen.status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "x" * 10_000,
        "?!*&|<->:'\"\\%_",
        "a & b | !c <-> d:*",
        "red світло 红灯 چراغ",
        "%00",
        "\x00red",
        "'; drop table article",
        "()",
    ],
)
async def test_no_query_breaks_the_search(shared: Site, query: str) -> None:
    async with shared.client("ana") as ana:
        assert (await ana.get(SEARCH, params={"q": query})).status_code == 200


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"q": "x" * 20_001}, "q"),
        ({"q": "x", "limit": "51"}, "limit"),
        ({"q": "x", "topic": "Nowhere"}, "topic"),
        ({"q": "x", "kind": "poem"}, "kind"),
        ({"q": "x", "lang": "x" * 300}, "lang"),
    ],
)
async def test_a_search_that_cannot_be_names_its_field(shared: Site, asked: dict[str, str], field: str) -> None:
    async with shared.client("ana") as ana:
        assert problem(await ana.get(SEARCH, params=asked)) == (400, "bad-input", [field])


async def test_articles_that_are_too_large_or_wrong_are_refused(shared: Site) -> None:
    async with shared.client("kim") as kim:
        huge = await kim.post(ARTICLES, json={"lang": "en", "title": "x", "body": "x" * 5_000_000})
        long = await kim.post(ARTICLES, json={"lang": "en", "title": "x", "body": "x" * (BODY_MAX + 1)})
        strange = await kim.post(ARTICLES, json={"lang": "../etc", "title": "x"})
        past = await kim.post(ARTICLES, json={"lang": "en", "title": "x", "expires_at": "2020-01-01T00:00:00Z"})
        picture = await kim.post("/kb/KB-1/images", content=b"<svg onload=alert(1)>")

    assert huge.status_code == 413
    assert [problem(answer)[2] for answer in (long, strange, past)] == [["body"], ["lang"], ["expires_at"]]
    assert picture.status_code in (400, 404)


async def test_the_pages_show_what_is_found_and_what_hostile_authors_wrote_as_words(site: Site) -> None:
    made = await published(
        site, body="<script>alert(1)</script> [x](javascript:alert(1)) red light", title="<b>red</b>"
    )
    async with browsing(site, "ana") as ana:
        page = await ana.client.get("/kb", params={"q": "red light"})
        read = await ana.client.get(f"/kb/{made['number']}")
        gone = await ana.client.get("/kb/KB-999999")
    async with browsing(site, "kim") as kim:
        edit = await kim.client.get(f"/kb/{made['number']}/edit")
        rest = [await kim.client.get(path) for path in ("/kb", "/kb/articles", "/kb/reviews")]
        saved = await kim.post(
            f"/kb/{made['number']}/save",
            base=re.search(r'name="base" value="(\d+)"', edit.text)[1],
            title="New",
            body="b",
        )
        stale = await kim.post(f"/kb/{made['number']}/save", base="1", title="Newer", body="b")
        unknown = await kim.post(f"/kb/{made['number']}/explode")

    assert [page.status_code, read.status_code, gone.status_code, edit.status_code] == [200, 200, 404, 200]
    assert [answer.status_code for answer in rest] == [200, 200, 200]
    for answer in (page, read, edit):
        assert "<script>alert" not in answer.text
        assert 'href="javascript' not in answer.text
    assert (saved.status_code, stale.status_code, unknown.status_code) == (200, 412, 404)
    assert {"ed-base", "ed-prev", "ed-where", "ed-side"} <= set(re.findall(r'<hx-partial id="([\w-]+)"', saved.text))


async def test_beside_a_case_an_article_is_suggested_used_and_told_of_in_the_timeline(site: Site) -> None:
    made = await published(site, audience="customers")
    inside = await published(site, title="Red light for agents alone")
    async with site.client("ana") as ana:
        case = (
            await ana.post(
                "/api/v1/cases",
                json={"subject": "Red light after a storm", "via": "phone", "customer": {"phone": "+441314960001"}},
            )
        ).json()
    async with browsing(site, "ana") as ana:
        desk = await ana.client.get(f"/desk/cases/{case['number']}", follow_redirects=True)
        about = re.search(r'id="found-([0-9a-f-]{36})"', desk.text)[1]
        place = f"/desk/about/{about}/knowledge"
        found = await ana.client.get(place, params={"q": "opti"})
        shown = await ana.post(f"{place}/shown", articles=f"{made['id']}.1 nonsense {new_id()}.1")
        acts = [
            await ana.post(f"{place}/{made['number']}/{use}") for use in ("opened", "used", "used", "sent", "helped")
        ]
        kept = await ana.post(f"{place}/{inside['number']}/sent")
        wrong = await ana.post(f"{place}/{made['number']}/eaten")
        because = await ana.post(f"{place}/{inside['number']}/not_helped", why="it is green")
        followed = await ana.post(f"{place}/{inside['number']}/opened", trail=f"{made['number']}")
        at_wrap_up = await ana.post(f"{place}/{made['number']}/helped", asked="true")
        astray = await ana.post(f"{place}/{inside['number']}/opened", trail="../../etc")
        wanted = await ana.post(f"{place}/wanted", q="red ligt at night")
        drawn = await ana.client.get(f"/desk/cases/{case['number']}", follow_redirects=True)
    async with site.client("ana") as ana:
        timeline = (await ana.get(f"/api/v1/cases/{case['number']}")).json()["timeline"]
    async with browsing(site, "kim") as kim:
        told = await kim.client.get("/kb/reviews")

    assert made["number"] in desk.text
    assert "Suggested from" in desk.text
    assert made["number"] in found.text
    assert (shown.status_code, kept.status_code) == (204, 400)
    assert wrong.status_code in (400, 404)
    assert [answer.status_code for answer in (*acts, because)] == [200] * 6
    uses = [entry["data"]["use"] for entry in timeline if entry["kind"] == "article"]
    assert sorted(uses) == ["helped", "not_helped", "sent", "used"]
    assert "used an article" in drawn.text
    assert "it is green" in told.text
    assert f"Back to {made['number']}" in followed.text
    assert (at_wrap_up.status_code, astray.status_code, wanted.status_code) == (204, 400, 200)
    assert "red ligt at night" in told.text
    assert case["number"] in told.text


async def test_topics_are_kept_on_their_page_and_a_translation_begins_in_the_editor(site: Site) -> None:
    async with browsing(site, "kim") as kim:
        empty = await kim.client.get("/kb/topics")
        made = await kim.post("/kb/topics", name="  Fibre ")
        fibre = made.headers["hx-redirect"].rpartition("=")[2]
        deep = await kim.post("/kb/topics", name="<b>Faults", parent=fibre)
        begun = await kim.post("/kb/articles", title="Red light", lang="Polish", topic="Fibre")
        number = begun.headers["hx-redirect"].split("/")[2]
        page = await kim.client.get(f"/kb/topics?topic={fibre}")
        moved = await kim.post(f"/kb/topics/{fibre}/change", name="Light", parent="")
        listed = await kim.client.get("/kb/articles", params={"topic": "Light"})
        refused = [
            await kim.post("/kb/topics", name="a/b"),
            await kim.post("/kb/topics", name="x", parent="nonsense"),
            await kim.post("/kb/topics", name="x", parent=new_id()),
            await kim.post(f"/kb/topics/{fibre}/remove"),
            await kim.post(f"/kb/topics/{new_id()}/merge", into=fibre),
        ]
        translated = await kim.post(f"/kb/{number}/translate", lang="uk")
        again = await kim.post(f"/kb/{number}/translate", lang="uk")
        strange = await kim.post(f"/kb/{number}/translate", lang="Klingonese")
        editor = await kim.client.get(translated.headers["hx-redirect"])
        followed = await kim.post(translated.headers["hx-redirect"].replace("edit", "follow"))
        reminded = await kim.post(f"/kb/{number}/remind")
        read = await kim.post("/desk/notices/read")

    assert "No topics yet" in empty.text
    assert (made.status_code, deep.status_code, moved.status_code) == (204, 204, 204)
    assert "&lt;b&gt;Faults" in page.text
    assert "1 being written" in page.text
    assert number in listed.text
    assert [answer.status_code for answer in refused] == [400, 400, 400, 409, 404]
    assert (translated.status_code, again.status_code, strange.status_code) == (204, 409, 400)
    assert ('id="as-original" checked' in editor.text, number in editor.text) == (True, True)
    assert (followed.status_code, reminded.status_code) == (204, 409)
    assert ("bell" in read.text, read.status_code) == (True, 200)


async def test_what_authors_do_on_their_pages_they_can_do_over_http(site: Site) -> None:
    made = await published(site, topic="Fibre/Faults")
    place = f"{ARTICLES}/{made['number']}"
    async with site.client("kim") as kim:
        [fibre] = (await kim.get("/api/v1/kb/topics")).json()["items"]
        home = (await kim.post("/api/v1/kb/topics", json={"name": "Home"})).json()["id"]
        topics = f"/api/v1/kb/topics/{fibre['topic']['id']}"
        moved = await kim.patch(topics, json={"parent": home})
        full = await kim.delete(topics)
        merged = await kim.post(f"{topics}/merge", json={"into": home})
        unknown = await kim.patch(topics, json={"name": "x"})
        found = (await kim.get(SEARCH, params={"q": "red light", "topic": "Home/Faults"})).json()["items"]
        polish = await kim.post(f"{place}/translate", json={"lang": "pl"})
        strange = await kim.post(f"{place}/translate", json={"lang": "Polish!"})
        followed = await kim.post(f"{ARTICLES}/{polish.json()['number']}/follow")
        picture = await kim.post("/api/v1/kb/images", content=b"<svg onload=alert(1)>")
        reminded = await kim.post(f"{place}/remind")
        waiting = (await kim.get("/api/v1/kb/reviews")).json()

    assert (fibre["published"], fibre["children"][0]["topic"]["name"]) == (1, "Faults")
    assert (moved.status_code, full.status_code, merged.status_code, unknown.status_code) == (204, 409, 204, 404)
    assert [hit["number"] for hit in found] == [made["number"]]
    assert (polish.status_code, polish.json()["of_original"], polish.json()["body"]) == (
        201,
        1,
        "Wait **ninety** seconds.",
    )
    assert (problem(strange), followed.status_code) == ((400, "bad-input", ["lang"]), 200)
    assert (problem(picture), problem(reminded)[0]) == ((400, "bad-input", ["image"]), 409)
    assert set(waiting) == {"asked", "submitted", "ending", "told"}

"""Why this agent, why not the others, and what time will do: on the desk, for supervisors, and over HTTP."""

from __future__ import annotations

import asyncio

from console.people.who import OPERATOR
from console.services import configuration
from tests.web.running import CENTRE, Site, browsing
from tests.web.test_web_cases import new_case

LADDER = CENTRE.replace(
    "- {name: mail, channel: case}",
    "- {name: mail, channel: case, requires: {fibre: 7}, relax: [{after: 600s, require: {fibre: 5}}], overflow: [{when: {waited: 900s}, to: {queue: more}}]}\n"
    "  - {name: more, channel: case}",
)


async def waiting_case(site: Site) -> str:
    """A case that nobody can take yet; its work item, when the router has taken it in."""
    await configuration.apply(site.ctx, OPERATOR, text=LADDER)
    async with site.client("ana") as client:
        item: str = (await new_case(client))["work_item"]
        async with asyncio.timeout(10):
            while (await client.get(f"/api/v1/work-items/{item}/explain")).status_code != 200:
                pass
    return item


async def test_the_reasons_over_http_have_codes_and_words(at_work: Site) -> None:
    item = await waiting_case(at_work)
    async with at_work.client("ana") as client:
        told = (await client.get(f"/api/v1/work-items/{item}/explain")).json()

    assert told["state"] == "waiting"
    assert {reason["agent"]: reason["code"] for reason in told["reasons"]} == {"ana": "skill", "ben": "other_queue"}
    assert [(coming["what"], coming.get("needs"), coming.get("to")) for coming in told["coming"]] == [
        ("relaxed", {"fibre": 5}, None),
        ("sent_on", None, "more"),
    ]
    assert "ana has fibre 5, needed is 7." in told["words"]


async def test_the_desk_shows_them_in_the_dialog_that_asked(at_work: Site) -> None:
    item = await waiting_case(at_work)
    async with browsing(at_work, "ana") as browser:
        desk = (await browser.client.get("/desk")).text
        told = (await browser.client.get(f"/desk/work/{item}/why")).text

    assert 'id="why"' in desk
    assert told.startswith('<hx-partial id="why-told"')
    assert "lacks a skill: fibre at 5, needed 7" in told
    assert "1 agent qualifies" in told
    assert "sent on to <bdi>more</bdi>" in told or "sent on to more" in told


async def test_supervisors_see_the_same_on_a_page(at_work: Site) -> None:
    item = await waiting_case(at_work)
    async with browsing(at_work, "sue") as browser:
        page = (await browser.client.get(f"/supervisor/why/{item}")).text

    assert "lacks a skill: fibre at 5, needed 7" in page
    assert "under configuration" in page


async def test_a_supervisor_has_no_desk_to_ask_from(at_work: Site) -> None:
    item = await waiting_case(at_work)
    async with browsing(at_work, "sue") as browser:
        assert (await browser.client.get(f"/desk/work/{item}/why")).status_code == 403

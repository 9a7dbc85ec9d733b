"""Cases that go up and on by HTTP: what is asked, refused, and read."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.running import Site


async def case_of(site: Site) -> str:
    async with site.client("sue") as sue:
        answer = await sue.post(
            "/api/v1/cases", json={"subject": "Line drops", "via": "web", "customer": {"name": "Ida"}}
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["number"])


async def test_a_case_is_escalated_once_and_its_packet_can_be_read(shared: Site) -> None:
    number = await case_of(shared)
    async with shared.client("sue") as sue:
        never = await sue.get(f"/api/v1/cases/{number}/handover")
        asked = {"to": {"queue": "mail"}, "reason": "A VIP"}
        first, again = [
            await sue.post(f"/api/v1/cases/{number}/escalate", json=asked, headers={"Idempotency-Key": "one"})
            for _ in range(2)
        ]
        twice = await sue.post(f"/api/v1/cases/{number}/escalate", json=asked)
        on = await sue.post(f"/api/v1/cases/{number}/transfer", json={"to": {"agent": "ana"}, "note": "She knows it"})
        shown = (await sue.get(f"/api/v1/cases/{number}/handover")).json()
        mine = await sue.post(f"/api/v1/cases/{number}/handover/acknowledge")
    assert never.status_code == 404
    assert first.status_code == 201
    assert first.json() == again.json()
    assert (first.json()["level"], first.json()["to"], first.json()["packet"]["why"]["reason"]) == (
        1,
        {"queue": "mail"},
        "A VIP",
    )
    assert (twice.status_code, twice.json()["type"].rpartition("/")[2]) == (409, "already-escalated")
    assert on.status_code == 201
    assert (shown["trigger"], shown["to"], shown["under_way"]) == ("transfer", {"agent": "ana"}, True)
    assert [entry["kind"] for entry in shown["packet"]["timeline"]] == ["registered", "escalated", "escalated"]
    assert mine.status_code == 403


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("escalate", {"to": {}, "reason": "x"}, "to"),
        ("escalate", {"to": {"queue": "mail", "agent": "ana"}, "reason": "x"}, "to"),
        ("escalate", {"to": {"queue": "nowhere"}, "reason": "x"}, "to.queue"),
        ("escalate", {"to": {"agent": "zoe"}, "reason": "x"}, "to.agent"),
        ("escalate", {"to": {"ladder": "none"}, "reason": "x"}, "to.ladder"),
        ("escalate", {"to": {"queue": "mail"}, "reason": ""}, "reason"),
        ("transfer", {"to": {"ladder": "none"}, "note": "x"}, "to"),
        ("transfer", {"to": {"queue": "mail"}}, "note"),
    ],
)
async def test_what_cannot_be_meant_is_refused_with_its_field(shared: Site, path: str, body: Any, field: str) -> None:
    number = await case_of(shared)
    async with shared.client("sue") as sue:
        answer = await sue.post(f"/api/v1/cases/{number}/{path}", json=body)
    assert answer.status_code == 400, answer.text
    assert field in {error["field"].removeprefix("body.") for error in answer.json()["errors"]} | {
        error["field"].partition(".")[0] for error in answer.json()["errors"]
    }

"""Cases as their users meet them over a real server; and what every node tells to everybody."""

from __future__ import annotations

from tests.contract.conftest import Contract, Seat, problem

CASE = {"subject": "No dial tone", "via": "api", "customer": {"name": "Marta"}}


async def test_a_case_is_offered_as_work_and_made_once_under_its_key(seat: Seat) -> None:
    case = CASE | {"queue": seat.cases}
    async with seat.free() as stream:
        first = await seat.desk.ask("POST", "/api/v1/cases", case, idempotency_key=seat.call)
        again = await seat.desk.ask("POST", "/api/v1/cases", case, idempotency_key=seat.call)
        other = await seat.desk.ask("POST", "/api/v1/cases", case | {"subject": "Other"}, idempotency_key=seat.call)
        offer = (await stream.hear("offer.made"))["data"]
        await seat.accept(offer)
        await stream.hear("work.started")
        pending = await seat.desk.ask("PATCH", f"/api/v1/cases/{first.json()['number']}", {"status": "pending"})
        ended_ = (await stream.hear("work.ended"))["data"]

    assert (first.status, set(first.json())) == (201, {"number", "id", "work_item"})
    assert (again.status, again.json()) == (201, first.json())
    assert problem(other)[0] == 409
    assert (offer["kind"], offer["work_item"], offer["call"]) == ("case", first.json()["work_item"], None)
    assert offer["case"]["number"] == first.json()["number"]
    assert pending.status == 200
    assert ended_["work_item"] == offer["work_item"]


async def test_a_stale_write_is_refused_and_tells_so(seat: Seat) -> None:
    made = await seat.desk.ask("POST", "/api/v1/cases", CASE | {"queue": seat.cases})
    path = f"/api/v1/cases/{made.json()['number']}"
    tag = (await seat.desk.ask("GET", path)).headers["etag"]
    first = await seat.desk.ask("PATCH", path, {"subject": "y"}, if_match=tag)
    stale = await seat.desk.ask("PATCH", path, {"subject": "z"}, if_match=tag)
    shown = await seat.desk.ask("GET", path)

    assert first.status == 200
    assert problem(stale)[0] == 412
    assert (shown.json()["subject"], shown.headers["etag"]) == ("y", first.headers["etag"])


# --- health -----------------------------------------------------------------------------------------------------------


async def test_health_figures_and_schema_are_for_everybody(contract: Contract) -> None:
    line = contract.line()
    live, ready = await line.ask("GET", "/health/live"), await line.ask("GET", "/health/ready")
    figures, schema = await line.ask("GET", "/metrics"), await line.ask("GET", "/schema")

    assert (live.status, ready.status, figures.status, schema.status) == (200, 200, 200, 200)
    assert "console_work_items" in figures.body.decode()
    assert schema.json()["openapi"].startswith("3.")


async def test_a_method_that_is_not_there_and_a_path_that_is_not_there_are_problems_too(contract: Contract) -> None:
    line = contract.line("sue")

    assert problem(await line.ask("DELETE", "/api/v1/me")) == (405, "method-not-allowed")
    assert problem(await line.ask("GET", "/api/v1/nothing")) == (404, "not-found")

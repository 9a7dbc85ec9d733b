"""Scripts over the API, as an author's own tools keep them."""

from __future__ import annotations

from tests.web.running import Site

SOURCE = (
    "script: by-hand\ntitle: By hand\nsteps:\n  - {step: done, end: solved}\ntests: [{name: It ends, ends: solved}]\n"
)


async def test_a_script_is_written_and_published_by_another_over_the_api(shared: Site) -> None:
    async with shared.client("kim") as kim, shared.client("ada") as ada:
        new = {"name": "by-hand", "title": "By hand"}
        made = await kim.post("/api/v1/scripts", json=new, headers={"Idempotency-Key": "a-script"})
        again = await kim.post("/api/v1/scripts", json=new, headers={"Idempotency-Key": "a-script"})
        assert (made.status_code, again.status_code) == (201, 201)
        assert (await kim.post("/api/v1/scripts", json=new)).status_code == 400

        broken = await kim.put(
            "/api/v1/scripts/by-hand/draft", json={"source": SOURCE.replace("end: solved", "say: x")}
        )
        [finding] = [one for one in broken.json()["findings"] if one["stops"]]
        assert (finding["code"], finding["line"]) == ("mistake", 4)
        assert (await kim.post("/api/v1/scripts/by-hand/submit", json={})).json()["type"].endswith("script-unfit")
        stale = {"If-Match": made.headers["etag"]}
        kept = await kim.put("/api/v1/scripts/by-hand/draft", json={"source": SOURCE}, headers=stale)
        assert kept.status_code == 412
        kept = await kim.put(
            "/api/v1/scripts/by-hand/draft", json={"source": SOURCE}, headers={"If-Match": broken.headers["etag"]}
        )
        assert (kept.json()["findings"], kept.json()["authors"]) == ([], ["kim"])

        sent = await kim.post("/api/v1/scripts/by-hand/submit", json={"note": "the first"})
        assert (sent.json()["state"], sent.json()["note"]) == ("in_review", "the first")
        assert (await kim.post("/api/v1/scripts/by-hand/publish")).json()["type"].endswith("own-work")
        back = await ada.post("/api/v1/scripts/by-hand/return", json={"why": "say hello"})
        assert back.json()["state"] == "draft"
        await kim.post("/api/v1/scripts/by-hand/submit", json={})
        done = await ada.post("/api/v1/scripts/by-hand/publish")
        assert (done.json()["in_force"], done.json()["state"]) == (1, None)
        assert (await ada.post("/api/v1/scripts/by-hand/publish")).status_code == 409

        listed = (await ada.get("/api/v1/scripts?limit=100")).json()["items"]
        assert ("by-hand", 1) in [(one["name"], one["in_force"]) for one in listed]
        assert (await ada.get("/api/v1/scripts/nothing")).status_code == 404

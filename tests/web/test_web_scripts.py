"""The authors' pages of scripts, asked as a browser asks them."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from console.scripts.acts import Act
from console.web.scripts.posted import posted
from tests.web.running import Browser, Site, browsing

FIBRE = (Path(__file__).parents[1] / "scripts" / "fibre.yaml").read_text()
HERE = (
    FIBRE.replace("      - start_clock: next_update\n", "")
    .replace(", start_clock next_update", "")
    .replace("    article: KB-1187\n", "")
)


async def post(browser: Browser, path: str, **form: str | int) -> tuple[int, str]:
    answer = await browser.post(path, **{key: str(value) for key, value in form.items()})
    return answer.status_code, answer.text


async def test_a_script_is_written_tried_reviewed_by_another_published_and_rolled_back(shared: Site) -> None:
    async with browsing(shared, "kim") as kim, browsing(shared, "ada") as ada:
        assert (await post(kim, "/scripts", name="fibre-no-service", title="Fibre"))[0] == 204
        status, said = await post(kim, "/scripts/fibre-no-service/draft", source=HERE, version=1)
        assert status == 200
        assert "PON light colour?" in said
        assert "3 tests pass" in said
        assert (await post(ada, "/scripts/fibre-no-service/draft", source="x", version=1))[0] == 412
        page = (await kim.client.get("/scripts/fibre-no-service")).text
        assert 'id="script-flow"' in page
        assert "answers.stopped" in page

        assert (await post(kim, "/scripts/fibre-no-service/submit", version=2, note="the new fibre one"))[0] == 204
        status, said = await post(kim, "/scripts/fibre-no-service/publish", version=3)
        assert (status, "wrote on it" in said) == (403, True)
        assert (await post(ada, "/scripts/fibre-no-service/publish", version=3))[0] == 204
        assert (await post(ada, "/scripts/fibre-no-service/publish", version=3))[0] == 409

        source = HERE.replace("What stopped?", "What does not work?")
        await post(kim, "/scripts/fibre-no-service/draft", source=source, version=0)
        versions = (await kim.client.get("/scripts/fibre-no-service/versions")).text
        assert "<ins>does not work</ins>" in versions
        await post(kim, "/scripts/fibre-no-service/submit", version=1)
        await post(ada, "/scripts/fibre-no-service/publish", version=2)
        assert (await post(kim, "/scripts/fibre-no-service/roll-back", number=1, why="worse"))[0] == 204
        assert "put an earlier version in force" in (await kim.client.get("/scripts/fibre-no-service/versions")).text
        assert "No runs in this time" in (await kim.client.get("/scripts/fibre-no-service/report?days=7")).text
        assert "fibre-no-service" in (await kim.client.get("/scripts")).text


async def test_a_step_is_written_by_its_form(shared: Site) -> None:
    async with browsing(shared, "kim") as kim:
        await post(kim, "/scripts", name="by-form", title="By form")
        source = HERE.replace("script: fibre-no-service", "script: by-form")
        light = {"step": "light", "language": "en", "ask": "choice", "say": "Which **light**?", "title": "Light"}
        rows = [("red", "Red", "visit"), ("green", "Green", "devices")]
        for place, row in enumerate(rows):
            light |= {f"answer-{place}-{key}": said for key, said in zip(("code", "label", "go"), row, strict=True)}

        status, said = await post(kim, "/scripts/by-form/step", source=source, version=1, **light)
        assert (status, said.count("<hx-partial")) == (200, 6)
        assert "say: Which **light**?" in said
        assert said.index("red: {label: Red, go: visit}") < said.index("green: {label: Green, go: devices}")
        assert "fa: تأیید نشد" in said
        assert (await post(kim, "/scripts/by-form/step", source=source, version=1, **light))[0] == 412

        care = {"step": "care", "act": "add-row-0", "way-0-go": "visit", "way-0-at": "0", "title": "Care"}
        care |= {f"way-0-row-4-{key}": said for key, said in (("name", "priority"), ("sign", "above"), ("value", "x"))}
        _, said = await post(kim, "/scripts/by-form/step", source=source, version=2, **care)
        assert "when: priority &gt; 0 &amp;&amp; queue == &#34;faults&#34;, go: visit" in said

        _, said = await post(kim, "/scripts/by-form/step", source=source, version=3, **light, act="drop-answer-1")
        assert "Not written into the script" in said
        assert "a choice has 2 to 30" in said
        begin = {"act": "begin", "new-kind": "end", "new-title": "Call back", "step": "light"}
        _, said = await post(kim, "/scripts/by-form/step", source=source, version=3, **begin)
        assert 'id="step-call_back"' in said
        _, said = await post(kim, "/scripts/by-form/step", source=source, version=4, step="light", act="earlier")
        assert said.index('id="step-light"') < said.index('id="step-care"')
        assert (await post(kim, "/scripts/by-form/step", source="script: [", version=5, act="show"))[0] == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": "x"},
        {"version": "1", "say": "x" * 4_001},
        {"version": "1", "say": "\0"},
        {"version": "1", **{f"answer-{n}-code": "a" for n in range(1_001)}},
    ],
    ids=["version", "length", "nul", "fields"],
)
async def test_a_form_that_is_none_is_refused(shared: Site, wrong: dict[str, str]) -> None:
    async with browsing(shared, "kim") as kim:
        status, said = await post(kim, "/scripts/any/step", source=HERE, step="light", **wrong)
        assert (status, "too long or not as it must be" in said) == (400, True)


def test_a_button_means_its_row_wherever_that_was_dragged() -> None:
    rows = {f"answer-{n}-code": f"c{n}" for n in (2, 0, 1)}
    rows |= {f"way-{way}-row-{row}-name": "queue" for way, row in ((1, 0), (0, 3), (0, 0))}

    def pressed(act: str) -> Act:
        return posted({"version": "1", "act": act, **rows}).act

    assert pressed("drop-answer-2") == Act("drop", "answer", (0,))
    assert pressed("drop-row-0-3") == Act("drop", "row", (1, 0))
    assert pressed("add-row-1") == Act("add", "row", (0,))
    assert pressed("drop-answer-7") == pressed("") == pressed("drop-answer-x") == Act("change")


async def test_the_test_run_shows_the_way_and_why(shared: Site) -> None:
    async with browsing(shared, "kim") as kim:
        facts = "contract: {sla: gold}"
        _, said = await post(kim, "/scripts/any/try", source=HERE, facts=facts, act="again")
        assert "waiting for you" in said
        assert "Good day , may I have your PIN" in said
        answers = [["verify", "pin"]]
        _, said = await post(
            kim,
            "/scripts/any/try",
            source=HERE,
            facts=facts,
            answers=msgspec.json.encode(answers).decode(),
            act="answer",
            step="stopped",
            answer="internet",
        )
        assert "holds, so it is taken" in said
        assert "ends: Solved" in said
        _, said = await post(kim, "/scripts/any/try", source=HERE, facts="contrat: x", act="again")
        assert "did you mean &#39;contract&#39;?" in said
        _, said = await post(kim, "/scripts/any/try", source=HERE, act="test", test="2")
        assert "ends: Information given" in said


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("script: [", "not YAML"),
        ("script: a\ntitle: A\nsteps:\n  - {step: one, say: Hi, go: nowhere}\n", "there is no step"),
        (HERE.replace("contract.sla ==", "contrakt.sla =="), "unknown name"),
        (HERE.replace("answers.devices > 9", 'answers.devices > "9"'), "is a number"),
        (HERE.replace("go: sorry", "go: stopped"), "No step leads here"),
        (HERE.replace("ends: information", "ends: solved"), "expected solved"),
        (HERE.replace("end: solved", "end: won"), "there is no outcome"),
    ],
)
async def test_what_keeps_it_from_being_published_is_said(shared: Site, source: str, says: str) -> None:
    async with browsing(shared, "kim") as kim:
        name = f"wrong-{abs(hash(source)) % 10**8}"
        await post(kim, "/scripts", name=name, title="Wrong")
        source = re.sub("^script: [a-z-]+$", f"script: {name}", source, count=1, flags=re.MULTILINE)
        _, said = await post(kim, f"/scripts/{name}/draft", source=source, version=1)
        assert says in said
        status, said = await post(kim, f"/scripts/{name}/submit", version=2)
        assert (status, "checks say why" in said) == (400, True)


async def test_a_run_over_http_refuses_an_answer_for_another_step(shared: Site) -> None:
    source = "script: over-http\ntitle: Over HTTP\nsteps:\n  - {step: one, say: 'Hello {customer.name}', ask: yes_no}\n"
    source += "  - {step: two, ask: choice, answers: {a: A, b: B}}\n  - {step: done, end: solved}\n"
    async with browsing(shared, "kim") as kim, browsing(shared, "ada") as ada:
        await post(kim, "/scripts", name="over-http", title="Over HTTP")
        await post(kim, "/scripts/over-http/draft", source=source, version=1)
        await post(kim, "/scripts/over-http/submit", version=2)
        assert (await post(ada, "/scripts/over-http/publish", version=3))[0] == 204
    async with shared.client("ana") as ana:
        case = {"subject": "x", "via": "api", "customer": {"name": "Marta", "email": "marta@example.org"}}
        number = (await ana.post("/api/v1/cases", json=case)).json()["number"]
        key = {"Idempotency-Key": "run-1"}
        begun = await ana.post(f"/api/v1/cases/{number}/script-runs", json={"script": "over-http"}, headers=key)
        again = await ana.post(f"/api/v1/cases/{number}/script-runs", json={"script": "over-http"}, headers=key)
        assert (begun.status_code, again.json()["id"]) == (201, begun.json()["id"])
        assert begun.json()["step"]["say"] == "Hello Marta"
        other = await ana.post(f"/api/v1/cases/{number}/script-runs", json={"script": "over-http"})
        assert (other.status_code, other.json()["type"]) == (409, "script-running")

        run = f"/api/v1/script-runs/{begun.json()['id']}"
        wrong = await ana.post(f"{run}/answers", json={"step": "one", "answer": "perhaps"})
        assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "answer")
        answered = await ana.post(f"{run}/answers", json={"step": "one", "answer": True})
        assert [one["code"] for one in answered.json()["step"]["answers"]] == ["a", "b"]
        twice = await ana.post(f"{run}/answers", json={"step": "one", "answer": True})
        assert (twice.status_code, twice.json()["type"]) == (409, "step-over")
        assert (await ana.post(f"{run}/back")).json()["nth"] == 0
        await ana.post(f"{run}/answers", json={"step": "one", "answer": False})
        ended = (await ana.post(f"{run}/answers", json={"step": "two", "answer": "b", "nth": 1})).json()
        assert (ended["state"], ended["outcome"], ended["step"]) == ("ended", "solved", None)
        assert (await ana.get(run)).json()["answers"][0]["answer"] is False

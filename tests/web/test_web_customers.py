"""Customers, contracts and what belongs to a case, over HTTP: by the API, and by the pages."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx
import pytest

from tests.web.running import Site, browsing

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
TERMS = {"number": "4471", "name": "Fibre", "starts_on": "2020-01-01", "included_cases": 10}


async def made(client: httpx.AsyncClient, path: str, **body: Any) -> dict[str, Any]:
    answer = await client.post(f"/api/v1/{path}", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def case_of(client: httpx.AsyncClient, **more: Any) -> str:
    body = {"subject": "No dial tone", "via": "api", "customer": {"phone": "+441314960100"}, **more}
    return str((await made(client, "cases", **body))["number"])


async def test_a_customer_has_several_numbers_and_is_changed_by_who_has_read_them(site: Site) -> None:
    async with site.client("ana") as client:
        body = {"name": "Marta", "phones": ["+44 131 496 0182", "0044 7700 900417"], "emails": ["M@Harbour.example"]}
        customer = await made(client, "customers", **body)
        path = f"/api/v1/customers/{customer['id']}"
        tag = (await client.get(path)).headers["etag"]
        changed = await client.patch(path, json={"emails": []}, headers={"If-Match": tag})
        stale = await client.patch(path, json={"name": "X"}, headers={"If-Match": tag})
        wrong = await client.patch(path, json={"phones": ["+441314960182", "12345"]})
        found = await client.get("/api/v1/customers", params={"q": "07700 900 417"})
        shown = (await client.get(path)).json()

    assert customer["phones"] == ["+441314960182", "+447700900417"]
    assert (changed.status_code, changed.json()["emails"]) == (200, [])
    assert (stale.status_code, stale.json()["type"]) == (412, "stale-record")
    assert [error["field"] for error in wrong.json()["errors"]] == ["phones[1]"]
    assert [one["id"] for one in found.json()["items"]] == [customer["id"]]
    assert shown["timeline"][0]["data"]["changes"] == {"emails": [["m@harbour.example"], []]}


async def test_what_a_contract_has_left_is_shown_with_it_and_with_its_cases(site: Site) -> None:
    async with site.client("sue") as sue, site.client("ana") as ana:
        account = await made(sue, "accounts", name="Harbour Street Dental", external_id="NL-1")
        await made(ana, "customers", name="Marta", account=account["id"], phones=["+441314960100"])
        contract = await made(sue, "contracts", **TERMS, account=account["id"])
        number = await case_of(ana)
        shown = (await ana.get(f"/api/v1/cases/{number}")).json()
        again = await sue.post("/api/v1/contracts", json={**TERMS, "account": account["id"]})
        both = await sue.post("/api/v1/contracts", json={**TERMS, "number": "2"})
        listed = (await ana.get("/api/v1/cases", params={"contract": contract["id"]})).json()["items"]

    assert contract["left"] == {"cases": 10, "hours": None}
    assert (shown["contract"]["number"], shown["contract"]["left"]["cases"]) == ("4471", 9)
    assert shown["customer"]["company"] == "Harbour Street Dental"
    assert [error["field"] for error in again.json()["errors"]] == ["number"]
    assert [error["field"] for error in both.json()["errors"]] == ["account"]
    assert [(case["number"], case["contract"]) for case in listed] == [(number, "4471")]


async def test_a_file_is_served_to_be_saved_and_one_that_lies_is_refused(site: Site) -> None:
    async with site.client("ana") as client:
        path = f"/api/v1/cases/{await case_of(client)}/attachments"
        kept = await client.post(f"{path}?name=Лист%20«1».png", content=PNG, headers={"Content-Type": "image/png"})
        lie = await client.post(f"{path}?name=a.pdf", content=PNG, headers={"Content-Type": "application/pdf"})
        html = await client.post(f"{path}?name=a.txt", content=b"<html>", headers={"Content-Type": "text/plain"})
        large = await client.post(f"{path}?name=a.txt", content=b"x" * (10 * 1024 * 1024 + 2))
        file = await client.get(f"{path}/{kept.json()['id']}")

    assert (lie.status_code, lie.json()["type"], lie.json()["errors"][0]["field"]) == (400, "bad-file", "file")
    assert (html.status_code, large.status_code) == (400, 413)
    assert file.content == PNG
    assert file.headers["content-type"] == "image/png"
    assert file.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%D0%9B")
    assert file.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in file.headers["content-security-policy"]


async def test_a_case_is_reopened_linked_and_given_tasks_over_http(site: Site) -> None:
    async with site.client("ana") as client:
        one, two = await case_of(client), await case_of(client)
        path = f"/api/v1/cases/{one}"
        soon = await client.post(f"{path}/reopen")
        await client.patch(path, json={"status": "resolved"})
        back = await client.post(f"{path}/reopen", json={"reason": "again"})
        await client.put(f"{path}/links/{two}", json={"kind": "caused_by"})
        await client.put(f"{path}/parent", json={"parent": two})
        task = await client.post(
            f"{path}/tasks", json={"text": "Ring", "kind": "callback", "due_at": "2030-01-01T00:00:00Z"}
        )
        vague = await client.post(f"{path}/tasks", json={"text": "Ring", "kind": "callback"})
        done = await client.patch(f"{path}/tasks/{task.json()['id']}", json={"result": "done"})
        heard = await client.post(f"{path}/words", json={"text": "Thank you", "via": "email"})
        shown = (await client.get(path)).json()

    assert (soon.status_code, soon.json()["type"]) == (409, "case-not-over")
    assert (back.status_code, back.json()["status"]) == (200, "open")
    assert (vague.status_code, vague.json()["errors"][0]["field"]) == (400, "due_at")
    assert (done.status_code, done.json()["done_by"]) == (200, "ana")
    assert heard.json()["happening"] == "noted"
    assert {(link["kind"], link["number"]) for link in shown["links"]} == {("parent", two), ("caused_by", two)}


async def test_a_table_holds_nothing_that_a_spreadsheet_would_run(site: Site) -> None:
    async with site.client("ana") as client:
        await case_of(client, subject='=HYPERLINK("http://x.example")')
        await case_of(client, subject="Чорна, «скринька»", priority=-5)
        answer = await client.get("/api/v1/cases.csv")
        some = await client.get("/api/v1/cases.csv", params={"q": "скринька"})

    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [row["subject"] for row in rows] == ["Чорна, «скринька»", '\'=HYPERLINK("http://x.example")']
    assert rows[0]["priority"] == "-5"
    assert len(list(csv.DictReader(io.StringIO(some.text)))) == 1


@pytest.mark.parametrize("who", ["ana", "sue", "ada"])
async def test_the_pages_of_cases_and_customers_are_drawn_for_everybody_who_has_them(shared: Site, who: str) -> None:
    async with shared.client("sue") as sue:
        account = await made(sue, "accounts", name=f"Account of {who}")
        customer = await made(sue, "customers", name=f"Marta <{who}>", account=account["id"])
        await made(sue, "contracts", **{**TERMS, "number": f"K-{who}"}, account=account["id"])
        number = await case_of(sue, subject=f"Case of {who}", customer={"name": f"Marta <{who}>"})
    async with browsing(shared, who) as browser:
        pages = {
            path: await browser.client.get(path)
            for path in (
                *("/cases", f"/cases?q=case+{who}&status=unfinished", f"/cases?q=case+{who}&status=closed"),
                *("/customers", f"/customers/{customer['id']}", "/accounts", f"/accounts/{account['id']}"),
            )
        }
        case = await browser.client.get(f"/cases/{number}", follow_redirects=True)
        table = await browser.client.get("/cases.csv?q=case")
        odd = await browser.client.get("/cases?status=odd")

    assert {path: page.status_code for path, page in pages.items()} == dict.fromkeys(pages, 200)
    assert f"Case of {who}" in pages[f"/cases?q=case+{who}&status=unfinished"].text
    assert 'id="without"' in pages[f"/cases?q=case+{who}&status=closed"].text
    assert f"Marta &lt;{who}&gt;" in pages[f"/customers/{customer['id']}"].text
    assert f"K-{who}" in pages[f"/accounts/{account['id']}"].text
    assert f"Case of {who}" in case.text
    assert table.text.startswith("\ufeffnumber,")
    assert odd.status_code == 400


async def test_the_desk_adds_tasks_files_and_links_and_its_pages_keep_contracts(site: Site) -> None:
    async with site.client("ana") as client:
        one, two = await case_of(client), await case_of(client)
    async with browsing(site, "ana") as browser:
        task = await browser.post(
            f"/desk/cases/{one}/tasks", text="Ring <Marta>", kind="callback", due="2030-06-01T10:00", remind="15"
        )
        linked = await browser.post(f"/desk/cases/{one}/links", other=two, kind="parent")
        token = {"X-CSRF-Token": browser.csrf}
        path = f"/desk/cases/{one}/attachments"
        file = await browser.client.post(path, files={"file": ("red.png", PNG, "image/png")}, headers=token)
        lie = await browser.client.post(path, files={"file": ("red.png", b"<svg>", "image/png")}, headers=token)
    async with site.client("ana") as client:
        shown = (await client.get(f"/api/v1/cases/{one}")).json()
    async with browsing(site, "sue") as browser:
        new = await browser.post("/accounts", name="Harbour")
        at = new.headers["hx-redirect"]
        agreed = await browser.post(f"{at}/contracts", **{k: str(v) for k, v in TERMS.items()}, included_hours="1.5")
        bad = await browser.post(f"{at}/contracts", number="2", name="x", starts_on="2020-01-01", ends_on="never")
        page = await browser.client.get(at)

    assert [answer.status_code for answer in (task, linked, file)] == [200, 200, 200]
    assert "Ring &lt;Marta&gt;" in task.text
    # 10:00 in Kyiv, where the browser is.
    assert (shown["tasks"][0]["due_at"], shown["tasks"][0]["remind_at"]) == (
        "2030-06-01T07:00:00Z",
        "2030-06-01T06:45:00Z",
    )
    assert [link["kind"] for link in shown["links"]] == ["parent"]
    assert [attachment["name"] for attachment in shown["attachments"]] == ["red.png"]
    assert lie.status_code == 400
    assert "not what its name says" in lie.text
    assert (new.status_code, agreed.headers["hx-refresh"], bad.status_code) == (204, "true", 400)
    assert "10 of 10 left" in page.text
    assert "1.5 of 1.5 left" in page.text

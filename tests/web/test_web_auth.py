"""Who is believed to be who: tokens, sessions, their cookies, and pages of ours and of others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from types import SimpleNamespace

import httpx
import pytest
from litestar.connection import ASGIConnection

from console.people.who import OPERATOR
from console.services import people
from console.services.people import SignedIn
from console.web.auth import CSRF_HEADER, SESSION_COOKIE, session_cookie
from tests.web.running import PASSWORD, Site

PRESENCE = "/api/v1/me/presence"
AWAY = {"presence": "offline"}


@pytest.fixture
async def session(site: Site) -> SignedIn:
    """Ana's, as her browser has it."""
    await people.create_user(site.ctx, OPERATOR, username="ana", role="agent", password=PASSWORD)
    return await people.sign_in(site.ctx, username="ana", password=PASSWORD, address="127.0.0.1")


@pytest.fixture
async def browser(site: Site, session: SignedIn) -> AsyncIterator[httpx.AsyncClient]:
    cookies = {SESSION_COOKIE: session.cookie}
    async with httpx.AsyncClient(base_url=site.url, cookies=cookies, timeout=10) as client:
        yield client


@pytest.mark.parametrize(
    "shown",
    [
        "Bearer",
        "Bearer x",
        "Basic YTpi",
        "bearer\tx",
        "Bearer " + "x" * 5000,
        "Bearer ctk_" + "A" * 43,
        "\xff",
    ],
)
async def test_what_is_no_token_of_ours_is_nobody(site: Site, shown: str) -> None:
    async with site.client() as client:
        answer = await client.get("/api/v1/me", headers={"Authorization": shown.encode("latin-1")})  # type: ignore[dict-item]  # httpx takes bytes

    assert answer.status_code == 401
    assert answer.json()["type"] == "not-signed-in"


async def test_an_expired_token_is_nobodys(site: Site) -> None:
    [token] = await people.create_tokens(site.ctx, OPERATOR, usernames=["ana"], expires_in=timedelta(microseconds=1))
    async with site.client() as client:
        answer = await client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 401


async def test_a_revoked_token_is_nobodys(site: Site) -> None:
    await people.revoke_tokens(site.ctx, OPERATOR, username="ana")
    async with site.client("ana") as client:
        answer = await client.get("/api/v1/me")

    assert answer.status_code == 401


async def test_a_session_reads_without_a_csrf_token(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/api/v1/me")

    assert answer.status_code == 200
    assert answer.json()["username"] == "ana"


async def test_a_session_writes_with_its_csrf_token_alone(browser: httpx.AsyncClient, session: SignedIn) -> None:
    without = await browser.put(PRESENCE, json=AWAY)
    wrong = await browser.put(PRESENCE, json=AWAY, headers={CSRF_HEADER: "x" * 43})
    right = await browser.put(PRESENCE, json=AWAY, headers={CSRF_HEADER: session.csrf})

    assert [without.status_code, wrong.status_code, right.status_code] == [403, 403, 200]
    assert without.json()["type"] == "foreign-page"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "{site}"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
    ],
)
async def test_a_browser_writes_from_our_own_pages_alone(
    site: Site, browser: httpx.AsyncClient, session: SignedIn, headers: dict[str, str], status: int
) -> None:
    sent = {name: value.replace("{site}", site.url) for name, value in headers.items()}

    answer = await browser.put(PRESENCE, json=AWAY, headers={CSRF_HEADER: session.csrf, **sent})

    assert answer.status_code == status


async def test_a_token_writes_without_a_csrf_token_from_anywhere(site: Site) -> None:
    async with site.client("ana", Origin="https://crm.example") as client:
        answer = await client.put(PRESENCE, json=AWAY)

    assert answer.status_code == 200


async def test_a_wrong_token_is_not_made_up_for_by_a_cookie(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/api/v1/me", headers={"Authorization": "Bearer nonsense"})

    assert answer.status_code == 401


async def test_a_session_that_was_signed_out_is_over(site: Site, browser: httpx.AsyncClient, session: SignedIn) -> None:
    await people.sign_out(site.ctx, session.cookie)

    assert (await browser.get("/api/v1/me")).status_code == 401


@pytest.mark.parametrize(
    ("scheme", "public_url", "secure"),
    [
        ("http", None, False),
        ("https", None, True),
        ("http", "https://console.example", True),
        ("http", "http://console.example", False),
    ],
)
def test_the_cookie_is_for_our_own_pages_and_secure_behind_tls(
    scheme: str, public_url: str | None, secure: bool
) -> None:
    app = SimpleNamespace(state=SimpleNamespace(ctx=SimpleNamespace(public_url=public_url)))
    scope = {"type": "http", "scheme": scheme, "app": app, "litestar_app": app, "headers": [], "state": {}}
    cookie = session_cookie(ASGIConnection(scope), "secret")  # type: ignore[arg-type]  # the parts of a scope that count

    assert (cookie.key, cookie.httponly, cookie.samesite, cookie.path) == ("console_session", True, "lax", "/")
    assert cookie.secure is secure

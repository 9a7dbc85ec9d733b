"""A person's preferences: the page where they are said, and the pages that follow them."""

from __future__ import annotations

import re

import pytest

from console.errors import NotAllowed, NotSignedIn
from console.people import store
from console.people.preferences import Density, Preferences, Theme
from console.people.who import OPERATOR, Principal
from console.services import people, preferences
from console.web import words as w
from tests.web.running import PASSWORD, Site, browsing

USUAL = {"density": "comfortable", "theme": "system", "ring_volume": "60", "single_keys": "on"}


async def kept(site: Site, username: str) -> Preferences:
    async with site.ctx.db.transaction() as db:
        user = await store.find(db, username)
    assert user is not None
    return user.preferences


def root_of(page: str) -> str:
    found = re.search(r"<html [^>]*>", page)
    assert found
    return found[0]


async def test_whoever_has_said_nothing_has_the_usual(site: Site) -> None:
    assert await kept(site, "ana") == Preferences()
    async with browsing(site, "ana") as browser:
        root = root_of((await browser.client.get("/desk")).text)
    for said in (
        'data-density="comfortable"',
        'data-theme="system"',
        'data-single-keys="on"',
        'data-figures="0123456789"',
    ):
        assert said in root


async def test_what_was_chosen_is_kept_at_once_and_every_page_follows(site: Site) -> None:
    chosen = {"language": "fa", "density": "compact", "theme": "dark", "ring_volume": "80", "breach_sound": "on"}
    async with browsing(site, "ana", **{"Accept-Language": "uk"}) as browser:
        answer = await browser.post("/profile", **chosen)
        pages = [root_of((await browser.client.get(path)).text) for path in ("/desk", "/profile", "/supervisor")]

    assert answer.status_code == 200
    assert '<hx-partial id="profile"' in answer.text
    assert w.load("fa").say("Saved") in answer.text
    assert await kept(site, "ana") == Preferences(
        language="fa",
        density=Density.COMPACT,
        theme=Theme.DARK,
        single_keys=False,
        ring_volume=80,
        breach_sound=True,
    )
    for root in pages:
        assert root.startswith('<html lang="fa" dir="rtl"')
        for said in ('data-density="compact"', 'data-theme="dark"', 'data-single-keys="off"', 'data-ring-volume="80"'):
            assert said in root
        assert 'data-figures="۰۱۲۳۴۵۶۷۸۹"' in root


async def test_without_a_language_of_their_own_it_is_the_browsers(site: Site) -> None:
    async with browsing(site, "ana", **{"Accept-Language": "uk"}) as browser:
        await browser.post("/profile", **USUAL, language="fa")
        await browser.post("/profile", **USUAL, language="")
        assert root_of((await browser.client.get("/desk")).text).startswith('<html lang="uk" dir="ltr"')
    assert await kept(site, "ana") == Preferences()


async def test_everybody_with_a_sign_in_has_a_profile_of_their_own(site: Site) -> None:
    for who in ("ana", "sue", "kim", "ada"):
        async with browsing(site, who) as browser:
            assert (await browser.client.get("/profile")).status_code == 200
            assert (await browser.post("/profile", **{**USUAL, "theme": "light"})).status_code == 200
    assert (await kept(site, "kim")).theme is Theme.LIGHT
    assert (await kept(site, "ben")).theme is Theme.SYSTEM


async def test_what_is_no_choice_is_refused_and_nothing_kept(site: Site) -> None:
    wrong = (
        {"density": "airy"},
        {"theme": ""},
        {"ring_volume": "0"},
        {"ring_volume": "101"},
        {"ring_volume": "loud"},
        {"language": "tlh"},
        {"language": "../../etc"},
        {"language": "x" * 10_000},
        {"single_keys": "maybe"},
    )
    async with browsing(site, "ana") as browser:
        for choice in wrong:
            answer = await browser.post("/profile", **{**USUAL, "theme": "dark", **choice})
            assert answer.status_code == 400, choice
            assert '<hx-partial id="refusal"' in answer.text
    assert await kept(site, "ana") == Preferences()


async def test_preferences_are_a_persons_own(site: Site) -> None:
    with pytest.raises(NotAllowed):
        await preferences.save(site.ctx, OPERATOR, preferences=Preferences())
    with pytest.raises(NotAllowed):
        await preferences.save(site.ctx, Principal(integration="pbx", name="pbx"), preferences=Preferences())
    async with site.client() as client:
        assert (await client.get("/profile")).headers["location"] == "/login"
        assert (await client.post("/profile", data=USUAL)).status_code == NotSignedIn.status


async def test_a_user_who_comes_back_or_gets_a_password_keeps_their_preferences(site: Site) -> None:
    async with browsing(site, "ana") as browser:
        await browser.post("/profile", **USUAL, language="ru")
    await people.set_password(site.ctx, OPERATOR, username="ana", password=PASSWORD)
    assert (await kept(site, "ana")).language == "ru"


# --- before the sign-in -----------------------------------------------------------------------------------------------


async def test_the_sign_in_page_is_in_the_browsers_language(site: Site) -> None:
    for language in (*w.LANGUAGES, w.PSEUDO):
        words = w.load(language)
        async with site.client(**{"Accept-Language": language}) as client:
            page = (await client.get("/login")).text
        assert root_of(page).startswith(f'<html lang="{language}" dir="{words.direction}"')
        assert f'<h1 id="sign-in">{words.say("Sign in to Console")}</h1>' in page


async def test_a_language_is_chosen_at_the_sign_in_page_and_holds_until_they_say_otherwise(site: Site) -> None:
    async with browsing(site, "ana", **{"Accept-Language": "en"}) as browser, site.client() as client:
        page = (await client.get("/login")).text
        for language, own in w.LANGUAGES.items():
            assert f'href="/login?language={language}"' in page
            assert own in page
        chosen = await client.get("/login?language=ru")
        assert (chosen.status_code, chosen.headers["location"]) == (303, "/login")
        assert root_of((await client.get("/login")).text).startswith('<html lang="ru"')

        browser.client.cookies.set("language", "ru")
        assert root_of((await browser.client.get("/desk")).text).startswith('<html lang="ru"')
        await browser.post("/profile", **USUAL, language="uk")
        assert root_of((await browser.client.get("/desk")).text).startswith('<html lang="uk"')


async def test_a_choice_of_no_language_changes_nothing(site: Site) -> None:
    async with site.client(Cookie="language=../../etc") as client:
        answer = await client.get("/login?language=../../etc")
    assert (answer.status_code, "set-cookie" in answer.headers) == (200, False)
    assert root_of(answer.text).startswith('<html lang="en"')

"""Parts of the pages, drawn from values alone: no database, no socket."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import msgspec
import pytest

from console.live import messages as m
from console.web import words as w
from console.web.desk import parts
from console.web.desk.parts import SILENT, Part, Said
from console.web.fragment import STATIC, TEMPLATES, View, asset, render, wrap
from console.web.limits import PAGE_POLICY
from console.web.pages import plain
from tests.web.screens import CALL, NOW, OFFER, SCREENS, SHELL, SHOWN, VIEW, ahead, me, screen, working

KYIV = ZoneInfo("Europe/Kyiv")


def drawn(part: Part, shown: object, said: Said = SILENT) -> str:
    return parts.draw(part, shown, VIEW, said)


def page(name: str, language: str = "en") -> str:
    shown = SCREENS[name]
    view = View(words=w.load(language), zone=KYIV)
    return render("desk/page.html", view.words, {**parts.context(shown, view, SILENT), **SHELL, "name": shown.me.name})


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


class Elements(HTMLParser):
    """Every element of a page with its attributes."""

    VOID = frozenset({"input", "meta", "link", "br", "hr", "img"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.roots: list[tuple[str, dict[str, str | None]]] = []
        self._depth = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if self._depth == 0:
            self.roots.append((tag, dict(attrs)))
        self._depth += tag not in self.VOID

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag not in self.VOID


# --- every message, every part ----------------------------------------------------------------------------------------


def test_every_message_of_the_stream_says_what_it_redraws() -> None:
    assert set(parts.REDRAWN) == set(get_args(m.Message))


def test_every_part_has_a_template_and_every_template_of_the_desk_is_a_part() -> None:
    files = {path.stem.removeprefix("_") for path in (TEMPLATES / "desk").glob("_*.html")}
    assert files == set(Part)


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.stem)
def test_every_template_begins_with_what_it_is_and_needs(path: Path) -> None:
    first = path.read_text().splitlines()[0]
    assert first.startswith("{#")
    assert first.endswith("#}")
    if path.name.startswith("_") and path.name not in ("_ui.html", "_page.html"):
        assert re.search(r"Root: #[\w-]+", first)
        assert "Needs:" in first
        assert "rawn by:" in first


@pytest.mark.parametrize("name", SCREENS)
def test_every_part_of_every_screen_has_one_root_with_the_parts_id(name: str) -> None:
    shown = SCREENS[name]
    there = parts.present({Part.MAIN}, shown) + parts.present(set(Part) - {Part.MAIN}, shown)
    for part in there:
        roots = Elements(drawn(part, shown)).roots
        assert [attributes.get("id") for _, attributes in roots] == [part.value]


@pytest.mark.parametrize("name", SCREENS)
def test_a_page_includes_each_part_as_the_socket_would_push_it(name: str) -> None:
    whole, shown = page(name), SCREENS[name]
    for part in parts.present(Part, shown):
        assert drawn(part, shown) in whole


@pytest.mark.parametrize("name", SCREENS)
def test_no_page_carries_inline_style_script_or_what_would_evaluate_code(name: str) -> None:
    for tag, attributes in Elements(page(name)).found:
        assert "style" not in attributes
        assert not any(key.startswith("on") for key in attributes)
        assert "hx-on" not in " ".join(attributes)
        assert not any("js:" in (value or "") for key, value in attributes.items() if key.startswith("hx-"))
        assert tag != "style"
        assert tag != "script" or attributes.get("src")
    assert "unsafe" not in PAGE_POLICY


@pytest.mark.parametrize("name", SCREENS)
def test_ids_are_single_and_whatever_takes_the_focus_has_one(name: str) -> None:
    found = Elements(page(name)).found
    ids = [attributes["id"] for _, attributes in found if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in found:
        if tag in ("button", "input", "textarea", "select"):
            assert attributes.get("id"), (tag, attributes)


# --- the Bar ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("away", "away", "On a break. Nothing rings."),
        ("offline", "away", "You were set offline: the connection was lost"),
        ("idle", "idle", "Available, waiting for the next call"),
        ("offer", "offer", "Марта Ковальчик"),
        ("offer-case", "offer", "Take case"),
        ("call", "call", "waited 0:18"),
        ("call-connecting", "call", "Connecting, pick up your phone"),
        ("call-unknown", "call", "Unknown caller"),
        ("callback", "callback", "Call back"),
        ("wrap-up", "wrapup", "01:24"),
        ("wrap-up-open", "wrapup", "No time limit"),
        ("case", "idle", "1 case in hand; calls still reach you"),
        ("missed", "missed", "Ring lasted 20 s at 16:31 · it went to Каллум Рід"),
    ],
)
def test_the_bar_says_what_the_agent_is_doing(name: str, kind: str, words: str) -> None:
    shown = SCREENS[name]
    assert parts.bar(shown, VIEW.words).kind == kind
    assert words in text(drawn(Part.BAR, shown))


def test_a_ring_comes_before_everything_else_in_the_bar() -> None:
    both = msgspec.structs.replace(working(CALL), offer=OFFER)
    assert parts.bar(both, VIEW.words).kind == "offer"


def test_the_bar_arms_anew_for_another_call_but_not_for_the_same() -> None:
    other = msgspec.structs.replace(OFFER, offer="other")
    first, second = (parts.bar(screen(offer=offer), VIEW.words).id for offer in (OFFER, other))
    later = parts.bar(msgspec.structs.replace(screen(offer=OFFER), now=ahead(seconds=3)), VIEW.words).id
    assert first == later != second


def test_an_offer_says_why_it_came_to_this_agent() -> None:
    said = text(drawn(Part.OFFER, SCREENS["offer"]))
    for reason in ("You own the open case", "оптика: you 4, needs 3", "Idle longest of 3 who qualify"):
        assert reason in said
    assert "The only one waiting that you qualify for" in text(drawn(Part.OFFER, SCREENS["offer-case"]))


def test_a_ring_without_a_right_to_it_is_not_drawn() -> None:
    assert "hidden" in drawn(Part.OFFER, SCREENS["idle"])
    assert "popover" not in drawn(Part.DECLINE, SCREENS["idle"])


def test_hang_up_is_offered_only_while_there_is_a_call() -> None:
    over = working(msgspec.structs.replace(CALL, call_state="ended"))
    assert "hangup" in drawn(Part.BAR, working(CALL))
    assert "hangup" not in drawn(Part.BAR, over)


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, "available"),
        ({"routing_state": "offered"}, "ringing"),
        ({"routing_state": "busy"}, "oncall"),
        ({"routing_state": "not_responding"}, "noanswer"),
        ({"presence": "away", "reason": "meeting"}, "meeting"),
        ({"presence": "away", "reason": "dentist"}, "away"),
        ({"presence": "offline"}, "offline"),
    ],
)
def test_my_state_is_the_first_that_holds(changes: dict[str, str], state: str) -> None:
    assert parts.my_state(screen(me=me(**changes))) == state


def test_what_happens_to_a_case_is_told_in_its_packet_too() -> None:
    assert Part.MAIN in parts.present({Part.TASKS}, SCREENS["handover-read"])
    assert Part.MAIN not in parts.present({Part.TASKS}, SCREENS["call"])
    assert Part.MAIN not in parts.present({Part.POLITE}, SCREENS["handover-read"])


def test_a_case_that_is_handed_over_does_not_ring() -> None:
    assert parts.my_state(SCREENS["handover"]) == "handover"


def test_at_wrap_up_each_article_is_asked_about_beside_the_outcome_and_none_holds_it_up() -> None:
    outcome = drawn(Part.OUTCOME, SCREENS["wrap-up"])
    assert "Did 1187 help?" in text(outcome)
    assert "required" not in outcome
    assert outcome.index("</form>") < outcome.index('id="unjudged"')
    assert "Did 1187 help?" not in text(drawn(Part.OUTCOME, SCREENS["call"]))


# --- what strangers wrote ---------------------------------------------------------------------------------------------

HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>" autofocus onfocus="alert(1)'


def test_a_hostile_name_subject_note_or_queue_is_shown_as_text() -> None:
    card = msgspec.structs.replace(
        CALL, customer_name=HOSTILE, subject=HOSTILE, queue=HOSTILE, caller=HOSTILE, attributes={HOSTILE: HOSTILE}
    )
    shown = msgspec.structs.replace(
        SHOWN,
        card=card,
        customer=msgspec.structs.replace(SHOWN.customer, name=HOSTILE, note=HOSTILE, emails=(HOSTILE,)),
        case=msgspec.structs.replace(SHOWN.case, subject=HOSTILE, description=HOSTILE, topic=HOSTILE),
        draft=msgspec.structs.replace(SHOWN.draft, text="</textarea>" + HOSTILE),
        timeline=tuple(
            msgspec.structs.replace(entry, by_name=HOSTILE, data={**entry.data, "text": HOSTILE, "to": HOSTILE})
            for entry in SHOWN.timeline
        ),
    )
    whole = msgspec.structs.replace(
        working(card), shown=shown, offer=msgspec.structs.replace(OFFER, card=card), me=me(name=HOSTILE)
    )
    html = render("desk/page.html", VIEW.words, {**parts.context(whole, VIEW, SILENT), **SHELL, "name": HOSTILE})
    for tag, attributes in Elements(html).found:
        assert tag != "img"
        assert not {"onerror", "onfocus", "autofocus"} & set(attributes)
        assert tag != "script" or attributes["src"].startswith("/static/")


def test_an_id_made_from_data_cannot_leave_its_attribute() -> None:
    assert wrap('"><script>', "").startswith('<hx-partial id="&quot;&gt;&lt;script&gt;"')


# --- frames -----------------------------------------------------------------------------------------------------------


def test_a_frame_holds_the_marked_parts_and_the_servers_time() -> None:
    frame = parts.frame({Part.BAR, Part.OFFER}, SCREENS["offer"], VIEW, SILENT)
    assert re.findall(r'<hx-partial id="(\w+)" hx-swap="outerMorph">', frame) == ["time", "bar", "offer"]
    assert f'data-now="{int(NOW.timestamp() * 1000)}"' in frame


def test_the_work_area_stands_for_all_within_it() -> None:
    assert parts.present({Part.MAIN, Part.NOTE, Part.BAR}, SCREENS["call"]) == [Part.BAR, Part.MAIN]


def test_a_part_that_this_screen_has_not_is_left_out() -> None:
    assert parts.present({Part.CASES, Part.NOTE}, SCREENS["call"]) == [Part.NOTE]
    assert parts.present({Part.CASES, Part.NOTE}, SCREENS["idle"]) == [Part.CASES]


def test_the_end_of_a_ring_and_of_work_is_said_politely() -> None:
    revoked = m.OfferClosed(offer="o", work_item="i", outcome="revoked", reason="customer_left")
    ended = m.WorkEnded(work_item="i", outcome="connect_failed")
    for message, words in ((revoked, "The ring is over"), (ended, "could not be connected")):
        assert words in drawn(Part.POLITE, SCREENS["idle"], parts.said(message))


def test_a_ring_and_a_missed_ring_interrupt() -> None:
    assert "Alt A answers" in drawn(Part.ASSERTIVE, SCREENS["offer"])
    assert "Alt A makes you available again" in drawn(Part.ASSERTIVE, SCREENS["missed"])
    assert text(drawn(Part.ASSERTIVE, SCREENS["idle"])) == ""


# --- words ------------------------------------------------------------------------------------------------------------

SHOWN_ATTRIBUTES = ("aria-label", "title", "placeholder", "alt", "data-title", "data-ring-title")


class Visible(HTMLParser):
    """What people see or hear of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: list[str] = [""]
        self._silent = 0
        self._key = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self._silent += tag in ("script", "style", "time")
        self._key = tag == "kbd"  # the letter on a key is no word
        self.said += [attributes[name] or "" for name in SHOWN_ATTRIBUTES if name in attributes]
        if tag == "meta" and attributes.get("name") == "words":
            told = msgspec.json.decode(attributes["content"] or "", type=dict[str, str | dict[str, str]])
            for sentence in told.values():
                self.said += [sentence] if isinstance(sentence, str) else sentence.values()

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style", "time")

    def handle_data(self, data: str) -> None:
        if not self._silent and not (self._key and len(data) == 1):
            self.said[0] += data


def escaped(html: str) -> list[str]:
    """Words with Latin letters that stand outside the brackets of a translated sentence."""
    found = []
    for said in Visible(html).said:
        left = said
        while re.search(r"⟦[^⟦⟧]*⟧", left):
            left = re.sub(r"⟦[^⟦⟧]*⟧", "", left)
        left = re.sub(r"\{\w+\}|&nbsp;", "", left)
        if re.search(r"[A-Za-zÀ-ſ]{2,}|\b[A-Za-z]\b", left):
            found.append(" ".join(left.split()))
    return found


@pytest.mark.parametrize("name", SCREENS)
def test_no_words_of_the_desk_escape_translation(name: str) -> None:
    assert escaped(page(name, w.PSEUDO)) == []


KEPT_LATIN = re.compile(
    r"<(bdi|kbd|script|style|textarea)\b.*?</\1>|<div class=\"pad12\".*?</div>|\u2068[^\u2069]*\u2069|\b204\d{3}\b",
    re.DOTALL,
)
"""What people wrote, keys, what is dialled or looked up."""


@pytest.mark.parametrize("name", SCREENS)
def test_clocks_and_counts_are_in_the_readers_figures(name: str) -> None:
    said = Visible(KEPT_LATIN.sub("", page(name, "fa"))).said
    assert [line.strip() for sentence in said for line in sentence.split("\n") if re.search("[0-9]", line)] == []


@pytest.mark.parametrize("kind", ["offer.closed", "work.started", "work.updated", "work.ended", "notice"])
def test_what_is_said_politely_is_translated(kind: str) -> None:
    view = View(words=w.load(w.PSEUDO), zone=KYIV)
    for code in ("revoked", "declined", "wrap_up", "connect_failed", "completed"):
        assert escaped(parts.draw(Part.POLITE, SCREENS["idle"], view, Said(kind, code, "слова"))) == []


def test_refusals_and_the_sign_in_page_are_translated() -> None:
    words = w.load(w.PSEUDO)
    problems = re.findall(r"refusal == '([\w-]+)'", (TEMPLATES / "_refusal.html").read_text())
    for problem in (*problems, "anything-else"):
        assert escaped(render("_refusal.html", words, {"refusal": problem, **plain(VIEW)})) == []
    for refusal in (None, "wrong-password", "too-many-attempts", "not-allowed", "not-ready"):
        context = {"username": "1", "refusal": refusal, "languages": {}, **plain(VIEW)}
        assert escaped(render("login.html", words, context)) == []
    for saved in (True, False):
        context = {"name": "–", "username": "1", "languages": {}, "saved": saved, "csrf": "", "refusal": None}
        assert escaped(render("profile.html", words, {**context, **plain(VIEW)})) == []
    for problem in ("not-allowed", "not-found", "not-ready"):
        context = {"problem": problem, "home": "/", **plain(VIEW)}
        assert escaped(render("refused.html", words, context)) == []


# --- what is served beside the pages ----------------------------------------------------------------------------------


def test_an_asset_changes_its_address_with_its_bytes() -> None:
    assert re.fullmatch(r"/static/app\.css\?v=[0-9a-f]{12}", asset("app.css"))


def test_every_icon_that_is_drawn_is_served_and_no_icon_is_served_that_nothing_names() -> None:
    web = TEMPLATES.parent
    sources = "".join(p.read_text() for p in (*TEMPLATES.rglob("*.html"), *web.rglob("*.py"), *STATIC.glob("*.js")))
    served = set(re.findall(r'id="i-([\w-]+)"', (STATIC / "icons.svg").read_text()))
    drawn_icons = set(re.findall(r"icons\.svg\?v=\w+#i-([\w-]+)", "".join(page(name) for name in SCREENS)))
    assert drawn_icons | set(re.findall(r"icon\('([\w-]+)'", sources)) <= served
    assert served <= set(re.findall(r"['\"]([a-z][a-z0-9-]*)['\"]", sources))

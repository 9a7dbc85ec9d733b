"""The live floor: its order, its figures, and that it is drawn once for all who look."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from console.db.engine import Database
from console.live.messages import AgentsByState
from console.web import words as w
from console.web.fragment import render
from console.web.supervisor import board
from console.web.supervisor.board import Board, Mailbox, Picture, picture
from tests.house import House, house_of
from tests.web.floors import AGENTS, FLOOR, QUEUES, agent, queue
from tests.web.screens import NOW
from tests.web.test_web_parts import SHELL, Elements, escaped

EN = w.load("en")


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    async with house_of(database) as house:
        yield house


def page(floor: Picture, language: str = "en") -> str:
    return render("supervisor/page.html", w.load(language), {**board.context(floor), **SHELL, "name": "–"})


def changed(before: Picture, after: Picture) -> list[str]:
    return list(board.changes(before, after, EN))


def test_queues_stand_worst_first_and_agents_by_state_then_time() -> None:
    assert [q.waiting for q in FLOOR.queues] == [6, 4, 1, 0, 0]
    assert [a.username for a in FLOOR.agents] == ["11", "17", "14", "12", "15", "13", "16", "18", "19", "20"]


def test_the_service_level_of_all_weighs_each_queue_by_its_calls() -> None:
    busy, quiet = queue("а", level=0.5, answered=90, abandoned=10), queue("б", level=1.0, answered=10, abandoned=0)
    found = board.figures(picture((busy, quiet, queue("в")), (), NOW))
    assert found.service_level == pytest.approx((0.5 * 100 + 1.0 * 10) / 110)
    assert found.abandon_rate == pytest.approx(10 / 110)


def test_an_empty_centre_has_no_shares_and_no_longest_wait() -> None:
    found = board.figures(picture((), (), NOW))
    assert (found.service_level, found.abandon_rate, found.longest_in) == (None, None, None)
    assert "No queue is configured yet" in page(Picture(now=NOW))


@pytest.mark.parametrize(
    ("level", "target", "tone"),
    [(0.8, 0.8, ""), (0.75, 0.8, "warn"), (0.61, 0.8, "bad"), (None, 0.8, ""), (0.5, None, "")],
)
def test_colour_is_spent_on_what_misses_its_target(level: float | None, target: float | None, tone: str) -> None:
    assert board.level_tone(level, target) == tone


def test_a_row_that_changed_is_sent_without_its_list() -> None:
    waiting = msgspec.structs.replace(QUEUES[0], waiting=2)
    after = picture((waiting, *QUEUES[1:]), AGENTS, NOW)
    assert changed(FLOOR, after) == ["time", "figures", board.row_id("queue", "бізнес")]


def test_a_new_order_is_sent_as_the_list_beside_its_rows() -> None:
    back = agent("20", "Юкі Танака", "idle", minutes=0)
    after = picture(QUEUES, (*AGENTS[:-1], back), NOW)
    assert changed(FLOOR, after) == ["time", "figures", "agent-20", "agents"]


def test_a_row_that_is_gone_is_greyed_before_its_list_drops_it() -> None:
    sent = board.changes(FLOOR, picture(QUEUES, AGENTS[:-1], NOW), EN)
    assert list(sent) == ["time", "agent-20", "agents"]
    assert "no longer configured" in sent["agent-20"]
    assert "agent-20" not in sent["agents"]


def test_names_of_any_signs_make_ids_without_spaces() -> None:
    name = 'Faults & moves "1"'
    html = page(picture((queue(name),), (), NOW))
    assert f'id="{board.row_id("queue", name)}"' in html
    assert " " not in board.row_id("queue", name)


def test_the_page_is_made_of_the_parts_that_are_pushed() -> None:
    html = page(FLOOR)
    for part, drawn in board.whole(FLOOR, EN).items():
        assert drawn in html
        assert [attributes["id"] for _, attributes in Elements(drawn).roots] == [part]


def test_no_words_of_the_floor_escape_translation() -> None:
    assert escaped(page(FLOOR, w.PSEUDO)) == []
    assert escaped(page(Picture(now=NOW), w.PSEUDO)) == []


def test_no_page_of_the_floor_carries_inline_style() -> None:
    assert not [tag for tag, attributes in Elements(page(FLOOR)).found if "style" in attributes]


def test_the_pieces_of_a_bar_are_as_wide_as_their_numbers() -> None:
    html = page(picture((queue("а", agents=AgentsByState(idle=3, busy=1)),), (), NOW))
    assert '<rect class="in-available" x="0" width="3" height="1"/><rect class="in-oncall" x="3" width="1"' in html


async def test_a_slow_page_gets_the_latest_of_each_part() -> None:
    mailbox = Mailbox({"a": "1", "b": "2"})
    mailbox.put({"a": "3"})
    assert await mailbox.take() == "23"


async def test_every_watcher_is_sent_the_same_bytes_drawn_once(house: House) -> None:
    floor = Board(house.ctx, EN)
    async with floor.watching("sue") as one, floor.watching("sam") as other:
        assert await one.take() == await other.take()
        floor.show(FLOOR)
        assert list(one._parts.values()) == list(other._parts.values())
        assert all(mine is theirs for mine, theirs in zip(one._parts.values(), other._parts.values(), strict=True))


async def test_a_board_follows_the_hub_and_rests_when_nobody_looks(house: House) -> None:
    floor = Board(house.ctx, EN)
    async with floor.watching("sue") as mailbox:
        await mailbox.take()
        assert await house.ctx.hub.watched(timeout=5)
        house.ctx.hub.show("queues", {q.name: q for q in QUEUES})
        assert "бізнес" in await mailbox.take()
    following = floor._following
    assert following is None
    assert not await house.ctx.hub.watched(timeout=0)


async def test_a_list_that_was_held_is_said_again_to_its_page_alone(house: House) -> None:
    floor = Board(house.ctx, EN)
    assert not floor.redraw("sue", "queues")
    async with floor.watching("sue") as mine, floor.watching("sam") as other:
        await mine.take()
        await other.take()
        assert floor.redraw("sue", "queues")
        assert re.findall(r'<hx-partial id="(\w+)"', await mine.take()) == ["queues"]
        assert not other._parts


def test_every_template_of_the_floor_is_drawn_by_the_board() -> None:
    files = {path.stem for path in (Path(board.__file__).parent.parent / "templates/supervisor").glob("_*.html")}
    assert files == {"_figures", "_queues", "_queue", "_agents", "_agent"}

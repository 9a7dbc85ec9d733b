"""The live floor as it is drawn and pushed: its order, its parts, and that it is drawn once for all who look alike."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from console.db.engine import Database
from console.live.messages import AgentsByState
from console.sla.kpi import Formula
from console.web import words as w
from console.web.fragment import render
from console.web.supervisor import board
from console.web.supervisor.board import Board, Boards, Mailbox
from console.web.supervisor.lens import Lens, address, behind, lens_of
from console.web.supervisor.picture import Picture, picture
from tests.house import House, house_of
from tests.web.floors import AGENTS, FLOOR, NOBODY, QUEUES, agent, floor, queue, seen, waiting
from tests.web.test_web_parts import SHELL, Elements, escaped

EN = w.load("en")
WALL = Lens(wall=True)


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    async with house_of(database) as house:
        yield house


def page(shown: Picture, language: str = "en") -> str:
    words = w.load(language)
    template = "wall" if shown.lens.wall else "page"
    return render(f"supervisor/{template}.html", words, {**board.context(shown, words), **SHELL, "name": "–"})


def changed(before: Picture, after: Picture) -> list[str]:
    return list(board.changes(before, after, EN))


# --- what is sent -----------------------------------------------------------------------------------------------------


def test_a_row_that_changed_is_sent_without_its_list() -> None:
    after = seen((waiting(QUEUES[0], 2), *QUEUES[1:]), AGENTS)
    assert changed(FLOOR, after) == ["time", "figures", board.row_id("queue", "бізнес")]


def test_a_new_order_is_sent_as_the_list_beside_its_rows() -> None:
    back = agent("20", "Юкі Танака", "idle", minutes=0)
    after = seen(QUEUES, tuple(back if one.told.username == "20" else one for one in AGENTS))
    assert changed(FLOOR, after) == ["time", "figures", "agents", "agent-20"]


def test_a_row_that_is_gone_is_greyed_before_its_list_drops_it() -> None:
    rest = tuple(one for one in AGENTS if one.told.username != "20")
    sent = board.changes(FLOOR, seen(QUEUES, rest), EN)
    assert set(sent) == {"time", "shown", "agents", "agent-20"}
    assert "no longer shown here" in sent["agent-20"]
    assert "agent-20" not in sent["agents"]


def test_another_span_of_time_is_told_where_the_queues_are_headed() -> None:
    later = msgspec.structs.replace(FLOOR.floor, recent_since=FLOOR.floor.recent_since + timedelta(minutes=5))
    assert changed(FLOOR, picture(later, Lens())) == ["time", "head", "figures"]


def test_what_was_decided_leaves_the_list_and_its_count() -> None:
    calm = tuple(one for one in AGENTS if one.told.username != "11")
    sent = board.changes(seen((), AGENTS), seen((), (*calm, agent("11", "Білал Хан", "idle", minutes=0))), EN)
    assert {"decisions", "decisions-count", "shown"} <= set(sent)


def test_the_wall_is_sent_its_tiles_and_the_minute_alone() -> None:
    before = seen(QUEUES, AGENTS, WALL)
    after = seen((waiting(QUEUES[0], 2), *QUEUES[1:]), AGENTS, WALL)
    assert changed(before, after) == ["time", "wall-time", "figures", board.row_id("queue", "бізнес")]


def test_names_of_any_signs_make_ids_without_spaces() -> None:
    name = 'Faults & moves "1"'
    html = page(seen((queue(name),)))
    assert f'id="{board.row_id("queue", name)}"' in html
    assert " " not in board.row_id("queue", name)


@pytest.mark.parametrize("lens", [Lens(), WALL], ids=["floor", "wall"])
def test_the_page_is_made_of_the_parts_that_are_pushed(lens: Lens) -> None:
    shown = seen(QUEUES, AGENTS, lens)
    html = page(shown)
    for part, drawn in board.whole(shown, EN).items():
        assert drawn in html
        assert [attributes["id"] for _, attributes in Elements(drawn).roots] == [part]


@pytest.mark.parametrize("lens", [Lens(), WALL, Lens(period="today", show="look", mine=frozenset())])
def test_no_words_of_the_floor_escape_translation(lens: Lens) -> None:
    assert escaped(page(seen(QUEUES, AGENTS, lens), w.PSEUDO)) == []
    assert escaped(page(seen(lens=lens), w.PSEUDO)) == []


def test_no_page_of_the_floor_carries_inline_style() -> None:
    for shown in (FLOOR, seen(QUEUES, AGENTS, WALL)):
        assert not [tag for tag, attributes in Elements(page(shown)).found if "style" in attributes]


def test_every_template_of_the_floor_is_drawn() -> None:
    code = Path(board.__file__).parent
    said = "".join(path.read_text() for path in (*code.glob("*.py"), *(code.parent / "templates/supervisor").glob("*")))
    for path in (code.parent / "templates/supervisor").glob("*.html"):
        name = path.stem.removeprefix("_")
        assert re.search(rf'["/]_?{name}(\.html)?"', said), name


# --- what is drawn ----------------------------------------------------------------------------------------------------


def test_an_empty_centre_says_what_will_appear() -> None:
    assert "No queue is configured yet" in page(NOBODY)
    assert "Nothing to decide" in page(NOBODY)


def test_the_pieces_of_a_bar_are_as_wide_as_their_numbers() -> None:
    html = page(seen((queue("а", agents=AgentsByState(idle=3, busy=1)),)))
    assert '<rect class="in-available" x="0" width="3" height="1"/><rect class="in-oncall" x="3" width="1"' in html


def test_the_last_hour_is_drawn_with_a_name_that_says_where_it_stands() -> None:
    html = page(seen((QUEUES[1],)))
    assert "оселі та малі підприємства, service level over the last hour, now 61%" in html
    assert re.search(r'<svg class="spark"[^>]*role="img"[^>]*>.*?<path d="M0.0 ', html)


def test_the_formula_stands_beside_the_number_and_can_be_chosen() -> None:
    html = page(FLOOR)
    assert "answered in time, of those offered" in html
    for formula in Formula:
        assert f'href="{address(Lens(), formula=formula.value)}"' in html
    assert "formula=answered" in page(seen(QUEUES, AGENTS, Lens(formula=Formula.ANSWERED)))


def test_every_figure_leads_to_what_it_counts() -> None:
    html = page(seen((QUEUES[1],))).replace("&amp;", "&")
    for figure in ("offered", "abandoned", "answered"):
        assert behind(Lens(), figure, "оселі та малі підприємства") in html
        assert behind(Lens(), figure) in html


def test_only_those_whom_the_reader_directs_can_be_acted_on() -> None:
    html = page(seen((), AGENTS, Lens(mine=frozenset({"12"}))))
    assert 'id="agent-12-open"' in html
    assert 'id="agent-11-open"' not in html
    assert "decide-missed-11-act" not in html


def test_the_wall_has_no_sign_of_controls() -> None:
    tags = [tag for tag, _ in Elements(page(seen(QUEUES, AGENTS, WALL)).split("<body")[1]).found]
    assert not {"a", "button", "input", "select", "form"} & set(tags)


def test_a_wall_shows_as_many_queues_as_can_be_read_and_counts_the_rest() -> None:
    many = tuple(queue(f"{number:03}", level=0.9) for number in range(board.TILES_MAX + 3))
    html = page(seen(many, (), WALL))
    assert html.count("<article") == board.TILES_MAX
    assert "3 queues more" in html


# --- lenses -----------------------------------------------------------------------------------------------------------


def test_a_lens_is_read_from_the_address_and_what_it_does_not_know_is_as_usual() -> None:
    said = {"order": "name", "show": "look", "period": "today", "formula": "served", "x": "1"}
    lens = lens_of(said, mine=None)
    assert (lens.order, lens.show, lens.period, lens.formula) == ("name", "look", "today", Formula.SERVED)
    assert lens_of({"order": "'--", "formula": ""}, mine=None) == Lens()
    assert address(lens, order="worst") == "/supervisor?show=look&period=today&formula=served"


def test_the_team_is_no_choice_for_whom_everybody_is_theirs() -> None:
    assert "My team" not in page(FLOOR)
    assert "My team" in page(seen(QUEUES, AGENTS, Lens(mine=frozenset({"11"}))))


# --- telling ----------------------------------------------------------------------------------------------------------


async def test_a_slow_page_gets_the_latest_of_each_part() -> None:
    mailbox = Mailbox({"a": "1", "b": "2"})
    mailbox.put({"a": "3"})
    assert await mailbox.take() == "23"


async def test_every_watcher_is_sent_the_same_bytes_drawn_once(house: House) -> None:
    live = Board(house.ctx, EN, Lens())
    async with live.watching("sue") as one, live.watching("sam") as other:
        assert await one.take() == await other.take()
        live.show(FLOOR.floor)
        assert list(one._parts.values()) == list(other._parts.values())
        assert all(mine is theirs for mine, theirs in zip(one._parts.values(), other._parts.values(), strict=True))


async def test_nothing_is_sent_while_nothing_but_the_time_is_different(house: House) -> None:
    live = Board(house.ctx, EN, Lens())
    async with live.watching("sue") as mailbox:
        live.show(floor(QUEUES, AGENTS))
        await mailbox.take()
        live.show(floor(QUEUES, AGENTS, later=timedelta(seconds=1)))
        assert not mailbox._parts


async def test_a_board_follows_the_hub_and_rests_when_nobody_looks(house: House) -> None:
    live = Board(house.ctx, EN, Lens())
    async with live.watching("sue") as mailbox:
        await mailbox.take()
        assert await house.ctx.hub.watched(timeout=5)
        house.ctx.hub.show(FLOOR.floor)
        assert "бізнес" in await mailbox.take()
    following = live._following
    assert following is None
    assert not await house.ctx.hub.watched(timeout=0)


async def test_a_list_that_was_held_is_said_again_to_its_page_alone(house: House) -> None:
    boards = Boards()
    live = boards.of(house.ctx, EN, Lens())
    assert not boards.redraw("sue", "queues")
    async with live.watching("sue") as mine, live.watching("sam") as other:
        await mine.take()
        await other.take()
        assert boards.redraw("sue", "queues")
        assert re.findall(r'<hx-partial id="(\w+)"', await mine.take()) == ["queues"]
        assert not other._parts


async def test_who_looks_alike_shares_a_board_and_one_that_nobody_watches_is_dropped(house: House) -> None:
    boards = Boards()
    live = boards.of(house.ctx, EN, Lens())
    async with live.watching("sue"):
        assert boards.of(house.ctx, EN, Lens()) is live
        assert boards.of(house.ctx, EN, WALL) is not live
    boards.of(house.ctx, EN, Lens(order="name"))
    assert boards.of(house.ctx, EN, Lens()) is not live

"""The past that the demo writes."""

from __future__ import annotations

from console.cases import store
from console.cli.demo import handed, history, material
from console.people.who import OPERATOR
from console.queries import desktop
from console.queries.cases import Filter
from console.services import cases, configuration, handover
from console.services.context import Context

AGENTS = [agent.username for agent in material.played(material.centre(12))]


async def test_the_past_is_written_once(ctx: Context) -> None:
    written = await history.seed(ctx, AGENTS)
    again = await history.seed(ctx, AGENTS)

    assert 140 <= written <= 200
    assert again == 0


async def test_every_case_has_a_timeline_in_which_nothing_is_later_than_now(ctx: Context) -> None:
    await history.seed(ctx, AGENTS)

    for number in await numbers(ctx):
        case = await cases.show(ctx, OPERATOR, number=number)
        times = [entry.at for entry in case.timeline]
        assert times
        assert times == sorted(times, reverse=True)
        assert case.case.created_at <= min(times)
        assert max(times) <= ctx.clock.now()


async def test_customers_of_the_free_seat_have_an_open_case_that_is_hers(ctx: Context) -> None:
    await configuration.apply(ctx, OPERATOR, text=material.written(material.centre(12)))
    await history.seed(ctx, AGENTS)
    now = ctx.clock.now()

    async with ctx.db.snapshot() as db:
        customer = await store.customer_of_phone(db, material.customers()[0].phones[1])
        assert customer is not None
        known = await store.find_customer(db, customer)
        case = await store.open_case_of(db, customer)
        screen = await desktop.screen(db, material.SEAT, now, midnight=now)

    assert known is not None
    assert (known.name, known.note) == (material.customers()[0].name, material.customers()[0].note)
    assert case is not None
    assert screen.idle is not None
    assert screen.idle.count == 5


async def test_with_few_agents_those_who_are_there_own_the_open_cases(ctx: Context) -> None:
    await history.seed(ctx, ["amara"])

    owners = {(await cases.show(ctx, OPERATOR, number=number)).case.owner for number in await numbers(ctx)}

    assert owners == {"amara", material.SEAT}


async def numbers(ctx: Context) -> list[str]:
    found: list[str] = []
    after = None
    while True:
        page = await cases.listed(ctx, OPERATOR, where=Filter(), limit=100, after=after)
        found += [case.number for case in page.items]
        if page.after is None:
            return found
        after = page.after


async def test_a_case_has_just_gone_up_to_the_free_seat_with_what_was_tried(ctx: Context) -> None:
    await configuration.apply(ctx, OPERATOR, text=material.written(material.centre(12)))
    await history.seed(ctx, AGENTS)
    await handed.seed(ctx)

    page = await cases.listed(ctx, OPERATOR, where=Filter(queue="Second line"), limit=2, after=None)
    [case] = page.items
    given = await handover.show(ctx, OPERATOR, number=case.number)

    assert given.under_way
    assert (given.level, given.ladder, given.to) == (1, handed.LADDER, {"queue": "Second line"})
    assert len(given.packet.tried) == len(handed.NOTES)
    assert given.packet.promised[0].text == handed.PROMISE

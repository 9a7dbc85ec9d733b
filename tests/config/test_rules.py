"""What of a configuration the engine is given."""

from datetime import UTC, datetime, timedelta

import pytest

from console.clock import to_instant
from console.config.document import Centre
from console.config.parse import parse
from console.config.public_holidays import copied
from console.config.rules import routing_rules
from console.routing.queue import MINUTE, SECOND, AgentProfile, Hours, Overflow, Queue, RelaxStep


def test_the_engine_is_given_queues_and_agents(centre: Centre) -> None:
    rules = routing_rules(7, centre)

    assert rules.version == 7
    assert rules.fallback_queue == "general"
    assert rules.queues["faults"] == Queue(
        name="faults",
        channel="voice",
        requires={"fibre": 3, "english": 3},
        relax=(
            RelaxStep(after=60 * SECOND, drop=("english",)),
            RelaxStep(after=120 * SECOND, require={"fibre": 1}),
        ),
        never_relax=frozenset({"fibre"}),
        priority=10,
        overflow=(
            Overflow(to="voicemail", closed=True),
            Overflow(to="queue", queue="general", waited=120 * SECOND),
        ),
        wrap_up=30 * SECOND,
    )
    assert rules.agents == {
        "nadia": AgentProfile(
            username="nadia",
            skills={"fibre": 4, "english": 5},
            capacity={"voice": 1, "case": 3},
            queues=frozenset({"faults", "general"}),
        )
    }


def test_keys_that_are_absent_take_the_files_defaults() -> None:
    rules = routing_rules(1, parse("version: 1\nqueues: [{name: q, channel: voice}]\nagents: [{username: ana}]"))

    assert rules.queues == {"q": Queue(name="q", channel="voice", priority=10, wrap_up=30 * SECOND)}
    assert rules.agents == {"ana": AgentProfile(username="ana")}


def test_open_wrap_up_has_no_end() -> None:
    rules = routing_rules(1, parse("version: 1\nqueues: [{name: q, channel: voice, wrap_up: open}]"))

    assert rules.queues["q"].wrap_up is None


def test_supervisors_have_presence_and_are_given_no_work_and_others_have_neither() -> None:
    rules = routing_rules(
        1, parse("version: 1\nagents: [{username: ana, roles: [supervisor]}, {username: kim, roles: [author]}]")
    )

    assert rules.agents == {"ana": AgentProfile(username="ana", capacity={}, queues=frozenset())}


FRIDAY = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def hours_of(open_: str, *, zone: str = "Europe/Kyiv", more: str = "", since: datetime = FRIDAY) -> Hours:
    text = f"""
        version: 1
        calendars: {{office: {{time_zone: {zone}, open: {open_}{more}}}}}
        queues: [{{name: q, channel: voice, calendar: office}}]
    """
    hours = routing_rules(1, copied(parse(text), Centre(), since), since).queues["q"].hours
    assert hours is not None
    return hours


def test_a_queue_is_open_in_its_calendars_hours_which_may_be_split() -> None:
    hours = hours_of('{mon-fri: ["09:00-13:00", "14:00-18:00"]}')

    def is_open(hour: int, minute: int = 0) -> bool:
        return hours.is_open(
            to_instant(datetime(2026, 11, 20, hour - 2, minute, tzinfo=UTC))
        )  # Kyiv is two hours ahead

    assert [is_open(8, 59), is_open(9), is_open(12, 59), is_open(13), is_open(14), is_open(18)] == [
        False, True, True, False, True, False,
    ]  # fmt: skip


def test_a_night_passes_midnight_and_touching_intervals_are_one() -> None:
    hours = hours_of('{fri: ["18:00-24:00"], sat: ["00:00-02:00"]}')

    assert hours.closes_after(to_instant(FRIDAY)) == to_instant(datetime(2026, 11, 21, 0, 0, tzinfo=UTC))


def test_a_day_is_an_hour_shorter_when_the_clocks_go_forward() -> None:
    since = datetime(2027, 3, 27, 12, 0, tzinfo=UTC)
    hours = hours_of('{sun: ["00:00-24:00"]}', since=since)
    opens = hours.opens[0]

    assert hours.closes_after(opens) == opens + 23 * 60 * MINUTE


def test_holidays_and_closed_days_are_closed() -> None:
    hours = hours_of('{mon-sun: ["00:00-24:00"]}', zone="UTC", more=", closed: ['2026-11-30'], holidays: DE")

    def is_open(month: int, day: int) -> bool:
        return hours.is_open(to_instant(datetime(2026, month, day, 12, tzinfo=UTC)))

    assert [is_open(11, 29), is_open(11, 30), is_open(12, 25), is_open(12, 28)] == [True, False, False, True]


def test_beyond_two_years_nothing_is_known_to_be_closed() -> None:
    hours = hours_of('{mon-fri: ["09:00-18:00"]}')

    assert hours.is_open(to_instant(FRIDAY + timedelta(days=1))) is False
    assert hours.is_open(to_instant(FRIDAY + timedelta(days=1 + 2 * 7 * 53))) is True


def test_a_simulations_day_has_no_date_so_nothing_closes(centre: Centre) -> None:
    assert routing_rules(1, centre).queues["faults"].hours is None


@pytest.mark.parametrize(
    ("order", "age_weight", "by_due"),
    [("strict", None, False), ("due", None, True), ("{age_weight: 30s}", 30 * SECOND, False)],
)
def test_a_queue_has_one_of_three_orders(order: str, age_weight: int | None, by_due: bool) -> None:
    queue = routing_rules(1, parse(f"version: 1\nqueues: [{{name: q, channel: voice, order: {order}}}]")).queues["q"]

    assert (queue.age_weight, queue.by_due) == (age_weight, by_due)

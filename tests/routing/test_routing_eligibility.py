"""Room, part in routing, and routing state, as truth tables."""

import pytest

from console.routing.agent import Agent, Presence, RoutingState
from console.routing.eligibility import Hands, over_capacity, rooms, routing_state, willing
from tests.routing.sentences import ANA, agent

ALL = frozenset({"voice", "case", "callback"})


@pytest.mark.parametrize(
    ("capacity", "holding", "room"),
    [
        ((1, 2), Hands(), ALL),
        ((1, 2), Hands(cases=1), ALL),
        ((1, 2), Hands(cases=2), ALL - {"case"}),
        ((1, 2), Hands(calls=1), set()),
        ((2, 2), Hands(calls=1), {"voice"}),
        ((1, 2), Hands(wrap_ups=1), set()),
        ((2, 2), Hands(wrap_ups=1), set()),
        ((0, 2), Hands(), {"case"}),
        ((0, 0), Hands(), set()),
        ((1, 0), Hands(), {"voice", "callback"}),
    ],
)
def test_room_is_by_kind(capacity: tuple[int, int], holding: Hands, room: set[str]) -> None:
    assert rooms(agent(ANA, voice=capacity[0], cases=capacity[1]), holding) == room


@pytest.mark.parametrize(
    ("changes", "takes_part"),
    [
        ({}, True),
        ({"nodes": frozenset(), "absent_since": 1}, True),
        ({"nodes": frozenset()}, False),
        ({"presence": Presence.AWAY}, False),
        ({"presence": Presence.OFFLINE}, False),
        ({"not_responding": True}, False),
        ({"pending": Presence.AWAY}, False),
        ({"active": False}, False),
    ],
)
def test_taking_part_in_routing(changes: dict, takes_part: bool) -> None:
    known = {"username": ANA, "presence": Presence.AVAILABLE, "nodes": frozenset({"n1"})} | changes

    assert willing(Agent(**known)) is takes_part


@pytest.mark.parametrize(
    ("row", "holding", "state"),
    [
        ({}, Hands(), RoutingState.IDLE),
        ({}, Hands(cases=3), RoutingState.IDLE),
        ({}, Hands(calls=1), RoutingState.BUSY),
        ({}, Hands(wrap_ups=1), RoutingState.WRAP_UP),
        ({"offer": "o"}, Hands(cases=1), RoutingState.OFFERED),
        ({"not_responding": True}, Hands(calls=1), RoutingState.NOT_RESPONDING),
    ],
)
def test_the_routing_state_is_the_first_that_holds(row: dict, holding: Hands, state: RoutingState) -> None:
    assert routing_state(Agent(username=ANA, **row), agent(ANA, cases=3), holding) is state


def test_who_left_the_configuration_on_a_call_is_still_busy() -> None:
    assert routing_state(Agent(username=ANA), None, Hands(calls=1)) is RoutingState.BUSY
    assert routing_state(Agent(username=ANA), None, Hands()) is RoutingState.IDLE


@pytest.mark.parametrize(
    ("holding", "kind", "over"),
    [
        (Hands(calls=1), "voice", False),
        (Hands(calls=1, wrap_ups=1), "voice", True),
        (Hands(calls=2), "callback", True),
        (Hands(calls=1, cases=1), "case", False),
        (Hands(cases=2), "case", True),
        (Hands(calls=1, cases=2), "voice", False),
    ],
)
def test_more_than_their_units_is_over_capacity(holding: Hands, kind: str, over: bool) -> None:
    assert over_capacity(agent(ANA, cases=1), holding, kind) is over

"""A decision is what is kept of a step: nothing, where nothing came of it."""

from console.routing.engine import Engine
from console.routing.facts import ConfigChanged
from console.routing.journal import decide, journalled
from console.routing.orders import MakeOffer
from tests.routing.sentences import (
    ANA,
    NOON,
    agent,
    call,
    call_ends,
    centre,
    configured,
    item_id,
    rules_of,
    time,
    voice,
)


def test_a_step_that_changes_nothing_is_no_decision() -> None:
    engine = centre(voice(), agents=[agent(ANA)])

    assert decide(engine, time(NOON)) is None


def test_a_refused_fact_is_a_decision_without_rows() -> None:
    decision = decide(centre(voice(), agents=[]), call_ends(1, at=NOON), "fact")

    assert decision is not None
    assert (decision.fact_id, len(decision.orders)) == ("fact", 1)


def test_a_decision_has_number_instant_orders_and_rows() -> None:
    engine = centre(voice(), agents=[agent(ANA)])
    engine.take_changes()

    decision = decide(engine, call(1, at=NOON))

    assert decision is not None
    assert (decision.number, decision.at, decision.config_version) == (engine.decision, NOON, 1)
    assert any(isinstance(order, MakeOffer) for order in decision.orders)
    kept = journalled(decision)
    assert [i.id for i in kept.items] == [item_id(1)]
    assert [a.username for a in kept.agents] == [ANA]
    assert len(kept.offers) == 1


def test_the_rules_are_kept_once_by_their_version() -> None:
    decision = decide(Engine(), configured(rules_of(voice(), agents=[]), at=NOON))

    assert decision is not None
    assert decision.fact == ConfigChanged(at=NOON, version=1)

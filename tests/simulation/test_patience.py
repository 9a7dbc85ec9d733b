"""How long somebody would have waited who was answered sooner."""

from console.routing.backtest import Patience


def test_without_anybody_answered_it_is_what_was_seen() -> None:
    patience = Patience([(10, True), (20, True), (30, True), (40, True)])

    # Survival is 3/4 after 10, 1/2 after 20, 1/4 after 30, 0 after 40.
    assert [patience.beyond(0, chance) for chance in (0.9, 0.75, 0.6, 0.3, 0.1)] == [10, 10, 20, 30, 40]


def test_who_was_answered_counts_as_having_waited_at_least_so_long() -> None:
    # Kaplan and Meier: after 10 survive 3/4; one is answered at 15; after 20 half of the remaining two.
    patience = Patience([(10, True), (15, False), (20, True), (30, False)])

    assert patience.beyond(0, 0.74) == 20
    assert patience.beyond(0, 0.375) == 20
    assert patience.beyond(0, 0.37) is None


def test_whoever_has_waited_waits_longer_than_that() -> None:
    patience = Patience([(10, True), (20, True), (30, True), (40, True)])

    assert patience.beyond(20, 0.9) == 30
    assert patience.beyond(20, 0.5) == 30
    assert patience.beyond(20, 0.4) == 40
    assert patience.beyond(40, 0.5) is None


def test_where_nobody_hung_up_nobody_will() -> None:
    assert Patience([(10, False), (20, False)]).beyond(0, 0.01) is None

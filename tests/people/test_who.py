"""Who asks."""

from console.people.who import OPERATOR, Principal


def test_records_keep_the_name_that_is_unique() -> None:
    assert Principal(username="nadia", name="Nadia Rahimi").called == "nadia"
    assert Principal(integration="pbx", name="pbx").called == "pbx"
    assert OPERATOR.called == "operator"

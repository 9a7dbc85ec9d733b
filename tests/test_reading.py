"""Reading values off nodes: mistakes are gathered, not thrown."""

from console.nodes import compose
from console.reading import Misconfigured, Problem, Report, Value, did_you_mean, listed, shown


def value(text: str) -> Value:
    return Value(compose(text), "x", Report())


def test_a_wrong_item_does_not_hide_the_next() -> None:
    items = value("[1, two, 3, four]")

    assert items.each(lambda item: item.whole(0, 9)) == (1, 3)
    assert [problem.key for problem in items.report.problems] == ["x[1]", "x[3]"]


def test_a_wrong_name_does_not_hide_a_wrong_value() -> None:
    pairs = value(f"{{{'a' * 65}: many, b: 2}}")

    assert pairs.named(lambda item: item.whole(0, 9)) == {"b": 2}
    assert len(pairs.report.problems) == 2


def test_a_missing_key_is_noted_at_its_mapping() -> None:
    found = value("{a: 1}")

    assert found.fields(("a", "b")).need("b", Value.name, "") == ""
    assert found.report.problems == [Problem(1, "x", "b is missing")]


def test_truth_is_written_out() -> None:
    pairs = value("[true, false, yes, 'no']")

    assert pairs.each(Value.truth) == (True, False)
    assert "must be true or false; not 'yes'" in pairs.report.problems[0].detail


def test_a_strangers_text_is_shown_short_and_quoted() -> None:
    assert shown("a\x1b[31m") == "'a\\x1b[31m'"
    assert len(shown("x" * 1000)) < 50


def test_suggestions_are_made_only_where_something_is_near() -> None:
    assert did_you_mean("fiber", ["fibre", "billing"]) == "; did you mean 'fibre'?"
    assert did_you_mean("zzz", ["fibre", "billing"]) == ""


def test_many_declared_names_are_told_in_part() -> None:
    assert listed([]) == "none is declared"
    assert listed([str(number) for number in range(20)]).endswith("11 and 8 more")


def test_a_refusal_tells_problems_in_the_order_of_the_file() -> None:
    error = Misconfigured([Problem(2, "b", "is wrong"), Problem(1, "", "is wrong too")])

    assert [problem.at("centre.yaml") for problem in error.problems] == [
        "centre.yaml:1: is wrong too",
        "centre.yaml:2: b: is wrong",
    ]

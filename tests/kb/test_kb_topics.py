"""The tree of topics: what may stand where, and two that are made one."""

from __future__ import annotations

import pytest

from console.errors import BadInput, Conflict
from console.kb.article import TOPICS_DEEP
from console.kb.topics import NAME_MAX, Merging, Topic, Tree, check_new, check_place, checked_name, merging


def tree(*paths: str) -> Tree:
    """Each topic's id is its path."""
    return Tree(Topic(id=path, parent=path.rpartition("/")[0] or None, name=path.rpartition("/")[2]) for path in paths)


FIBRE = tree("Fibre", "Fibre/Faults", "Fibre/Faults/Light", "Bills", "Bills/faults", "Bills/Late")


def test_a_topic_has_its_path_and_what_is_beneath_it() -> None:
    assert FIBRE.path("Fibre/Faults/Light") == ("Fibre", "Faults", "Light")
    assert FIBRE.subtree("Fibre/Faults") == {"Fibre/Faults", "Fibre/Faults/Light"}
    assert [topic.name for topic in FIBRE.children("Bills")] == ["faults", "Late"]
    assert FIBRE.levels("Fibre") == 3


@pytest.mark.parametrize("name", ["", "   ", "a/b", "x" * (NAME_MAX + 1), "a\x00"])
def test_a_name_that_no_path_could_hold_is_refused(name: str) -> None:
    with pytest.raises(BadInput) as refused:
        checked_name(name)
    assert refused.value.errors[0].field == "name"


def test_a_name_is_kept_without_its_spare_spaces() -> None:
    assert checked_name("  Optical   light ") == "Optical light"


def test_no_topic_goes_under_itself_and_no_name_comes_twice_in_one_place() -> None:
    check_place(FIBRE, "Fibre/Faults", "Faults", None)
    check_place(FIBRE, "Fibre/Faults", "FAULTS", "Fibre")  # its own name, written otherwise
    for parent in ("Fibre", "Fibre/Faults/Light", "Nowhere"):
        with pytest.raises(BadInput):
            check_place(FIBRE, "Fibre", "Fibre", parent)
    with pytest.raises(Conflict):
        check_place(FIBRE, "Fibre/Faults", "Faults", "Bills")
    with pytest.raises(Conflict):
        check_new(FIBRE, "late", "Bills")


def test_the_tree_grows_no_deeper_than_it_may() -> None:
    deep = tree(*("/".join("abcdefghijkl"[: level + 1]) for level in range(TOPICS_DEEP)), "z", "z/y")
    with pytest.raises(BadInput):
        check_new(deep, "more", "/".join("abcdefghijkl"[:TOPICS_DEEP]))
    with pytest.raises(BadInput):
        check_place(deep, "z", "z", "/".join("abcdefghijkl"[: TOPICS_DEEP - 1]))
    check_place(deep, "z", "z", "/".join("abcdefghijkl"[: TOPICS_DEEP - 2]))


def test_what_is_merged_takes_along_what_is_beneath_it_and_one_name_becomes_one_topic() -> None:
    assert merging(FIBRE, "Fibre", "Bills") == Merging(
        moved=(("Fibre/Faults/Light", "Bills/faults"),), folded=(("Fibre/Faults", "Bills/faults"), ("Fibre", "Bills"))
    )
    with pytest.raises(BadInput):
        merging(FIBRE, "Fibre", "Fibre/Faults")
    with pytest.raises(BadInput):
        merging(FIBRE, "Fibre", "Nowhere")
    with pytest.raises(Conflict):
        merging(tree("A", "A/B", "A/B/B"), "A/B", "A")

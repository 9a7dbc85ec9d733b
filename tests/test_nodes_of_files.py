"""YAML that means harm, or is none."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.nodes import DEPTH_MAX, SIZE_MAX, Map, Scalar, Seq, Unreadable, compose

BILLION_LAUGHS = """\
a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]
b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]
c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]
d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c]
"""


def test_nodes_know_their_line() -> None:
    root = compose("version: 1\nskills:\n  - fibre\n  - billing\n")

    assert isinstance(root, Map)
    assert [key.line for key, _ in root.entries] == [1, 2]
    skills = root.entries[1][1]
    assert isinstance(skills, Seq)
    assert [item.line for item in skills.items] == [3, 4]


def test_a_scalar_is_its_text_whatever_yaml_would_make_of_it() -> None:
    root = compose("[NO, 22:00, 0x10, 2026-12-25, '1', 1e3]")

    assert isinstance(root, Seq)
    assert [item.text for item in root.items if isinstance(item, Scalar)] == [
        "NO", "22:00", "0x10", "2026-12-25", "1", "1e3",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "~", "\ufeff"])
def test_an_empty_file_is_an_empty_mapping(text: str) -> None:
    assert compose(text) == Map((), 1)


def refused(text: str) -> Unreadable:
    with pytest.raises(Unreadable) as error:
        compose(text)
    return error.value


def test_aliases_are_refused_before_they_multiply() -> None:
    error = refused(BILLION_LAUGHS)

    assert (error.line, error.detail) == (2, "an alias (*a); write the value out instead")


def test_a_merge_is_an_alias() -> None:
    assert "alias" in refused("base: &b {a: 1}\nother:\n  <<: *b\n").detail


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system ['true']", "!!binary aGVsbG8=", "!own x", "!!str 1"])
def test_tags_are_refused(tag: str) -> None:
    error = refused(f"version: 1\nx: {tag}\n")

    assert error.line == 2
    assert "a tag" in error.detail


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_deep_nesting_is_refused_wherever_it_ends(opening: str) -> None:
    error = refused(opening * 100_000)

    assert f"{DEPTH_MAX} levels" in error.detail or "not YAML" in error.detail


def test_two_megabytes_are_refused_at_once() -> None:
    started = time.perf_counter()

    error = refused("skills: [" + "a," * SIZE_MAX + "]")

    assert f"{2 * SIZE_MAX + 10:,} bytes" in error.detail
    assert time.perf_counter() - started < 1


def test_a_second_document_is_refused() -> None:
    error = refused("version: 1\n---\nversion: 1\n")

    assert (error.line, error.detail[:17]) == (2, "a second document")


def test_a_key_is_a_name() -> None:
    assert "a key that is a list" in refused("? [a, b]\n: 1\n").detail


@pytest.mark.parametrize(("text", "line"), [("a: [1\nb: 2", 2), ("a: 'x\n", 2), ("a: 1\n\tb: 2", 2), ("a: b: c", 1)])
def test_what_is_no_yaml_is_told_with_its_line(text: str, line: int) -> None:
    error = refused(text)

    assert error.detail.startswith("not YAML: ")
    assert error.line == line


@pytest.mark.parametrize("text", ["a: 1\nb: \x00", "a: 1\nb: \x07", "a: 1\nb: \udc80"])
def test_what_is_no_text_is_refused_with_its_line(text: str) -> None:
    assert refused(text).line == 2


@given(st.text(alphabet=st.sampled_from("ab:-[]{}#&*!|>'\"%@`,? \n\t0\x00é"), max_size=60))
def test_whatever_comes_is_read_or_refused(text: str) -> None:
    try:
        compose(text)
    except Unreadable as error:
        line = error.line
    else:
        line = 1

    assert 1 <= line <= text.count("\n") + 2

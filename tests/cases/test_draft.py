"""Drafts of notes: one tab, several tabs, and the choice between two texts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from console.cases.draft import Draft, Typed, saved, settled, used

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = NOON + timedelta(seconds=5)


def first() -> Draft:
    return saved(None, Typed(text="The light", tab="a"), NOON)


def test_a_tab_goes_on_from_what_it_has_saved() -> None:
    draft = saved(first(), Typed(text="The light is red", base=first().version, tab="a"), LATER)
    assert (draft.text, draft.rival, draft.saved_at) == ("The light is red", None, LATER)
    assert draft.version > first().version


def test_a_tab_that_knew_of_the_other_goes_on_from_its_text() -> None:
    draft = saved(first(), Typed(text="The light is off", base=first().version, tab="b"), LATER)
    assert (draft.text, draft.rival) == ("The light is off", None)


def test_a_tab_that_did_not_know_of_the_other_overwrites_nothing() -> None:
    draft = saved(first(), Typed(text="No dial tone", base=0, tab="b"), LATER)
    assert (draft.text, draft.rival, draft.rival_at) == ("The light", "No dial tone", LATER)
    assert draft.version == first().version


def test_the_same_words_are_no_rival() -> None:
    assert saved(first(), Typed(text="The light", base=0, tab="b"), LATER).rival is None


def test_a_tab_is_no_rival_of_itself_though_it_did_not_hear_that_it_was_saved() -> None:
    draft = saved(first(), Typed(text="The light is red", base=0, tab="a"), LATER)
    assert (draft.text, draft.rival) == ("The light is red", None)


def test_two_drafts_of_one_work_never_share_a_version() -> None:
    again = saved(None, Typed(text="Anew", tab="a"), LATER)
    assert again.version != first().version


def test_the_author_chooses_one_of_two_texts() -> None:
    both = saved(first(), Typed(text="No dial tone", base=0, tab="b"), LATER)
    mine, theirs = settled(both, rival=False, at=LATER), settled(both, rival=True, at=LATER)
    assert (mine.text, mine.rival) == ("The light", None)
    assert (theirs.text, theirs.rival) == ("No dial tone", None)
    assert theirs.version > both.version


def test_of_two_texts_the_one_that_became_no_note_is_left() -> None:
    both = saved(first(), Typed(text="No dial tone", base=0, tab="b"), LATER)
    assert used(both, "The light", at=LATER).text == "No dial tone"
    assert used(both, "No dial tone", at=LATER).text == "The light"
    assert used(first(), "The light is red", at=LATER).empty

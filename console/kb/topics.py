"""The tree that articles stand in: what may stand where, and what becomes of two topics that are made one."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from console.errors import BadInput, Conflict, FieldError
from console.kb.article import TOPICS_DEEP

NAME_MAX = 80


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `topic`."""

    id: str
    parent: str | None
    name: str


class Merging(msgspec.Struct, frozen=True):
    """What is done, in this order, to make one topic of two."""

    moved: tuple[tuple[str, str], ...]
    """Topics that go under another parent."""
    folded: tuple[tuple[str, str], ...]
    """Topics whose articles go into another one; then they are gone, the deepest first."""


class Tree:
    """Every topic there is; of one that there is not, nothing may be asked."""

    def __init__(self, topics: Iterable[Topic]) -> None:
        self._by_id = {topic.id: topic for topic in topics}
        self._children: dict[str | None, list[Topic]] = {}
        for topic in self._by_id.values():
            self._children.setdefault(topic.parent, []).append(topic)

    def __contains__(self, topic: str) -> bool:
        return topic in self._by_id

    def __getitem__(self, topic: str) -> Topic:
        return self._by_id[topic]

    def children(self, parent: str | None) -> list[Topic]:
        """Directly beneath it, by name; of None the roots."""
        return sorted(self._children.get(parent, ()), key=lambda topic: topic.name.casefold())

    def child(self, parent: str | None, name: str) -> Topic | None:
        """The one of that name, however it is written."""
        return next((one for one in self._children.get(parent, ()) if one.name.lower() == name.lower()), None)

    def path(self, topic: str | None) -> tuple[str, ...]:
        """The names from the root down; of None none."""
        if topic is None:
            return ()
        found = self._by_id[topic]
        return (*self.path(found.parent), found.name)

    def subtree(self, topic: str) -> frozenset[str]:
        """It, and all beneath it."""
        return frozenset({topic}).union(*(self.subtree(child.id) for child in self._children.get(topic, ())))

    def levels(self, topic: str) -> int:
        """How many it takes: 1 where nothing is beneath it."""
        return 1 + max((self.levels(child.id) for child in self._children.get(topic, ())), default=0)


def checked_name(name: str) -> str:
    """Raises BadInput: a slash stands between the names of a path, and in none of them."""
    name = " ".join(name.split())
    if not name:
        raise _wrong("name", "A name is needed.")
    if len(name) > NAME_MAX or "/" in name or "\x00" in name:
        raise _wrong("name", f"At most {NAME_MAX} characters, and no slash: add a topic under this one instead.")
    return name


def check_new(tree: Tree, name: str, parent: str | None) -> None:
    """Whether a topic of this name may be added there. Raises BadInput, Conflict."""
    _check_parent(tree, parent, levels=1)
    if tree.child(parent, name) is not None:
        raise Conflict("There is a topic of this name here already.")


def check_place(tree: Tree, topic: str, name: str, parent: str | None) -> None:
    """Whether this topic may have that name and parent. Raises BadInput, Conflict."""
    if parent is not None and parent in tree and parent in tree.subtree(topic):
        raise _wrong("parent", "A topic cannot stand under itself.")
    _check_parent(tree, parent, levels=tree.levels(topic))
    there = tree.child(parent, name)
    if there is not None and there.id != topic:
        raise Conflict("There is a topic of this name here already: merge the two instead.")


def merging(tree: Tree, topic: str, into: str) -> Merging:
    """How one topic becomes part of another: those beneath it go along, and those of one name become one as well.

    Raises BadInput, Conflict.
    """
    if into not in tree:
        raise _wrong("into", "There is no such topic.")
    if into in tree.subtree(topic):
        raise _wrong("into", "A topic cannot be merged into itself, or into one beneath it.")
    moved: list[tuple[str, str]] = []
    folded: list[tuple[str, str]] = []

    def fold(gone: str, stays: str) -> None:
        for child in tree.children(gone):
            twin = tree.child(stays, child.name)
            if twin is None:
                _check_parent(tree, stays, levels=tree.levels(child.id))
                moved.append((child.id, stays))
            elif twin.id == topic:
                raise Conflict(f"Beneath it stands another one called {child.name}: rename that one first.")
            else:
                fold(child.id, twin.id)
        folded.append((gone, stays))

    fold(topic, into)
    return Merging(tuple(moved), tuple(folded))


def _check_parent(tree: Tree, parent: str | None, *, levels: int) -> None:
    if parent is not None and parent not in tree:
        raise _wrong("parent", "There is no such topic.")
    if len(tree.path(parent)) + levels > TOPICS_DEEP:
        raise _wrong("parent", f"At most {TOPICS_DEEP} levels; more is a maze.")


def _wrong(field: str, detail: str) -> BadInput:
    return BadInput(errors=(FieldError(field, detail),))

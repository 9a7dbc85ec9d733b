"""The tree of topics: added to, renamed, moved, merged and cleared by authors; each of it audited.

Articles name their topic by id, and a search works out which ids a topic has beneath it. So a new name or place holds at
once everywhere, and only a merge changes articles, whose indexes are told.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from console.db.engine import Transaction
from console.errors import Conflict, NotFound
from console.ids import new_id
from console.kb import store, topics
from console.kb.store import topics as kept
from console.kb.topics import Tree
from console.people.permissions import Permission, require
from console.people.who import Principal
from console.queries import topics as ask
from console.queries.topics import Act, Branch, Counted
from console.services import auditing
from console.services.auditing import What
from console.services.context import Context

ACTS_SHOWN = 20


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    tree: Tree
    branches: tuple[Branch, ...]
    acts: tuple[Act, ...]

    def branch(self, topic: str) -> Branch | None:
        found = list(self.branches)
        while found:
            one = found.pop()
            if one.topic.id == topic:
                return one
            found += one.children
        return None

    @property
    def paths(self) -> list[tuple[str, str]]:
        """Every topic's id and path, as they stand in the tree."""
        return [pair for branch in self.branches for pair in _paths(branch)]


async def whole(ctx: Context, who: Principal) -> Shown:
    """The tree with its counts, and what was done to it last."""
    require(who, Permission.WRITE_ARTICLES)
    async with ctx.db.snapshot() as db:
        tree, counted = await kept.tree(db), await ask.counted(db)
        return Shown(tree=tree, branches=_branches(tree, counted), acts=await ask.acts(db, limit=ACTS_SHOWN))


async def add(ctx: Context, who: Principal, *, name: str, parent: str | None) -> str:
    """A topic under another, or beside the first ones; its id. Raises BadInput, Conflict."""
    by = require(who, Permission.WRITE_ARTICLES)
    name, topic = topics.checked_name(name), new_id()
    async with ctx.db.transaction() as db:
        tree = await _held(db)
        topics.check_new(tree, name, parent)
        await kept.put(db, topic, parent, name, ctx.clock.now())
        path = _said((*tree.path(parent), name))
        await auditing.record(ctx, db, by=by, what=What.TOPIC_ADDED, about=path, data={"topic": topic})
    return topic


async def change(
    ctx: Context,
    who: Principal,
    *,
    topic: str,
    name: str | msgspec.UnsetType = msgspec.UNSET,
    parent: str | msgspec.UnsetType | None = msgspec.UNSET,
) -> None:
    """Another name, another parent, or both; what is beneath goes along. Raises NotFound, BadInput, Conflict."""
    by = require(who, Permission.WRITE_ARTICLES)
    async with ctx.db.transaction() as db:
        tree = await _held(db, topic)
        name = tree[topic].name if name is msgspec.UNSET else topics.checked_name(name)
        parent = tree[topic].parent if parent is msgspec.UNSET else parent
        topics.check_place(tree, topic, name, parent)
        was, now = _said(tree.path(topic)), _said((*tree.path(parent), name))
        if was == now:
            return
        await kept.place(db, topic, parent=parent, name=name)
        data: dict[str, object] = {"topic": topic, "was": was, "path": now}
        await auditing.record(ctx, db, by=by, what=What.TOPIC_CHANGED, about=was, data=data)


async def merge(ctx: Context, who: Principal, *, topic: str, into: str) -> None:
    """Make it part of another: its articles and what is beneath it go there. Raises NotFound, BadInput, Conflict."""
    by = require(who, Permission.WRITE_ARTICLES)
    async with ctx.db.transaction() as db:
        tree = await _held(db, topic)
        plan = topics.merging(tree, topic, into)
        for moved, parent in plan.moved:
            await kept.place(db, moved, parent=parent, name=tree[moved].name)
        carried: list[tuple[str, bool]] = []
        for gone, stays in plan.folded:
            carried += await kept.carry(db, gone, stays)
            await kept.remove(db, gone)
        await store.tell_indexes(db, [article for article, indexed in carried if indexed])
        was, path = _said(tree.path(topic)), _said(tree.path(into))
        data: dict[str, object] = {"topic": topic, "was": was, "path": path, "articles": len(carried)}
        await auditing.record(ctx, db, by=by, what=What.TOPIC_MERGED, about=was, data=data)
    ctx.nudges.ring("knowledge")


async def remove(ctx: Context, who: Principal, *, topic: str) -> None:
    """Take away one that is empty. Raises NotFound, and Conflict where articles or topics are in it."""
    by = require(who, Permission.WRITE_ARTICLES)
    async with ctx.db.transaction() as db:
        tree = await _held(db, topic)
        if tree.children(topic) or await kept.articles(db, topic):
            raise Conflict("It is not empty: merge it into another topic, or move what is in it first.")
        await kept.remove(db, topic)
        path = _said(tree.path(topic))
        await auditing.record(ctx, db, by=by, what=What.TOPIC_REMOVED, about=path, data={"topic": topic})


async def _held(db: Transaction, topic: str | None = None) -> Tree:
    """The tree, as it stays until this transaction ends. Raises NotFound where the topic is not in it."""
    await kept.lock(db)
    tree = await kept.tree(db)
    if topic is not None and topic not in tree:
        raise NotFound("There is no such topic any more.")
    return tree


def _branches(tree: Tree, counted: Mapping[str, Counted], parent: str | None = None) -> tuple[Branch, ...]:
    made = []
    for topic in tree.children(parent):
        children, own = _branches(tree, counted, topic.id), counted.get(topic.id, Counted())
        made.append(
            Branch(
                topic=topic,
                path=tree.path(topic.id),
                own=own.articles,
                published=own.published + sum(child.published for child in children),
                drafts=own.drafts + sum(child.drafts for child in children),
                children=children,
            )
        )
    return tuple(made)


def _paths(branch: Branch) -> list[tuple[str, str]]:
    return [
        (branch.topic.id, _said(branch.path)),
        *(pair for child in branch.children for pair in _paths(child)),
    ]


def _said(path: tuple[str, ...]) -> str:
    return " / ".join(path)

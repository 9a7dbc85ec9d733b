"""The rules of routing once more, as plainly as they can be written: every step looks at everybody and everything.

Written from the semantics, not from the engine; they must give the same orders, one for one.
"""

from dataclasses import dataclass, field
from types import SimpleNamespace

from console.routing import facts as f
from console.routing import orders as o
from console.routing.agent import Presence, RoutingState
from console.routing.offers import offer_id
from console.routing.queue import NO_RULES, Rules, merged
from console.routing.work_item import ItemState, Why

S = 1_000_000
OPEN = ("waiting", "offered", "assigned", "wrap_up")


@dataclass
class OracleAgent:
    name: str
    presence: str = "offline"
    reason: str | None = None
    pending: tuple | None = None
    not_responding: bool = False
    idle: tuple = (0, 0)
    nodes: set = field(default_factory=set)
    absent_since: int | None = None
    offline_since: int | None = None
    offer: object = None
    work: list = field(default_factory=list)
    active: bool = True


class Oracle:
    def __init__(self):
        self.rules: Rules = NO_RULES
        self.now = self.item_seq = self.idle_seq = self.offer_seq = self.decision = 0
        self.agents, self.items, self.offers = {}, {}, {}

    # --- who may be asked --------------------------------------------------------------------------------------------

    def calls(self, a):
        return [i for i in a.work if i.kind != "case" and i.state == "assigned"]

    def wrapping(self, a):
        return [i for i in a.work if i.state == "wrap_up"]

    def room(self, a, kind):
        capacity = self.rules.agents[a.name].capacity
        if self.wrapping(a):
            return False
        if kind == "voice":
            return len(self.calls(a)) < capacity.get("voice", 0)
        if self.calls(a):
            return False
        if kind == "callback":
            return capacity.get("voice", 0) > 0
        return len([i for i in a.work if i.kind == "case"]) < capacity.get("case", 0)

    def takes_part(self, a):
        routable = a.presence == "available" and (a.nodes or a.absent_since is not None)
        return a.active and routable and not a.not_responding and a.pending is None

    def qualifies(self, a, item):
        p = self.rules.agents.get(a.name)
        if p is None or item.queue not in self.rules.queues or (p.queues is not None and item.queue not in p.queues):
            return False
        return all(p.skills.get(skill, 0) >= level for skill, level in item.needs.items())

    def held(self, a, item):
        declines, until = item.holds.get(a.name, (0, 0))
        if self.now < until:
            return True
        others = [b for b in self.agents.values() if self.takes_part(b) and self.qualifies(b, item)]
        return declines >= 3 and any(item.holds.get(b.name, (0, 0))[0] < 3 for b in others)

    def eligible(self, a, item):
        return (
            self.takes_part(a)
            and a.offer is None
            and self.qualifies(a, item)
            and self.room(a, item.kind)
            and not self.held(a, item)
        )

    def match(self):
        waiting = [i for i in self.items.values() if i.state == "waiting"]
        for item in sorted(waiting, key=lambda i: (-i.priority, i.since, i.seq)):
            eligible = [a for a in self.agents.values() if self.eligible(a, item)]
            if eligible:
                self.offer(item, min(eligible, key=lambda a: a.idle), len(eligible))

    def offer(self, item, a, candidates):
        self.offer_seq += 1
        skills = self.rules.agents[a.name].skills
        why = Why(
            rule="longest_idle" if item.id in self.arrived else "longest_waiting",
            idle_since=a.idle[0],
            waiting_since=item.since,
            candidates=candidates,
            matched={s: (level, skills[s]) for s, level in item.needs.items()},
            decision=self.decision + 1,
        )
        expires = self.now + self.rules.queues[item.queue].offer_timeout
        offer = SimpleNamespace(
            id=offer_id(self.now, self.offer_seq), item=item, agent=a, expires=expires, state="open", closed=None
        )
        self.offers[offer.id] = a.offer = item.offer = offer
        item.state = "offered"
        self.say(o.MakeOffer(offer=offer.id, item=item.id, agent=a.name, expires_at=expires, why=why))

    # --- a step ------------------------------------------------------------------------------------------------------

    def step(self, fact):
        self.now = max(self.now, fact.at)
        self.said, self.arrived = [], set()
        shown = {name: self.shown(a) for name, a in self.agents.items()}
        for known, end in ((self.items, "ended"), (self.offers, "closed")):
            for key, one in list(known.items()):
                if getattr(one, end) is not None and getattr(one, end) < self.now - 600 * S:
                    del known[key]
        if isinstance(fact, f.RouterResumed):
            for offer in sorted(self.open_offers(), key=lambda x: x.id):
                if offer.expires <= self.now:
                    self.lapse(offer, "revoked", "outage")
            for a in self.agents.values():
                if a.absent_since is not None:
                    a.absent_since = self.now
        self.deadlines(isinstance(fact, f.TimePassed))
        getattr(self, type(fact).__name__)(fact)
        self.match()
        for name, a in sorted(self.agents.items()):
            # Somebody new is shown only where they are not what everybody is at first.
            if self.shown(a) != shown.get(name, (Presence.OFFLINE, None, RoutingState.IDLE)):
                presence, reason, state = self.shown(a)
                self.say(o.ShowAgent(agent=name, presence=presence, reason=reason, routing_state=state))
        if self.said or self.changed(fact):
            self.decision += 1
        return self.said

    def say(self, order):
        self.said.append(order)

    def refuse(self, problem):
        self.say(o.Refuse(problem=problem))

    def shown(self, a):
        p = self.rules.agents.get(a.name)
        voice, case = (p.capacity.get("voice", 0), p.capacity.get("case", 0)) if p else (0, 0)
        calls = len(self.calls(a))
        full = calls >= voice if calls else (not voice and 0 < case <= len(a.work))
        state = (
            RoutingState.NOT_RESPONDING if a.not_responding
            else RoutingState.OFFERED if a.offer
            else RoutingState.WRAP_UP if self.wrapping(a)
            else RoutingState.BUSY if full
            else RoutingState.IDLE
        )  # fmt: skip
        return Presence(a.presence), a.reason, state

    def open_offers(self):
        return [x for x in self.offers.values() if x.state == "open"]

    def deadlines(self, offers_too):
        while True:
            due = [(a.absent_since + 10 * S, 1, a.name) for a in self.agents.values() if a.absent_since is not None]
            due += [(i.until, 2, i.id) for i in self.items.values() if i.state == "wrap_up" and i.until is not None]
            due += [(x.expires, 4, x.id) for x in self.open_offers() if offers_too or x.expires < self.now]
            if not due or min(due)[0] > self.now:
                return
            _, kind, subject = min(due)
            if kind == 1:
                a = self.agents[subject]
                a.absent_since = None
                if a.presence != "offline":
                    self.take_back(a, "absent")
                    self.become(a, "offline", "connection")
            elif kind == 2:
                self.finish(self.items[subject])
            else:
                self.run_out(self.offers[subject])

    def run_out(self, offer):
        if not offer.agent.nodes:
            self.lapse(offer, "revoked", "absent")
            return
        offer.agent.not_responding = True
        self.renew(offer.agent)
        self.lapse(offer, "timed_out", None)

    def changed(self, fact):
        """Whether the fact changed a row without an order; the oracle is told, for it keeps no rows."""
        return self.silent_change

    silent_change = False

    # --- lives -------------------------------------------------------------------------------------------------------

    def renew(self, a):
        self.idle_seq += 1
        a.idle = (self.now, self.idle_seq)

    def wait(self, item):
        item.state, item.offer, item.agent = "waiting", None, None
        self.arrived.add(item.id)
        self.rule(item)

    def rule(self, item):
        if item.queue not in self.rules.queues and self.rules.fallback_queue in self.rules.queues:
            item.queue = self.rules.fallback_queue
        queue = self.rules.queues.get(item.queue)
        if queue:
            item.needs = merged(queue.requires, item.requires)
            item.priority = queue.priority if item.own_priority is None else item.own_priority

    def close(self, offer, outcome, reason):
        offer.state, offer.closed = outcome, self.now
        offer.agent.offer = None
        self.say(
            o.CloseOffer(offer=offer.id, item=offer.item.id, agent=offer.agent.name, outcome=outcome, reason=reason)
        )

    def lapse(self, offer, outcome, reason):
        self.close(offer, outcome, reason)
        self.wait(offer.item)

    def take_back(self, a, reason):
        if a.offer:
            self.lapse(a.offer, "revoked", reason)

    def assign(self, offer, connected):
        item, a = offer.item, offer.agent
        self.close(offer, "accepted", None)
        item.state, item.agent, item.assigned, item.connected = "assigned", a, self.now, connected
        a.work.append(item)
        self.say(o.Assign(item=item.id, agent=a.name, offer=offer.id, connected=connected))

    def release(self, item, outcome):
        a = item.agent
        a.work.remove(item)
        self.say(o.EndWork(item=item.id, agent=a.name, outcome=outcome))
        if a.pending is not None and not self.calls(a) and not self.wrapping(a):
            self.become(a, *a.pending)
        if not a.active and not a.work:
            self.become(a, "offline", "deactivated")

    def finish(self, item):
        a = item.agent
        self.release(item, "completed")
        if item.kind != "case":
            self.renew(a)
        self.end(item, "completed")

    def end(self, item, state):
        item.state, item.ended = state, self.now
        waited = (self.now if item.assigned is None else item.assigned) - item.since
        queue = self.rules.queues.get(item.queue)
        short = state == "abandoned" and waited < (queue.short_abandon if queue else 5 * S)
        self.say(o.CloseItem(item=item.id, state=ItemState(state), waited=waited, short=short))

    def talk_over(self, item):
        queue = self.rules.queues.get(item.queue)
        span = queue.wrap_up if queue else 0
        if span == 0:
            self.finish(item)
            return
        item.state, item.wrapped = "wrap_up", self.now
        item.until = None if span is None else self.now + span
        self.update(item)

    def update(self, item):
        self.say(o.UpdateWork(item=item.id, agent=item.agent.name, state=ItemState.WRAP_UP, wrap_up_until=item.until))

    def become(self, a, presence, reason):
        if a.presence == "offline" != presence:
            if a.offline_since is None or self.now - a.offline_since > 1800 * S:
                a.idle = (0, a.idle[1])
            a.offline_since = None
        if presence == "offline" != a.presence:
            a.offline_since = self.now
        if presence == "offline" and reason == "signed_out":
            a.offline_since = None
        a.presence, a.reason, a.pending = presence, reason, None
        if presence == "available" and a.idle[0] == 0:
            self.renew(a)

    def owned(self, fact):
        item = self.items.get(fact.item)
        if item is None:
            self.refuse("unknown")
        elif item.state not in OPEN:
            self.refuse("work-over")
        elif item.state not in ("assigned", "wrap_up") or item.agent.name != fact.agent:
            self.refuse("not-yours")
        else:
            return item
        return None

    # --- facts -------------------------------------------------------------------------------------------------------

    def WorkItemQueued(self, fact):  # noqa: N802 - named as the fact
        if fact.item in self.items:
            return
        self.item_seq += 1
        item = SimpleNamespace(
            id=fact.item, seq=self.item_seq, kind=fact.kind, queue=fact.queue, requires=fact.requires,
            own_priority=fact.priority, needs=fact.requires, priority=fact.priority or 0, since=self.now, holds={},
            assigned=None, ended=None, connected=False, takes_orders=fact.takes_orders, until=None, wrapped=None,
        )  # fmt: skip
        self.items[item.id] = item
        self.wait(item)

    def CallAnswered(self, fact):  # noqa: N802
        item = self.heir(fact.item)
        if item is None:
            self.refuse("unknown")
        elif item.state == "offered" and item.offer.agent.name == fact.agent:
            self.assign(item.offer, True)
        elif item.state in ("assigned", "wrap_up") and item.agent.name == fact.agent:
            item.connected = True
        else:
            self.refuse("offer-gone")

    def CallEnded(self, fact):  # noqa: N802
        item = self.heir(fact.item)
        if item is None:
            self.refuse("unknown")
        elif item.kind == "case":
            self.refuse("conflict")
        elif item.state == "assigned":
            self.talk_over(item)
        elif item.state in ("waiting", "offered"):
            if item.offer:
                self.close(item.offer, "revoked", "customer_left")
            self.end(item, "abandoned")

    def WorkTransferred(self, fact):  # noqa: N802
        item = self.items.get(fact.item)
        if item is None:
            self.refuse("unknown")
        elif item.state not in OPEN:
            self.refuse("work-over")
        elif item.state == "assigned":
            agent = item.agent
            self.release(item, "transferred")
            if item.kind != "case":
                self.renew(agent)
            self.end(item, "transferred")
            self.say(o.OpenSuccessor(item=fact.successor, parent=item.id))
            self.WorkItemQueued(
                f.WorkItemQueued(
                    at=fact.at, item=fact.successor, kind=item.kind, queue=fact.queue, takes_orders=item.takes_orders
                )
            )
            self.items[fact.successor].parent = item.id
        elif item.state == "wrap_up":
            self.refuse("conflict")
        else:
            item.queue = fact.queue
            if item.state == "offered":
                self.lapse(item.offer, "revoked", "moved")
            else:
                self.wait(item)

    def heir(self, item_id):
        item = self.items.get(item_id)
        while item is not None and item.state == "transferred":
            item = next((i for i in self.items.values() if getattr(i, "parent", None) == item.id), None)
        return item

    def WorkWithdrawn(self, fact):  # noqa: N802
        item = self.items.get(fact.item)
        if item is None:
            self.refuse("unknown")
        elif item.state in ("assigned", "wrap_up"):
            self.finish(item)
        elif item.state in ("waiting", "offered"):
            if item.offer:
                self.close(item.offer, "revoked", "withdrawn")
            self.end(item, "canceled")

    def ConnectFailed(self, fact):  # noqa: N802
        item = self.owned(fact)
        if item and (item.state != "assigned" or item.connected):
            self.refuse("conflict")
        elif item:
            a = item.agent
            self.release(item, "connect_failed")
            item.assigned = None
            self.hold(item, a, 0)
            self.wait(item)

    def hold(self, item, a, declines):
        queue = self.rules.queues.get(item.queue)
        pause = queue.decline_pause if queue else 60 * S
        item.holds[a.name] = (item.holds.get(a.name, (0, 0))[0] + declines, self.now + pause)

    def OfferAccepted(self, fact):  # noqa: N802
        offer = self.answerable(fact)
        if offer and offer.state == "open":
            self.assign(offer, False)
        elif offer and offer.state != "accepted":
            self.refuse("offer-gone")

    def OfferDeclined(self, fact):  # noqa: N802
        offer = self.answerable(fact)
        if offer and offer.state == "open":
            self.hold(offer.item, offer.agent, 1)
            self.renew(offer.agent)
            self.lapse(offer, "declined", fact.reason)
        elif offer:
            self.refuse("offer-gone")

    def answerable(self, fact):
        offer = self.offers.get(fact.offer)
        if offer is None:
            self.refuse("unknown")
        elif offer.agent.name != fact.agent:
            self.refuse("not-your-offer")
        else:
            return offer
        return None

    def WorkCompleted(self, fact):  # noqa: N802
        item = self.owned(fact)
        if item and (item.state == "wrap_up" or item.kind == "case"):
            self.finish(item)
        elif item:
            if item.takes_orders:
                self.say(o.HangUp(item=item.id, agent=fact.agent))
            self.talk_over(item)

    def WrapUpExtended(self, fact):  # noqa: N802
        item = self.owned(fact)
        if item and item.state != "wrap_up":
            self.refuse("conflict")
        elif item and item.until is not None:
            until = min(item.until + fact.by, max(item.until, item.wrapped + 900 * S))
            if until != item.until:
                item.until = until
                self.update(item)

    def WrapUpFinished(self, fact):  # noqa: N802
        item = self.owned(fact)
        if item and item.state == "wrap_up":
            self.finish(item)
        elif item:
            self.refuse("conflict")

    def PresenceSet(self, fact):  # noqa: N802
        a = self.agents.get(fact.agent)
        if a is None or not a.active:
            self.refuse("unknown")
            return
        at_work = self.calls(a) or self.wrapping(a)
        if fact.presence == "away" and a.presence == "available" and at_work:
            a.pending = ("away", fact.reason)
            self.take_back(a, "away")
            return
        if fact.presence == "available":
            a.not_responding = False
        else:
            self.take_back(a, "away" if fact.presence == "away" else "absent")
        self.become(a, fact.presence.value, fact.reason)

    def StreamOpened(self, fact):  # noqa: N802
        a = self.agents.get(fact.agent)
        if a is None:
            self.refuse("unknown")
        elif fact.node not in a.nodes:
            a.nodes.add(fact.node)
            a.absent_since = None

    def StreamClosed(self, fact):  # noqa: N802
        a = self.agents.get(fact.agent)
        if a is None:
            self.refuse("unknown")
        elif fact.node in a.nodes:
            a.nodes.remove(fact.node)
            if not a.nodes:
                a.absent_since = self.now

    def NodeGone(self, fact):  # noqa: N802
        for a in self.agents.values():
            if fact.node in a.nodes:
                a.nodes.remove(fact.node)
                a.absent_since = None if a.nodes else self.now

    def ConfigChanged(self, fact):  # noqa: N802
        self.rules = rules = fact.rules
        for name in rules.agents:
            self.agents.setdefault(name, OracleAgent(name)).active = True
        for name, a in sorted(self.agents.items()):
            if a.active and name not in rules.agents:
                a.active = False
                self.take_back(a, "deactivated")
                if not a.work:
                    self.become(a, "offline", "deactivated")
        for item in sorted(self.items.values(), key=lambda i: i.seq):
            if item.state == "waiting":
                self.rule(item)
            elif item.state == "offered":
                gone = item.queue not in rules.queues and rules.fallback_queue in rules.queues
                if not gone:
                    self.rule(item)
                a = item.offer.agent
                if gone:
                    self.lapse(item.offer, "revoked", "moved")
                elif not self.qualifies(a, item) or not self.room(a, item.kind):
                    self.lapse(item.offer, "revoked", "refused_config")

    def RouterResumed(self, fact):  # noqa: N802
        pass

    TimePassed = RouterResumed

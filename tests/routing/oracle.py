"""The rules of routing once more, as plainly as they can be written: every step looks at everybody and everything.

Written from the semantics, not from the engine; they must give the same orders, one for one.
"""

from dataclasses import dataclass, field
from types import SimpleNamespace

from console.routing import facts as f
from console.routing import orders as o
from console.routing.agent import Presence, RoutingState
from console.routing.ids import item_id, offer_id
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
    consult: object = None
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

    def busy(self, a):
        return self.calls(a) or self.wrapping(a) or a.consult

    def room(self, a, kind):
        capacity = self.rules.agents[a.name].capacity
        if self.wrapping(a) or a.consult:
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

    def takes(self, name, kind):
        return self.rules.agents[name].capacity.get("case" if kind == "case" else "voice", 0) > 0

    def may_be_asked(self, name, item):
        a = self.agents.get(name)
        if a is None or name not in self.rules.agents or name in item.holds:
            return False
        return self.takes_part(a) and self.qualifies(a, item) and self.takes(name, item.kind)

    def eligible(self, a, item):
        return (
            (not item.preferred or a.name in item.preferred)
            and self.takes_part(a)
            and a.offer is None
            and self.qualifies(a, item)
            and self.room(a, item.kind)
            and not self.held(a, item)
        )

    def waiting(self):
        return sorted((i for i in self.items.values() if i.state == "waiting"), key=self.place)

    def place(self, item):
        queue = self.rules.queues.get(item.queue)
        if queue and queue.age_weight is not None:
            base = max(q.priority for q in self.rules.queues.values() if q.age_weight is not None)
            return -base, item.since - (item.priority - base) * queue.age_weight, item.seq
        return -item.priority, item.due if queue and queue.by_due and item.due is not None else item.since, item.seq

    def settle(self):
        """Everything that may not wait where it is goes where it may."""
        for item in self.waiting():
            self.rule(item)
            if item.preferred:
                item.preferred = [name for name in item.preferred if self.takes_part(self.agents[name])]
        while moving := [(i, h) for i in self.waiting() if (h := self.holding(i))]:
            for item, (rule, cause) in moving:
                self.send_on(item, rule, cause)

    def match(self):
        for item in self.waiting():
            eligible = [a for a in self.agents.values() if self.eligible(a, item)]
            if not eligible and item.preferred and item.prefer_until == self.now:
                item.preferred = []
                eligible = [a for a in self.agents.values() if self.eligible(a, item)]
            if eligible:
                self.offer(item, min(eligible, key=lambda a: a.idle), len(eligible))

    def turn_away(self):
        came, self.entered, self.arrived = self.entered, [], set()
        came = {i.id: i for i in came if i.state == "waiting"}
        for item in sorted(came.values(), key=self.place, reverse=True):
            length = sum(i.queue == item.queue for i in self.waiting())
            for rule, _ in self.applicable(item):
                if rule.waiting_more_than is not None and length > rule.waiting_more_than:
                    self.send_on(item, rule, "waiting_more_than")
                    break
        self.settle()
        return bool(self.entered)

    # --- overflow ----------------------------------------------------------------------------------------------------

    def applicable(self, item):
        """Rules that could act, each with the queue it would send the item to."""
        rules = self.rules
        for rule in rules.queues[item.queue].overflow if item.queue in rules.queues else ():
            targets = [q for q in (rule.queue, rules.fallback_queue) if q in rules.queues]
            targets = [q for q in targets if q != item.queue and q not in item.left]
            if (rule.to == "queue" and targets) or (rule.to != "queue" and item.kind == "voice"):
                yield rule, targets[0] if targets else None

    def holding(self, item):
        for rule, _ in self.applicable(item):
            hours = self.rules.queues[item.queue].hours
            known = hours and self.now < hours.until
            closed = known and not any(a <= self.now < b for a, b in zip(hours.opens, hours.closes, strict=True))
            if rule.closed and closed:
                return rule, "closed"
            if rule.waited is not None and self.now - item.queued >= rule.waited:
                return rule, "waited"
            if rule.unqualified and not any(
                self.signed_in(a) and self.qualifies(a, item) for a in self.agents.values()
            ):
                return rule, "unqualified"
        return None

    def signed_in(self, a):
        return a.active and a.presence != "offline" and (a.nodes or a.absent_since is not None)

    def send_on(self, item, rule, cause):
        if rule.to == "queue":
            target = dict(self.applicable(item))[rule]
            item.left = [*item.left, item.queue]
            self.move(item, target, cause)
            return
        self.end(item, "overflowed", overflow=rule.to, cause=cause)
        if rule.to == "callback":
            promise = self.new_item(
                item_id(self.now, self.item_seq + 1), "callback", item.queue, since=item.since, parent=item,
                requires=item.requires, own_priority=item.own_priority, due=item.due,
            )  # fmt: skip
            self.say(o.OpenSuccessor(item=promise.id, parent=item.id, kind="callback", reason="callback"))
            self.enter(promise)

    def move(self, item, queue, cause):
        self.put_into(item, queue, cause)
        self.wait(item)
        self.entered.append(item)

    def put_into(self, item, queue, cause):
        self.say(o.MoveItem(item=item.id, queue=queue, before=item.queue, cause=cause))
        item.queue, item.queued = queue, self.now

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
        self.said, self.arrived, self.entered, self.came = [], set(), [], set()
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
        self.settle()
        self.match()
        while self.entered and self.turn_away():
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
        full = a.consult or (calls >= voice if calls else (not voice and 0 < case <= len(a.work)))
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
            due += [(x.expires, 9, x.id) for x in self.open_offers() if offers_too or x.expires < self.now]
            if not due or min(due)[0] > self.now:
                break
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
        for item in self.waiting():
            if item.preferred and item.prefer_until <= self.now:
                item.preferred = []

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

    def new_item(self, name, kind, queue, *, since=None, parent=None, **more):
        self.item_seq += 1
        item = SimpleNamespace(
            id=name, seq=self.item_seq, kind=kind, queue=queue, requires={}, own_priority=None, state=None, holds={},
            since=self.now if since is None else since, queued=self.now, left=[], due=None, needs={}, priority=0,
            preferred=[], prefer_until=None, offer=None, agent=None, consult=None, assigned=None, ended=None,
            connected=False, takes_orders=False, until=None, wrapped=None, heir=None,
        )  # fmt: skip
        vars(item).update(more)
        item.needs = item.requires
        self.items[name] = item
        if parent is not None:
            parent.heir = item
        return item

    def enter(self, item):
        self.came.add(item.id)
        self.wait(item)
        self.entered.append(item)

    def wait(self, item):
        item.state, item.offer, item.agent = "waiting", None, None
        self.arrived.add(item.id)
        if self.queue_for(item.queue) != item.queue:
            self.put_into(item, self.queue_for(item.queue), "queue_gone")
        self.rule(item)
        over = item.prefer_until is None or item.prefer_until < self.now
        item.preferred = [name for name in item.preferred if not over and self.may_be_asked(name, item)]

    def queue_for(self, name):
        gone = name not in self.rules.queues and self.rules.fallback_queue in self.rules.queues
        return self.rules.fallback_queue if gone else name

    def rule(self, item):
        queue = self.rules.queues.get(item.queue)
        if queue:
            item.needs = self.needs(item.requires, queue, self.now - item.since)
            item.priority = queue.priority if item.own_priority is None else item.own_priority

    def needs(self, requires, queue, waited):
        needs = merged(queue.requires, requires)
        for step in queue.relax:
            if step.after <= waited:
                dropped = {s for s in step.drop if s not in queue.never_relax}
                lower = {s: n for s, n in step.require.items() if s not in queue.never_relax}
                needs = {s: min(n, lower.get(s, n)) for s, n in needs.items() if s not in dropped}
        return needs

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
        self.take(item, a, connected)
        self.say(o.Assign(item=item.id, agent=a.name, offer=offer.id, connected=connected))

    def take(self, item, a, connected):
        item.state, item.agent, item.assigned, item.connected = "assigned", a, self.now, connected
        a.work.append(item)

    def release(self, item, outcome):
        a = item.agent
        self.part(item)
        a.work.remove(item)
        self.say(o.EndWork(item=item.id, agent=a.name, outcome=outcome))
        self.freed(a)

    def part(self, item):
        """A consultation ends with its call."""
        if item.consult:
            a, item.consult = item.consult, None
            a.consult = None
            self.freed(a)

    def freed(self, a):
        if a.pending is not None and not self.busy(a):
            self.become(a, *a.pending)
        if not a.active and not a.work and not a.consult:
            self.become(a, "offline", "deactivated")

    def finish(self, item):
        a = item.agent
        self.release(item, "completed")
        if item.kind != "case":
            self.renew(a)
        self.end(item, "completed")

    def end(self, item, state, overflow=None, cause=None):
        item.state, item.ended = state, self.now
        waited = (self.now if item.assigned is None else item.assigned) - item.since
        queue = self.rules.queues.get(item.queue)
        short = state == "abandoned" and waited < (queue.short_abandon if queue else 5 * S)
        blocked = overflow is not None and item.id in self.came
        self.say(
            o.CloseItem(
                item=item.id, state=ItemState(state), waited=waited, short=short, overflow=overflow, cause=cause,
                blocked=blocked,
            )
        )  # fmt: skip

    def talk_over(self, item):
        queue = self.rules.queues.get(item.queue)
        span = queue.wrap_up if queue else 0
        if span == 0:
            self.finish(item)
            return
        self.part(item)
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
        if fact.item not in self.items:
            item = self.new_item(
                fact.item, fact.kind, fact.queue, requires=fact.requires, own_priority=fact.priority,
                priority=fact.priority or 0, due=fact.due, preferred=list(dict.fromkeys(fact.preferred)),
                takes_orders=fact.takes_orders,
            )  # fmt: skip
            item.prefer_until = self.now + (
                self.rules.queues[item.queue].prefer_for if item.queue in self.rules.queues else 0
            )
            self.enter(item)

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
        item = self.movable(fact)
        if item is None:
            return
        queue = fact.queue or item.queue
        if fact.queue is None and fact.agent is None:
            if item.state == "assigned":
                self.hand_on(item)
            else:
                self.refuse("conflict")
        elif fact.agent and not self.could_be_asked(item, fact.agent, queue):
            self.refuse("agent-not-qualified")
        else:
            self.unplug(item)
            self.go(item, queue, fact.successor, "transferred", fact.agent)

    def WorkMoved(self, fact):  # noqa: N802
        item = self.movable(fact)
        if item:
            self.unplug(item)
            self.go(item, fact.queue, fact.successor, "moved", None)

    def WorkAssigned(self, fact):  # noqa: N802
        item = self.movable(fact)
        if item is None:
            return
        a = self.agents.get(fact.agent)
        if a is None or not a.active:
            self.refuse("unknown")
        elif not self.takes(a.name, item.kind):
            self.refuse("agent-not-qualified")
        elif item.kind != "case" and a.presence == "offline":
            self.refuse("agent-not-free")
        elif item.state != "assigned":
            if item.state == "offered":
                self.lapse(item.offer, "revoked", "assigned")
            self.give(item, a, fact.by)
        elif item.agent is not a:
            self.unplug(item)
            self.give(self.heir_in_hand(item, fact.successor, "assigned"), a, fact.by)

    def give(self, item, a, by):
        self.take(item, a, False)
        item.offer = None
        units = self.rules.agents[a.name].capacity.get("case" if item.kind == "case" else "voice", 0)
        cases = [i for i in a.work if i.kind == "case"]
        held = cases if item.kind == "case" else [i for i in a.work if i.kind != "case"]
        self.say(o.Assign(item=item.id, agent=a.name, by=by, over_capacity=len(held) > units))
        if a.offer and not self.room(a, a.offer.item.kind):
            self.lapse(a.offer, "revoked", "assigned")

    def ConsultAsked(self, fact):  # noqa: N802
        item = self.owned(SimpleNamespace(item=fact.item, agent=fact.by))
        a = self.agents.get(fact.agent)
        if item is None:
            return
        if item.state != "assigned" or item.kind == "case" or item.consult:
            self.refuse("conflict")
        elif a is None or a is item.agent or a.offer or not self.takes_part(a) or not self.room(a, "voice"):
            self.refuse("agent-not-free")
        else:
            item.consult, a.consult = a, item

    def ConsultOver(self, fact):  # noqa: N802
        item = self.movable(fact)
        if item is None:
            return
        handed_over = fact.outcome == "handed_over"
        if item.consult is None or item.consult.name != fact.agent or (handed_over and fact.successor is None):
            self.refuse("conflict")
        elif handed_over:
            a, item.consult = item.consult, None
            a.consult = None
            self.take(self.heir_in_hand(item, fact.successor, "handed_over"), a, True)
            self.say(o.Assign(item=fact.successor, agent=a.name, connected=True))
        else:
            self.part(item)

    def movable(self, fact):
        item = self.items.get(fact.item)
        if item is None:
            self.refuse("unknown")
        elif item.state not in OPEN:
            self.refuse("work-over")
        elif item.state == "wrap_up":
            self.refuse("conflict")
        else:
            return item
        return None

    def could_be_asked(self, item, name, queue):
        if name not in self.rules.agents or queue not in self.rules.queues:
            return False
        probe = SimpleNamespace(
            queue=queue, needs=merged(self.rules.queues[queue].requires, item.requires if queue == item.queue else {})
        )
        return self.qualifies(SimpleNamespace(name=name), probe) and self.takes(name, item.kind)

    def unplug(self, item):
        if item.state == "assigned" and item.takes_orders:
            self.say(o.Disconnect(item=item.id, agent=item.agent.name))

    def hand_on(self, item):
        agent = item.agent
        self.release(item, "transferred")
        if item.kind != "case":
            self.renew(agent)
        self.end(item, "transferred")

    def go(self, item, queue, successor, reason, named):
        if item.state == "assigned":
            self.hand_on(item)
            item = self.successor(item, successor, reason, queue)
        elif item.state == "offered":
            self.lapse(item.offer, "revoked", "moved")
        fresh = item.state is None
        item.left, item.preferred = [], [named] if named else []
        item.prefer_until = self.now + 30 * S
        if fresh:
            self.enter(item)
        else:
            self.move(item, queue, "by_hand" if reason == "moved" else "transferred")

    def successor(self, item, name, reason, queue):
        stays = queue == item.queue
        heir = self.new_item(
            name, item.kind, queue, parent=item, requires=item.requires if stays else {},
            own_priority=item.own_priority if stays else None, due=item.due, takes_orders=item.takes_orders,
        )  # fmt: skip
        heir.needs, heir.priority = item.needs if stays else {}, item.priority
        self.say(o.OpenSuccessor(item=name, parent=item.id, kind=item.kind, reason=reason))
        return heir

    def heir_in_hand(self, item, name, reason):
        self.hand_on(item)
        heir = self.successor(item, name, reason, item.queue)
        self.rule(heir)
        return heir

    def heir(self, item_id):
        item = self.items.get(item_id)
        while item is not None and item.state == "transferred" and item.heir is not None:
            item = item.heir
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
        item = self.items.get(fact.item)
        if item and item.state == "offered" and item.offer.agent.name == fact.agent:
            self.hold(item, item.offer.agent, 0)
            self.lapse(item.offer, "revoked", "connect_failed")
            return
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
        if fact.presence == "away" and a.presence == "available" and self.busy(a):
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
                if not a.work and not a.consult:
                    self.become(a, "offline", "deactivated")
        for item in sorted(self.items.values(), key=lambda i: i.seq):
            gone = self.queue_for(item.queue) != item.queue
            if item.state == "waiting":
                if gone:
                    self.move(item, rules.fallback_queue, "queue_gone")
                else:
                    self.rule(item)
                    item.preferred = [name for name in item.preferred if self.may_be_asked(name, item)]
            elif item.state == "offered" and gone:
                self.lapse(item.offer, "revoked", "moved")
            elif item.state == "offered":
                self.rule(item)
                a = item.offer.agent
                if not self.qualifies(a, item) or not self.room(a, item.kind):
                    self.lapse(item.offer, "revoked", "refused_config")

    def RouterResumed(self, fact):  # noqa: N802
        pass

    TimePassed = RouterResumed

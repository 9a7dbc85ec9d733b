"""The engine: which agent is given which work, and why. Pure but for its store.

One door: `engine.Engine.step(fact) -> list[Order]`; `journal.decide` steps and keeps what came of it for `store`.
Everything here counts time in µs (`queue.Instant`, `queue.Span`).

Where a rule stands: who may be asked `eligibility`; whose turn it is `queue.standing`; who waits, what they need and
for whom `line`; who is first `matching` (the index, on `roster`, `idle_line` and `shelves`); offers `offers`; presence,
pauses and lost connections `presence`; arrival and departure of work `work`; transfers and a supervisor's hand
`handing_on`; `consulting`; `overflow` (by `overflow_rules`); the end of work `ending`; `wrap_up`; a changed configuration
`new_rules`; what is due by itself `deadlines`. All of them act on the `floor`. Afterwards `explain` and `check` read the
journal, and `replay` steps it again.
"""

"""The engine: which agent is given which work, and why. Pure but for its store.

One door: `engine.Engine.step(fact) -> list[Order]`. What changed is taken with `Engine.take_changes()` and
kept by `store`; everything here counts time in µs (`queue.Instant`, `queue.Span`).
"""

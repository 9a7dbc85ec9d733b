"""Loops that never decide: router, effects, presence; each has a run_once()."""

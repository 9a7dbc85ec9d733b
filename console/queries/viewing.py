"""How long somebody whose screen was heard of still counts as looking at a case."""

from datetime import timedelta

LOOKING_FOR = timedelta(minutes=1)
"""Three times as long as a screen says so again: one that was cut off is not looking any more."""

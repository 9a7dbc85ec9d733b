"""Promises with a clock: opening hours, clocks that count by them, what a case's life does to them, and their proof."""

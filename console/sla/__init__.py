"""Promises with a clock: opening hours, and clocks that count by them. What starts and fires them arrives with the cases."""

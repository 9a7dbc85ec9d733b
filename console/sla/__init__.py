"""Promises with a clock: calendars, policies, clocks. Arrives with the cases' clocks."""

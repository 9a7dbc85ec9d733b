"""Customers, their cases, calls and timelines: the matter behind the work."""

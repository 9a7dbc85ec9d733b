"""The supervisor's live page."""

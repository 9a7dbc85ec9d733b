"""Guided dialogs: what the agent says next. Arrives with the script editor."""

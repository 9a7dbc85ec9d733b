"""Asterisk, driven over ARI."""

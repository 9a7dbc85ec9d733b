"""`python -m console` is `console`."""

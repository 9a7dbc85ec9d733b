"""Use cases: one function, one transaction, no SQL and no HTML."""

"""Pages of cases and customers: lists to search in, and each one whole."""

"""The commands of `console`: each parses its words, calls one use case, prints its answer."""

"""Phone systems: each package turns one system's words into the port's."""

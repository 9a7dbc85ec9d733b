"""The one place that builds connected things: database, loops, phone systems, pages."""

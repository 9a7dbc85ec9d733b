"""Knowledge as pages: found and read, written and reviewed."""

"""Other systems that scripts ask."""

"""A contact-centre console: routes calls and cases to the first free qualified agent."""

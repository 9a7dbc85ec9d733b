"""`console demo`: an invented telecom provider's centre, with callers and agents that are played."""

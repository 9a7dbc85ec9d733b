"""News for screens: the messages, and the mailboxes that carry them to sockets."""

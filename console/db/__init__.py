"""PostgreSQL: the connection, the embedded server, inbox, outbox, leases, migrations."""

"""What people and programs see: pages, parts, HTTP API, sockets."""

"""Messages between sources, hub and seats, and the sockets that carry them (PROTOCOL.md beside this file)."""

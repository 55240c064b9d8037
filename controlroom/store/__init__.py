"""What survives a restart: the journal of events, kept in one SQLite file."""

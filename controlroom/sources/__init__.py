"""What feeds a hub: the client that hands records in, the subscriber of foreign publishers, the simulated district."""

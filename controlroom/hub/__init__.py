"""The hub: takes what sources hand in, judges it, writes it down, tells the seats."""

"""Standards as pure functions over tables; the tables are read by the caller from resources/data/standards."""

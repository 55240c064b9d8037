"""Answers of the map: pure functions over columns of points and areas in a metric plane; no Qt, no thread, no I/O."""

"""Examinations of this machine that may crash: each is a program of its own that writes one JSON object and ends."""

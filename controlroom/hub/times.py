"""The district's time, by which incidents are numbered and shifts begin."""

from datetime import timedelta, timezone

BEIJING = timezone(timedelta(hours=8))
"""China has one time zone and no summer time."""

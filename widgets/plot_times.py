"""Times of a plot in words."""

from datetime import datetime, timedelta

from controlroom.i18n import _
from widgets.plot_axis import DISTRICT


def minute_text(at_s: float) -> str:
    """A time in seconds since 1970 UTC, to the minute, with its day."""
    return f"{datetime.fromtimestamp(at_s, DISTRICT):%Y-%m-%d %H:%M}"


def stretch_text(start_s: float, end_s: float) -> str:
    """From when to when the past is shown; seconds where it is short."""
    start, end = (datetime.fromtimestamp(at_s, DISTRICT) for at_s in (start_s, end_s))
    short = end_s - start_s < 600
    time = "%H:%M:%S" if short else "%H:%M"
    until = format(end, time) if start.date() == end.date() else format(end, f"%m-%d {time}")
    return _("Past: {start} to {end}").format(start=format(start, f"%Y-%m-%d {time}"), end=until)


def delta_text(delta: timedelta) -> str:
    """How far the cursor is from the reference."""
    seconds = delta.total_seconds()
    whole = int(abs(seconds))
    clock = f"{whole // 3600 % 24:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"
    days = f"{whole // 86_400} d " if whole >= 86_400 else ""
    return f"Δt {'−' if seconds < 0 else ''}{days}{clock}"

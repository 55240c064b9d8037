"""Against what the load of alarms of a seat is measured: the bands and figures of the standards, as data.

EEMUA 191 (edition 3, 2013) and ANSI/ISA-18.2-2016 clause 16, as `resources/data/alarm_bands.toml` quotes them.
"""

import enum
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

Count = Annotated[int, Meta(ge=0, le=1_000_000)]
Seconds = Annotated[int, Meta(ge=1, le=31_536_000)]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]


class LoadLevel(enum.StrEnum):
    """What a rate of new alarms means for one operator, the lightest first."""

    ACCEPTABLE = "acceptable"
    MANAGEABLE = "manageable"
    OVER_DEMANDING = "over_demanding"
    UNACCEPTABLE = "unacceptable"


class Band(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A level holds up to and with `most` new alarms in the window; the last band has no end."""

    level: LoadLevel
    source: str
    clause: str
    most: Count | None = None


class FloodFigures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """More than `starts_above` new alarms in a window begin a flood, fewer than `ends_below` end it."""

    window_s: Seconds
    starts_above: Count
    ends_below: Count
    source: str
    clause: str


class ReportFigures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the report over a period measures against; shares are of all new alarms, from 0 to 1."""

    flood_share_most: Share
    standing_most: Count
    chattering_times: Annotated[int, Meta(ge=2, le=1000)]
    chattering_within_s: Seconds
    stale_after_s: Seconds
    share_high: Share
    share_middle: Share
    share_low: Share


class SeatFigures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a seat counts as gone, how long it may take to accept an area, how often a flood is written down."""

    gone_after_s: Seconds
    answer_within_s: Seconds
    flood_told_every_s: Seconds


class AlarmBands(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file. `band` begins with the lightest level."""

    edition: str
    flood: FloodFigures
    band: Annotated[tuple[Band, ...], Meta(min_length=1)]
    report: ReportFigures
    seats: SeatFigures

    def __post_init__(self) -> None:
        """Raise ValueError for bands that do not rise, or a flood that ends where it begins."""
        ends = [band.most for band in self.band]
        if ends[-1] is not None or None in ends[:-1]:
            raise ValueError("only the last band, and that one, has no end")
        known = [end for end in ends if end is not None]
        if known != sorted(set(known)):
            raise ValueError("the bands must rise")
        if self.flood.ends_below > self.flood.starts_above:
            raise ValueError("a flood must end below where it begins")

    def level(self, count: int) -> LoadLevel:
        """What so many new alarms in one window mean."""
        return self.of(count).level

    def of(self, count: int) -> Band:
        """The band that so many new alarms in one window lie in."""
        return next(band for band in self.band if band.most is None or count <= band.most)


def decode_bands(text: bytes) -> AlarmBands:
    """The figures of an `alarm_bands.toml`. Raises msgspec.ValidationError."""
    return msgspec.toml.decode(text, type=AlarmBands)

"""One sensor's curve: what came live, what was fetched of the past, and what of it can be seen."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QPalette

from controlroom.domain.kinds import SensorKind
from controlroom.domain.limits import Freshness
from controlroom.domain.sensor import Sensor
from widgets.plot_archive import Archive, Doubts, PastSeries, Piece, piece_of
from widgets.plot_columns import Columns, by_column, few, joined, of_ring, one_by_one, plain
from widgets.plot_frame import TimeGrid
from widgets.plot_series import SeriesRing
from widgets.plot_window import Stretch
from widgets.severity import is_dark

_DARK = ("#7fd1b9", "#c9a0ff", "#a3d977", "#ff9ecb", "#9fd8ef", "#d9bb98", "#b9c3d3", "#57a89a")
_LIGHT = ("#0b6e5b", "#6636b0", "#3c7a1e", "#a82d77", "#1d6b86", "#75502c", "#4a5768", "#1f4a44")
_MERGED_MOST = 100_000
"""Fetched readings that go into the ring at the most; more would push each other out."""

_NEWEST = 5000


def curve_colour(number: int, palette: QPalette) -> QColor:
    """A colour for the curve of this number, none of them a severity's; they repeat after eight."""
    colours = _DARK if is_dark(palette) else _LIGHT
    return QColor(colours[number % len(colours)])


class Curve:
    """One sensor in a plot. `ring` holds all that came since `ring_from_s`; before that `archive` knows.

    Both are drawn by the same rules, so that nothing shows where one ends and the other begins.
    """

    def __init__(self, sensor: Sensor, index: int, number: int, kind: SensorKind | None) -> None:
        self.sensor = sensor
        self.index = index
        self.number = number
        self.kind = kind
        self.ring = SeriesRing()
        self.ring_from_s = math.inf
        self.archive = Archive()
        self.freshness = Freshness.NEVER
        self.down: tuple[Stretch, ...] = ()
        """When no hub ran: no value held on, and nothing is joined over it."""

    @property
    def revision(self) -> tuple[int, int, float, tuple[Stretch, ...]]:
        """Changes when something other than the newest readings did."""
        return self.ring.revision, self.archive.revision, self.ring_from_s, self.down

    @property
    def live_from_s(self) -> float:
        """From when on the ring knows all; later than `ring_from_s` once it has overflowed."""
        if len(self.ring) and self.ring.full:
            return max(self.ring_from_s, float(self.ring.time_s[0]))
        return self.ring_from_s

    def take_over(self, other: "Curve") -> None:
        """Hold what another curve of the same sensor held."""
        self.ring, self.ring_from_s, self.archive = other.ring, other.ring_from_s, other.archive

    def listen(self, since_s: float) -> None:
        """Readings come live from this time on; what was missed before must be fetched."""
        self.ring_from_s = since_s

    def listen_again(self, lost_s: float, now_s: float) -> None:
        """Nothing came between these times: the ring goes on from now, what it held is asked for again."""
        if self.ring_from_s < lost_s:
            self._keep_before(lost_s)
        self.ring_from_s = now_s

    def show_down(self, down: tuple[Stretch, ...]) -> None:
        """The stretches in which no hub ran, of the time that was fetched last."""
        self.down = down

    def forget(self) -> None:
        """Drop everything: it belongs to another time."""
        self.ring.clear()
        self.archive.clear()

    def take_past(self, series: PastSeries, stretch: Stretch, asked_s: float) -> None:
        """What was fetched for a stretch. Readings that reach up to the live ones join them, else they are a piece."""
        touches = stretch.end_s >= self.live_from_s > stretch.start_s
        if series.width_ms or not touches or len(series.time) > _MERGED_MOST:
            self.archive.add(piece_of(series, stretch, asked_s))
            return
        self.ring.add(series.time / 1000.0, series.value, series.quality)
        self.ring_from_s = stretch.start_s

    def missing(self, stretch: Stretch, bin_s: float) -> list[Stretch]:
        """What of a stretch must be fetched to draw it about as fine as bins of `bin_s`."""
        end_s = min(stretch.end_s, self.live_from_s)
        return self.archive.missing(Stretch(stretch.start_s, end_s), bin_s) if end_s > stretch.start_s else []

    def unknown(self, stretch: Stretch) -> list[Stretch]:
        """Where nothing was fetched yet, so that an empty place says nothing."""
        end_s = min(stretch.end_s, self.live_from_s)
        return self.archive.unknown(Stretch(stretch.start_s, end_s)) if end_s > stretch.start_s else []

    def single(self, grid: TimeGrid) -> bool:
        """Whether the live readings of a picture are few enough to be drawn one by one."""
        time_s = self.ring.time_s
        begin, end = (int(place) for place in np.searchsorted(time_s, [grid.start_s, grid.end_s]))
        # Those of a stretch that is only a part of the picture may be crowded although they are few.
        return end - begin < 2 or few(end - begin, int((time_s[end - 1] - time_s[begin]) / grid.width_s) + 1)

    def columns(self, grid: TimeGrid, first: int, last: int, single: bool) -> Columns:
        """What lies in the columns `first` … `last` - 1 of the time axis, with a neighbour on each side."""
        start_s, end_s = first * grid.width_s, last * grid.width_s
        gap_s = self.sensor.stale_after_s
        made: Columns | None = None
        if start_s < self.live_from_s:
            for part, piece in self.archive.parts(Stretch(start_s, min(end_s, self.live_from_s))):
                time_s = piece.samples.time_s
                begin, end = _reach(time_s, part, grid.width_s, part.start_s == start_s, part.end_s == end_s)
                samples = piece.samples.between(begin, end)
                bin_gap_s = max(gap_s, 1.6 * piece.bin_s)
                crowded = len(samples.time_s) > 2 * (part.span_s / grid.width_s + 2)
                columns = (by_column if crowded else one_by_one)(samples, grid.width_s, bin_gap_s)
                made = columns if made is None else joined(made, columns, bin_gap_s)
        if len(self.ring):
            begin, end = _reach(self.ring.time_s, Stretch(start_s, end_s), grid.width_s)
            if made is not None:
                begin = max(begin, int(np.searchsorted(self.ring.time_s, self.live_from_s)))
            live = of_ring(self.ring, begin, end, grid.width_s, gap_s, single)
            made = live if made is None else joined(made, live, gap_s)
        if made is None:
            return one_by_one(_NOTHING, grid.width_s, gap_s)
        return made._replace(broken=self._broken_by_down(made)) if self.down else made

    def extremes(self, stretch: Stretch) -> tuple[float, float]:
        """The least and the greatest good value of a stretch; NaN without any."""
        lows, highs = [], []
        begin, end = np.searchsorted(self.ring.time_s, [stretch.start_s, stretch.end_s])
        if end > begin:
            # A value that holds on from before the window is seen in it.
            low, high = self.ring.extremes(max(int(begin) - 1, 0), int(end))
            lows.append(low)
            highs.append(high)
        if stretch.start_s < self.live_from_s:
            for part, piece in self.archive.parts(Stretch(stretch.start_s, min(stretch.end_s, self.live_from_s))):
                begin, end = np.searchsorted(piece.samples.time_s, [part.start_s, part.end_s])
                if end > begin:
                    lows.append(float(np.fmin.reduce(piece.samples.low[begin:end])))
                    highs.append(float(np.fmax.reduce(piece.samples.high[begin:end])))
        return (float(np.fmin.reduce(lows)), float(np.fmax.reduce(highs))) if lows else (math.nan, math.nan)

    def doubts(self, stretch: Stretch) -> Doubts:
        """The readings of a stretch that are not good."""
        times, values = [np.empty(0)], [np.empty(0, np.float32)]
        if self.ring.doubted:
            begin, end = np.searchsorted(self.ring.time_s, [stretch.start_s, stretch.end_s])
            value = self.ring.value[begin:end]
            bad = np.isnan(self.ring.curve[begin:end]) & np.isfinite(value)
            times.append(self.ring.time_s[begin:end][bad])
            values.append(value[bad])
        if stretch.start_s < self.live_from_s:
            for part, piece in self.archive.parts(Stretch(stretch.start_s, min(stretch.end_s, self.live_from_s))):
                begin, end = np.searchsorted(piece.doubts.time_s, [part.start_s, part.end_s])
                times.append(piece.doubts.time_s[begin:end])
                values.append(piece.doubts.value[begin:end])
        return Doubts(np.concatenate(times), np.concatenate(values))

    def last_good(self) -> tuple[float, float] | None:
        """Time (seconds since 1970 UTC) and value of the newest live reading that can be believed."""
        good = np.flatnonzero(np.isfinite(self.ring.curve[-_NEWEST:]))
        if not len(good):
            return None
        at = len(self.ring) - min(len(self.ring), _NEWEST) + int(good[-1])
        return float(self.ring.time_s[at]), float(self.ring.value[at])

    def at(self, time_s: float) -> tuple[float, float] | None:
        """Time and value of what held at a time; None where it was missing, doubtful or too old by then.

        Where only bins are known the value is the mean of the bin.
        """
        held = self._held_at(time_s)
        if held is not None:
            for start_s, end_s in self.down:
                until_s = min(time_s, end_s)
                if until_s - max(held[0], start_s) > 0.5 * (until_s - start_s) > 0:
                    return None
        return held

    def _held_at(self, time_s: float) -> tuple[float, float] | None:
        if time_s < self.live_from_s:
            for _part, piece in self.archive.parts(Stretch(time_s, time_s + 1e-3)):
                reach_s = max(self.sensor.stale_after_s, piece.bin_s)
                return _held(piece.samples.time_s - piece.bin_s / 2, piece.samples.mean, time_s, reach_s)
        return _held(self.ring.time_s, self.ring.curve, time_s, self.sensor.stale_after_s)

    def _broken_by_down(self, columns: Columns) -> NDArray[np.bool_]:
        """Nothing is joined over most of a time in which no hub ran; what sources told later of it is drawn."""
        broken = columns.broken.copy()
        before, after = columns.last_s[:-1], columns.first_s[1:]
        for start_s, end_s in self.down:
            bridged = np.minimum(after, end_s) - np.maximum(before, start_s)
            broken[1:] |= bridged > 0.5 * (end_s - start_s)
        return broken

    def _keep_before(self, lost_s: float) -> None:
        """What came live until the link was lost stays as a piece of the past."""
        end = int(np.searchsorted(self.ring.time_s, lost_s))
        samples = plain(self.ring.time_s[:end].copy(), self.ring.curve[:end].copy())
        bad = np.isnan(samples.low) & np.isfinite(self.ring.value[:end])
        doubts = Doubts(samples.time_s[bad], self.ring.value[:end][bad])
        self.archive.add(Piece(Stretch(self.live_from_s, lost_s), 0.0, 0.0, samples, doubts))

    def add(self, time_s: NDArray[np.float64], value: NDArray[np.float32], quality: NDArray[np.uint8]) -> None:
        """Readings that came live."""
        self.ring.add(time_s, value, quality)


_NOTHING = plain(np.empty(0, np.float64), np.empty(0, np.float32))


def _reach(
    time_s: NDArray[np.float64], stretch: Stretch, width_s: float, before: bool = True, after: bool = True
) -> tuple[int, int]:
    """The places of a stretch, widened to the whole columns of its neighbours on the sides that have some."""
    begin, end = (int(place) for place in np.searchsorted(time_s, stretch))
    if before and begin > 0:
        begin = int(np.searchsorted(time_s, time_s[begin - 1] // width_s * width_s))
    if after and end < len(time_s):
        end = int(np.searchsorted(time_s, (time_s[end] // width_s + 1) * width_s))
    return begin, end


def _held(
    time_s: NDArray[np.float64], value: NDArray[np.float32], at_s: float, reach_s: float
) -> tuple[float, float] | None:
    place = int(np.searchsorted(time_s, at_s, "right")) - 1
    if place < 0 or at_s - time_s[place] > reach_s:
        return None
    held = float(value[place])
    return (float(time_s[place]), held) if math.isfinite(held) else None

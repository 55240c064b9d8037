"""Earlier readings of one curve as they were fetched: pieces of different fineness that together cover a stretch."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from controlroom.domain.readings import GOOD
from widgets.plot_columns import Samples, plain
from widgets.plot_window import Stretch

PIECES_MOST = 8
"""Pieces that one curve holds at the most; the one that was fetched longest ago goes."""


class PastSeries(Protocol):
    """One sensor's past, ascending in time; `width_ms` 0: readings, else bins that begin at `time`."""

    @property
    def index(self) -> int:
        """The telemetry index of the sensor."""

    @property
    def width_ms(self) -> int:
        """The width of a bin, 0 for readings."""

    @property
    def time(self) -> NDArray[np.int64]:
        """ms since 1970 UTC."""

    @property
    def value(self) -> NDArray[np.float32]:
        """Readings, or means of the good ones of a bin (NaN where none was)."""

    @property
    def least(self) -> NDArray[np.float32]:
        """The least good reading of each bin."""

    @property
    def greatest(self) -> NDArray[np.float32]:
        """The greatest good reading of each bin."""

    @property
    def quality(self) -> NDArray[np.uint8]:
        """The quality of a reading, the worst of a bin; 0 is good."""


class Doubts(NamedTuple):
    """Readings that are not good: times in seconds since 1970 UTC and what was told (NaN for a bin of several)."""

    time_s: NDArray[np.float64]
    value: NDArray[np.float32]


class Piece(NamedTuple):
    """A stretch that was fetched: `asked_s` is how wide a bin was wanted, `bin_s` what came (0: every reading)."""

    stretch: Stretch
    asked_s: float
    bin_s: float
    samples: Samples
    doubts: Doubts


def piece_of(series: PastSeries, stretch: Stretch, asked_s: float) -> Piece:
    """The piece that an answer makes."""
    good = series.quality == GOOD
    time_s = series.time / 1000.0
    if not series.width_ms:
        curve = np.where(good, series.value, np.float32(np.nan))
        bad = ~good & np.isfinite(series.value)
        return Piece(stretch, asked_s, 0.0, plain(time_s, curve), Doubts(time_s[bad], series.value[bad]))
    bin_s = series.width_ms / 1000.0
    middle = time_s + bin_s / 2
    nothing = np.full(int((~good).sum()), np.nan, np.float32)
    samples = Samples(middle, series.least, series.greatest, series.value)
    return Piece(stretch, asked_s, bin_s, samples, Doubts(middle[~good], nothing))


class Archive:
    """The pieces of one curve. `revision` counts changes."""

    def __init__(self) -> None:
        self.revision = 0
        self._pieces: list[Piece] = []

    def add(self, piece: Piece) -> None:
        """Take a piece; those it makes needless go."""
        kept = [old for old in self._pieces if not _covers(piece, old)]
        self._pieces = [*kept[1 - PIECES_MOST :], piece]
        self.revision += 1

    def clear(self) -> None:
        """Forget everything."""
        self._pieces = []
        self.revision += 1

    def parts(self, stretch: Stretch) -> Iterator[tuple[Stretch, Piece]]:
        """The finest pieces over a stretch, in the order of time, each with what is taken of it."""
        open_parts, taken = [stretch], list[tuple[Stretch, Piece]]()
        for piece in sorted(self._pieces, key=lambda held: held.bin_s):
            rest = []
            for part in open_parts:
                start_s, end_s = max(part.start_s, piece.stretch.start_s), min(part.end_s, piece.stretch.end_s)
                if start_s >= end_s:
                    rest.append(part)
                    continue
                taken.append((Stretch(start_s, end_s), piece))
                if part.start_s < start_s:
                    rest.append(Stretch(part.start_s, start_s))
                if end_s < part.end_s:
                    rest.append(Stretch(end_s, part.end_s))
            open_parts = rest
        return iter(sorted(taken, key=lambda each: each[0].start_s))

    def missing(self, stretch: Stretch, bin_s: float) -> list[Stretch]:
        """Where nothing was fetched that is about as fine as bins of `bin_s`; empty where all is there."""
        fine = [piece for piece in self._pieces if piece.bin_s == 0.0 or piece.asked_s <= 1.5 * bin_s]
        return _without(stretch, [piece.stretch for piece in fine])

    def unknown(self, stretch: Stretch) -> list[Stretch]:
        """Where nothing was fetched at all."""
        return _without(stretch, [piece.stretch for piece in self._pieces])


def _covers(new: Piece, old: Piece) -> bool:
    inside = new.stretch.start_s <= old.stretch.start_s and old.stretch.end_s <= new.stretch.end_s
    return inside and (new.bin_s <= old.bin_s or new.bin_s == 0.0)


def _without(stretch: Stretch, covered: list[Stretch]) -> list[Stretch]:
    """What is left of a stretch without these."""
    left, at_s = [], stretch.start_s
    for part in sorted(covered):
        if part.end_s <= at_s:
            continue
        if part.start_s >= stretch.end_s:
            break
        if part.start_s > at_s:
            left.append(Stretch(at_s, part.start_s))
        at_s = part.end_s
    if at_s < stretch.end_s:
        left.append(Stretch(at_s, stretch.end_s))
    return left

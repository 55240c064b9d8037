"""The readings' history on the disk: all of it for some days, its least, greatest and mean by minute and hour longer.

What comes is appended to the open segment, in memory and in a log. An hour of it (or `SEAL_AT` readings) is sealed:
sorted, packed into blocks of 16 sensors and one hour, and committed to the files of the days it belongs to; then its
log is deleted. A reading is in exactly one place at any time, so nothing is read twice and nothing is left out. A
segment that was committed to one of two days before a crash is not committed there again. Sealing and summarising go
in steps, so that the thread that owns the history can answer in between.
"""

import errno
import logging
import os
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from controlroom.domain.past_readings import BinColumns, Span
from controlroom.domain.readings import MAX_INDICES, ReadingColumns
from controlroom.errors import StoreFault
from controlroom.store.history_block import (
    BAND,
    DAY_MS,
    HOUR_MS,
    Columns,
    joined,
    pack,
    taken,
)
from controlroom.store.history_day import READINGS, Block
from controlroom.store.history_reading import Reader, in_order
from controlroom.store.history_segment import PREFIX, SUFFIX, Log, Segment, logged, own
from controlroom.store.history_shelf import Bounds, DayShelf, logs_in
from controlroom.store.history_summary import MINUTE, TIERS, coarser, minutes_of, strips_of
from controlroom.store.journal import fault
from controlroom.store.readings_store import Look, unhurried

_log = logging.getLogger(__name__)

SEAL_AT = 4_000_000
"""Readings in one segment at the most, 68 MB in memory and in the log."""

HELD_MOST = 6_000_000
"""Readings in memory at the most; where the disk does not take them, the oldest are let go and counted."""

RETRY_MS = 5_000
TIDY_MS = 60_000
_STEP = 32
"""Blocks packed in one step."""

_BAND_BITS = BAND.bit_length() - 1
_BANDS = 8
"""Bands summarised in one step."""

_LATE_MS = HOUR_MS + 600_000
"""A day is summarised so long after its end: its last hour is sealed then."""


class History:
    """The history in one folder. One thread owns an instance; times are ms since 1970 UTC.

    The disk's faults never raise: `condition` is ok, full, locked, denied, failing or corrupt as a store's, `dropped`
    counts readings that were given up, `damaged` blocks, files and logs that were passed over.
    """

    def __init__(
        self,
        folder: Path,
        bounds: Bounds | None = None,
        now_ms: int = 0,
        *,
        seal_at: int = SEAL_AT,
        held_most: int = HELD_MOST,
        spare_bytes: int = 0,
    ) -> None:
        """`spare_bytes` are left free on the disk: where there is less, it counts as full."""
        self._folder = folder
        self._bounds = bounds or Bounds()
        self._seal_at, self._held_most, self._spare_bytes = seal_at, held_most, spare_bytes
        self._shelf = DayShelf(folder, self._bounds)
        self._waiting: deque[Segment] = deque()
        self._sealing: Iterator[None] | None = None
        self._summing: Iterator[None] | None = None
        self._summed: set[int] = set()
        self._log: Log | None = None
        self._last_number = 0
        self._retry_at = self._tidy_at = self._sum_at = self._now_ms = now_ms
        self.reader = Reader(self._shelf, self._segments)
        self.condition = "ok"
        self.dropped = 0
        self._recover()
        self._open = self._begin(now_ms)

    # ------------------------------------------------------------ taking

    def append(self, readings: ReadingColumns, now_ms: int) -> None:
        """Keep readings; those older than what is kept, or from a day to come, are dropped and counted."""
        self._now_ms = now_ms
        columns = own(readings)
        oldest = (now_ms // DAY_MS - self._bounds.days + 1) * DAY_MS
        fits = (columns.time >= oldest) & (columns.time < now_ms + DAY_MS) & (columns.index < MAX_INDICES)
        if not fits.all():
            self.dropped += int(len(columns) - fits.sum())
            columns = taken(columns, np.flatnonzero(fits))
        if not len(columns):
            return
        if self._open.count and self._open.count + len(columns) > self._seal_at:
            self._turn_over(now_ms)
        self._open.append(columns)
        self._write(columns)
        while self._held() > self._held_most:
            self._let_go()

    def sync(self) -> None:
        """Have the disk hold what the log was given."""
        if self._log is not None:
            try:
                self._log.sync()
            except OSError as error:
                self._tell(fault(self._open.path, error))

    def work(self, now_ms: int) -> bool:
        """Do one step of what is to be done (sealing, deleting, summarising); whether there is more at once."""
        self._now_ms = now_ms
        if self._open.count and now_ms // HOUR_MS != self._begun_ms // HOUR_MS:
            self._turn_over(now_ms)
        if now_ms < self._retry_at:
            return False
        if self._log is None:
            self._open_log()
        self._write_out()
        try:
            return self._step(now_ms)
        except StoreFault as told:
            self._sealing = self._summing = None
            self._tell(told)
        except OSError as error:
            self._sealing = self._summing = None
            self._tell(fault(self._folder, error))
        return False

    def seal(self, now_ms: int) -> None:
        """Seal all that is open, in one go; what the disk does not take stays open."""
        self._turn_over(now_ms)
        self._retry_at = now_ms
        while self.work(now_ms):
            pass

    def close(self) -> None:
        """Leave the open segment in its log and close the files."""
        self.sync()
        if self._log is not None:
            self._log.close()
            self._log = None
        if not self._open.count:
            with suppress(OSError):
                self._open.path.unlink(missing_ok=True)
        self._shelf.close()

    # ------------------------------------------------------------ reading

    @property
    def oldest_ms(self) -> int:
        """How far back anything is kept: the beginning of the oldest day on the disk, or the oldest reading."""
        kinds = (READINGS, *(tier.kind for tier in TIERS))
        days = [day for kind in kinds for day in self._shelf.days(kind)]
        return min([self._now_ms, *(day * DAY_MS for day in days), *self._held_since()])

    @property
    def full_ms(self) -> int:
        """How far back every reading is kept."""
        days = self._shelf.days(READINGS)
        return min([self._now_ms, *(day * DAY_MS for day in days), *self._held_since()])

    @property
    def damaged(self) -> int:
        """How many blocks, files and logs were passed over."""
        return self.reader.damaged

    def read(self, indices: Sequence[int], since_ms: int, until_ms: int, look: Look = unhurried) -> Columns:
        """The readings of these sensors with `since_ms` <= time < `until_ms`, sorted by index and time."""
        return self.reader.read(indices, since_ms, until_ms, look)

    def estimate(self, indices: Sequence[int], since_ms: int, until_ms: int) -> int:
        """About how many readings `read` would give."""
        return self.reader.estimate(indices, since_ms, until_ms)

    def bins(
        self, indices: Sequence[int], since_ms: int, until_ms: int, count: int, look: Look = unhurried
    ) -> BinColumns:
        """Least, greatest, mean, count and worst quality in `count` equal bins. Raises ValueError, as `Reader.bins`."""
        return self.reader.bins(indices, since_ms, until_ms, count, look)

    def at(self, indices: Sequence[int], at_ms: int, reach_ms: int, look: Look = unhurried) -> Columns:
        """The last reading of each of these sensors at or before a time, at most `reach_ms` old; sorted by index."""
        return self.reader.at(indices, at_ms, reach_ms, look)

    def finest_ms(self, since_ms: int, until_ms: int) -> int:
        """The width of the finest bins that can be had for all of a time; 0 where every reading is kept."""
        return self.reader.finest_ms(since_ms, until_ms)

    def gaps(self, since_ms: int, until_ms: int, indices: Sequence[int]) -> tuple[Span, ...]:
        """The stretches of this time in which what was kept of these sensors is damaged."""
        return self.reader.gaps(since_ms, until_ms, indices)

    # ------------------------------------------------------------ inside

    def _segments(self) -> tuple[Segment, ...]:
        return *self._waiting, self._open

    def _held_since(self) -> list[int]:
        return [segment.oldest_ms for segment in self._segments()]

    def _step(self, now_ms: int) -> bool:
        if now_ms >= self._tidy_at:
            # First of all: what is too old or too much makes room for the rest.
            self._tidy_at = now_ms + TIDY_MS
            self._summed.difference_update(self._shelf.tidy(now_ms // DAY_MS))
        self._need_room()
        if self._sealing is None and self._waiting:
            self._sealing = self._seal_oldest()
        if self._sealing is not None:
            if next(self._sealing, self) is self:
                self._sealing = None
            return True
        if self._summing is None and now_ms >= self._sum_at:
            self._summing = self._summarise(now_ms)
        if self._summing is not None:
            if next(self._summing, self) is self:
                self._summing = None
                self._sum_at = now_ms + TIDY_MS
            return True
        return False

    def _seal_oldest(self) -> Iterator[None]:
        """Commit the oldest waiting segment to its days, a few blocks a step."""
        segment = self._waiting[0]
        columns = segment.everything()
        hour = columns.time // HOUR_MS
        first = int(hour.min())
        # Hour since the first, index and ms within the hour in one number: at most 20 + 22 + 22 bits.
        key = ((hour - first) << 44) | (columns.index.astype(np.int64) << 22) | (columns.time - hour * HOUR_MS)
        order = np.argsort(key, kind="stable")
        yield
        columns, places = taken(columns, order), key[order] >> (22 + _BAND_BITS)
        starts = np.flatnonzero(np.diff(places, prepend=-1)).tolist()
        yield
        blocks: dict[int, list[Block]] = {}
        for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(columns)], strict=True)):
            part = taken(columns, slice(start, end))
            at, band = int(part.time[0]) // HOUR_MS, int(part.index[0]) // BAND
            blocks.setdefault(at * HOUR_MS // DAY_MS, []).append(Block(band, at, end - start, pack(part, band, at)))
            if number % _STEP == _STEP - 1:
                yield
        for day, rows in blocks.items():
            file = self._shelf.readings_made(day)
            file.add(segment.number, rows)
            # The segment's log goes next, so the disk must have its blocks by now.
            file.settle()
            self._summed.discard(day)
        if self._waiting and self._waiting[0] is segment:
            self._waiting.popleft()
        segment.path.unlink(missing_ok=True)
        self._tell_well()

    def _summarise(self, now_ms: int) -> Iterator[None]:
        """Summarise the days that are over, a few bands a step."""
        for day in self._shelf.days(READINGS):
            file = self._shelf.readings(day)
            if day in self._summed or (day + 1) * DAY_MS + _LATE_MS > now_ms or file is None:
                continue
            summaries = [(tier, self._shelf.summary(day, tier.kind, made=True)) for tier in TIERS]
            blocks = file.block_counts()
            made = {tier: summary.summarised() for tier, summary in summaries if summary is not None}
            lacking = [b for b, count in blocks.items() if any(of.get(b, -1) != count for of in made.values())]
            for number, band in enumerate(lacking):
                sensors = np.arange(band * BAND, (band + 1) * BAND, dtype=np.uint32)
                whole = day * DAY_MS, (day + 1) * DAY_MS
                # A source tells again what it was not acknowledged before a crash: such readings count once.
                told = in_order(joined(list(self.reader.of_file(file, day, sensors, *whole))))
                minutes = minutes_of(told, band, day)
                for tier, summary in summaries:
                    if summary is not None and made[tier].get(band, -1) != blocks[band]:
                        cells = coarser(minutes, tier.cell_ms // MINUTE.cell_ms)
                        summary.put(band, blocks[band], strips_of(cells, band, tier))
                if number % _BANDS == _BANDS - 1:
                    yield
                    if self._shelf.readings(day) is not file:
                        return
                    if any(self._shelf.summary(day, tier.kind) is not summary for tier, summary in summaries):
                        return
            for _tier, summary in summaries:
                if summary is not None:
                    summary.settle()
            self._summed.add(day)
            yield

    def _turn_over(self, now_ms: int) -> None:
        """Begin a new segment; the one so far waits to be sealed."""
        if not self._open.count:
            return
        self.sync()
        if self._log is not None:
            self._log.close()
        self._waiting.append(self._open)
        self._open = self._begin(now_ms)

    def _begin(self, now_ms: int) -> Segment:
        self._begun_ms = now_ms
        self._last_number = max(now_ms, self._last_number + 1)
        segment = Segment(self._last_number, self._folder / f"{PREFIX}{self._last_number:015d}{SUFFIX}")
        self._log = None
        self._unwritten: list[Columns] = []
        self._open = segment
        self._open_log()
        return segment

    def _open_log(self) -> None:
        """Have a log for the open segment; later where the disk does not take it."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._open.path.unlink(missing_ok=True)
            self._log = Log(self._open.path)
        except OSError as error:
            self._tell(fault(self._folder, error))

    def _write(self, columns: Columns) -> None:
        """Append to the log; what the disk does not take now is written with what comes after it."""
        self._unwritten.append(columns)
        self._write_out()

    def _write_out(self) -> None:
        if not self._unwritten or self._log is None or self._now_ms < self._retry_at:
            return
        try:
            self._need_room()
            self._log.append(joined(self._unwritten))
        except OSError as error:
            self._tell(fault(self._open.path, error))
            return
        self._unwritten = []
        if not self._waiting:
            self._tell_well()

    def _need_room(self) -> None:
        """Raises OSError where the disk has less room than is to be left to others."""
        if self._spare_bytes:
            held = os.statvfs(self._folder)
            if held.f_bavail * held.f_frsize < self._spare_bytes:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _recover(self) -> None:
        """Take up the logs that an earlier run left."""
        for number, path in logs_in(self._folder):
            self._last_number = max(self._last_number, number)
            try:
                batches, lost = logged(path)
            except OSError as error:
                self.reader.unreadable(path, error)
                continue
            if lost:
                _log.info("%d bytes at the end of %s were not written to their end", lost, path)
            if not batches:
                with suppress(OSError):
                    path.unlink()
                continue
            segment = Segment(number, path)
            for batch in batches:
                segment.append(batch)
            self._waiting.append(segment)

    def _held(self) -> int:
        return self._open.count + sum(segment.count for segment in self._waiting)

    def _let_go(self) -> None:
        oldest = self._waiting[0] if self._waiting else self._open
        self.dropped += oldest.forget_oldest()
        if not oldest.count and self._waiting:
            self._waiting.popleft()
            self._sealing = None
            with suppress(OSError):
                oldest.path.unlink(missing_ok=True)

    def _tell(self, told: StoreFault) -> None:
        if told.condition != self.condition:
            _log.warning("readings are not kept on the disk: %s", told.sentence)
        self.condition = told.condition
        self._retry_at = self._now_ms + RETRY_MS

    def _tell_well(self) -> None:
        if self.condition != "ok":
            _log.info("readings are kept on the disk again")
        self.condition = "ok"

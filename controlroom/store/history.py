"""The readings' history on the disk: all of it for some days, its least, greatest and mean for longer.

What comes is appended to the open segment, in memory and in a log. An hour of it (or `SEAL_AT` readings) is sealed:
sorted, packed into blocks of 16 sensors and one hour, and committed to the files of the days it belongs to; then its
log is deleted. A reading is in exactly one place at any time, so nothing is read twice and nothing is left out. A
segment that was committed to one of two days before a crash is not committed there again. Sealing and summarising go
in steps, so that the thread that owns the history can answer in between.
"""

import logging
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from controlroom.domain.readings import MAX_INDICES, ReadingColumns
from controlroom.errors import StoreFault
from controlroom.store.history_block import (
    BAND,
    DAY_MS,
    HOUR_MS,
    Columns,
    DamagedBlock,
    between,
    joined,
    pack,
    taken,
    unpack,
)
from controlroom.store.history_day import READINGS, SUMMARY, Block, ReadingsFile
from controlroom.store.history_segment import PREFIX, SUFFIX, Log, Segment, logged, own
from controlroom.store.history_shelf import Bounds, DayShelf, logs_in
from controlroom.store.history_summary import CELL_MS, STRIP, Bins, Cells, Collector, cells_of, strips_of
from controlroom.store.journal import fault

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
    ) -> None:
        self._folder = folder
        self._bounds = bounds or Bounds()
        self._seal_at, self._held_most = seal_at, held_most
        self._shelf = DayShelf(folder, self._bounds)
        self._waiting: deque[Segment] = deque()
        self._sealing: Iterator[None] | None = None
        self._summing: Iterator[None] | None = None
        self._summed: set[int] = set()
        self._log: Log | None = None
        self._last_number = 0
        self._retry_at = self._tidy_at = self._sum_at = self._now_ms = now_ms
        self._told: set[object] = set()
        self.condition = "ok"
        self.dropped = 0
        self.damaged = 0
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
        """The beginning of the oldest day on the disk, or the oldest reading in memory."""
        days = [*self._shelf.days(READINGS), *self._shelf.days(SUMMARY)]
        held = [segment.oldest_ms for segment in (*self._waiting, self._open)]
        return min([self._now_ms, *(day * DAY_MS for day in days), *held])

    def read(self, indices: Sequence[int], since_ms: int, until_ms: int) -> Columns:
        """The readings of these sensors with `since_ms` <= time < `until_ms`, sorted by index and time."""
        wanted = _wanted(indices)
        parts = [*self._from_disk(wanted, since_ms, until_ms), *self._from_memory(wanted, since_ms, until_ms)]
        found = joined(parts)
        return taken(found, np.lexsort((found.time, found.index)))

    def estimate(self, indices: Sequence[int], since_ms: int, until_ms: int) -> int:
        """About how many readings `read` would give, from what the blocks say of themselves."""
        wanted = _wanted(indices)
        bands, share = np.unique(wanted // BAND, return_counts=True)
        count = 0.0
        for day, file in self._days(since_ms, until_ms):
            try:
                held = file.counts(bands.tolist(), *_hours(day, since_ms, until_ms))
            except StoreFault as told:
                self._shelf.pass_over(file.path, told)
                continue
            count += sum(held.get(band, 0) * k / BAND for band, k in zip(bands.tolist(), share.tolist(), strict=True))
        return round(count) + sum(len(part) for part in self._from_memory(wanted, since_ms, until_ms))

    def bins(self, indices: Sequence[int], since_ms: int, until_ms: int, count: int) -> Bins:
        """Least, greatest and mean of the good readings in `count` equal bins; from the summaries where they do.

        Summaries have cells of ten minutes, each counted in the bin in which it begins. Raises ValueError for a time
        without length and for no bins.
        """
        if until_ms <= since_ms or count < 1:
            raise ValueError(f"{count} bins from {since_ms} to {until_ms}")
        wanted = _wanted(indices)
        width_ms = -(-(until_ms - since_ms) // count)
        collector = Collector(wanted, since_ms, width_ms, count)
        summaries = self._shelf.days(SUMMARY) if width_ms >= CELL_MS else []
        for day in sorted({*self._shelf.days(READINGS), *summaries}):
            if (day + 1) * DAY_MS <= since_ms or day * DAY_MS >= until_ms:
                continue
            rest = self._collect_cells(collector, wanted, day) if width_ms >= CELL_MS else wanted
            file = self._shelf.readings(day) if len(rest) else None
            if file is not None:
                for part in self._of_file(file, day, rest, since_ms, until_ms):
                    collector.add(part)
        for part in self._from_memory(wanted, since_ms, until_ms):
            collector.add(part)
        return collector.bins()

    # ------------------------------------------------------------ inside

    def _from_memory(self, wanted: NDArray[np.uint32], since_ms: int, until_ms: int) -> list[Columns]:
        return [segment.find(wanted, since_ms, until_ms) for segment in (*self._waiting, self._open)]

    def _from_disk(self, wanted: NDArray[np.uint32], since_ms: int, until_ms: int) -> Iterator[Columns]:
        for day, file in self._days(since_ms, until_ms):
            yield from self._of_file(file, day, wanted, since_ms, until_ms)

    def _days(self, since_ms: int, until_ms: int) -> Iterator[tuple[int, ReadingsFile]]:
        for day in self._shelf.days(READINGS):
            if (day + 1) * DAY_MS > since_ms and day * DAY_MS < until_ms:
                file = self._shelf.readings(day)
                if file is not None:
                    yield day, file

    def _of_file(
        self, file: ReadingsFile, day: int, wanted: NDArray[np.uint32], since_ms: int, until_ms: int
    ) -> Iterator[Columns]:
        """The readings of a day, block by block; what is damaged is told and passed over."""
        bands = np.unique(wanted // BAND).tolist()
        try:
            rows = file.blocks(bands, *_hours(day, since_ms, until_ms))
        except StoreFault as told:
            self.damaged += told.condition == "corrupt"
            self._shelf.pass_over(file.path, told)
            return
        for number, block in rows:
            try:
                columns = unpack(block.body, block.length, block.band, block.hour)
            except DamagedBlock as damage:
                self._tell_damage((file.path, number), f"block {number} of {file.path}: {damage}")
                continue
            here = wanted[slice(*np.searchsorted(wanted, [block.band * BAND, (block.band + 1) * BAND]).tolist())]
            if len(here) == 1:
                columns = taken(columns, slice(*np.searchsorted(columns.index, [here[0], here[0] + 1]).tolist()))
            else:
                columns = taken(columns, np.flatnonzero(np.isin(columns.index, here)))
            yield between(columns, since_ms, until_ms)

    def _collect_cells(self, collector: Collector, wanted: NDArray[np.uint32], day: int) -> NDArray[np.uint32]:
        """Gather a day's cells; the sensors for which the summary is absent or older than the readings are left."""
        summary = self._shelf.summary(day)
        if summary is None:
            return wanted
        try:
            bands = np.unique(wanted // BAND).tolist()
            made = summary.summarised(bands)
            file = self._shelf.readings(day)
            now = made if file is None else file.block_counts(bands)
            fresh = np.array(
                [made.get(b, -1) == now.get(b, 0) or file is None for b in (wanted // BAND).tolist()], bool
            )
            strips = summary.strips(np.unique(wanted[fresh] // STRIP).tolist())
        except StoreFault as told:
            self._shelf.pass_over(summary.path, told)
            return wanted
        opened: dict[int, Cells] = {}
        for number, body in strips.items():
            try:
                opened[number] = cells_of(body)
            except DamagedBlock as damage:
                self._tell_damage((summary.path, number), f"strip {number} of {summary.path}: {damage}")
        for row in np.flatnonzero(fresh).tolist():
            cells = opened.get(int(wanted[row]) // STRIP)
            if cells is not None:
                collector.add_cells(row, day, cells, int(wanted[row]) % STRIP)
        rest: NDArray[np.uint32] = wanted[~fresh]
        return rest

    def _step(self, now_ms: int) -> bool:
        if self._sealing is None and self._waiting:
            self._sealing = self._seal_oldest()
        if self._sealing is not None:
            if next(self._sealing, self) is self:
                self._sealing = None
            return True
        if now_ms >= self._tidy_at:
            self._tidy_at = now_ms + TIDY_MS
            self._summed.difference_update(self._shelf.tidy(now_ms // DAY_MS))
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
            summary = self._shelf.summary(day, made=True)
            if summary is None:
                continue
            made = summary.summarised()
            lacking = [(band, count) for band, count in file.block_counts().items() if made.get(band, -1) != count]
            for number, (band, count) in enumerate(lacking):
                sensors = np.arange(band * BAND, (band + 1) * BAND, dtype=np.uint32)
                columns = joined(list(self._of_file(file, day, sensors, day * DAY_MS, (day + 1) * DAY_MS)))
                summary.put(band, count, strips_of(columns, band, day))
                if number % _BANDS == _BANDS - 1:
                    yield
                    if self._shelf.readings(day) is not file or self._shelf.summary(day) is not summary:
                        return
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
        if self._log is None or self._now_ms < self._retry_at:
            return
        try:
            self._log.append(joined(self._unwritten))
        except OSError as error:
            self._tell(fault(self._open.path, error))
            return
        self._unwritten = []
        if not self._waiting:
            self._tell_well()

    def _recover(self) -> None:
        """Take up the logs that an earlier run left."""
        for number, path in logs_in(self._folder):
            self._last_number = max(self._last_number, number)
            try:
                batches, lost = logged(path)
            except OSError as error:
                self._tell_damage(path, f"the log {path}: {error}")
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

    def _tell_damage(self, what: object, text: str) -> None:
        self.damaged += what not in self._told
        if what not in self._told:
            _log.warning("a part of the history is damaged and passed over: %s", text)
        self._told.add(what)


def _wanted(indices: Sequence[int]) -> NDArray[np.uint32]:
    wanted: NDArray[np.uint32] = np.array(sorted({i for i in indices if 0 <= i < MAX_INDICES}), np.uint32)
    return wanted


def _hours(day: int, since_ms: int, until_ms: int) -> tuple[int, int]:
    """The first and last hour of a day that have a part in this time."""
    return max(day * 24, since_ms // HOUR_MS), min(day * 24 + 23, (until_ms - 1) // HOUR_MS)

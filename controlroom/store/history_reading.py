"""Reading the history: what lies in the days' files and in memory as if it were one list."""

import logging
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from controlroom.domain.past_readings import BinColumns, Span
from controlroom.domain.readings import MAX_INDICES
from controlroom.errors import StoreFault
from controlroom.store.history_block import BAND, DAY_MS, HOUR_MS, Columns, DamagedBlock, between, joined, taken, unpack
from controlroom.store.history_day import READINGS, ReadingsFile
from controlroom.store.history_segment import Segment
from controlroom.store.history_shelf import DayShelf
from controlroom.store.history_summary import TIERS, Cells, Collector, Tier, cells_of
from controlroom.store.readings_store import Look, unhurried

_log = logging.getLogger(__name__)


class Reader:
    """Reads for one `History`, on its thread. `memory` gives the segments that are not sealed yet.

    The disk's faults never raise: `damaged` counts the blocks and files that were passed over, `gaps` tells of them.
    """

    def __init__(self, shelf: DayShelf, memory: Callable[[], Iterable[Segment]]) -> None:
        self._shelf = shelf
        self._memory = memory
        self._told: set[object] = set()
        self._holes: dict[object, tuple[int, Span]] = {}
        self.damaged = 0

    def read(self, indices: Iterable[int], since_ms: int, until_ms: int, look: Look = unhurried) -> Columns:
        """The readings of these sensors with `since_ms` <= time < `until_ms`, sorted by index and time."""
        wanted = wanted_of(indices)
        parts: list[Columns] = []
        for day, file in self._days(since_ms, until_ms):
            look()
            parts += self.of_file(file, day, wanted, since_ms, until_ms)
        found = joined([*parts, *self._from_memory(wanted, since_ms, until_ms)])
        return in_order(found)

    def estimate(self, indices: Iterable[int], since_ms: int, until_ms: int) -> int:
        """About how many readings `read` would give, from what the blocks say of themselves."""
        wanted = wanted_of(indices)
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

    def bins(
        self, indices: Iterable[int], since_ms: int, until_ms: int, count: int, look: Look = unhurried
    ) -> BinColumns:
        """`count` equal bins of these sensors; from the coarsest cells of which bins are made, else from the readings.

        Where the readings are not kept any more other cells stand in, each in the bin in which it begins. Raises
        ValueError for a time without length and for no bins.
        """
        if until_ms <= since_ms or count < 1:
            raise ValueError(f"{count} bins from {since_ms} to {until_ms}")
        wanted = wanted_of(indices)
        width_ms = -(-(until_ms - since_ms) // count)
        collector = Collector(wanted, since_ms, width_ms, count)
        fitting = [t for t in reversed(TIERS) if not (width_ms % t.cell_ms or since_ms % t.cell_ms)]
        coarse = [tier for tier in TIERS if tier not in fitting]
        raw: list[Columns] = []
        for day in self._known_days(since_ms, until_ms):
            look()
            rest = wanted
            for tier in fitting:
                rest = self._collect_cells(collector, rest, day, tier)
            file = self._shelf.readings(day) if len(rest) else None
            if file is not None:
                raw += self.of_file(file, day, rest, since_ms, until_ms)
                continue
            for tier in coarse:
                rest = self._collect_cells(collector, rest, day, tier)
        collector.add(in_order(joined([*raw, *self._from_memory(wanted, since_ms, until_ms)])))
        return collector.bins()

    def finest_ms(self, since_ms: int, until_ms: int) -> int:
        """The width of the finest bins that can be had for all of a time; 0 where every reading is kept."""
        whole = set(self._shelf.days(READINGS))
        by_tier = [(tier.cell_ms, set(self._shelf.days(tier.kind))) for tier in TIERS]
        summed = (day for day in self._known_days(since_ms, until_ms) if day not in whole)
        return max((next(cell_ms for cell_ms, days in by_tier if day in days) for day in summed), default=0)

    def at(self, indices: Iterable[int], at_ms: int, reach_ms: int, look: Look = unhurried) -> Columns:
        """The last reading of each of these sensors at or before a time, at most `reach_ms` old; sorted by index."""
        wanted, begins_ms = wanted_of(indices), max(at_ms - reach_ms, 0)
        held = last_of(in_order(joined(self._from_memory(wanted, begins_ms, at_ms + 1))))
        found = [held]
        # From hour to hour back, as the blocks lie; then in greater steps, for there are few who have not told.
        since_ms, until_ms, hours = at_ms - at_ms % HOUR_MS, at_ms + 1, 1
        while len(wanted) and until_ms > begins_ms:
            since_ms = max(since_ms, begins_ms)
            told = [held.index[held.time >= since_ms]]
            for day, file in self._days(since_ms, until_ms):
                look()
                for part in self.of_file(file, day, wanted, since_ms, until_ms):
                    found.append(last_of(part))
                    told.append(found[-1].index)
            wanted = np.setdiff1d(wanted, np.concatenate(told))
            until_ms, since_ms, hours = since_ms, since_ms - hours * HOUR_MS, 4 * hours
        return last_of(in_order(joined(found)))

    def gaps(self, since_ms: int, until_ms: int, indices: Iterable[int]) -> tuple[Span, ...]:
        """The stretches of this time in which files or blocks of these sensors are damaged."""
        bands = set((wanted_of(indices) // BAND).tolist())
        spans = [span for band, span in self._holes.values() if band in bands]
        spans += self._shelf.damaged_spans()
        clipped = [(max(a, since_ms), min(b, until_ms)) for a, b in spans if a < until_ms and b > since_ms]
        return merged(clipped)

    def of_file(
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
                hour = block.hour * HOUR_MS, (block.hour + 1) * HOUR_MS
                self._holes[file.path, number] = block.band, hour
                continue
            here = wanted[slice(*np.searchsorted(wanted, [block.band * BAND, (block.band + 1) * BAND]).tolist())]
            if len(here) == 1:
                columns = taken(columns, slice(*np.searchsorted(columns.index, [here[0], here[0] + 1]).tolist()))
            elif len(here) < BAND:
                columns = taken(columns, np.flatnonzero(np.isin(columns.index, here)))
            yield between(columns, since_ms, until_ms)

    def unreadable(self, path: Path, error: OSError) -> None:
        """A log that cannot be read."""
        self._tell_damage(path, f"the log {path}: {error}")

    # ------------------------------------------------------------ inside

    def _from_memory(self, wanted: NDArray[np.uint32], since_ms: int, until_ms: int) -> list[Columns]:
        return [segment.find(wanted, since_ms, until_ms) for segment in self._memory()]

    def _days(self, since_ms: int, until_ms: int) -> Iterator[tuple[int, ReadingsFile]]:
        for day in self._shelf.days(READINGS):
            if (day + 1) * DAY_MS > since_ms and day * DAY_MS < until_ms:
                file = self._shelf.readings(day)
                if file is not None:
                    yield day, file

    def _known_days(self, since_ms: int, until_ms: int) -> list[int]:
        """The days of this time of which there is anything on the disk."""
        kinds = (READINGS, *(tier.kind for tier in TIERS))
        days = {day for kind in kinds for day in self._shelf.days(kind)}
        return sorted(day for day in days if (day + 1) * DAY_MS > since_ms and day * DAY_MS < until_ms)

    def _collect_cells(
        self, collector: Collector, wanted: NDArray[np.uint32], day: int, tier: Tier
    ) -> NDArray[np.uint32]:
        """Gather a day's cells; the sensors for which they are absent or older than the readings are left."""
        summary = self._shelf.summary(day, tier.kind) if len(wanted) else None
        if summary is None:
            return wanted
        try:
            bands = np.unique(wanted // BAND).tolist()
            made = summary.summarised(bands)
            file = self._shelf.readings(day)
            now = made if file is None else file.block_counts(bands)
            fresh = np.array([b in made and made[b] == now.get(b, 0) for b in (wanted // BAND).tolist()], bool)
            strips = summary.strips(np.unique(wanted[fresh] // tier.strip).tolist())
        except StoreFault as told:
            self._shelf.pass_over(summary.path, told)
            return wanted
        opened: dict[int, Cells] = {}
        for number, body in strips.items():
            try:
                opened[number] = cells_of(body, tier)
            except DamagedBlock as damage:
                self._tell_damage((summary.path, number), f"strip {number} of {summary.path}: {damage}")
                fresh &= wanted // tier.strip != number
        rows = collector.rows(wanted)
        for at in np.flatnonzero(fresh).tolist():
            cells = opened.get(int(wanted[at]) // tier.strip)
            if cells is not None:
                collector.add_cells(rows[at], day, cells, int(wanted[at]) % tier.strip, tier.cell_ms)
        rest: NDArray[np.uint32] = wanted[~fresh]
        return rest

    def _tell_damage(self, what: object, text: str) -> None:
        self.damaged += what not in self._told
        if what not in self._told:
            _log.warning("a part of the history is damaged and passed over: %s", text)
        self._told.add(what)


def wanted_of(indices: Iterable[int]) -> NDArray[np.uint32]:
    """The indices that can be, ascending, each once."""
    wanted: NDArray[np.uint32] = np.array(sorted({i for i in indices if 0 <= i < MAX_INDICES}), np.uint32)
    return wanted


def in_order(columns: Columns) -> Columns:
    """Readings sorted by index and time, each once."""
    if not len(columns):
        return columns
    time = columns.time - columns.time.min()
    # One number to sort by where that fits: what lies in sorted runs is then merged, not sorted.
    fits = int(time.max()) < 2**41
    key = (columns.index.astype(np.int64) << 41) | time if fits else None
    order = np.lexsort((columns.time, columns.index)) if key is None else np.argsort(key, kind="stable")
    return once(taken(columns, order))


def last_of(columns: Columns) -> Columns:
    """The last reading of each sensor, of readings sorted by index and time."""
    return taken(columns, np.flatnonzero(np.append(np.diff(columns.index.astype(np.int64)) != 0, True)[: len(columns)]))


def once(columns: Columns) -> Columns:
    """Readings sorted by index and time without those told twice over, as after a crash between log and journal."""
    if len(columns) < 2:
        return columns
    same = (np.diff(columns.index) == 0) & (np.diff(columns.time) == 0) & (np.diff(columns.quality) == 0)
    same &= np.diff(columns.value.view(np.uint32)) == 0
    return taken(columns, np.flatnonzero(np.append(True, ~same))) if same.any() else columns


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The spans ascending, those that touch as one."""
    found: list[Span] = []
    for since_ms, until_ms in sorted(spans):
        if found and since_ms <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], until_ms)
        else:
            found.append((since_ms, until_ms))
    return tuple(found)


def _hours(day: int, since_ms: int, until_ms: int) -> tuple[int, int]:
    """The first and last hour of a day that have a part in this time."""
    return max(day * 24, since_ms // HOUR_MS), min(day * 24 + 23, (until_ms - 1) // HOUR_MS)

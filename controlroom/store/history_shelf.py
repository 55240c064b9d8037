"""The folder of the readings' history: its open files, its size, and what is deleted to keep within the bounds."""

import logging
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from controlroom.domain.past_readings import Span
from controlroom.errors import StoreFault
from controlroom.store.history_block import DAY_MS
from controlroom.store.history_day import READINGS, ReadingsFile, SummaryFile, day_of, file_of
from controlroom.store.history_segment import PREFIX, SUFFIX
from controlroom.store.history_summary import HOUR, MINUTE, TEN, TIERS

_log = logging.getLogger(__name__)

File = TypeVar("File", ReadingsFile, SummaryFile)

_OPEN_MOST = 80
_ASIDE = ".damaged"
_SHARES = {MINUTE.kind: 4, TEN.kind: 7, HOUR.kind: 10}
"""Cells of a resolution may take one part in so many of the bound before the oldest of them go first."""


_NAMES = (f"{READINGS}-", *(f"{tier.kind}-" for tier in TIERS), PREFIX)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many days readings, minutes, ten minutes and hours are kept, and how much room all of it may take."""

    days: int = 30
    minute_days: int = 90
    summary_days: int = 400
    hour_days: int = 3660
    max_bytes: int = 10_000 * 1024**2

    def of(self, kind: str) -> int:
        """The days for which files of a kind are kept."""
        kept = {MINUTE.kind: self.minute_days, TEN.kind: self.summary_days, HOUR.kind: self.hour_days}
        return kept.get(kind, self.days)


@dataclass(frozen=True, slots=True)
class KindHeld:
    """What the folder holds at one resolution (`cell_ms` 0: every reading): bytes, first and last day, -1 if none."""

    cell_ms: int
    size: int
    days: int
    first_day: int
    last_day: int


@dataclass(frozen=True, slots=True)
class Held:
    """What the folder holds: bytes, and the first and last day (since 1970, UTC) at full resolution, -1 if none.

    `kinds` tells the same of every resolution, `aside` are the names of damaged files that are kept beside.
    """

    size: int
    first_day: int
    last_day: int
    kinds: tuple[KindHeld, ...] = ()
    aside: tuple[str, ...] = ()


def held_in(folder: Path) -> Held:
    """What a folder holds; nothing where it is absent."""
    files = _files(folder)
    kinds = []
    for kind, cell_ms in ((READINGS, 0), *((tier.kind, tier.cell_ms) for tier in TIERS)):
        days = sorted(_days_of(files, kind)) or [-1]
        size = sum(_size(file) for file in files if file.name.startswith(f"{kind}-"))
        kinds.append(KindHeld(cell_ms, size, len(days) if days[0] >= 0 else 0, days[0], days[-1]))
    aside = tuple(sorted(file.name for file in files if file.suffix == _ASIDE))
    return Held(sum(_size(file) for file in files), kinds[0].first_day, kinds[0].last_day, tuple(kinds), aside)


class DayShelf:
    """Opens the days' files, told once and passed over where one is damaged. One thread owns an instance."""

    def __init__(self, folder: Path, bounds: Bounds) -> None:
        self.folder = folder
        self._bounds = bounds
        self._open: OrderedDict[Path, ReadingsFile | SummaryFile] = OrderedDict()
        self._bad: set[Path] = set()

    def days(self, kind: str) -> list[int]:
        """The days that have a file of this kind, ascending."""
        return sorted(_days_of(_files(self.folder), kind))

    def readings(self, day: int) -> ReadingsFile | None:
        """The day at full resolution, None where there is no file or it cannot be read."""
        path = file_of(self.folder, READINGS, day)
        if path in self._bad or not path.exists():
            return None
        try:
            return self._opened(path, ReadingsFile)
        except StoreFault as fault:
            self.pass_over(path, fault)
            return None

    def readings_made(self, day: int) -> ReadingsFile:
        """The day at full resolution to write into; a damaged one is moved aside. Raises StoreFault."""
        path = file_of(self.folder, READINGS, day)
        self._bad.discard(path)
        try:
            return self._opened(path, ReadingsFile)
        except StoreFault as fault:
            if fault.condition != "corrupt":
                raise
            self._set_aside(path)
        return self._opened(path, ReadingsFile)

    def summary(self, day: int, kind: str, *, made: bool = False) -> SummaryFile | None:
        """A day's cells of one resolution, None where there are none that can be read; `made` where they are absent."""
        path = file_of(self.folder, kind, day)
        if path in self._bad or not (made or path.exists()):
            return None
        try:
            return self._opened(path, SummaryFile)
        except StoreFault as fault:
            self.pass_over(path, fault)
            return None

    def pass_over(self, path: Path, fault: StoreFault) -> None:
        """Tell of a file that cannot be read; a damaged one is kept aside and not opened again."""
        if path not in self._bad:
            _log.warning("a day of the history is passed over: %s", fault.sentence)
        if fault.condition == "corrupt":
            self._bad.add(path)
            self._shut(path)
            try:
                self._set_aside(path)
                self._bad.discard(path)
            except StoreFault as denied:
                _log.warning("it cannot be moved aside: %s", denied.sentence)

    def damaged_spans(self) -> list[Span]:
        """The days whose readings were damaged, until the file was moved aside."""
        spans = []
        for file in _files(self.folder):
            day = day_of(Path(file.name.split(".")[0]))
            if file.suffix == _ASIDE and file.name.startswith(READINGS) and day is not None:
                end_ms = min((day + 1) * DAY_MS, int(1000 * file.stat().st_ctime))
                spans.append((day * DAY_MS, max(end_ms, day * DAY_MS + 1)))
        return spans

    def tidy(self, today: int) -> list[int]:
        """Delete what is older or larger than the bounds; tells the days whose readings went."""
        gone = []
        for kind in (READINGS, *(tier.kind for tier in TIERS)):
            for day in self.days(kind):
                if day <= today - self._bounds.of(kind):
                    self._delete(file_of(self.folder, kind, day))
                    gone += [day] if kind == READINGS else []
        return gone + self._shrink()

    def close(self) -> None:
        """Close every file."""
        for path in list(self._open):
            self._shut(path)

    def _shrink(self) -> list[int]:
        gone, most = [], self._bounds.max_bytes
        for aside in (file for file in _files(self.folder) if file.suffix == _ASIDE):
            if held_in(self.folder).size > most:
                self._delete(aside)
        while (held := held_in(self.folder)).size > most:
            kind = self._spared_least(held)
            if kind is None:
                break
            oldest = self.days(kind)[0]
            self._delete(file_of(self.folder, kind, oldest))
            gone += [oldest] if kind == READINGS else []
        return gone

    def _spared_least(self, held: Held) -> str | None:
        """The kind whose oldest day makes room: cells beyond their share, then readings, then the finest cells."""
        sizes = {tier.kind: kind for tier, kind in zip(TIERS, held.kinds[1:], strict=True)}
        for name, kind in sizes.items():
            if kind.days and kind.size > self._bounds.max_bytes // _SHARES[name]:
                return name
        if held.kinds[0].days:
            return READINGS
        return next((name for name, kind in sizes.items() if kind.days), None)

    def _opened(self, path: Path, kind: type[File]) -> File:
        file = self._open.get(path)
        if not isinstance(file, kind):
            file = self._open[path] = kind(path)
        self._open.move_to_end(path)
        while len(self._open) > _OPEN_MOST:
            self._shut(next(iter(self._open)))
        return file

    def _shut(self, path: Path) -> None:
        file = self._open.pop(path, None)
        if file is not None:
            file.close()

    def _set_aside(self, path: Path) -> None:
        self._shut(path)
        number = 1
        while (aside := path.with_name(f"{path.name}.{number}{_ASIDE}")).exists():
            number += 1
        _log.warning("a damaged day of the history was moved aside: %s", aside)
        try:
            path.replace(aside)
            for beside in (f"{path.name}-wal", f"{path.name}-shm"):
                path.with_name(beside).unlink(missing_ok=True)
        except OSError as error:
            raise StoreFault("denied", str(error)) from error

    def _delete(self, path: Path) -> None:
        self._shut(path)
        self._bad.discard(path)
        for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
            try:
                file.unlink(missing_ok=True)
            except OSError as error:
                _log.warning("an old day of the history cannot be deleted: %s", error)


def _files(folder: Path) -> list[Path]:
    """Everything of the history, its logs and what was moved aside included."""
    try:
        return [file for file in folder.iterdir() if file.name.startswith(_NAMES)]
    except OSError:
        return []


def _days_of(files: list[Path], kind: str) -> list[int]:
    days = [day_of(file) for file in files if file.suffix == ".db" and file.name.startswith(f"{kind}-")]
    return [day for day in days if day is not None]


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def logs_in(folder: Path) -> list[tuple[int, Path]]:
    """The logs of segments that were not sealed, the oldest first."""
    found = []
    for file in _files(folder):
        number = file.name.removeprefix(PREFIX).removesuffix(SUFFIX)
        if file.name.startswith(PREFIX) and file.suffix == SUFFIX and number.isascii() and number.isdigit():
            found.append((int(number), file))
    return sorted(found)

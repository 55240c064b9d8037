"""The folder of the readings' history: its open files, its size, and what is deleted to keep within the bounds."""

import logging
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from controlroom.errors import StoreFault
from controlroom.store.history_day import READINGS, SUMMARY, ReadingsFile, SummaryFile, day_of, file_of
from controlroom.store.history_segment import PREFIX, SUFFIX

_log = logging.getLogger(__name__)

File = TypeVar("File", ReadingsFile, SummaryFile)

_OPEN_MOST = 80
_ASIDE = ".damaged"
_SUMMARY_SHARE = 4
"""Summaries may take one part in so many of the bound before the oldest of them go first."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long readings and their summaries are kept, and how much room all of it may take."""

    days: int = 30
    summary_days: int = 400
    max_bytes: int = 10_000 * 1024**2


@dataclass(frozen=True, slots=True)
class Held:
    """What the folder holds: bytes, and the first and last day (since 1970, UTC) at full resolution, -1 if none."""

    size: int
    first_day: int
    last_day: int


def held_in(folder: Path) -> Held:
    """What a folder holds; nothing where it is absent."""
    days = sorted(_days(folder, READINGS)) or [-1]
    return Held(sum(_size(file) for file in _files(folder)), days[0], days[-1])


class DayShelf:
    """Opens the days' files, told once and passed over where one is damaged. One thread owns an instance."""

    def __init__(self, folder: Path, bounds: Bounds) -> None:
        self.folder = folder
        self._bounds = bounds
        self._open: OrderedDict[Path, ReadingsFile | SummaryFile] = OrderedDict()
        self._bad: set[Path] = set()

    def days(self, kind: str) -> list[int]:
        """The days that have a file of this kind, ascending."""
        return sorted(_days(self.folder, kind))

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

    def summary(self, day: int, *, made: bool = False) -> SummaryFile | None:
        """The summary of a day, None where there is none that can be read; `made` where it is absent."""
        path = file_of(self.folder, SUMMARY, day)
        if path in self._bad or not (made or path.exists()):
            return None
        try:
            return self._opened(path, SummaryFile)
        except StoreFault as fault:
            self.pass_over(path, fault)
            return None

    def pass_over(self, path: Path, fault: StoreFault) -> None:
        """Tell of a file that cannot be read; a damaged one is not opened again."""
        if path not in self._bad:
            _log.warning("a day of the history is passed over: %s", fault.sentence)
        if fault.condition == "corrupt":
            self._bad.add(path)
            self._shut(path)

    def tidy(self, today: int) -> list[int]:
        """Delete what is older or larger than the bounds; tells the days whose readings went."""
        gone = []
        for kind, most in ((READINGS, self._bounds.days), (SUMMARY, self._bounds.summary_days)):
            for day in _days(self.folder, kind):
                if day <= today - most:
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
        readings, summaries = self.days(READINGS), self.days(SUMMARY)
        while (readings or summaries) and held_in(self.folder).size > most:
            share = sum(_size(file) for file in _files(self.folder) if file.name.startswith(SUMMARY))
            if summaries and (not readings or share > most // _SUMMARY_SHARE):
                self._delete(file_of(self.folder, SUMMARY, summaries.pop(0)))
            else:
                gone.append(readings.pop(0))
                self._delete(file_of(self.folder, READINGS, gone[-1]))
        return gone

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
        aside = path.with_name(f"{path.name}{_ASIDE}")
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
        return [file for file in folder.iterdir() if file.name.startswith((READINGS, SUMMARY, PREFIX))]
    except OSError:
        return []


def _days(folder: Path, kind: str) -> list[int]:
    days = [day_of(file) for file in _files(folder) if file.suffix == ".db" and file.name.startswith(kind)]
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

"""The folder of recordings: names for new ones, what lies there, and room made by dropping the oldest."""

import contextlib
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from controlroom.drill.recording import SUFFIX, Recording, RecordingInfo
from controlroom.errors import EnvironmentFault

RECORDINGS = "recordings"
"""The folder's name below the folder of data."""


class Shelved(Struct, frozen=True):
    """A file on the shelf; `fault` says why it cannot be played."""

    path: Path
    size_bytes: int
    info: RecordingInfo | None
    fault: str = ""


class Shelf:
    """A folder of recordings of at most `max_bytes` together; any thread may ask it."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self.folder = folder
        self._max_bytes = max_bytes

    def new_path(self, now: datetime) -> Path:
        """A name for a recording that begins now; old ones are dropped until there is room for an eighth more."""
        self.make_room(self._max_bytes // 8)
        stem = f"{now.astimezone():%Y%m%d-%H%M%S}"
        path = self.folder / f"{stem}{SUFFIX}"
        number = 1
        while path.exists():
            number += 1
            path = self.folder / f"{stem}-{number}{SUFFIX}"
        return path

    def make_room(self, wanted_bytes: int) -> list[Path]:
        """Drop the oldest until there is room for so much more; returns what was dropped."""
        files = sorted(self._files(), key=lambda file: file.stat().st_mtime)
        held = sum(_size(file) for file in files)
        dropped = []
        for file in files:
            if held + wanted_bytes <= self._max_bytes:
                break
            held -= _size(file)
            for part in _parts(file):
                with contextlib.suppress(OSError):
                    part.unlink(missing_ok=True)
            dropped.append(file)
        return dropped

    def shelved(self) -> list[Shelved]:
        """Every recording, the newest first."""
        found = []
        for file in sorted(self._files(), reverse=True):
            try:
                recording = Recording(file)
            except EnvironmentFault as fault:
                found.append(Shelved(file, _size(file), None, fault.sentence))
            else:
                recording.close()
                found.append(Shelved(file, _size(file), recording.info))
        return found

    def _files(self) -> list[Path]:
        return list(self.folder.glob(f"*{SUFFIX}")) if self.folder.is_dir() else []


def _parts(file: Path) -> list[Path]:
    """The file with what SQLite keeps beside it while it is written."""
    return [file, file.with_name(file.name + "-wal"), file.with_name(file.name + "-shm")]


def _size(file: Path) -> int:
    return sum(part.stat().st_size for part in _parts(file) if part.exists())

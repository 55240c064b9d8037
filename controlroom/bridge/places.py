"""The gazetteer on this seat: made beside the GUI when its files change, and asked by every panel."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from controlroom.clock import Clock
from controlroom.i18n import _, language
from controlroom.mapping.gazetteer import Found, Gazetteer
from controlroom.mapping.gazetteer_book import BookMeta, build, fingerprint, read_meta
from controlroom.mapping.gazetteer_names import PlaceKinds, decode_place_kinds
from controlroom.mapping.position_reading import Reading, read_positions
from controlroom.mapping.surroundings import Here, Ring, Surroundings
from controlroom.mapping.surroundings_words import place_line
from resources import path

FOLDER = "gazetteer"
"""Where in the data folder a district drops its names."""

SETTLE_MS = 1_500
"""House figure: a file that is copied into the folder changes many times; so long after the last one it is read."""

MOST_RECENT = 8
_MOST_LINES = 500
_BREATH_S = 0.002
_log = logging.getLogger(__name__)

Spawn = Callable[[Coroutine[Any, Any, Any], str], object]


class RecentPlace(Struct, frozen=True):
    """A place that was looked for and gone to."""

    title: str
    kind: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class _Opened:
    gazetteer: Gazetteer
    surroundings: Surroundings
    fresh: bool


class _Ended(Exception):
    """The program closes while the gazetteer is made."""


class Places(QObject):
    """Names, and what is here. Without a folder it reads coordinates only. `close` ends its thread. GUI thread."""

    changed = Signal()
    """Another gazetteer is open, or its making goes on."""
    opened = Signal()
    """Another gazetteer is open."""
    told = Signal(str)
    """A sentence for the officer."""

    def __init__(self, folder: Path | None, clock: Clock, spawn: Spawn, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = None if folder is None else folder / FOLDER
        self._book = None if folder is None else folder / "gazetteer.sqlite"
        self._clock = clock
        self._spawn = spawn
        self._opened: _Opened | None = None
        self._beside: ThreadPoolExecutor | None = None
        self._ended = threading.Event()
        self._working = self._again = False
        self.progress: float | None = None
        """The share of the making that is done; None while none is made."""
        self._watcher = QFileSystemWatcher(self)
        self._settle = QTimer(self, interval=SETTLE_MS, singleShot=True)
        self._settle.timeout.connect(self.refresh)
        self._watcher.directoryChanged.connect(self._touched)
        self._watcher.fileChanged.connect(self._touched)
        self.recent: list[RecentPlace] = []
        self._lines: dict[tuple[float, float], str] = {}

    @property
    def kinds(self) -> PlaceKinds:
        """The kinds of places; read once it is asked for."""
        if self._opened is not None:
            return self._opened.gazetteer.kinds
        return decode_place_kinds(path("data", "gazetteer.toml").read_bytes())

    @property
    def meta(self) -> BookMeta | None:
        """What the open gazetteer was made of; None until one is open."""
        return None if self._opened is None else self._opened.gazetteer.meta

    @property
    def folder(self) -> Path | None:
        """Where a district drops its names."""
        return self._folder

    def open(self) -> None:
        """Open the gazetteer, made anew where its files have changed, and watch its folder."""
        if self._folder is None:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            _log.info("no folder for names: %s", error)
        self._read_recent()
        self.refresh()

    def refresh(self) -> None:
        """Look whether the files have changed; one making at a time."""
        if self._folder is None or self._ended.is_set():
            return
        if self._working:
            self._again = True
            return
        self._working = True
        self._spawn(self._refresh(), "gazetteer")

    def close(self) -> None:
        """End the thread and let the file go."""
        self._ended.set()
        self._settle.stop()
        if self._beside is not None:
            self._beside.shutdown(wait=True, cancel_futures=True)
        if self._opened is not None:
            self._opened.gazetteer.close()
            self._opened = None

    def search(self, text: str, middle: tuple[float, float], limit: int = 40) -> list[Found]:
        """Names for a text, the best first; none until a gazetteer is open."""
        return [] if self._opened is None else self._opened.gazetteer.search(text, middle, limit)

    def positions(self, text: str, middle: tuple[float, float] | None = None) -> tuple[Reading, ...]:
        """Coordinates for a text, in every way it can be read."""
        return read_positions(text, middle)

    def here(self, lon: float, lat: float, fences: Sequence[tuple[str, Ring]] = ()) -> Here:
        """What is known of a point; the bare point until a gazetteer is open."""
        found = None if self._opened is None else self._opened.surroundings.here(lon, lat, fences)
        return Here(lon=lon, lat=lat, in_district=True) if found is None else found

    def line(self, lon: float, lat: float) -> str:
        """A short place for a line that has only a point; empty until a gazetteer is open."""
        if self._opened is None:
            return ""
        if (lon, lat) not in self._lines:
            if len(self._lines) > _MOST_LINES:
                self._lines.clear()
            self._lines[lon, lat] = place_line(self.here(lon, lat))
        return self._lines[lon, lat]

    def kind_word(self, kind: str) -> str:
        """What a kind of place is called."""
        return self.kinds.word(kind, language() == "zh_CN")

    def remember(self, place: RecentPlace) -> None:
        """A place was gone to; it comes first among the recent ones."""
        self.recent = [place, *(p for p in self.recent if p != place)][:MOST_RECENT]
        if self._folder is not None:
            try:
                (self._folder.parent / "gazetteer.recent.json").write_bytes(msgspec.json.encode(self.recent))
            except OSError as error:
                _log.info("recent places are not kept: %s", error)

    # ---------------------------------------------------------------- inside

    def _touched(self, _path: str) -> None:
        self._settle.start()

    async def _refresh(self) -> None:
        assert self._folder is not None and self._book is not None
        loop = asyncio.get_running_loop()
        if self._beside is None:
            self._beside = ThreadPoolExecutor(1, "gazetteer")

        def told(share: float) -> None:
            if self._ended.is_set():
                raise _Ended
            # The GUI shares the interpreter with this thread.
            time.sleep(_BREATH_S)
            loop.call_soon_threadsafe(self._advance, share)

        try:
            opened = await loop.run_in_executor(self._beside, self._work, told)
        except _Ended:
            return
        finally:
            self._working, self.progress = False, None
        self._watch()
        if opened is not None:
            self._adopt(opened)
        self.changed.emit()
        if self._again:
            self._again = False
            self.refresh()

    def _work(self, step: Callable[[float], None]) -> _Opened | None:
        """On the thread: open what is there, or make it anew; None where what is open still holds."""
        assert self._folder is not None and self._book is not None
        shipped = path("district")
        mark, held = fingerprint(self._folder, shipped), read_meta(self._book)
        if held is not None and held.fingerprint == mark:
            if self._opened is not None and self._opened.gazetteer.meta.fingerprint == mark:
                return None
        else:
            build(self._book, self._folder, shipped, self.kinds, self._clock.now(), step)
        gazetteer = Gazetteer(self._book, self.kinds)
        return _Opened(gazetteer, Surroundings(gazetteer, shipped), held is None or held.fingerprint != mark)

    def _advance(self, share: float) -> None:
        if self._working:
            self.progress = share
            self.changed.emit()

    def _adopt(self, opened: _Opened) -> None:
        before, self._opened = self._opened, opened
        self._lines.clear()
        if before is not None:
            before.gazetteer.close()
        self.opened.emit()
        meta = opened.gazetteer.meta
        if opened.fresh and meta.troubles:
            first = meta.troubles[0]
            self.told.emit(
                _("Gazetteer: {file}, line {line}: {reason}. {count} entries were left out; correct them.").format(
                    file=first.file, line=first.line or "—", reason=first.reason, count=meta.refused
                )
            )

    def _watch(self) -> None:
        """The folder tells of files that come and go, each file of its own changes."""
        if self._folder is None or not self._folder.is_dir():
            return
        wanted = {str(self._folder), *(str(p) for p in self._folder.iterdir() if p.is_file())}
        missing = wanted - {*self._watcher.directories(), *self._watcher.files()}
        if missing:
            self._watcher.addPaths(sorted(missing))

    def _read_recent(self) -> None:
        assert self._folder is not None
        try:
            kept = (self._folder.parent / "gazetteer.recent.json").read_bytes()
            self.recent = msgspec.json.decode(kept, type=list[RecentPlace])[:MOST_RECENT]
        except (OSError, msgspec.MsgspecError):
            self.recent = []

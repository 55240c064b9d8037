"""The reader of thematic files as the GUI has it: a process that is started when it is first asked, and replaced.

Questions go out at once, answers come as signals on the GUI thread. A reader that falls takes its layers with it: what
it was reading is told as broken and not tried again by itself, the others are read anew.
"""

import contextlib
import itertools
import logging
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from controlroom.mapping.thematic.messages import (
    Answer,
    AskFeatures,
    AskList,
    AskOpen,
    AskPlace,
    AskTile,
    Cut,
    Done,
    Drop,
    Failed,
    Features,
    Found,
    Listed,
    Progress,
    Question,
    pack,
    unpack,
)
from controlroom.mapping.thematic.refusal import Reason

log = logging.getLogger(__name__)

_END_S = 5.0
Taken = Callable[[bytes | None], object]
Asked = Callable[[list[tuple[int, list[tuple[str, str]]]]], object]

TookFeatures = Callable[[Features | None], object]
"""Gets the features, or None when the layer is not read (any more)."""


class ThematicRun(QObject):
    """Asks and hears. GUI thread only; a thread of its own waits for answers."""

    listed = Signal(object)
    """list[Entry]: what is in the files that were asked about."""
    progressed = Signal(str, float)
    """key, share: so much of a layer is read."""
    opened = Signal(str, object)
    """key, Opened."""
    failed = Signal(str, object)
    """key, Failed."""
    fell = Signal(list)
    """The reader ended; list[str]: the layers that it had read and no longer has."""

    _heard = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        self._numbers = itertools.count(1)
        self._keys: dict[int, str] = {}
        self._opening: dict[str, int] = {}
        self._open: set[str] = set()
        self._tiles: dict[int, Taken] = {}
        self._places: dict[int, Asked] = {}
        self._features: dict[int, TookFeatures] = {}
        self._closed = False
        self._heard.connect(self._take)

    @property
    def pid(self) -> int:
        """The reader's process, 0 while there is none."""
        return self._process.pid if self._process is not None else 0

    def list_files(self, paths: list[str]) -> None:
        """Ask what is in these files; `listed` tells."""
        self._ask(AskList(next(self._numbers), paths))

    def open(self, key: str, path: str, table: str) -> None:
        """Read a layer, or read it anew; `progressed`, and then `opened` or `failed`, tell."""
        number = next(self._numbers)
        self._opening[key] = number
        self._keys[number] = key
        self._ask(AskOpen(number, key, path, table))

    def drop(self, key: str) -> None:
        """Forget a layer; its reading is cancelled."""
        self._opening.pop(key, None)
        self._open.discard(key)
        if self._process is not None:
            self._ask(Drop(next(self._numbers), key))

    def tile(self, key: str, zoom: int, x: int, y: int, taken: Taken, label: str = "") -> None:
        """Ask for a tile, with the words of an attribute; `taken` gets its bytes, or None when there is none."""
        if key not in self._open:
            taken(None)
            return
        number = next(self._numbers)
        self._tiles[number] = taken
        self._ask(AskTile(number, key, zoom, x, y, label))

    def place(self, key: str, lon: float, lat: float, zoom: int, asked: Asked) -> None:
        """Ask what is at a place; `asked` gets features with their number in the file."""
        if key not in self._open:
            asked([])
            return
        number = next(self._numbers)
        self._places[number] = asked
        self._ask(AskPlace(number, key, lon, lat, zoom))

    def features(self, key: str, took: TookFeatures, **wanted: Any) -> None:
        """Ask for features of a layer that was read; `wanted` are the further fields of AskFeatures."""
        if key not in self._open:
            took(None)
            return
        number = next(self._numbers)
        self._features[number] = took
        self._ask(AskFeatures(number, key, **wanted))

    def close(self) -> None:
        """End the reader and the thread that hears it."""
        self._closed = True
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        with contextlib.suppress(OSError):
            process.stdin.close()
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if self._thread is not None:
            self._thread.join()

    # ------------------------------------------------------------ inside

    def _ask(self, question: Question) -> None:
        if self._closed:
            return
        if self._process is None:
            self._start()
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(pack(question))
            self._process.stdin.flush()
        except OSError:
            # It has just fallen; the thread that hears it will tell.
            log.debug("a question met a reader that had fallen")

    def _start(self) -> None:
        command = [sys.executable, "-m", "controlroom.mapping.thematic.worker"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._thread = threading.Thread(target=self._hear, args=(self._process,), name="thematic-answers", daemon=True)
        self._thread.start()

    def _hear(self, process: "subprocess.Popen[bytes]") -> None:
        """A thread's top: hands on every answer; the end of the stream as the process itself."""
        assert process.stdout is not None
        with process.stdout as stream:
            while True:
                try:
                    answer = unpack(partial(stream.read), Answer)
                except ValueError as error:
                    log.warning("the reader of thematic files says nonsense and is ended: %s", error)
                    process.kill()
                    answer = None
                if answer is None:
                    break
                if not self._closed:
                    self._heard.emit(answer)
        if not self._closed:
            self._heard.emit(process)

    def _take(self, answer: object) -> None:
        match answer:
            case Cut(number, body):
                taken = self._tiles.pop(number, None)
                if taken is not None:
                    taken(body)
            case Found(number, features):
                asked = self._places.pop(number, None)
                if asked is not None:
                    asked(features)
            case Features(number):
                took = self._features.pop(number, None)
                if took is not None:
                    took(answer)
            case Listed(_number, entries):
                self.listed.emit(entries)
            case Progress(number, share):
                if self._is_current(number):
                    self.progressed.emit(self._keys[number], share)
            case Done(number, opened):
                if self._is_current(number):
                    key = self._ended(number)
                    self._open.add(key)
                    self.opened.emit(key, opened)
            case Failed(number):
                self._refuse(number, answer)
            case subprocess.Popen():
                self._fallen(answer)

    def _refuse(self, number: int, failed: Failed) -> None:
        if number in self._tiles:
            self._tiles.pop(number)(None)
        elif number in self._places:
            self._places.pop(number)([])
        elif number in self._features:
            self._features.pop(number)(None)
        elif self._is_current(number):
            key = self._ended(number)
            self._open.discard(key)
            self.failed.emit(key, failed)

    def _is_current(self, number: int) -> bool:
        """Whether it is what was last asked of its layer; an older answer is dropped."""
        key = self._keys.get(number)
        return key is not None and self._opening.get(key) == number

    def _ended(self, number: int) -> str:
        key = self._keys.pop(number)
        del self._opening[key]
        return key

    def _fallen(self, process: "subprocess.Popen[bytes]") -> None:
        if process is not self._process or self._closed:
            return
        code = process.wait()
        log.info("the reader of thematic files ended with %d", code)
        assert process.stdin is not None
        with contextlib.suppress(OSError):
            process.stdin.close()
        self._process = None
        # Layers are read one after the other: the first that was asked for is the one that was being read.
        waiting = sorted(self._opening.items(), key=lambda item: item[1])
        lost = [*self._open, *(key for key, _number in waiting[1:])]
        for taken in self._tiles.values():
            taken(None)
        for asked in self._places.values():
            asked([])
        for took in self._features.values():
            took(None)
        self._tiles.clear()
        self._features.clear()
        self._places.clear()
        self._open.clear()
        self._opening.clear()
        self._keys.clear()
        if waiting:
            key, number = waiting[0]
            self.failed.emit(key, Failed(number, Reason.FELL))
        self.fell.emit(lost)

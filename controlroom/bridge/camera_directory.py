"""The directory of all cameras, kept by a thread beside the GUI and handed over whole."""

import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance

from controlroom.bridge.camera_catalogue import Catalogue, make
from controlroom.domain.camera import Camera
from controlroom.domain.room import Room

LOOK_MS = 20
"""How often the GUI looks whether a catalogue is done, while one is made."""

PAUSE_S = 0.0005


class Told(Protocol):
    """What tells of cameras: the pump."""

    room_reset: SignalInstance
    cameras_changed: SignalInstance

    @property
    def room(self) -> Room:
        """The mirror of the hub's room."""


class CameraDirectory(QObject):
    """Makes a new catalogue whenever cameras were declared or have changed. GUI thread.

    It begins with the first `open`; what changes while a catalogue is made goes into the next one.
    """

    changed = Signal()
    """`catalogue` is another."""

    def __init__(self, told: Told, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.catalogue = Catalogue()
        self._told = told
        self._job: _Job | None = None
        self._is_open = self._is_stale = False
        self._look = QTimer(self, interval=LOOK_MS)
        self._look.timeout.connect(self._take)

    @property
    def busy(self) -> bool:
        """Whether cameras wait to be put into the catalogue."""
        return self._job is not None or self._is_stale

    def open(self) -> None:
        """Begin; further calls do nothing."""
        if not self._is_open:
            self._is_open = True
            self._told.room_reset.connect(self._changed)
            self._told.cameras_changed.connect(self._changed)
            self._changed()

    def close(self) -> None:
        """End the thread, if there is one."""
        self._is_open = False
        self._look.stop()
        if self._job is not None:
            self._job.stop()
            self._job = None

    def camera(self, identity: str) -> Camera | None:
        """A camera as it is now."""
        return self._told.room.cameras.get(identity)

    def _changed(self, _changed: object = None) -> None:
        if not self._is_open:
            return
        self._is_stale = True
        if self._job is None:
            self._begin()

    def _begin(self) -> None:
        self._is_stale = False
        self._job = _Job(dict(self._told.room.cameras), self.catalogue)
        self._look.start()

    def _take(self) -> None:
        job = self._job
        if job is None or not job.is_done:
            return
        self._job = None
        self._look.stop()
        self.catalogue = job.result()
        if self._is_stale:
            self._begin()
        self.changed.emit()


class _Stopped(Exception):
    pass


class _Job:
    """One catalogue in the making, on a thread."""

    def __init__(self, cameras: Mapping[str, Camera], before: Catalogue) -> None:
        self._cameras = cameras
        self._before = before
        self._made: Catalogue | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="camera directory", daemon=True)
        self._thread.start()

    @property
    def is_done(self) -> bool:
        return not self._thread.is_alive()

    def result(self) -> Catalogue:
        """What was made; a fault of the thread was told where faults of threads are."""
        self._thread.join()
        assert self._made is not None
        return self._made

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _pause(self) -> None:
        if self._stop.wait(PAUSE_S):
            raise _Stopped

    def _work(self) -> None:
        with suppress(_Stopped):
            self._made = make(self._cameras, self._before, self._pause)

"""One simulated camera on the network: pictures are made only while somebody watches, and faults can be put in."""

import asyncio
import enum
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Executor

from controlroom.sources.simulator.video_source import AccessUnit, Source, parameter_sets

_log = logging.getLogger(__name__)

_NO_PICTURE = (b"\x09\xf0", bytes((12,)) + b"\xff" * 400 + b"\x80")
"""A delimiter and a unit of type 12: bytes that are no picture."""


class CameraFault(enum.StrEnum):
    """What can be wrong with a simulated camera."""

    NONE = "none"
    SILENT = "silent"
    """Connections stay, nothing is sent any more."""
    STUCK = "stuck"
    """The same picture is sent for ever, burnt-in clock included."""
    BLIND = "blind"
    """Data flow, but no picture is in them."""
    GARBAGE = "garbage"
    """The pictures arrive damaged."""
    DROPPED = "dropped"
    """Connections are cut and new ones too, as soon as they play."""
    GONE = "gone"
    """The server does not know the camera: 404."""
    FORBIDDEN = "forbidden"
    """The server asks for another password: 401."""


class Viewer(ABC):
    """One client of a channel, called on the loop of the servers."""

    @abstractmethod
    def send(self, unit: AccessUnit) -> None:
        """Hand one picture to the client, or leave it out where the client is slow."""

    @abstractmethod
    def cut(self) -> None:
        """End the client's connection at once."""


class Channel:
    """Fans the pictures of one source out to its viewers; everything but the source runs on one asyncio loop."""

    def __init__(self, open_source: Callable[[], Source], workers: Executor) -> None:
        self._open_source = open_source
        self._workers = workers
        self._source: Source | None = None
        self._head = (b"", b"")
        self._viewers: set[Viewer] = set()
        self._joined = False
        self._task: asyncio.Task[None] | None = None
        self._opening = asyncio.Lock()
        self.fault = CameraFault.NONE

    @property
    def watched(self) -> bool:
        """Whether pictures are being made."""
        return self._task is not None

    def inject(self, fault: CameraFault) -> None:
        """Break the camera, or repair it with NONE; the faults that cut connections cut them now."""
        self.fault = fault
        if fault in (CameraFault.DROPPED, CameraFault.GONE, CameraFault.FORBIDDEN):
            for viewer in tuple(self._viewers):
                viewer.cut()

    async def head(self) -> tuple[bytes, bytes]:
        """Sequence and picture parameter set, for a session's description; empty where the source has none."""
        async with self._opening:
            if self._head == (b"", b""):
                loop = asyncio.get_running_loop()
                source = await loop.run_in_executor(self._workers, self._open_source)
                self._head = parameter_sets(await loop.run_in_executor(self._workers, source.next, True))
                self._source = source
        return self._head

    def join(self, viewer: Viewer) -> None:
        """Send to `viewer` from the next key picture on, which is asked for at once."""
        if self.fault is CameraFault.DROPPED:
            viewer.cut()
            return
        self._viewers.add(viewer)
        self._joined = True
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    def leave(self, viewer: Viewer) -> None:
        """Send no more to `viewer`."""
        self._viewers.discard(viewer)

    async def close(self) -> None:
        """Cut all viewers and wait for the pictures to end."""
        for viewer in tuple(self._viewers):
            viewer.cut()
        self._viewers.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            if self._source is None:
                self._source = await loop.run_in_executor(self._workers, self._open_source)
            due = loop.time()
            while self._viewers:
                force_key, self._joined = self._joined, False
                unit = await loop.run_in_executor(self._workers, self._source.next, force_key)
                if self.fault is not CameraFault.SILENT:
                    self._send(unit)
                due = max(due + self._source.interval_s, loop.time() - 0.5)
                await asyncio.sleep(max(0.0, due - loop.time()))
        finally:
            self._source = None
            self._task = None

    def _send(self, unit: AccessUnit) -> None:
        if self.fault is CameraFault.BLIND:
            unit = AccessUnit(_NO_PICTURE, unit.pts, unit.is_key)
        elif self.fault is CameraFault.GARBAGE:
            unit = AccessUnit(tuple(_damaged(nal) for nal in unit.nals), unit.pts, unit.is_key)
        for viewer in tuple(self._viewers):
            viewer.send(unit)


def _damaged(nal: bytes) -> bytes:
    """The unit with every 23rd byte behind its header turned over."""
    body = bytearray(nal)
    for position in range(6, len(body), 23):
        body[position] ^= 0xFF
    return bytes(body)

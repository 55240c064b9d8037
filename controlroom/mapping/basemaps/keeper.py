"""Reads tiles beside the GUI: workers, a bounded memory of what was read, and a watch on the folder."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from controlroom.mapping.basemaps.catalogue import Catalogue
from controlroom.mapping.basemaps.declared import Declared
from controlroom.mapping.basemaps.tile_cache import TileCache
from controlroom.mapping.basemaps.tiles import BaseMap, Kind, Reader, TileFault
from controlroom.mapping.basemaps.wmts import Condition

log = logging.getLogger(__name__)

MEMORY_BYTES = 48_000_000
LOOK_EVERY_S = 2.0
_FILE_WORKERS, _WEB_WORKERS = 2, 4
_MOST_WAITING = 1024
_MOST_LEVELS_UP = 6
"""So many levels above a tile that is missing are looked at for one that covers its place."""

Then = Callable[[bytes | None], None]


class Ticket:
    """A tile that was asked for; `cancel` where nobody waits for it any more."""

    def __init__(self) -> None:
        self.cancelled = False

    def cancel(self) -> None:
        """It is not read, if it has not been begun."""
        self.cancelled = True


class Keeper:
    """All tile sets of a seat. `changed` and `told` are called on threads of its own; `close` joins them.

    Files and services have workers of their own, so that a dead service holds up nothing.
    """

    def __init__(
        self,
        folder: Path,
        cache: TileCache,
        services: Sequence[Declared],
        now: Callable[[], datetime],
        changed: Callable[[tuple[BaseMap, ...]], None],
        told: Callable[[str, Condition], None],
    ) -> None:
        self._cache = cache
        self._changed = changed
        self.catalogue = Catalogue(folder, services, cache, now, told)
        self._lock = threading.Lock()
        self._memory: OrderedDict[tuple[int, int, int, int], bytes] = OrderedDict()
        self._memory_bytes = 0
        self._waiting = 0
        self._stop = threading.Event()
        self._files = ThreadPoolExecutor(_FILE_WORKERS, "base-map-files")
        self._web = ThreadPoolExecutor(_WEB_WORKERS, "base-map-web")
        self._watch = threading.Thread(target=self._look, name="base-map-folder")
        self._connect = threading.Thread(target=self._keep_connected, name="base-map-services")

    def start(self) -> None:
        """Begins to look at the folder and to ask the services."""
        self._watch.start()
        self._connect.start()

    def close(self) -> None:
        """Ends every thread; tiles that are waited for are answered with None first."""
        self._stop.set()
        # Requests are ended so that nobody waits for a dead host; what the watch opened meanwhile is closed behind it.
        self.catalogue.close()
        for thread in (self._watch, self._connect):
            if thread.is_alive():
                thread.join()
        for pool in (self._files, self._web):
            pool.shutdown(wait=True, cancel_futures=True)
        self.catalogue.close()
        self._cache.close()

    def ask(self, version: int, z: int, x: int, y: int, then: Then) -> Ticket:
        """Reads a tile and calls `then` with it, on a worker's thread, or at once where it is remembered.

        A raster tile comes after one byte: how many levels above the tile that was asked for it lies. None: there is
        none, or too many are waited for.
        """
        ticket = Ticket()
        key = (version, z, x, y)
        with self._lock:
            held = self._memory.get(key)
            if held is not None:
                self._memory.move_to_end(key)
        if held is not None:
            then(held)
            return ticket
        found = self.catalogue.reader(version)
        if found is None or self._stop.is_set() or not _is_tile(z, x, y):
            then(None)
            return ticket
        with self._lock:
            is_full = self._waiting >= _MOST_WAITING
            self._waiting += not is_full
        if is_full:
            then(None)
            return ticket
        pool = self._web if found[0].form == "WMTS" else self._files
        pool.submit(self._read, ticket, key, found, then)
        return ticket

    def _read(self, ticket: Ticket, key: tuple[int, int, int, int], found: tuple[BaseMap, Reader], then: Then) -> None:
        with self._lock:
            self._waiting -= 1
        if ticket.cancelled or self._stop.is_set():
            then(None)
            return
        described, reader = found
        body = None
        try:
            body = _tile(described, reader, *key[1:])
        except TileFault as fault:
            log.debug("%s", fault.sentence)
        except Exception:  # a bug of ours: the page would wait for ever
            log.exception("a tile of %s could not be read", described.id)
        # Tiles of a service grow old; those on disk are read fast enough.
        if body is not None and described.form != "WMTS":
            self._remember(key, body)
        then(body)

    def _remember(self, key: tuple[int, int, int, int], body: bytes) -> None:
        with self._lock:
            self._memory_bytes += len(body) - len(self._memory.pop(key, b""))
            self._memory[key] = body
            while self._memory_bytes > MEMORY_BYTES:
                self._memory_bytes -= len(self._memory.popitem(last=False)[1])

    def _look(self) -> None:
        self._repeat(self.catalogue.look)

    def _keep_connected(self) -> None:
        self._repeat(self.catalogue.connect)

    def _repeat(self, work: Callable[[], bool]) -> None:
        while not self._stop.is_set():
            try:
                if work() and not self._stop.is_set():
                    self._changed(self.catalogue.maps())
            except Exception:  # the thread's top: one bad file must not end the watch
                log.exception("the watch on base maps goes on")
            self._stop.wait(LOOK_EVERY_S)


def _is_tile(z: int, x: int, y: int) -> bool:
    return 0 <= z <= 30 and 0 <= x < 2**z and 0 <= y < 2**z


def _tile(described: BaseMap, reader: Reader, z: int, x: int, y: int) -> bytes | None:
    """The tile, or for pictures the nearest above it that covers its place, with how far up that is before it."""
    if described.kind is Kind.VECTOR:
        return reader.tile(z, x, y) if described.min_zoom <= z <= described.max_zoom else b""
    start = max(0, z - described.max_zoom)
    for up in range(start, start + _MOST_LEVELS_UP + 1):
        if z - up < described.min_zoom:
            return None
        body = reader.tile(z - up, x >> up, y >> up)
        if body is not None:
            return bytes([up]) + body
    return None

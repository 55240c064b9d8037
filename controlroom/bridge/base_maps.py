"""Base maps of the seat: what there is, how services fare, and tiles that come back to the GUI's thread."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from controlroom.clock import Clock
from controlroom.mapping.basemaps.declared import Declared
from controlroom.mapping.basemaps.keeper import Keeper, Then, Ticket
from controlroom.mapping.basemaps.tile_cache import TileCache
from controlroom.mapping.basemaps.tiles import BaseMap
from controlroom.mapping.basemaps.wmts import LAYER_SIGN, Condition


class BaseMaps(QObject):
    """GUI thread only; it owns the keeper's threads, which `close` joins."""

    changed = Signal()
    """`maps` are others."""
    condition_changed = Signal(str)
    """The id of a service that began or ceased to answer."""
    _woken = Signal()

    def __init__(
        self,
        folder: Path,
        cache: TileCache,
        services: Sequence[Declared],
        clock: Clock,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.folder = folder
        self.maps: tuple[BaseMap, ...] = ()
        self._conditions: dict[str, Condition] = {}
        self._came: deque[Callable[[], None]] = deque()
        self._lock = threading.Lock()
        self._is_waking = False
        self._thread = threading.get_ident()
        self._woken.connect(self._deliver)
        self._keeper = Keeper(folder, cache, services, clock.now, self._hear_maps, self._hear_condition)

    def start(self) -> None:
        """Begins to look for base maps."""
        self._keeper.start()

    def close(self) -> None:
        """Ends the threads; nobody is answered after it."""
        self._woken.disconnect(self._deliver)
        self._keeper.close()
        self._came.clear()

    def condition(self, identity: str) -> Condition:
        """How a service fares; files always answer."""
        return self._conditions.get(identity.partition(LAYER_SIGN)[0], Condition())

    def ask(self, version: int, z: int, x: int, y: int, then: Then) -> Ticket:
        """Reads a tile beside the GUI; `then` gets it on this thread, at once where it is remembered."""
        return self._keeper.ask(version, z, x, y, partial(self._answer, then))

    def _answer(self, then: Then, body: bytes | None) -> None:
        if threading.get_ident() == self._thread:
            then(body)
        else:
            self._post(partial(then, body))

    def _hear_maps(self, maps: tuple[BaseMap, ...]) -> None:
        self._post(partial(self._adopt, maps))

    def _hear_condition(self, identity: str, condition: Condition) -> None:
        self._post(partial(self._tell, identity, condition))

    def _post(self, work: Callable[[], None]) -> None:
        """Any thread. What comes before the GUI's next turn is done in one."""
        with self._lock:
            self._came.append(work)
            is_first = not self._is_waking
            self._is_waking = True
        if is_first:
            self._woken.emit()

    def _deliver(self) -> None:
        with self._lock:
            self._is_waking = False
            came, self._came = self._came, deque()
        for work in came:
            work()

    def _adopt(self, maps: tuple[BaseMap, ...]) -> None:
        self.maps = maps
        self.changed.emit()

    def _tell(self, identity: str, condition: Condition) -> None:
        self._conditions[identity] = condition
        self.condition_changed.emit(identity)

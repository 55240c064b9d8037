"""All cameras as the columns that a map takes, gathered in slices: 39,000 at once would be felt."""

from collections.abc import Callable, Iterable, Mapping

import numpy as np
from PySide6.QtCore import QObject, QTimer

from controlroom.domain.camera import Camera, CameraHealth
from controlroom.domain.times import to_ms
from controlroom.mapping.layers import CameraState
from controlroom.wiring.layers import LayerWiring
from widgets.map_view import MapView

SLICE = 4000
"""Cameras looked at between two turns of the event loop: about 2 ms."""
_NOWHERE = float("nan")
_CAMERA_STATE = {
    CameraHealth.UNKNOWN: CameraState.UNKNOWN,
    CameraHealth.ONLINE: CameraState.ONLINE,
    CameraHealth.OFFLINE: CameraState.OFFLINE,
}


def camera_state(camera: Camera) -> CameraState:
    """How a map shows a camera."""
    state = _CAMERA_STATE[camera.health]
    return CameraState.FAULTY if camera.faults and state is not CameraState.OFFLINE else state


def told_ms(camera: Camera) -> int:
    """When a camera's health or picture was last told of, ms since 1970 UTC; 0 for never."""
    told = [to_ms(at) for at in (camera.health_at, camera.faults_at) if at is not None]
    return max(told, default=0)


class CameraPoints(QObject):
    """Keeps the cameras of one map. `is_past` tells whether it shows the past: what a camera was then is not kept."""

    def __init__(
        self,
        view: MapView,
        cameras: Callable[[], Mapping[str, Camera]],
        is_past: Callable[[], bool],
        parent: QObject,
        layers: LayerWiring | None = None,
    ) -> None:
        super().__init__(parent)
        self._view = view
        self._layers = layers
        self._held = cameras
        self._is_past = is_past
        self._index: dict[str, int] = {}
        self._waiting: list[Camera] = []
        self._count = 0
        self._gathered = _Columns()
        self._changed: set[str] = set()
        self._slices = QTimer(self, interval=0)
        self._slices.timeout.connect(self._gather)

    def show_all(self) -> None:
        """Show all of them now."""
        self._begin()
        while self._waiting:
            self._gather()

    def show(self, identities: Iterable[str]) -> None:
        """These were declared or have changed; many new ones are shown a little later."""
        names = list(identities)
        if self._waiting:
            self._changed.update(names)
            if len(self._held()) != self._count:  # more were declared meanwhile
                self._begin()
            return
        if not self._is_past() and all(name in self._index for name in names):
            self._update(names)
            return
        self._begin()
        if len(self._waiting) <= SLICE:
            self._gather()

    def _begin(self) -> None:
        self._waiting = list(self._held().values())
        self._count = len(self._waiting)
        self._gathered = _Columns()
        self._index = {}
        if self._waiting:
            self._slices.start()
        else:
            self._finish()

    def _gather(self) -> None:
        self._gathered.take(self._waiting[:SLICE], self._is_past())
        del self._waiting[:SLICE]
        if not self._waiting:
            self._finish()

    def _finish(self) -> None:
        self._slices.stop()
        made, self._gathered = self._gathered, _Columns()
        self._index = made.index
        self._view.set_cameras(made.ids, made.names, made.lon, made.lat, made.states, made.kinds)
        if self._layers is not None:
            self._layers.cameras.tell(made.kinds)
            self._layers.camera_times = np.array(made.told_ms, np.int64)
        changed, self._changed = self._changed, set()
        self._update([name for name in changed if name in self._index])

    def _update(self, names: list[str]) -> None:
        if names and not self._is_past():
            held = self._held()
            known = [name for name in names if name in held]
            rows = [self._index[name] for name in known]
            self._view.update_camera_states(rows, [camera_state(held[name]) for name in known])
            if self._layers is not None:
                self._layers.camera_times[rows] = [told_ms(held[name]) for name in known]


class _Columns:
    """What was gathered so far, one entry a camera."""

    def __init__(self) -> None:
        self.index: dict[str, int] = {}
        self.ids: list[str] = []
        self.names: list[str] = []
        self.lon: list[float] = []
        self.lat: list[float] = []
        self.states: list[CameraState] = []
        self.kinds: list[str] = []
        self.told_ms: list[int] = []

    def take(self, cameras: list[Camera], is_past: bool) -> None:
        for camera in cameras:
            point = camera.point
            self.index[camera.id] = len(self.ids)
            self.ids.append(camera.id)
            self.names.append(camera.name)
            self.lon.append(_NOWHERE if point is None else point.lon)
            self.lat.append(_NOWHERE if point is None else point.lat)
            self.states.append(CameraState.UNKNOWN if is_past else camera_state(camera))
            self.kinds.append(camera.kind)
            self.told_ms.append(0 if is_past else told_ms(camera))

"""View cones on the map: those of the chosen camera and of the cameras asked for, and all that are shown from near."""

import numpy as np
from PySide6.QtCore import QObject, QTimer

from controlroom.bridge.camera_sight import Sight, witnesses
from controlroom.domain.camera import Camera, CameraHealth
from controlroom.domain.ptz_aim import looking
from controlroom.mapping.cones import Cone, cone_outline
from controlroom.mapping.layers import CameraState
from controlroom.wiring.seat import Seat
from widgets.map_view import MapView

FROM_ZOOM = 15
"""Further away a cone of 150 m is a few pixels."""

MOST = 200
"""Where more cameras are shown, only the cones that were asked for are drawn: some would look like all."""

WAIT_MS = 150
"""After the map was moved, before cones are drawn for where it is now."""


class ConeWiring(QObject):
    """Feeds the cones of one map."""

    def __init__(self, seat: Seat, view: MapView) -> None:
        super().__init__(view)
        self._seat = seat
        self._view = view
        self._drawn: tuple[Cone, ...] = ()
        self._wait = QTimer(self, interval=WAIT_MS, singleShot=True)
        self._wait.timeout.connect(self._draw)
        self._asked: Sight | None = None
        seat.requests.sight_wanted.connect(self._ask)
        view.looked.connect(self._wait.start)
        seat.directory.changed.connect(self._wait.start)
        seat.selection.changed.connect(self._chosen)
        seat.pump.ptz_changed.connect(self._turned)
        seat.directory.open()
        self._wait.start()

    def _chosen(self, kind: str, _identity: str) -> None:
        if kind != "camera":
            self._asked = None
        self._wait.start()

    def _turned(self, _cameras: list[str]) -> None:
        """A camera looks elsewhere: its cone follows, soon and not only once the last of them rests."""
        if not self._wait.isActive():
            self._wait.start()

    def _ask(self, sight: Sight) -> None:
        self._asked = sight
        self._wait.start()

    def _draw(self) -> None:
        chosen = self._seat.selection.id if self._seat.selection.kind == "camera" else ""
        ids = dict.fromkeys(self._in_sight())
        if self._asked is not None:
            ptz = self._seat.pump.room.ptz
            found = witnesses(self._seat.directory.catalogue, self._asked, ptz, self._seat.name)
            ids.update(dict.fromkeys(each.camera for each in found if not each.must_turn))
        if chosen:
            ids[chosen] = None
        cameras = self._seat.pump.room.cameras
        units = self._seat.pump.room.ptz.units
        held = [looking(cameras[identity], units.get(identity)) for identity in ids if identity in cameras]
        cones = [Cone(cone_outline(camera), _state(camera), camera.id == chosen) for camera in held]
        drawn = tuple(cone for cone in cones if cone.outline)
        if drawn != self._drawn:
            self._drawn = drawn
            self._view.set_cones(drawn)

    def _in_sight(self) -> list[str]:
        """The cameras on the piece of ground that is shown; none where they are too many."""
        if self._view.scene.centre.zoom < FROM_ZOOM:
            return []
        outline = self._view.shown_outline()
        (west, south), (east, north) = outline[0], outline[2]
        columns = self._seat.directory.catalogue.columns
        with np.errstate(invalid="ignore"):
            inside = (columns.lon >= west) & (columns.lon <= east) & (columns.lat >= south) & (columns.lat <= north)
        found = np.flatnonzero(inside)
        return [columns.ids[k] for k in found.tolist()] if len(found) <= MOST else []


def _state(camera: Camera) -> CameraState:
    if camera.health is CameraHealth.UNKNOWN:
        return CameraState.UNKNOWN
    if camera.health is CameraHealth.OFFLINE:
        return CameraState.OFFLINE
    return CameraState.FAULTY if camera.faults else CameraState.ONLINE
